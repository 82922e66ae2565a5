"""``xacct-ml plan``, which is also ``bootstrap --dry-run``, and ``bootstrap``."""

from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli.command import (
    DEFAULT_CONFIG,
    AsRoleOption,
    ConfigOption,
    OutputOption,
    YesOption,
    enter,
    execute,
    load,
)
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.costs import estimate_json, estimate_lines
from xacct_ml.cli.views.plan import counts_json, show_plan, step_rows, tell_differences, totals
from xacct_ml.cli.views.quotas import quota_json, quota_lines
from xacct_ml.cli.views.resources import ResourceLines, failure, rows, show_report
from xacct_ml.config.model import Config
from xacct_ml.engine.plan import Plan
from xacct_ml.engine.resource import NotOurs
from xacct_ml.errors import XacctError
from xacct_ml.operations import bootstrap as operation
from xacct_ml.operations import plan_file
from xacct_ml.operations.bootstrap import ProjectPlan, after_bootstrap, plan_project
from xacct_ml.operations.costs.estimate import estimate
from xacct_ml.operations.create_pipeline import update_warnings
from xacct_ml.operations.plan_file import Reviewed

EXIT_CHANGES = 2

VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show every difference, documents in full, and what is unchanged.")
]
DetailedExitcodeOption = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit 0: nothing to do; 1: failed; 2: there are changes.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="PLAN", help="Write what bootstrap would do, for bootstrap PLAN.")
]
ReviewedArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[PLAN]", help="Of plan --out: exactly that is done, without asking, or nothing."),
]
PartlyOption = Annotated[
    bool, typer.Option("--partly", help="Do what is possible of a plan that has something that is not.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be done and change nothing, as the command plan does.")
]


def plan(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = False,
    detailed_exitcode: DetailedExitcodeOption = False,
    out: OutOption = None,
    as_role: AsRoleOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show what bootstrap would do; change nothing.

    + is created, ~ changed, - removed. Once the pipeline or one of its rules exists, also what create-pipeline
    would do to them, and which runs that would stop; before that they are left out, because they come later.

    Example: xacct-ml plan --detailed-exitcode

    Example: xacct-ml plan --out reviewed.json"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        return run_plan(
            loaded,
            enter(context, loaded, role=as_role),
            terminal,
            verbose=verbose,
            code_for_changes=EXIT_CHANGES if detailed_exitcode else 0,
            out=out,
        )

    execute("plan", output, work)


def run_plan(
    config: Config,
    accounts: Clients,
    terminal: Terminal,
    *,
    verbose: bool = False,
    code_for_changes: int = 0,
    out: Path | None = None,
) -> Outcome:
    """Plan, print it and, where ``out`` names a file, write it. ``code_for_changes`` is the exit code if there is
    something to do."""
    with ResourceLines(terminal, config, outcomes=False) as lines:
        planned = plan_project(config, accounts, lines)
    parts = {"bootstrap": planned.bootstrap, "create-pipeline": planned.pipeline}
    there = {command: part for command, part in parts.items() if part is not None}
    for command, part in there.items():
        if not part.empty:
            terminal.line(f"{command} would:")
        show_plan(part, config, terminal, verbose=verbose)
    warnings = () if planned.pipeline is None else update_warnings(config, accounts, planned.pipeline)
    warnings = (*warnings, *([planned.former] if planned.former else []), *planned.notes)
    for warning in warnings:
        terminal.warn(warning)
    if planned.pipeline is None:
        terminal.line("no pipeline yet: create-pipeline makes it, after bootstrap and upload-data")
    terminal.line("nothing to do" if planned.empty else totals(planned.whole))
    tell_differences(terminal, planned.configuration)
    if out is not None:
        plan_file.write(out, config, step_rows(planned.bootstrap))
        terminal.line(f"next: xacct-ml bootstrap {out}, which does what is shown for bootstrap, or nothing")
    for line in quota_lines(config):
        terminal.line(line)
    costs = estimate(config)
    for line in estimate_lines(costs):
        terminal.line(line)
    result = {
        "changes": not planned.empty,
        "counts": counts_json(planned.whole),
        "bootstrap": step_rows(planned.bootstrap),
        "create_pipeline": None if planned.pipeline is None else step_rows(planned.pipeline),
        "warnings": list(warnings),
        "configuration_differences": planned.configuration.rows(),
        "quotas": quota_json(config),
        "costs": estimate_json(costs),
    }
    return Outcome(result, planned.refusal(config.adopt), code=0 if planned.empty else code_for_changes)


def bootstrap(
    context: typer.Context,
    reviewed: ReviewedArgument = None,
    config: ConfigOption = DEFAULT_CONFIG,
    partly: PartlyOption = False,
    dry_run: DryRunOption = False,
    verbose: VerboseOption = False,
    yes: YesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create what is missing, change what differs.

    In every account of the map, after showing the plan and asking; what is as it should be is left alone, and where
    everything is, nothing is asked. What exists under a name of ours is left alone, unless the map adopts it. A plan
    with something that is not possible is not begun without --partly.

    Example: xacct-ml bootstrap --yes

    Example: xacct-ml bootstrap reviewed.json"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        plan_of = None if reviewed is None else plan_file.read(reviewed)
        accounts = enter(context, loaded)
        if dry_run:
            return run_plan(loaded, accounts, terminal, verbose=verbose)
        outcome = run_bootstrap(loaded, accounts, terminal, yes=yes, verbose=verbose, partly=partly, reviewed=plan_of)
        if outcome.error is None and outcome.result is not None:
            terminal.line(f"next: {outcome.result['next']}")
        return outcome

    execute("bootstrap", output, work)


def run_bootstrap(
    config: Config,
    accounts: Clients,
    terminal: Terminal,
    *,
    yes: bool,
    show: bool = True,
    verbose: bool = False,
    partly: bool = False,
    reviewed: Reviewed | None = None,
) -> Outcome:
    """Bootstrap: print the plan if ``show``, ask unless ``yes`` or ``reviewed`` is that plan, print each outcome.

    What is not ours and not adopted keeps all of it from being done, unless ``partly``.

    Raises InputError if it has to ask and nobody can answer."""
    lines = ResourceLines(terminal, config, outcomes=False, unchanged=verbose)

    def decide(planned: Plan) -> None:
        with lines.paused():
            if show and not planned.empty:
                show_plan(planned, config, terminal, verbose=verbose)
                terminal.line(totals(planned))
                for note in operation.notes(config, accounts, planned):
                    terminal.warn(note)
            if not partly and any(isinstance(step.error, NotOurs) for step in planned.refused):
                raise _impossible(ProjectPlan(planned, None).refusal(config.adopt))
            if reviewed is not None:
                plan_file.refuse_changed(reviewed, config, step_rows(planned))
            elif not yes and planned.writes and not terminal.confirm("make these changes?", flag="--yes"):
                raise XacctError("nothing was changed: not confirmed")
        lines.outcomes = True

    with lines:
        done = operation.bootstrap(config, accounts, lines, decide)
    show_report(done.report, lines, terminal)
    tell_differences(terminal, done.configuration)
    if done.former:
        terminal.warn(done.former)
    result = {
        "resources": rows(done.report),
        "outputs": dict(done.report.outputs),
        "configuration_differences": done.configuration.rows(),
        "former_repository": done.former,
        "next": after_bootstrap(config, accounts, changed=bool(done.report.written)) if done.report.ok else None,
    }
    return Outcome(result, failure(done.report))


def _impossible(refusal: XacctError | None) -> XacctError:
    assert refusal is not None
    message = f"nothing was changed: {refusal.message}; --partly does what is possible"
    return XacctError(message, details=refusal.details, next_step=refusal.next_step)
