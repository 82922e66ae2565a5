"""``xacct-ml status``."""

from __future__ import annotations

from typing import Annotated

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli.command import (
    DEFAULT_CONFIG,
    ConfigOption,
    ExecutionOption,
    OutputOption,
    Services,
    execute,
    load_and_enter,
    services,
)
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.status import status_json, status_lines
from xacct_ml.config.model import Config
from xacct_ml.operations.runs.status import Status
from xacct_ml.operations.runs.status import status as read_status

WATCH_SECONDS = 5.0

WatchOption = Annotated[bool, typer.Option("--watch", "-w", help="Go on until the run ends or waits for approval.")]


def status(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    watch: WatchOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show a run and what the endpoints serve.

    Stage by stage, the newest run unless told. Exits with 0 whatever became of the run.
    """

    def work(terminal: Terminal) -> Outcome:
        loaded, accounts = load_and_enter(context, config)
        seen = show_status(loaded, accounts, terminal, execution, services(context) if watch else None)
        return Outcome(status_json(seen))

    execute("status", output, work, interrupted="The run itself goes on in AWS; xacct-ml status shows it.")


def show_status(
    config: Config,
    accounts: Clients,
    terminal: Terminal,
    execution: str | None = None,
    watching: Services | None = None,
) -> Status:
    """Show a run and return its status; with ``watching`` until it ends or waits for approval."""
    with terminal.board() as board:
        seen = read_status(config, accounts, execution)
        board.show(status_lines(seen))
        while watching is not None and not seen.settled and seen.execution is not None:
            watching.sleep(WATCH_SECONDS)
            seen = read_status(config, accounts, seen.execution.id)
            board.show(status_lines(seen))
    return seen
