"""What a shell's Tab offers for the names of runs, targets, waves and data sets.

Targets and waves are the map's. Runs and data sets are asked for with one or two calls, for :data:`PATIENCE_SECONDS` at
most. Nothing is printed, and nobody is asked for a code: where there is no map, or no way into the account, nothing is
offered."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any, cast

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.operations.runs.executions import UNDER_WAY
from xacct_ml.operations.runs.pipelines import newest_of_both
from xacct_ml.operations.upload import dataset_ids
from xacct_ml.system.waves import waves

Offer = list[tuple[str, str]]
"""Values, each with what some shells show beside it."""

PATIENCE_SECONDS = 3.0
_WANTED: dict[str, tuple[str, ...]] = {
    "approve": UNDER_WAY,
    "reject": UNDER_WAY,
    "stop": UNDER_WAY,
    "retry": ("Failed",),
    "explain": ("Failed",),
}
"""Commands that take runs in these states only."""


def runs(context: typer.Context, incomplete: str) -> Offer:
    """The newest runs and releases that the command takes, newest first."""
    wanted = _WANTED.get(context.info_name or "")

    def found(config: Config, accounts: Clients) -> Iterator[tuple[str, str]]:
        by_pipeline = newest_of_both(config, accounts).values()
        listed = (run for of_one in by_pipeline for run in of_one if wanted is None or run.status in wanted)
        for run in sorted(listed, key=lambda run: str(run.started), reverse=True):
            began = "" if run.started is None else f", {run.started:%Y-%m-%d %H.%M}"
            yield run.id, f"{run.status}{began}"

    return offered(context, incomplete, found)


def datasets(context: typer.Context, incomplete: str) -> Offer:
    def found(config: Config, accounts: Clients) -> Iterator[tuple[str, str]]:
        yield from ((each, "") for each in dataset_ids.ids(config, accounts))

    return offered(context, incomplete, found)


def targets(context: typer.Context, incomplete: str) -> Offer:
    """Of the map; nothing is called."""
    return _of_map(context, incomplete, lambda config: [(each.name, each.id) for each in config.accounts.production])


def waves_of_map(context: typer.Context, incomplete: str) -> Offer:
    """Those that ask somebody; nothing is called."""
    return _of_map(
        context, incomplete, lambda config: [(each.name, "") for each in waves(config) if each.name and each.approval]
    )


def _of_map(context: typer.Context, incomplete: str, values: Callable[[Config], Offer]) -> Offer:
    with suppress(Exception), _silently():
        return _beginning(incomplete, values(_map(context)))
    return []


def offered(
    context: typer.Context,
    incomplete: str,
    found: Callable[[Config, Clients], Iterator[tuple[str, str]]],
    patience: float = PATIENCE_SECONDS,
) -> Offer:
    """In a thread that is left behind where it takes too long: a completion must not hold up who types."""
    offer: Offer = []

    def ask() -> None:
        with suppress(Exception):
            config = _map(context)
            accounts = _services(context).accounts(config)
            if not accounts.asks_for_code(config.accounts.shared.id):
                offer.extend(found(config, accounts))

    with _silently():
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(patience)
    return _beginning(incomplete, list(offer))


def _map(context: typer.Context) -> Config:
    return cast("Config", _services(context).config(context.params.get("config") or Path("config.yaml")))


def _services(context: typer.Context) -> Any:
    from xacct_ml.cli.command import services  # its options have these functions

    return services(context)


def _beginning(incomplete: str, values: Offer) -> Offer:
    return [value for value in values if value[0].startswith(incomplete)]


@contextmanager
def _silently() -> Iterator[None]:
    """What is printed meanwhile goes nowhere."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        yield
