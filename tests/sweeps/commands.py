"""The commands that are swept, as a user runs them."""

from __future__ import annotations

from functools import cache
from io import StringIO

from tests.journeys.project import DATA
from tests.silent import Silent
from tests.sweeps.command import Command
from tests.sweeps.earlier_source import as_of_an_earlier_release
from tests.sweeps.releases import DEPLOYED, RELEASES
from tests.sweeps.wire import Wire
from tests.sweeps.world import World
from xacct_ml.cli.configure import run_configure
from xacct_ml.cli.terminal import Terminal
from xacct_ml.engine.events import OnEvent
from xacct_ml.errors import XacctError
from xacct_ml.operations.bootstrap import bootstrap
from xacct_ml.operations.command_names import CONFIGURE
from xacct_ml.operations.create_pipeline import create_pipeline
from xacct_ml.operations.runs import stopping
from xacct_ml.operations.runs.executions import executions
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.operations.upload.data_check import CheckedFile


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


def _stop(world: World, wire: Wire, _: OnEvent) -> None:
    """The newest run, named as whoever was cut short names it again."""
    run = executions(world.config, wire)[0].id
    found = stopping.look(world.config, wire, run, abandon=False)
    if not found.over:
        stopping.do(world.config, wire, found, "swept")


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

BEFORE_RUNS = (
    *LIFE,
    Command("configure", _configure, "upload-data", as_of_an_earlier_release),
    Command("stop", _stop, "create-pipeline"),
)
"""For these no run need have come to its end."""

COMMANDS = (*BEFORE_RUNS, *RELEASES)
BY_NAME = {command.name: command for command in (*COMMANDS, DEPLOYED)}
