"""Order of the tests: those on plain moto first.

The embedded AWS changes moto for the rest of a process, and plain moto in the same process would then no longer be
plain. Files are handed to the workers in this order (``--no-loadscope-reorder``), so no worker meets plain moto after
the embedded AWS."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.live import where
from tests.live.report import Collected, written
from xacct_ml.cli.output import READERS
from xacct_ml.cli.results.documents import problems
from xacct_ml.system.names import Names

# The same examples every time: a finding belongs to the change that caused it, not to the day it was drawn.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=30)
settings.load_profile("repeatable")

# Collecting garbage as often as Python does by default is a fifth of the tests' CPU time: there are many objects that
# stay (modules, parsed service models), and all are looked at again and again.
gc.set_threshold(50_000, 20, 20)

# A shell's background job begins with Ctrl-C ignored, and Python leaves it so: tests that press it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

PLAIN_MOTO = (
    "tests/aws/",
    "tests/resources/",
    "tests/cli/test_bootstrap.py",
    "tests/operations/test_given_up.py",
    "tests/operations/test_former_parts.py",
)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """For tests that press Ctrl-C: one that lands inside a callback of the garbage collector (hypothesis has one) would
    be swallowed there."""
    gc.disable()
    yield
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(PLAIN_MOTO))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("live", "tests that also run against real accounts (docs/live.md)")
    group.addoption("--live", action="store_true", help="in the accounts of --config; costs money")
    group.addoption("--config", metavar="MAP", help="the account map for --live, of a project of its own")
    group.addoption(
        "--live-report", metavar="FILE", help="write what was settled (default with --live: live-report.md)"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """One process makes the project in the real accounts, and removes it."""
    if config.getoption("--live"):
        config.option.numprocesses, config.option.dist, config.option.tx = 0, "no", []


COLLECTED = Collected()


def _as_described(document: Mapping[str, Any]) -> None:
    """Of every command that a test runs in its own process (docs/results.md)."""
    assert problems(document) == [], document["command"]


READERS.append(_as_described)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--live"):
        if not config.getoption("--config"):
            raise pytest.UsageError("--live needs --config MAP: the accounts to run in")
        where.use(Path(config.getoption("--config")))
    config.pluginmanager.register(COLLECTED)


def pytest_sessionstart(session: pytest.Session) -> None:
    """What it will cost, before anything is made."""
    if where.real() is not None:
        session.config.get_terminal_writer().line(f"live: {where.cost(where.given())}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    options = session.config
    file = options.getoption("--live-report") or ("live-report.md" if options.getoption("--live") else None)
    if file is not None and not hasattr(options, "workerinput"):
        place = "the embedded AWS" if where.real() is None else f"accounts {', '.join(Names(where.given()).accounts)}"
        Path(file).write_text("\n".join(written(COLLECTED.outcomes, place)) + "\n", encoding="utf-8")
