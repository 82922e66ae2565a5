"""What a command is doing right now, from the code that calls AWS or waits to whoever shows it.

Code deep inside a resource announces each call with :func:`call_started` and :func:`call_ended`, waits with
:func:`sleep`, and tells what the user should know with :func:`note`. All of it goes to the :class:`Listener` that is
set for the current context: a walk sets one for each resource that it works on, a command sets :class:`Calls` for the
calls it makes itself. Threads that the code starts must copy the context (``contextvars.copy_context``).

:class:`Reporter` is what the work behind a command prints to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Protocol

from xacct_ml.engine.clock import Clock
from xacct_ml.errors import XacctError

Advance = Callable[[int], None]
"""Takes the number of bytes transferred since it was last called. May be called from any thread."""

QUIET_SECONDS = 8.0
"""After so long without news, say what is waited for, so that no screen is unchanged for ten seconds."""

_GAP_SECONDS = 1.0
"""Calls with no longer gap between them count as one wait."""


class Cancelled(XacctError):
    """The user interrupted the command, so no further call is made."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call such as ``sts:GetCallerIdentity`` and the id of the account that it is made in."""

    name: str
    account: str


class Listener:
    """Receives progress. This one ignores it, and is what code runs with outside any command.

    Methods are called from whichever thread makes progress."""

    cancelled: threading.Event | None = None
    """Once it is set, no call is begun and waits end."""

    def call_started(self, call: Call) -> None: ...

    def call_ended(self) -> None:
        """The call that this thread started last was answered, or failed."""

    def waiting(self, reason: str, *, waited: float, ahead: float, limit: float) -> None:
        """``reason`` completes "waiting for …". Seconds: waited so far, until the next attempt, and at most."""

    def note(self, text: str) -> None:
        """Something the user should know that is not a failure."""


_listener: ContextVar[Listener] = ContextVar("listener", default=Listener())  # noqa: B039 - it has no state


def current() -> Listener:
    """The listener of this context."""
    return _listener.get()


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send the progress of this context to ``listener``."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def call_started(name: str, account: str) -> None:
    """Raises :class:`Cancelled` where the call must not be made."""
    listener = current()
    _raise_if_cancelled(listener)
    listener.call_started(Call(name, account))


def call_ended() -> None:
    current().call_ended()


def sleep(clock: Clock, seconds: float, *, reason: str, waited: float, limit: float) -> None:
    """Sleep, and tell why. Raises :class:`Cancelled`, at once, when the user interrupts."""
    listener = current()
    _raise_if_cancelled(listener)
    listener.waiting(reason, waited=waited, ahead=seconds, limit=limit)
    clock.sleep(seconds, listener.cancelled)
    _raise_if_cancelled(listener)


def note(text: str) -> None:
    """Tell the user something that is not a failure."""
    current().note(text)


def _raise_if_cancelled(listener: Listener) -> None:
    if listener.cancelled is not None and listener.cancelled.is_set():
        raise Cancelled("interrupted before it was finished", next_step="run the same command again")


class Calls(Listener):
    """The calls that have not been answered yet, one per thread at most. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_thread: dict[int, Call] = {}
        self._since = self._last_end = float("-inf")
        self._lock = threading.Lock()

    def call_started(self, call: Call) -> None:
        now = self._clock.now()
        with self._lock:
            if not self._by_thread and now - self._last_end > _GAP_SECONDS:
                self._since = now
            self._by_thread[threading.get_ident()] = call

    def call_ended(self) -> None:
        with self._lock:
            self._by_thread.pop(threading.get_ident(), None)
            self._last_end = self._clock.now()

    def pending(self) -> tuple[tuple[Call, ...], float]:
        """The unanswered calls, oldest first, and since when there has been one without a gap."""
        with self._lock:
            return tuple(self._by_thread.values()), self._since


@dataclass
class Transfer:
    """``total`` and ``done`` in bytes; ``started`` in seconds since an arbitrary start."""

    label: str
    total: int
    started: float
    done: int = 0


class Transfers:
    """The uploads and downloads under way. Thread-safe."""

    def __init__(self) -> None:
        self._transfers: list[Transfer] = []
        self._lock = threading.Lock()

    @contextmanager
    def track(self, label: str, total: int, started: float) -> Iterator[Advance]:
        """One more transfer for as long as the context lasts."""
        transfer = Transfer(label, total, started)

        def advance(done: int) -> None:
            with self._lock:
                transfer.done += done

        with self._lock:
            self._transfers.append(transfer)
        try:
            yield advance
        finally:
            with self._lock:
                self._transfers.remove(transfer)

    def pending(self) -> tuple[Transfer, ...]:
        """Copies, in the order in which they started."""
        with self._lock:
            return tuple(map(replace, self._transfers))


class Reporter(Protocol):
    """Where the work behind a command prints to."""

    def line(self, text: str) -> None:
        """One thing is done, or was as it should be."""

    def warn(self, text: str) -> None:
        """Something the user should know that stops nothing."""

    def progress(self, label: str, total: int) -> AbstractContextManager[Advance]:
        """Show a transfer of ``total`` bytes for as long as the context lasts."""
