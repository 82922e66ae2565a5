"""The engine's events as lines that begin with the account, and the outcomes at the end as lines and as JSON."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Self

from xacct_ml.cli.output import Stopped, bug, debugging
from xacct_ml.cli.terminal import Pause, Terminal
from xacct_ml.config.accounts import account_roles
from xacct_ml.config.model import Config
from xacct_ml.engine import events
from xacct_ml.engine.resource import describe
from xacct_ml.errors import XacctError

TELL_SECONDS = 10.0
"""A wait that lasts longer is printed."""

_SHOWN_AT_ONCE = 3

_VERBS: dict[type[events.Event], str] = {
    events.Reading: "reading",
    events.Creating: "creating",
    events.Updating: "changing",
    events.Deleting: "deleting",
    events.Stopping: "finishing",
}


@dataclass(slots=True)
class _Working:
    """A resource under way: what is done, since when (monotonic seconds), and what it waits for."""

    account: str
    text: str
    since: float
    waiting: str = ""


class ResourceLines:
    """Prints each outcome, what is under way and what is waited for. To be passed as ``on_event``, in its context.

    On a terminal there is a moving line for each account, elsewhere a line for each long wait. With ``outcomes`` False
    no outcomes are printed, for when resources are only read; what is unchanged is counted at the end, and has a line
    with ``unchanged``."""

    def __init__(self, terminal: Terminal, config: Config, *, outcomes: bool = True, unchanged: bool = False) -> None:
        self.outcomes = outcomes
        self._unchanged = unchanged
        self._terminal = terminal
        self._roles = account_roles(config)
        self._width = max(map(len, self._roles.values()))
        self._working: dict[str, _Working] = {}
        self._done: Counter[str] = Counter()
        self._stopping = False
        self._lock = threading.Lock()  # the moving lines are drawn by a thread of their own
        self._live = ExitStack()
        self._pause: Pause = nullcontext

    def __enter__(self) -> Self:
        self._pause = self._live.enter_context(self._terminal.live(self.moving))
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Raises Stopped after an interrupt, unless nothing but looking was done."""
        self._live.close()
        if self.outcomes and isinstance(error, events.Interrupted):
            raise interrupted(error.report, self._terminal) from error

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hides the moving lines, so that a question can be asked."""
        with self._pause():
            yield
        with self._lock:
            self._done.clear()

    def __call__(self, event: events.Event) -> None:
        if isinstance(event, events.Noted):
            self._terminal.item("note", f"{self._place(event)}: {event.text}")
            return
        with self._lock:
            self._follow(event)
        if isinstance(event, events.Waiting):
            self._tell_waiting(event)
        elif isinstance(event, events.Stopping):
            self._tell_stopping()
        elif self.outcomes and isinstance(event, events.Outcome) and not isinstance(event, events.Seen):
            self._tell_outcome(event)

    def moving(self) -> list[str]:
        """A line for each account: how much is done, what is under way and for how long."""
        now = time.monotonic()
        with self._lock:
            return [line for account in self._roles for line in self._account_lines(account, now)]

    def _follow(self, event: events.Event) -> None:
        resource = event.resource
        if isinstance(event, events.Waiting):
            limit = "" if event.limit is None else f" of at most {event.limit:.0f} s"
            if (working := self._working.get(resource.id)) is not None:
                working.waiting = f"waiting {event.seconds + event.ahead:.0f} s{limit} for {event.reason}"
        elif isinstance(event, events.Outcome):
            self._working.pop(resource.id, None)
            self._done[resource.account] += 1
        else:
            text = f"{_VERBS[type(event)]} {describe(resource)}"
            self._working[resource.id] = _Working(resource.account, text, time.monotonic())

    def _account_lines(self, account: str, now: float) -> Iterator[str]:
        working = [each for each in self._working.values() if each.account == account]
        if not working:
            return
        texts = [f"{each.text} {now - each.since:.0f} s" for each in working]
        begin = f"{account} {self._roles[account].ljust(self._width)}  {self._done[account]} done, "
        yield begin + _fitting(texts, self._terminal.width - len(begin))
        for each in working:
            if each.waiting:
                yield f"             {each.waiting} ({each.text})"

    def _tell_waiting(self, event: events.Waiting) -> None:
        """Print a wait before it has lasted ten seconds. On a terminal the moving lines show it."""
        if self._terminal.moving or event.seconds + event.ahead < TELL_SECONDS:
            return
        limit = "" if event.limit is None else f", at most {event.limit:.0f} s"
        self._terminal.item("waiting", f"{self._place(event)} ({event.seconds:.0f} s{limit}) for {event.reason}")

    def _tell_stopping(self) -> None:
        if not self._stopping:
            self._terminal.note("interrupted: letting the calls under way end (Ctrl-C again to leave at once)")
        self._stopping = True

    def _tell_outcome(self, event: events.Event) -> None:
        word, note = outcome_word(event)
        if word == "absent" or (word == "unchanged" and not self._unchanged):
            return
        text = self._place(event)
        self._terminal.item(word, f"{text} ({note})" if note else text)
        if isinstance(event, events.Failed):
            for detail in event.error.lines():
                self._terminal.line(f"          {detail}")
        if isinstance(event, events.Done):
            for change in event.changes or ():
                self._terminal.line(f"          {change}")

    def _place(self, event: events.Event) -> str:
        role = self._roles.get(event.resource.account, "").ljust(self._width)
        return f"{event.resource.account} {role}  {describe(event.resource)}"


def _fitting(texts: list[str], room: int) -> str:
    """As many texts as fit in ``room`` columns, but at least one, and the number of the others."""
    line = ""
    for shown in range(1, min(len(texts), _SHOWN_AT_ONCE) + 1):
        more = f", {len(texts) - shown} more" if len(texts) > shown else ""
        longer = ", ".join(texts[:shown]) + more
        if line and len(longer) > room:
            break
        line = longer
    return line


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
