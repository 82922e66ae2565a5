"""Independent calls at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar, cast

T = TypeVar("T")
U = TypeVar("U")

_AT_ONCE = 8


def together(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The results of these calls, in their order; they must not depend on each other.

    Raises what the first of them in that order raised, after all have ended. Each runs in the context of the caller, so
    that it belongs to the same :class:`~xacct_ml.engine.task.Task`.
    """
    if len(calls) < 2:
        return [call() for call in calls]
    with ThreadPoolExecutor(min(len(calls), _AT_ONCE)) as pool:
        futures = [pool.submit(copy_context().run, call) for call in calls]
    return [future.result() for future in futures]


def both(one: Callable[[], T], other: Callable[[], U]) -> tuple[T, U]:
    """:func:`together` for two calls of different kinds."""
    calls: list[Callable[[], T | U]] = [one, other]
    first, second = together(calls)
    return cast(T, first), cast(U, second)
