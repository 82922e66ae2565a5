"""``xacct-ml doctor``."""

from typing import Annotated

import typer

from xacct_ml.cli import command as shared
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.doctor import result_of, show_examination
from xacct_ml.operations.doctor.examination import examine

PaidOption = Annotated[
    bool, typer.Option("--paid", help="Also ask what AWS bills by the call: CheckAccessNotGranted, some cents.")
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Say of each check what was found.")]


def doctor(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    paid: PaidOption = False,
    verbose: VerboseOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Ask the accounts what would fail later; only reads.

    Credentials, regions, clock, the operators' rights, quotas, names, and what AWS validates for nothing. Exits with 1
    if anything failed; what AWS does not say is unknown, and fails nothing.

    Example: xacct-ml doctor --config production.yaml --verbose"""

    def work(terminal: Terminal) -> Outcome:
        loaded = shared.load(context, config)
        with terminal.activity("asking all accounts …"):
            found = examine(loaded, shared.services(context).accounts(loaded), paid=paid)
        show_examination(loaded, found, terminal, verbose=verbose)
        return Outcome(result_of(found), found.failure())

    execute("doctor", output, work, interrupted="Nothing was changed.")
