"""The commands that are swept, as a user runs them: an outcome, or an error with what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.journeys.project import DATA
from tests.silent import Silent
from tests.sweeps.wire import Wire
from tests.sweeps.world import World
from xacct_ml.aws.errors import translate
from xacct_ml.engine.events import OnEvent, ignore
from xacct_ml.errors import XacctError
from xacct_ml.operations.bootstrap import bootstrap
from xacct_ml.operations.create_pipeline import create_pipeline
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.operations.upload.data_check import CheckedFile


@dataclass(frozen=True)
class Command:
    """``after`` is the command that a user has run right before."""

    name: str
    work: Callable[[World, Wire, OnEvent], Any]
    after: str | None = None

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


@cache
def _files() -> dict[str, CheckedFile]:
    return check_files(DATA / "train.csv", DATA / "validation.csv", Silent())


COMMANDS = (
    Command("bootstrap", _bootstrap),
    Command("upload-data", _upload_data, "bootstrap"),
    Command("create-pipeline", _create_pipeline, "upload-data"),
    Command("teardown", _teardown, "create-pipeline"),
)
BY_NAME = {command.name: command for command in COMMANDS}
