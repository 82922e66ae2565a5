"""``xacct-ml start``, ``status``, ``approve`` and ``reject``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from xacct_ml.cli import session
from xacct_ml.cli.options import ConfigOption, ExecutionOption, OutputOption, YesOption
from xacct_ml.cli.output import Format, Outcome, execute
from xacct_ml.cli.services import DEFAULT_CONFIG
from xacct_ml.errors import InputError, XacctError

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients
    from xacct_ml.cli.services import Services
    from xacct_ml.cli.terminal import Terminal
    from xacct_ml.config.model import Config
    from xacct_ml.operations.runs.approval import Review
    from xacct_ml.operations.runs.status import Status

WATCH_SECONDS = 5.0
ON_AWS = "The run itself goes on in AWS; xacct-ml status shows it."

WaveOption = Annotated[str | None, typer.Option("--wave", metavar="NAME", help="The wave, where the map has several.")]
WaitOption = Annotated[bool, typer.Option("--wait", help="Watch it until it ends or waits for approval.")]
SummaryOption = Annotated[
    str | None, typer.Option("--summary", metavar="TEXT", help="Why; kept with the approval (512 characters at most).")
]
WatchOption = Annotated[bool, typer.Option("--watch", "-w", help="Go on until the run ends or waits for approval.")]


def register(app: typer.Typer) -> None:
    app.command()(start)
    app.command()(status)
    app.command()(approve)
    app.command()(reject)


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
        from xacct_ml.cli.views.status import status_json
        from xacct_ml.operations.runs.executions import start as start_run

        loaded = session.load(context, config)
        accounts = session.enter(context, loaded, [loaded.accounts.shared.id])
        execution = start_run(loaded, accounts)
        terminal.line(f"started run {execution}")
        if not wait:
            terminal.line("next: xacct-ml status --watch")
            return Outcome({"execution": execution})
        seen = show_status(loaded, accounts, terminal, execution, session.services(context))
        return Outcome({"execution": execution, "status": status_json(seen)}, _unsuccessful(seen))

    execute("start", output, work, interrupted="A run may have been started: xacct-ml status shows it.")


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
        from xacct_ml.cli.views.status import status_json

        loaded = session.load(context, config)
        accounts = session.enter(context, loaded, [loaded.accounts.shared.id])
        seen = show_status(loaded, accounts, terminal, execution, session.services(context) if watch else None)
        return Outcome(status_json(seen))

    execute("status", output, work, interrupted=ON_AWS)


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
    _decision(context, "approve", config, execution, wave, summary, yes, output)


def reject(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    wave: WaveOption = None,
    summary: SummaryOption = None,
    yes: YesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Reject the waiting run, after its evidence.

    Shows revision, data version, metrics and gate, then asks. The endpoints stay as they are.
    """
    _decision(context, "reject", config, execution, wave, summary, yes, output)


def show_status(
    config: Config,
    accounts: Clients,
    terminal: Terminal,
    execution: str | None = None,
    watching: Services | None = None,
) -> Status:
    """One look at a run, or, ``watching``, looks until it ends or waits for approval; the last one."""
    from xacct_ml.cli.views.status import status_lines
    from xacct_ml.operations.runs.status import status as read_status

    with terminal.board() as board:
        seen = read_status(config, accounts, execution)
        board.show(status_lines(seen))
        while watching is not None and not seen.settled and seen.execution is not None:
            watching.sleep(WATCH_SECONDS)
            seen = read_status(config, accounts, seen.execution.id)
            board.show(status_lines(seen))
    return seen


def _decision(
    context: typer.Context,
    command: str,
    config: object,
    execution: str | None,
    wave: str | None,
    summary: str | None,
    yes: bool,
    output: Format,
) -> None:
    from pathlib import Path

    def work(terminal: Terminal) -> Outcome:
        from xacct_ml.operations.runs.approval import checked_summary, review

        if yes and execution is None:
            raise InputError("--yes needs --execution ID: name the run that you mean", next_step="xacct-ml status")
        text = checked_summary(summary if summary is not None else f"{command} with xacct-ml")
        assert isinstance(config, Path)
        loaded = session.load(context, config)
        if yes and wave is None and _asks_often(loaded):
            raise InputError(
                "--yes needs --wave NAME: runs of this map wait for several approvals", next_step="xacct-ml status"
            )
        accounts = session.enter(context, loaded, [loaded.accounts.shared.id])
        reviewed = review(loaded, accounts, execution, wave)
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
    """Send the decision on what was reviewed."""
    from xacct_ml.cli.views.status import evaluation_json
    from xacct_ml.operations.runs.approval import decide

    decide(config, accounts, reviewed, approve=approve, summary=summary)
    decision = "approved" if approve else "rejected"
    wave = f" for wave {reviewed.wave.name}" if reviewed.wave.name else ""
    terminal.line(f"{decision} run {reviewed.approval.execution}{wave}")
    return Outcome(
        {
            "execution": reviewed.approval.execution,
            "wave": reviewed.wave.name,
            "targets": [target.name for target in reviewed.wave.targets],
            "decision": decision,
            "summary": summary,
            "commit": None if reviewed.commit is None else reviewed.commit.id,
            "evaluation": evaluation_json(reviewed.evaluation),
        }
    )


def show_review(reviewed: Review, terminal: Terminal) -> None:
    """What is decided about, before it is decided."""
    from xacct_ml.cli.views.status import evaluation_lines
    from xacct_ml.operations.runs.executions import revision_word

    terminal.heading(f"Run {reviewed.approval.execution} waits for approval in {reviewed.approval.stage}")
    commit = reviewed.commit
    if commit is None:
        terminal.line("  commit   unknown")
    else:
        by = f"  by {commit.author}" if commit.author else ""
        terminal.line(f"  {revision_word(commit.id).ljust(8)} {commit.id}{by}")
        for line in (commit.message or "").splitlines()[:10]:
            terminal.line(f"           {line}".rstrip())
    for line in evaluation_lines(reviewed.evaluation):
        terminal.line(line)
    for line in _wave_lines(reviewed):
        terminal.line(line)


def _wave_lines(reviewed: Review) -> Iterator[str]:
    """Where the model goes, and what follows; nothing for a map without waves."""
    if reviewed.wave.name is None:
        return
    yield f"  wave     {reviewed.wave.name}: {', '.join(target.name for target in reviewed.wave.targets)}"
    for wave in reviewed.later:
        how = "after its own approval" if wave.approval else "without another approval"
        yield f"  then     {wave.name}: {', '.join(target.name for target in wave.targets)}, {how}"


def _asks_often(config: Config) -> bool:
    """Whether a run waits for more than one approval: an id alone does not say which."""
    from xacct_ml.system.waves import waves

    return sum(wave.approval for wave in waves(config)) > 1


def _unsuccessful(seen: Status) -> XacctError | None:
    run = seen.execution
    if run is None or run.status in {"Succeeded", "InProgress"}:
        return None
    reasons = [f"{s.name}/{a.name}: {a.reason}" for s in seen.stages for a in s.actions if a.status == "Failed"]
    return XacctError(f"run {run.id} is {run.status}", details=tuple(reasons), next_step="xacct-ml explain")
