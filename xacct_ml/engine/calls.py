"""The calls that a command has under way outside any walk: entering the accounts, listing, a single write.

A walk tells of its own (:mod:`xacct_ml.engine.task`). A command collects the others as :class:`Calls` in the context of
its thread, which those of a walk do not share. Whoever calls AWS says so with :func:`begins` and :func:`ends`; they do
nothing where nobody collects.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from xacct_ml.engine.clock import Clock

_REST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Call:
    """A call (``sts:GetCallerIdentity``) that has not been answered yet, and the account that it is made in."""

    name: str
    account: str


class Calls:
    """Those under way, each in a thread of its own. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_thread: dict[int, Call] = {}
        self._since = self._ended = float("-inf")
        self._lock = threading.Lock()

    def begin(self, call: Call) -> None:
        """This thread waits for the answer to ``call`` from now on."""
        now = self._clock.now()
        with self._lock:
            if not self._by_thread and now - self._ended > _REST_SECONDS:
                self._since = now
            self._by_thread[threading.get_ident()] = call

    def end(self) -> None:
        """This thread has the answer, or an error."""
        with self._lock:
            self._by_thread.pop(threading.get_ident(), None)
            self._ended = self._clock.now()

    def waiting(self) -> tuple[tuple[Call, ...], float]:
        """The calls under way, the oldest first, and since when there was always one: one after another is one wait."""
        with self._lock:
            return tuple(self._by_thread.values()), self._since


_collecting: ContextVar[Calls | None] = ContextVar("calls", default=None)


@contextmanager
def collecting(calls: Calls) -> Iterator[None]:
    """Inside, calls that this thread makes are in ``calls``."""
    token = _collecting.set(calls)
    try:
        yield
    finally:
        _collecting.reset(token)


def begins(name: str, account: str) -> None:
    """A call is about to be made by this thread."""
    calls = _collecting.get()
    if calls is not None:
        calls.begin(Call(name, account))


def ends() -> None:
    """It was answered, or failed."""
    calls = _collecting.get()
    if calls is not None:
        calls.end()
