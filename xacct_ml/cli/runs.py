"""``xacct-ml start``, ``status``, ``approve``, ``reject`` and ``retry``: the commands on runs of the pipeline."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli import command as shared
from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, ExecutionOption, OutputOption, execute
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.plan import tell_differences
from xacct_ml.cli.views.status import decision_json, show_review, status_json, status_lines
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.runs import approval, executions
from xacct_ml.operations.runs.failure import retry as retry_stage
from xacct_ml.operations.runs.review import Review, review
from xacct_ml.operations.runs.status import Status
from xacct_ml.operations.runs.status import status as read_status
from xacct_ml.operations.source_state import look
from xacct_ml.operations.upload import put_back
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE

WATCH_SECONDS = 5.0

WaitOption = Annotated[bool, typer.Option("--wait", help="Watch it until it ends or a person is needed.")]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="ID",
        help="On this data set, which becomes the current one again; xacct-ml data lists them.",
        autocompletion=completion.datasets,
    ),
]
WatchOption = Annotated[bool, typer.Option("--watch", "-w", help="Go on until it ends or a person is needed.")]
LinksOption = Annotated[
    bool, typer.Option("--links", help="The console's page of each action; without, of what failed, or of the run.")
]
WaveOption = Annotated[
    str | None,
    typer.Option(
        "--wave", metavar="NAME", help="The wave, where the map has several.", autocompletion=completion.waves_of_map
    ),
]
DecidedYesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needs --execution ID.")]
SummaryOption = Annotated[
    str | None, typer.Option("--summary", metavar="TEXT", help="Why; kept with the approval (431 characters at most).")
]
SchemaChangeOption = Annotated[
    bool, typer.Option("--schema-change", help="Columns that differ from the live model's are meant.")
]


def start(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    data: DataOption = None,
    wait: WaitOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Start a run.

    Of the source's newest revision, on the current data set, or with --data on an earlier one: its manifest becomes the
    current one again, which starts the pipeline. With --wait, exits with 1 if the run fails.

    Example: xacct-ml start --data 8a01b7c5d2e94f30 --wait"""

    def work(terminal: Terminal) -> Outcome:
        loaded, accounts = shared.load_and_enter(context, config)
        if data is None:
            execution: str | None = executions.start(loaded, accounts)
        else:
            execution = put_back.start_on(loaded, accounts, data, shared.services(context).sleep)
        on: dict[str, Any] = {} if data is None else {"dataset": data}
        if execution is None:
            terminal.line(f"data set {data} is the current one; the run that this starts is not seen yet")
        else:
            terminal.line(f"started run {execution}{f' on data set {data}' if data else ''}")
        state = look(loaded, accounts)
        tell_differences(terminal, state)
        on |= {"configuration_differences": state.rows()}
        if not wait or execution is None:
            terminal.line("next: xacct-ml status --watch")
            return Outcome({"execution": execution, **on})
        seen = show_status(loaded, accounts, terminal, shared.services(context), execution)
        return Outcome({"execution": execution, **on, "status": status_json(seen)}, seen.failure())

    execute("start", output, work, interrupted="A run may have been started: xacct-ml status shows it.")


def status(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    watch: WatchOption = False,
    links: LinksOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show a run and what the endpoints serve.

    Stage by stage, the newest run or release unless told: times, why it failed or does not go on, and what to do.
    Exits with 0 whatever became of the run.

    Example: xacct-ml status --watch"""

    def work(terminal: Terminal) -> Outcome:
        loaded, accounts = shared.load_and_enter(context, config)
        services = shared.services(context)
        seen = show_status(loaded, accounts, terminal, services, execution, watch=watch, links=links)
        return Outcome(status_json(seen))

    execute("status", output, work, interrupted="The run itself goes on in AWS; xacct-ml status shows it.")


def show_status(
    config: Config,
    accounts: Clients,
    terminal: Terminal,
    services: shared.Services,
    execution: str | None = None,
    *,
    watch: bool = True,
    links: bool = False,
) -> Status:
    """Show a run and return its status; with ``watch`` until it ends, is stuck or waits for approval."""
    whole_minutes = watch and not terminal.moving
    with terminal.board() as board:
        seen = read_status(config, accounts, execution, services.now)
        board.show(status_lines(seen, links=links, whole_minutes=whole_minutes))
        while watch and not seen.settled and seen.execution is not None:
            services.sleep(WATCH_SECONDS)
            seen = read_status(config, accounts, seen.execution.id, services.now)
            board.show(status_lines(seen, links=links, whole_minutes=whole_minutes))
    return seen


def approve(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    wave: WaveOption = None,
    summary: SummaryOption = None,
    schema_change: SchemaChangeOption = False,
    yes: DecidedYesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Approve the waiting run or release, after its evidence.

    Shows gate and warnings first, then the candidate beside the live model on the same held-out rows and what will
    change, then asks. A run without a record, that missed the gate, or whose record says something else than the
    pipeline is not approved, with --yes neither; one whose columns differ from the live model's only with
    --schema-change. The run's model goes to production: to the targets of the wave that waits, and of those after it
    that need no approval.

    Example: xacct-ml approve --execution 3f2a9c01-1b7e-4c9a-8d51-0f6e2ab94c77 --summary "better on new customers\""""
    decide(context, "approve", config, execution, wave, summary, yes, output, schema_change)


def decide(
    context: typer.Context,
    command: str,
    config: Path,
    execution: str | None,
    wave: str | None,
    summary: str | None,
    yes: bool,
    output: Format,
    schema_change: bool = False,
) -> None:
    """Show the evidence, ask, and send the answer. ``command`` is ``approve`` or ``reject``."""

    def work(terminal: Terminal) -> Outcome:
        if yes and execution is None:
            raise InputError("--yes needs --execution ID: name the run that you mean", next_step="xacct-ml status")
        text = approval.checked_summary(summary if summary is not None else f"{command} with xacct-ml")
        loaded = shared.load(context, config)
        accounts = shared.enter_shared(context, approval.as_approver(loaded))
        reviewed = review(loaded, accounts, execution, wave, schema_change=schema_change)
        if yes and wave is None and reviewed.release is None and approval.needs_wave(loaded):
            raise InputError(
                "--yes needs --wave NAME: runs of this map wait for several approvals", next_step="xacct-ml status"
            )
        show_review(reviewed, terminal)
        named = f" --wave {reviewed.wave.name}" if reviewed.wave.name else ""
        flags = f"--execution {reviewed.approval.execution}{named} --yes"
        if not yes and not terminal.confirm(f"{command} this run?", flag=flags):
            raise XacctError("nothing was decided: the run still waits for approval")
        outcome = run_decision(loaded, accounts, terminal, reviewed, approve=command == "approve", summary=text)
        terminal.line(f"next: xacct-ml status --watch --execution {reviewed.approval.execution}")
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
    kind = "run" if reviewed.release is None else "release"
    terminal.line(f"{decision} {kind} {reviewed.approval.execution}{wave}")
    if not approve and reviewed.evaluation is not None and reviewed.release is None:
        dataset = reviewed.evaluation.dataset
        terminal.line(f"if the data are why: xacct-ml data withdraw {dataset} --reason TEXT, and no run trains on them")
    return Outcome(decision_json(reviewed, decision, summary))


def reject(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    wave: WaveOption = None,
    summary: SummaryOption = None,
    yes: DecidedYesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Reject the waiting run or release, after its evidence.

    Shows the same as approve, then asks. The endpoints stay as they are. Its data may be trained on again, by the next
    push for example, unless xacct-ml data withdraw says that they may not.

    Example: xacct-ml reject --summary "the holdout has rows of the training data\""""
    decide(context, "reject", config, execution, wave, summary, yes, output)


def retry(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Retry the failed stage of a run or release.

    Its failed actions only: of a wave, the targets that failed. The newest that failed, unless told. Refused where
    another model was deployed to such a target since.

    Example: xacct-ml retry --execution 3f2a9c01-1b7e-4c9a-8d51-0f6e2ab94c77"""

    def work(terminal: Terminal) -> Outcome:
        retried = retry_stage(*shared.load_and_enter(context, config), execution)
        terminal.line(f"run {retried.execution} goes on in {retried.stage}: {', '.join(retried.actions)}")
        if retried.stage == TRAIN_STAGE:
            terminal.line(
                "it trains again from the beginning, which is paid for again: xacct-ml plan has what a run costs"
            )
        terminal.line(f"next: xacct-ml status --watch --execution {retried.execution}")
        return Outcome(asdict(retried))

    execute("retry", output, work, interrupted="The stage may have begun again: xacct-ml status shows it.")
