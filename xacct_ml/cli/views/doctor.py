"""What doctor found, account by account."""

from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.operations.doctor.check import Result, State
from xacct_ml.operations.doctor.examination import Examination

_WIDTH = 24
_INDENT = 8


def show_examination(config: Config, found: Examination, terminal: Terminal, *, verbose: bool) -> None:
    """State, check and call; what was found, where it is not as it should be."""
    names: dict[str, list[str]] = {}
    for name, account in named_accounts(config):
        names.setdefault(account.id, []).append(name)
    for account, results in groupby(found.results, key=lambda one: one.check.account):
        terminal.heading(f"{account} {', '.join(names[account])}")
        for result in results:
            terminal.item(str(result.finding.state), _line(config, result), width=7)
            if verbose or result.finding.state is not State.OK:
                for line in _found(result, terminal.width - _INDENT if terminal.moving else None):
                    terminal.line(" " * _INDENT + line)
    counts = ", ".join(f"{len(found.of(state))} {state}" for state in State)
    terminal.line(counts)


def _line(config: Config, result: Result) -> str:
    check = result.check
    elsewhere = "" if check.region == config.region else f" {check.region}"
    return f"{check.what}{elsewhere}".ljust(_WIDTH) + f" {check.call}"


def _found(result: Result, width: int | None) -> Iterator[str]:
    """Wrapped on a terminal; the next step is to be copied whole."""
    yield from [result.finding.sentence] if width is None else wrap(result.finding.sentence, max(width, 20))
    if result.finding.state in (State.FAILED, State.WARNING) and result.finding.next_step:
        yield f"next: {result.finding.next_step}"


def result_of(found: Examination) -> dict[str, Any]:
    """For JSON."""
    return {
        "counts": {str(state): len(found.of(state)) for state in State},
        "checks": [
            {
                "check": one.check.what,
                "account": one.check.account,
                "region": one.check.region,
                "call": one.check.call,
                "state": str(one.finding.state),
                "found": one.finding.sentence,
                "next": one.finding.next_step,
            }
            for one in found.results
        ],
    }
