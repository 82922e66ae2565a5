"""The commands that are swept, as a user runs them: an outcome, or an error with what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.journeys.project import DATA
from tests.silent import Silent
from tests.sweeps.earlier_source import as_of_an_earlier_release
from tests.sweeps.wire import Wire
from tests.sweeps.world import World
from xacct_ml.aws.errors import translate
from xacct_ml.cli.configure import run_configure
from xacct_ml.cli.terminal import Terminal
from xacct_ml.engine.events import OnEvent, ignore
from xacct_ml.errors import XacctError
from xacct_ml.operations.bootstrap import bootstrap
from xacct_ml.operations.command_names import CONFIGURE
from xacct_ml.operations.create_pipeline import create_pipeline
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.operations.upload.data_check import CheckedFile


@dataclass(frozen=True)
class Command:
    """``after`` is the command that a user has run right before; ``prepare`` then makes what else was there."""

    name: str
    work: Callable[[World, Wire, OnEvent], Any]
    after: str | None = None
    prepare: Callable[[World], None] | None = None

    def run(self, world: World, wire: Wire | None = None, on_event: OnEvent = ignore) -> XacctError | None:
        """The error that a user would read; None where it was done. Any other exception is a bug and escapes."""
        try:
            self.work(world, wire or world.wire, on_event)
        except XacctError as error:
            return error
        except (ClientError, BotoCoreError) as error:
            return translate(error)  # as the command line does
        return None


def _bootstrap(world: World, wire: Wire, on_event: OnEvent) -> None:
    bootstrap(world.config, wire, on_event, clock=world.clock).report.raise_failures()


def _upload_data(world: World, wire: Wire, _: OnEvent) -> None:
    upload_data(world.config, wire, _files(), Silent())


def _create_pipeline(world: World, wire: Wire, on_event: OnEvent) -> None:
    create_pipeline(world.config, wire, on_event, clock=world.clock).report.raise_failures()


def _teardown(world: World, wire: Wire, on_event: OnEvent) -> None:
    teardown(world.config, wire, on_event, delete_evidence=True, clock=world.clock).report.raise_failures()


def _configure(world: World, wire: Wire, _: OnEvent) -> None:
    """Also raises what the command says of data that it could not bring to this release."""
    screen = StringIO()
    outcome = run_configure(world.config, wire, Terminal(out=screen, err=screen), push=True)
    if outcome.result is not None and (problem := outcome.result["data"]["problem"]) is not None:
        raise XacctError(problem, next_step=CONFIGURE)


@cache
def _files() -> dict[str, CheckedFile]:
    return check_files(DATA / "train.csv", DATA / "validation.csv", Silent())


LIFE = (
    Command("bootstrap", _bootstrap),
    Command("upload-data", _upload_data, "bootstrap"),
    Command("create-pipeline", _create_pipeline, "upload-data"),
    Command("teardown", _teardown, "create-pipeline"),
)
"""Of a project, from nothing to nothing."""

COMMANDS = (*LIFE, Command("configure", _configure, "upload-data", as_of_an_earlier_release))
BY_NAME = {command.name: command for command in COMMANDS}
