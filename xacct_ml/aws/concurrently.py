"""Independent calls at once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TypeVar, cast

T = TypeVar("T")
U = TypeVar("U")

_AT_ONCE = 32
"""More than any resource has; as many accounts are entered at once."""


def concurrently(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The results of these calls, in their order; they must not depend on each other.

    Raises what the first of them in that order raised, after all have ended. Each runs in the context of the caller, so
    that its progress is the caller's (:mod:`xacct_ml.engine.progress`). Ctrl-C is raised at once, without waiting for
    answers that are no longer wanted: the threads are daemons."""
    if len(calls) < 2:
        return [call() for call in calls]
    futures: list[Future[T]] = [Future() for _ in calls]
    to_do: SimpleQueue[tuple[Future[T], Callable[[], T]]] = SimpleQueue()
    for each in zip(futures, calls, strict=True):
        to_do.put(each)
    for _ in range(min(len(calls), _AT_ONCE)):
        threading.Thread(target=copy_context().run, args=(_work, to_do), daemon=True).start()
    for future in futures:
        future.exception()  # waits for the end, whichever it is
    return [future.result() for future in futures]


def both(one: Callable[[], T], other: Callable[[], U]) -> tuple[T, U]:
    """:func:`concurrently` for two calls of different kinds."""
    calls: list[Callable[[], T | U]] = [one, other]
    first, second = concurrently(calls)
    return cast(T, first), cast(U, second)


def _work(to_do: SimpleQueue[tuple[Future[T], Callable[[], T]]]) -> None:
    while True:
        try:
            future, call = to_do.get_nowait()
        except Empty:
            return
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            future.set_exception(error)
