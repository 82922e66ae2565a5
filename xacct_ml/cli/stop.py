"""``xacct-ml stop``."""

from __future__ import annotations

from typing import Annotated

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, ExecutionOption, OutputOption, execute, load_and_enter
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.runs import executions

AbandonOption = Annotated[bool, typer.Option("--abandon", help="Do not wait for actions under way.")]


def stop(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    abandon: AbandonOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Stop a run.

    The newest that is under way, unless told. What is under way in it ends first; an approval that waits is abandoned
    only with --abandon.
    """

    def work(terminal: Terminal) -> Outcome:
        stopped = executions.stop(*load_and_enter(context, config), execution, abandon=abandon)
        terminal.line(f"run {stopped} is stopping")
        terminal.line(f"next: xacct-ml status --watch --execution {stopped}")
        return Outcome({"execution": stopped, "abandon": abandon})

    execute("stop", output, work, interrupted="The run may be stopping: xacct-ml status shows it.")
