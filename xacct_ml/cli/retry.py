"""``xacct-ml retry``."""

from __future__ import annotations

from dataclasses import asdict

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, ExecutionOption, OutputOption, execute, load_and_enter
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.runs.retry import retry as retry_stage


def retry(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Retry the failed stage of a run.

    Its failed actions only: of a wave, the targets that failed. The newest run that failed, unless told.
    """

    def work(terminal: Terminal) -> Outcome:
        retried = retry_stage(*load_and_enter(context, config), execution)
        terminal.line(f"run {retried.execution} goes on in {retried.stage}: {', '.join(retried.actions)}")
        terminal.line(f"next: xacct-ml status --watch --execution {retried.execution}")
        return Outcome(asdict(retried))

    execute("retry", output, work, interrupted="The stage may have begun again: xacct-ml status shows it.")
