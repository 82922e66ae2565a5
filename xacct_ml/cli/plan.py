"""``xacct-ml plan``, which is also ``bootstrap --dry-run``."""

from __future__ import annotations

from typing import Annotated

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.plan import counts_json, show_plan, step_rows, totals
from xacct_ml.cli.views.resources import ResourceLines
from xacct_ml.config.model import Config
from xacct_ml.operations.bootstrap import plan_project
from xacct_ml.operations.create_pipeline import update_warnings

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
        loaded = load(context, config)
        return run_plan(
            loaded,
            enter(context, loaded),
            terminal,
            verbose=verbose,
            code_for_changes=EXIT_CHANGES if detailed_exitcode else 0,
        )

    execute("plan", output, work)


def run_plan(
    config: Config, accounts: Clients, terminal: Terminal, *, verbose: bool = False, code_for_changes: int = 0
) -> Outcome:
    """Plan and print it. ``code_for_changes`` is the exit code if there is something to do."""
    with ResourceLines(terminal, config, outcomes=False) as lines:
        planned = plan_project(config, accounts, lines)
    parts = {"bootstrap": planned.bootstrap, "create-pipeline": planned.pipeline}
    there = {command: part for command, part in parts.items() if part is not None}
    for command, part in there.items():
        if not part.empty:
            terminal.line(f"{command} would:")
        show_plan(part, config, terminal, verbose=verbose)
    warnings = () if planned.pipeline is None else update_warnings(config, accounts, planned.pipeline)
    warnings = (*warnings, *([planned.former] if planned.former else []))
    for warning in warnings:
        terminal.warn(warning)
    if planned.pipeline is None:
        terminal.line("no pipeline yet: create-pipeline makes it, after bootstrap and upload-data")
    terminal.line("nothing to do" if planned.empty else totals(planned.whole))
    result = {
        "changes": not planned.empty,
        "counts": counts_json(planned.whole),
        "bootstrap": step_rows(planned.bootstrap),
        "create_pipeline": None if planned.pipeline is None else step_rows(planned.pipeline),
        "warnings": list(warnings),
    }
    return Outcome(result, planned.refusal(config.adopt), code=0 if planned.empty else code_for_changes)
