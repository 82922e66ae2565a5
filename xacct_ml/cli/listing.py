"""``xacct-ml runs`` and ``compare``: what there is to choose among."""

from typing import Annotated

import typer

from xacct_ml.cli import command as shared
from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.runs import comparison_json, comparison_lines, note_json, run_json, show_runs, skipped_lines
from xacct_ml.operations.runs import comparison, listing, schedule_notes

LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="So many, the newest.")]
FirstArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run, by its id or the beginning of it.", autocompletion=completion.runs)
]
SecondArgument = Annotated[str, typer.Argument(metavar="RUN", help="Another.", autocompletion=completion.runs)]


def runs(
    context: typer.Context,
    limit: LimitOption = 20,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """List the runs, newest first.

    When and by what each was started, its data, revision, metric on held-out rows and gate, who approved it, and where
    it serves. The beginning of an id that is shown is enough for other commands.

    Example: xacct-ml runs --limit 5"""

    def work(terminal: Terminal) -> Outcome:
        entered = shared.load_and_enter(context, config)
        found, noted = listing.runs(*entered, limit), schedule_notes.notes(*entered, limit)
        show_runs(found, terminal)
        for line in skipped_lines(noted):
            terminal.line(line)
        return Outcome({"runs": [run_json(each) for each in found], "schedule": [note_json(each) for each in noted]})

    execute("runs", output, work)


def compare(
    context: typer.Context,
    first: FirstArgument,
    second: SecondArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Compare two runs by their records.

    Data, columns, hyperparameters, metrics with their intervals, gate, model and what weighs in it.

    Example: xacct-ml compare 3f2a9c01 b81e44d7"""

    def work(terminal: Terminal) -> Outcome:
        found = comparison.compare(*shared.load_and_enter(context, config), first, second)
        for line in comparison_lines(found):
            terminal.line(line)
        return Outcome(comparison_json(found))

    execute("compare", output, work)
