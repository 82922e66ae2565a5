"""What is under way where no bar shows it, for whoever says so from time to time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from xacct_ml.engine.reporting import Advance


@dataclass
class _Progress:
    """``total`` and ``done`` in bytes, ``since`` when in seconds since an arbitrary start."""

    label: str
    total: int
    since: float
    done: int = 0


class Unseen:
    """Things of known size under way. Thread-safe."""

    def __init__(self) -> None:
        self._all: list[_Progress] = []
        self._lock = threading.Lock()

    @contextmanager
    def track(self, label: str, total: int, now: float) -> Iterator[Advance]:
        """One more, as long as the context lasts; ``total`` in bytes."""
        progress = _Progress(label, total, now)

        def advance(done: int) -> None:
            with self._lock:
                progress.done += done

        with self._lock:
            self._all.append(progress)
        try:
            yield advance
        finally:
            with self._lock:
                self._all.remove(progress)

    def lines(self, now: float) -> tuple[str, ...]:
        """``uploading train: 12.0 of 30.5 MB after 9 s``, in the order in which they began."""
        with self._lock:
            return tuple(
                f"{each.label}: {each.done / 1e6:,.1f} of {each.total / 1e6:,.1f} MB after {now - each.since:.0f} s"
                for each in self._all
            )
