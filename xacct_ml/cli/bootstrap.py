"""``xacct-ml bootstrap``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from xacct_ml.cli import session
from xacct_ml.cli.options import ConfigOption, OutputOption
from xacct_ml.cli.output import Format, Outcome, execute
from xacct_ml.cli.services import DEFAULT_CONFIG
from xacct_ml.errors import XacctError

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients
    from xacct_ml.cli.terminal import Terminal
    from xacct_ml.config.model import Config
    from xacct_ml.engine.events import Report
    from xacct_ml.repository import ConfigurationState

NEXT = "xacct-ml upload-data --train FILE --validation FILE"


def register(app: typer.Typer) -> None:
    @app.command()
    def bootstrap(
        context: typer.Context, config: ConfigOption = DEFAULT_CONFIG, output: OutputOption = Format.TEXT
    ) -> None:
        """Create what is missing, change what differs.

        In every account of the map; what is as it should be is left alone.
        """

        def work(terminal: Terminal) -> Outcome:
            loaded = session.load(context, config)
            outcome = run_bootstrap(loaded, session.enter(context, loaded), terminal)
            if outcome.error is None:
                terminal.line(f"next: {NEXT}")
            return outcome

        execute("bootstrap", output, work)


def run_bootstrap(config: Config, accounts: Clients, terminal: Terminal) -> Outcome:
    """Bootstrap with its lines on the terminal."""
    from xacct_ml.bootstrap import bootstrap
    from xacct_ml.cli.resources import ResourceLines, rows, summary

    with terminal.activity("reading the accounts …"):
        done = bootstrap(config, accounts, ResourceLines(terminal, config))
    terminal.line(summary(done.report))
    tell_differences(terminal, done.configuration)
    result = {
        "resources": rows(done.report),
        "outputs": dict(done.report.outputs),
        "configuration_differences": [
            {"parameter": d.parameter, "map": d.map, "repository": d.repository} for d in done.configuration.differences
        ],
        "next": NEXT if done.report.ok else None,
    }
    return Outcome(result, failure(done.report))


def failure(report: Report) -> XacctError | None:
    """What the report would raise."""
    try:
        report.raise_failures()
    except XacctError as error:
        return error
    return None


def tell_differences(terminal: Terminal, state: ConfigurationState) -> None:
    """The map only seeds the repository's configuration; afterwards the repository's is what counts."""
    if state.problem:
        terminal.warn(state.problem)
    if state.differences:
        terminal.warn(
            "the repository's configuration.json differs from the map. The repository's is used, the map's is not:"
        )
        for difference in state.differences:
            terminal.warn(f"  {difference}")
