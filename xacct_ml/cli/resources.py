"""The engine's events as lines and as JSON: one per resource, its account first."""

from __future__ import annotations

from collections import Counter
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.model import Config
from xacct_ml.engine.events import (
    Absent,
    Creating,
    Deleted,
    Deleting,
    Done,
    Event,
    Failed,
    KeptBack,
    Outcome,
    Reading,
    Report,
    Skipped,
    Unchanged,
    Updating,
)
from xacct_ml.engine.resource import Resource


class ResourceLines:
    """Prints each outcome as it comes and says what is being worked on. Hand it in as ``on_event``."""

    def __init__(self, terminal: Terminal, config: Config) -> None:
        self._terminal = terminal
        self._roles = account_roles(config)
        self._working: dict[str, str] = {}
        self._width = max(map(len, self._roles.values()))

    def __call__(self, event: Event) -> None:
        if isinstance(event, Reading | Creating | Updating | Deleting):
            verb = {Reading: "reading", Creating: "creating", Updating: "changing", Deleting: "deleting"}[type(event)]
            self._working[event.resource.id] = f"{verb} {describe(event.resource)}"
        else:
            self._working.pop(event.resource.id, None)
            self._outcome(event)
        if self._working:
            self._terminal.busy(f"{list(self._working.values())[-1]} …")

    def _outcome(self, event: Event) -> None:
        word, note = said(event)
        if word == "absent":
            return
        role = self._roles.get(event.resource.account, "").ljust(self._width)
        text = f"{event.resource.account} {role}  {describe(event.resource)}"
        self._terminal.item(word, f"{text} ({note})" if note else text)
        if isinstance(event, Failed):
            for detail in event.error.lines():
                self._terminal.line(f"          {detail}")
        if isinstance(event, Done):
            for change in event.changes or ():
                self._terminal.line(f"          {change}")


def account_roles(config: Config) -> dict[str, str]:
    """Account id to what it is in the map; several where one account is several."""
    accounts = config.accounts
    named = [
        (accounts.shared.id, "shared"),
        (accounts.training.id, "training"),
        *((t.id, t.name) for t in accounts.production),
    ]
    found: dict[str, str] = {}
    for id_, role in named:
        found[id_] = f"{found[id_]}, {role}" if id_ in found else role
    return found


def describe(resource: Resource) -> str:
    return f"{resource.kind} {resource.name}"


def said(event: Event) -> tuple[str, str]:
    """The word for what happened, and a note on it."""
    match event:
        case Done(changes=None):
            return "created", ""
        case Done():
            return "changed", ""
        case Unchanged():
            return "unchanged", ""
        case Deleted():
            return "deleted", ""
        case Absent():
            return "absent", ""
        case KeptBack(reason=reason):
            return "kept", reason
        case Skipped(because=because):
            return "skipped", f"because of {', '.join(because)}"
        case Failed():
            return "failed", ""
    return type(event).__name__.lower(), ""


def rows(report: Report) -> list[dict[str, Any]]:
    """The report for JSON, in the order of the outcomes."""
    return [_row(id_, outcome) for id_, outcome in report.outcomes.items() if not isinstance(outcome, Absent)]


def summary(report: Report) -> str:
    """``3 created, 1 changed, 20 unchanged``."""
    counts = Counter(said(outcome)[0] for outcome in report.outcomes.values())
    counts.pop("absent", None)
    return ", ".join(f"{count} {word}" for word, count in counts.items()) or "nothing to do"


def _row(id_: str, outcome: Outcome) -> dict[str, Any]:
    word, note = said(outcome)
    row: dict[str, Any] = {
        "id": id_,
        "account": outcome.resource.account,
        "kind": outcome.resource.kind,
        "name": outcome.resource.name,
        "outcome": word,
    }
    if note:
        row["note"] = note
    if isinstance(outcome, Done) and outcome.changes:
        row["changes"] = [str(change) for change in outcome.changes]
    if isinstance(outcome, Failed):
        row["error"] = outcome.error.lines()
    return row
