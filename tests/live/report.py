"""What live tests settled: a report, assumption by assumption.

A test says what it saw with ``record_property("seen", …)``; it is skipped where the map has not what would tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ASSUMPTIONS = Path(__file__).parent.parent.parent / "docs" / "assumptions.md"
_ROW = re.compile(r"^\| (?P<assumed>[^|]+) \| (?P<wrong>[^|]+) \| `(?P<test>test_\w+\.py::test_\w+)` \|$", re.MULTILINE)
_VERDICTS = {"passed": "holds", "failed": "refuted, or not shown: read the failure", "skipped": "not told"}


@dataclass(frozen=True, slots=True)
class Assumption:
    """A row of the table: ``test`` is the live test that settles it."""

    assumed: str
    test: str


def assumptions(text: str | None = None) -> tuple[Assumption, ...]:
    """Those of docs/assumptions.md that are open, in its order."""
    content = ASSUMPTIONS.read_text(encoding="utf-8") if text is None else text
    return tuple(Assumption(row["assumed"].strip(), row["test"]) for row in _ROW.finditer(content))


class Collected:
    """The outcome of each live test, by file and function."""

    def __init__(self) -> None:
        self.outcomes: dict[str, tuple[str, str]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        name = "::".join((report.nodeid.partition("::")[0].rpartition("/")[2], report.nodeid.rpartition("::")[2]))
        if report.when == "call" or report.outcome != "passed":
            seen = dict(report.user_properties).get("seen", "")
            said = seen if report.outcome == "passed" else _reason(report)
            self.outcomes[name.partition("[")[0]] = (report.outcome, str(said))


def _reason(report: Any) -> str:
    """Of a skip its words, of a failure the last line that says one."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return " ".join(str(report.longrepr if crash is None else crash.message).split())[:300]


def written(outcomes: Mapping[str, tuple[str, str]], where: str, now: datetime | None = None) -> Iterator[str]:
    """The report as Markdown. ``where`` says which accounts were asked."""
    yield f"# Assumptions, {(now or datetime.now(UTC)):%Y-%m-%d %H:%M} UTC, {where}"
    yield ""
    yield "| Assumed | Verdict | Seen |"
    yield "|---|---|---|"
    for each in assumptions():
        outcome, seen = outcomes.get(each.test, ("skipped", "the test was not run"))
        yield f"| {each.assumed} | {_VERDICTS[outcome]} | {seen.replace('|', '/')} |"
