"""``xacct-ml create-pipeline``."""

import json
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, YesOption, enter, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.plan import show_plan, tell_differences
from xacct_ml.cli.views.resources import ResourceLines, failure, rows, show_report
from xacct_ml.config.model import Config
from xacct_ml.engine.plan import Plan
from xacct_ml.errors import XacctError
from xacct_ml.operations import create_pipeline as operation
from xacct_ml.operations.preconditions import keys
from xacct_ml.operations.source_state import unseen
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import pipeline

NEXT = "xacct-ml status --watch"

RenderOption = Annotated[
    bool,
    typer.Option(
        "--render",
        help="Print the JSON for `aws codepipeline create-pipeline --cli-input-json` and change nothing. The key's ARN "
        "is looked up; without credentials or key its id is all zeros, and a warning says so.",
    ),
]
StartOption = Annotated[
    bool,
    typer.Option(
        "--start/--no-start", help="Start a run of an updated pipeline, which an update does not do by itself."
    ),
]


def create_pipeline(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    render: RenderOption = False,
    start: StartOption = True,
    yes: YesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create the pipeline, which starts run 1.

    Then the rules that start it on a new revision and on new data. An existing pipeline is updated only if it
    differs, and after asking: an update stops the runs under way, and no stage can be rolled back to a run before
    it. Then a run of the updated pipeline is started, but for a target that is new: deploy gives it what serves.

    Example: xacct-ml create-pipeline --yes"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        if render:
            return _render(context, loaded, terminal, output)
        outcome = run_create_pipeline(loaded, enter(context, loaded), terminal, yes=yes, start=start)
        if outcome.error is None:
            terminal.line(f"next: {(outcome.result or {}).get('next', NEXT)}")
        return outcome

    execute("create-pipeline", output, work)


def run_create_pipeline(
    config: Config, accounts: Clients, terminal: Terminal, *, yes: bool = False, start: bool = True
) -> Outcome:
    """Create or update the pipeline. Asks, unless ``yes``, before an update that stops runs.

    With ``start`` a pipeline that has not run since its last update is started. Raises InputError if it has to ask and
    nobody can answer."""
    lines = ResourceLines(terminal, config, outcomes=False)
    notes: list[str] = []

    def decide(planned: Plan) -> None:
        notes.extend(unseen(config, planned))
        warnings = operation.update_warnings(config, accounts, planned)
        if warnings:
            with lines.paused():
                show_plan(planned, config, terminal, verbose=True)
                for warning in warnings:
                    terminal.warn(warning)
                if not yes and not terminal.confirm("update the pipeline?", flag="--yes"):
                    raise XacctError("nothing was changed: not confirmed")
        if notes:
            with lines.paused():
                for note in notes:
                    terminal.warn(note)
        lines.outcomes = True

    with lines:
        done = operation.create_pipeline(config, accounts, lines, decide, start=start)
    show_report(done.report, lines, terminal)
    tell_differences(terminal, done.configuration)
    if done.created:
        terminal.line("the pipeline's creation started run 1")
    if done.updated:
        terminal.warn("the pipeline was updated: runs that were under way have been stopped")
    if done.started:
        terminal.line(f"started run {done.started} of the pipeline as it is now")
    elif done.new_targets:
        listed = ", ".join(done.new_targets)
        terminal.line(f"no run was started: {listed} can get what serves elsewhere, without training")
    elif done.updated:
        terminal.line("no run was started; start one with: xacct-ml start")
    result = {
        "resources": rows(done.report),
        "created": done.created,
        "updated": done.updated,
        "started": done.started,
        "new_targets": list(done.new_targets),
        "notes": notes,
        "configuration_differences": done.configuration.rows(),
        "next": " ".join(("xacct-ml deploy", *(f"--target {name}" for name in done.new_targets)))
        if done.new_targets
        else NEXT,
    }
    return Outcome(result, failure(done.report))


def _render(context: typer.Context, config: Config, terminal: Terminal, output: Format) -> Outcome:
    found = _keys(context, config, terminal) or Keys.stand_ins(Names(config))
    document = operation.create_pipeline_input(config, pipeline(config, found))
    if output is Format.TEXT:
        terminal.raw(json.dumps(document, indent=2) + "\n")
    return Outcome(document)


def _keys(context: typer.Context, config: Config, terminal: Terminal) -> Keys | None:
    """The keys; None, with a warning, if they cannot be looked up."""
    try:
        accounts = enter(context, config, [config.accounts.shared.id])
        return keys(config, accounts)
    except XacctError as error:
        reason = error.message
    except (BotoCoreError, ClientError) as error:
        reason = str(error)
    terminal.warn(f"the key's id stands as zeros, put the real one in before use: {reason}")
    return None
