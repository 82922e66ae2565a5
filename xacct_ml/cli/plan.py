"""``xacct-ml plan``, which is also ``bootstrap --dry-run``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from xacct_ml.aws.accounts import Clients
from xacct_ml.cli import session
from xacct_ml.cli.execute import execute
from xacct_ml.cli.options import ConfigOption, OutputOption
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.resources import ResourceLines
from xacct_ml.cli.services import DEFAULT_CONFIG
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.plan import counted, show_plan, step_rows, totals
from xacct_ml.config.model import Config
from xacct_ml.engine.plan import Plan, Step
from xacct_ml.errors import XacctError
from xacct_ml.operations.bootstrap import plan_project
from xacct_ml.operations.create_pipeline import update_warnings
from xacct_ml.resources.base import Adoptable, adopting

EXIT_CHANGES = 2

VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show every difference under its resource, documents in full.")
]
DetailedExitcodeOption = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit 0: nothing to do; 1: failed; 2: there are changes.")
]


def plan(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = False,
    detailed_exitcode: DetailedExitcodeOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show what bootstrap would do; change nothing.

    + is created, ~ changed, - removed. Once the pipeline or one of its rules exists, also what create-pipeline
    would do to them, and which runs that would stop; before that they are left out, because they come later.
    """

    def work(terminal: Terminal) -> Outcome:
        loaded = session.load(context, config)
        return run_plan(
            loaded,
            session.enter(context, loaded),
            terminal,
            verbose=verbose,
            code_for_changes=EXIT_CHANGES if detailed_exitcode else 0,
        )

    execute("plan", output, work)


def run_plan(
    config: Config, accounts: Clients, terminal: Terminal, *, verbose: bool = False, code_for_changes: int = 0
) -> Outcome:
    """The plan on the terminal. ``code_for_changes`` is the exit code where there is something to do."""
    with ResourceLines(terminal, config, outcomes=False) as lines:
        planned = plan_project(config, accounts, lines)
    parts = {"bootstrap": planned.bootstrap, "create-pipeline": planned.pipeline}
    there = {command: part for command, part in parts.items() if part is not None}
    for command, part in there.items():
        if not part.empty:
            terminal.line(f"{command} would:")
        show_plan(part, config, terminal, verbose=verbose)
    whole = Plan(tuple(step for part in there.values() for step in part.steps), planned.bootstrap.outputs)
    warnings = () if planned.pipeline is None else update_warnings(config, accounts, planned.pipeline)
    warnings = (*warnings, *([planned.former] if planned.former else []))
    for warning in warnings:
        terminal.warn(warning)
    if planned.pipeline is None:
        terminal.line("no pipeline yet: create-pipeline makes it, after bootstrap and upload-data")
    terminal.line("nothing to do" if planned.empty else totals(whole))
    counts = counted(whole)
    result = {
        "changes": not planned.empty,
        "counts": {name: counts[sign] for name, sign in _NAMED.items()},
        "bootstrap": step_rows(planned.bootstrap),
        "create_pipeline": None if planned.pipeline is None else step_rows(planned.pipeline),
        "warnings": list(warnings),
    }
    return Outcome(result, _refusal(whole.refused, config.adopt), code=0 if planned.empty else code_for_changes)


_NAMED = {"create": "+", "change": "~", "remove": "-", "unchanged": "=", "not_possible": "!"}


def _refusal(refused: tuple[Step, ...], adopted: tuple[str, ...]) -> XacctError | None:
    """What cannot be planned fails the command: bootstrap would fail there as well. ``adopted`` are the map's ids."""
    errors = [step.error for step in refused if step.error is not None]
    if not errors:
        return None
    return XacctError(
        f"{len(errors)} resources cannot be planned, and what needs them cannot either",
        details=tuple(error.message for error in errors),
        next_step=_adoption(errors, adopted) or errors[0].next_step,
    )


def _adoption(errors: Sequence[XacctError], adopted: tuple[str, ...]) -> str | None:
    """The lines of the map that adopt all that can be; None where nothing can."""
    found = [error for error in errors if isinstance(error, Adoptable)]
    ids = [error.id for error in found if error.id is not None]
    lines = list(dict.fromkeys(error.line for error in found if error.id is None))
    if ids:
        lines.append(f"adopt: [{', '.join((*adopted, *ids))}]")
    return adopting(*lines) if lines else None
