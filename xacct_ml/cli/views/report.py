"""The outcomes of resources as lines and as JSON, and the outcome of a command that worked on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from xacct_ml.cli.output import Stopped, bug, debugging
from xacct_ml.cli.terminal import Terminal
from xacct_ml.engine import events
from xacct_ml.errors import XacctError


def show_report(report: events.Report, show: Callable[[events.Event], None], terminal: Terminal) -> None:
    """Print the totals, after the outcomes if nothing had to be written: then they were not printed yet."""
    if not report.written and report.ok:
        for outcome in report.outcomes.values():
            show(outcome)
    terminal.line(summary(report))


def failure(report: events.Report) -> XacctError | None:
    """What the report would raise. When debugging, prints the tracebacks of bugs."""
    if debugging():
        for failed in report.failures:
            if isinstance(failed.error, events.Defect) and isinstance(failed.error.__cause__, Exception):
                bug(failed.error.__cause__)
    try:
        report.raise_failures()
    except XacctError as error:
        return error
    return None


def interrupted(report: events.Report, terminal: Terminal) -> Stopped:
    """The error of a command that was interrupted while it worked on resources."""
    terminal.line(summary(report))
    return Stopped({"resources": rows(report)})


def outcome_word(event: events.Event) -> tuple[str, str]:
    """The word for what happened, and a note on it."""
    match event:
        case events.Done(changes=None):
            return "created", ""
        case events.Done():
            return "changed", ""
        case events.KeptBack(reason=reason):
            return "kept", reason
        case events.Skipped(because=because):
            return "skipped", f"because of {', '.join(because)}"
        case events.Stopped(begun=begun):
            return ("stopped", "on the way") if begun else ("not begun", "")
    return type(event).__name__.lower(), ""


def rows(report: events.Report) -> list[dict[str, Any]]:
    """The report for JSON, in the order of the outcomes."""
    return [_row(id_, outcome) for id_, outcome in report.outcomes.items() if not isinstance(outcome, events.Absent)]


def summary(report: events.Report) -> str:
    """``3 created, 1 changed, 20 unchanged``."""
    counts = Counter(outcome_word(outcome)[0] for outcome in report.outcomes.values())
    counts.pop("absent", None)
    return ", ".join(f"{count} {word}" for word, count in counts.items()) or "nothing to do"


def _row(id_: str, outcome: events.Outcome) -> dict[str, Any]:
    word, note = outcome_word(outcome)
    row: dict[str, Any] = {
        "id": id_,
        "account": outcome.resource.account,
        "kind": outcome.resource.kind,
        "name": outcome.resource.name,
        "outcome": word,
    }
    if outcome.resource.region is not None:
        row["region"] = outcome.resource.region
    if note:
        row["note"] = note
    if isinstance(outcome, events.Done) and outcome.changes:
        row["changes"] = [str(change) for change in outcome.changes]
    if isinstance(outcome, events.Failed):
        row["error"] = outcome.error.lines()
    return row
