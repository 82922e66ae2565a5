"""``xacct-ml drift``."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter, execute, load
from xacct_ml.cli.moment import moment
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.drift import drift_document, show_drift
from xacct_ml.operations.drift import DRIFT, NO_DRIFT, TOO_FEW
from xacct_ml.operations.drift import drift as looked
from xacct_ml.operations.notice import require_somebody, tell_drift
from xacct_ml.operations.predict import target_of

TargetOption = Annotated[
    str | None,
    typer.Option("--target", metavar="NAME", help="Default: the map's first.", autocompletion=completion.targets),
]
SinceOption = Annotated[
    str, typer.Option("--since", metavar="TIME", help="What was asked from 12h or 7d ago on, or from an ISO 8601 time.")
]
NotifyOption = Annotated[bool, typer.Option("--notify", help="Of a drift, tell those of the map's notifications.")]
EXIT_CODES = {NO_DRIFT: 0, DRIFT: 3, TOO_FEW: 5}
"""By verdict: others of the commands' exit codes say that a command failed."""


def drift(
    context: typer.Context,
    target: TargetOption = None,
    since: SinceOption = "7d",
    notify: NotifyOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Compare what an endpoint is asked with the training data.

    Reads the requests that the endpoint captured (endpoint.capture in the map) and compares each feature with the
    profile of what the serving model was trained on. Exit code 3: drift; 5: too few rows to tell.

    Example: xacct-ml drift --since 24h"""

    def work(terminal: Terminal) -> Outcome:
        begins = moment("--since", since, datetime.now(UTC))
        loaded = load(context, config)
        if notify:
            require_somebody(loaded)
        asked = target_of(loaded, target)
        accounts = enter(context, loaded, [asked.id, loaded.accounts.shared.id])
        found = looked(loaded, accounts, asked, begins)
        show_drift(found, terminal)
        if notify and found.verdict == DRIFT:
            tell_drift(loaded, accounts, found)
            terminal.line("those of the map's notifications were told")
        return Outcome(drift_document(found), code=EXIT_CODES[found.verdict])

    execute("drift", output, work, interrupted="Nothing was changed.")
