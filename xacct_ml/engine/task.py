"""What a piece of work deep inside a resource can tell the walk that began it, and be told by it.

A walk sets the current :class:`Task` in the context of the thread that works on a resource. Whoever calls AWS says so
with :func:`calling`, whoever waits does it with :func:`pause`; outside a walk both do nothing more than that. Work that
a resource hands to threads of its own must take the context along (``contextvars.copy_context``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from xacct_ml.engine.clock import Clock
from xacct_ml.errors import XacctError


class TellWaiting(Protocol):
    def __call__(self, reason: str, *, seconds: float, ahead: float, limit: float) -> None: ...


@dataclass
class Task:
    """The resource ``id`` being worked on. ``stop`` is set when nothing new may begin."""

    id: str
    tell_waiting: TellWaiting
    stop: threading.Event
    tell: Callable[[str], None] = lambda _: None
    waits_for: str = "an answer"
    """Reads on after "waiting for", for whoever asks why nothing happens."""


class StoppedOnTheWay(XacctError):
    """The walk was interrupted before this resource was finished."""


_current: ContextVar[Task | None] = ContextVar("task", default=None)


def current() -> Task | None:
    """What this thread works on; None outside a walk."""
    return _current.get()


def note(text: str) -> None:
    """Something that the user should know and that is no failure. Outside a walk nobody hears it."""
    task = _current.get()
    if task is not None:
        task.tell(text)


@contextmanager
def working_on(task: Task) -> Iterator[None]:
    """Inside, this thread works on ``task``."""
    token = _current.set(task)
    try:
        yield
    finally:
        _current.reset(token)


def calling(call: str) -> None:
    """A call (``kms:CreateKey``) is about to be made. Raises :class:`StoppedOnTheWay` where it must not be."""
    task = _current.get()
    if task is not None:
        _go_on(task)
        task.waits_for = f"the answer to {call}"


def pause(clock: Clock, seconds: float, *, reason: str, waited: float, limit: float) -> None:
    """Sleep for ``seconds`` and say so. An interrupt ends it: raises :class:`StoppedOnTheWay`."""
    task = _current.get()
    if task is None:
        clock.sleep(seconds)
        return
    _go_on(task)
    task.waits_for = reason
    task.tell_waiting(reason, seconds=waited, ahead=seconds, limit=limit)
    clock.sleep(seconds, task.stop)
    _go_on(task)


def _go_on(task: Task) -> None:
    if task.stop.is_set():
        raise StoppedOnTheWay("interrupted before it was finished", next_step="run the same command again")
