"""``xacct-ml start``."""

from __future__ import annotations

from typing import Annotated

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute, load_and_enter, services
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.status import show_status
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.status import status_json
from xacct_ml.operations.runs import executions

WaitOption = Annotated[bool, typer.Option("--wait", help="Watch it until it ends or waits for approval.")]


def start(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    wait: WaitOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Start a run.

    Of the source's newest revision, on the current data set. With --wait, exits with 1 if the run fails.
    """

    def work(terminal: Terminal) -> Outcome:
        loaded, accounts = load_and_enter(context, config)
        execution = executions.start(loaded, accounts)
        terminal.line(f"started run {execution}")
        if not wait:
            terminal.line("next: xacct-ml status --watch")
            return Outcome({"execution": execution})
        seen = show_status(loaded, accounts, terminal, execution, services(context))
        return Outcome({"execution": execution, "status": status_json(seen)}, seen.failure())

    execute("start", output, work, interrupted="A run may have been started: xacct-ml status shows it.")
