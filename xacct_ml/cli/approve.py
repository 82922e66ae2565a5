"""``xacct-ml approve``, and what it shares with ``xacct-ml reject``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli.command import (
    DEFAULT_CONFIG,
    ConfigOption,
    ExecutionOption,
    OutputOption,
    YesOption,
    enter_shared,
    execute,
    load,
)
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.review import decision_json, show_review
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.runs import approval
from xacct_ml.operations.runs.approval import Review

WaveOption = Annotated[str | None, typer.Option("--wave", metavar="NAME", help="The wave, where the map has several.")]
SummaryOption = Annotated[
    str | None, typer.Option("--summary", metavar="TEXT", help="Why; kept with the approval (512 characters at most).")
]


def approve(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    wave: WaveOption = None,
    summary: SummaryOption = None,
    yes: YesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Approve the waiting run, after its evidence.

    Shows revision, data version, metrics and gate, then asks. The run's model goes to production: to the targets of
    the wave that waits, and of those after it that need no approval.
    """
    decide(context, "approve", config, execution, wave, summary, yes, output)


def decide(
    context: typer.Context,
    command: str,
    config: Path,
    execution: str | None,
    wave: str | None,
    summary: str | None,
    yes: bool,
    output: Format,
) -> None:
    """Show the evidence, ask, and send the answer. ``command`` is ``approve`` or ``reject``."""

    def work(terminal: Terminal) -> Outcome:
        if yes and execution is None:
            raise InputError("--yes needs --execution ID: name the run that you mean", next_step="xacct-ml status")
        text = approval.checked_summary(summary if summary is not None else f"{command} with xacct-ml")
        loaded = load(context, config)
        if yes and wave is None and approval.needs_wave(loaded):
            raise InputError(
                "--yes needs --wave NAME: runs of this map wait for several approvals", next_step="xacct-ml status"
            )
        accounts = enter_shared(context, loaded)
        reviewed = approval.review(loaded, accounts, execution, wave)
        show_review(reviewed, terminal)
        named = f" --wave {reviewed.wave.name}" if reviewed.wave.name else ""
        flags = f"--execution {reviewed.approval.execution}{named} --yes"
        if not yes and not terminal.confirm(f"{command} this run?", flag=flags):
            raise XacctError("nothing was decided: the run still waits for approval")
        outcome = run_decision(loaded, accounts, terminal, reviewed, approve=command == "approve", summary=text)
        terminal.line("next: xacct-ml status --watch")
        return outcome

    execute(
        command,
        output,
        work,
        interrupted="If the answer was not sent yet, the run still waits: xacct-ml status shows it.",
    )


def run_decision(
    config: Config, accounts: Clients, terminal: Terminal, reviewed: Review, *, approve: bool, summary: str
) -> Outcome:
    """Send the decision on a reviewed run."""
    approval.decide(config, accounts, reviewed, approve=approve, summary=summary)
    decision = "approved" if approve else "rejected"
    wave = f" for wave {reviewed.wave.name}" if reviewed.wave.name else ""
    terminal.line(f"{decision} run {reviewed.approval.execution}{wave}")
    return Outcome(decision_json(reviewed, decision, summary))
