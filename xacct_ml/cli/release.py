"""``xacct-ml deploy``, ``rollback`` and ``history``: a model that was judged before onto a target, and what served
when."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from xacct_ml.cli import command as shared
from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute
from xacct_ml.cli.moment import moment
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.runs import show_status
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.release import deployment_json, show_history, wanted_json, wanted_lines
from xacct_ml.cli.views.status import status_json
from xacct_ml.config.model import Config
from xacct_ml.operations.predict import target_of
from xacct_ml.operations.release import asking
from xacct_ml.operations.release import history as past
from xacct_ml.operations.release.wanted import Wanted, deployment_of, way_back
from xacct_ml.operations.runs.approval import as_approver

RunOption = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="RUN",
        help="The run whose model it is; without it, that of the map's first target that serves.",
        autocompletion=completion.runs,
    ),
]
TargetsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target", metavar="NAME", help="Where to; may be given more than once.", autocompletion=completion.targets
    ),
]
TargetOption = Annotated[
    str | None, typer.Option("--target", metavar="NAME", help="This one alone.", autocompletion=completion.targets)
]
SchemaChangeOption = Annotated[
    bool, typer.Option("--schema-change", help="Columns that differ from what the target serves are meant.")
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; the approver reads it (500 characters at most).")
]
WaitOption = Annotated[
    bool, typer.Option("--wait", "--watch", "-w", help="Watch it until it ends or waits for a person.")
]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="What served then: 2026-01-31T18:00 (UTC), or 2d ago: 2d.")
]
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="So many, the newest.")]
_INTERRUPTED = (
    "A release may have been asked for: xacct-ml status shows it. The same command again is the same release."
)


def deploy(
    context: typer.Context,
    run: RunOption = None,
    target: TargetsOption = None,
    schema_change: SchemaChangeOption = False,
    reason: ReasonOption = None,
    wait: WaitOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Ask for a release: a judged model onto targets.

    Of any run that passed its gate, without training: to the targets named, or to all; without --run, what the map's
    first target that serves anything serves, to those that serve something else, such as a target that is new. The
    judge looks at it again and people approve it before anything is deployed.

    Example: xacct-ml deploy --run 3f2a9c01 --target eu --reason "the new one drifts\""""

    def work(terminal: Terminal) -> Outcome:
        loaded = shared.load(context, config)
        accounts = shared.enter_shared(context, as_approver(loaded))
        wanted = deployment_of(loaded, accounts, run, target or (), schema_change=schema_change, reason=reason)
        return run_request(loaded, accounts, terminal, wanted, shared.services(context), wait=wait)

    execute("deploy", output, work, interrupted=_INTERRUPTED)


def rollback(
    context: typer.Context,
    target: TargetOption = None,
    schema_change: SchemaChangeOption = False,
    reason: ReasonOption = None,
    wait: WaitOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Ask for a release of what targets served before.

    By the history of what was deployed, without training. Whoever goes back twice comes to the one before that. Targets
    that would go back to different models are named one at a time.

    Example: xacct-ml rollback --reason "the new one drifts\""""

    def work(terminal: Terminal) -> Outcome:
        loaded = shared.load(context, config)
        accounts = shared.enter_shared(context, as_approver(loaded))
        wanted = way_back(loaded, accounts, target, schema_change=schema_change, reason=reason)
        return run_request(loaded, accounts, terminal, wanted, shared.services(context), wait=wait)

    execute("rollback", output, work, interrupted=_INTERRUPTED)


def run_request(
    config: Config, accounts: Any, terminal: Terminal, wanted: Wanted, services: shared.Services, *, wait: bool
) -> Outcome:
    """Ask for it; with ``wait`` the outcome is a failure where the release is."""
    for line in wanted_lines(wanted):
        terminal.line(line)
    asked = asking.ask(config, accounts, wanted.request, services.sleep)
    result = wanted_json(wanted, asked)
    if asked.execution is None:
        terminal.line("it was asked for; the release that this starts is not seen yet")
        terminal.line("next: xacct-ml status --watch")
        return Outcome(result)
    terminal.line(f"release {asked.execution} {'is under way already' if asked.again else 'was started'}")
    if not wait:
        terminal.line(f"next: xacct-ml status --watch --execution {asked.execution}")
        return Outcome(result)
    seen = show_status(config, accounts, terminal, services, asked.execution)
    return Outcome({**result, "status": status_json(seen)}, seen.failure())


def history(
    context: typer.Context,
    at: AtOption = None,
    target: TargetOption = None,
    limit: LimitOption = 50,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show what served where, and when.

    From the records that the judge wrote after each deployment; what is not written down yet, from the pipelines. Of
    any moment with --at.

    Example: xacct-ml history --at 2026-01-31T18:00"""

    def work(terminal: Terminal) -> Outcome:
        time = None if at is None else moment("--at", at, datetime.now(UTC))
        loaded, accounts = shared.load_and_enter(context, config)
        targets = None if target is None else [target_of(loaded, target).name]
        found = past.history(loaded, accounts, targets)
        shown = found[:limit] if time is None else past.at(found, time)
        show_history(shown, time, terminal)
        if time is None and len(found) > limit:
            terminal.line(f"{len(found) - limit:,} older ones: --limit shows more")
        return Outcome({"at": time, "deployments": [deployment_json(each) for each in shown]})

    execute("history", output, work)
