"""Says what a command waits for when it has printed nothing for a while.

The work on resources reports its own waits (:mod:`xacct_ml.cli.views.resources`); this is for everything else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Self

from xacct_ml.cli.terminal import Terminal
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.progress import QUIET_SECONDS, Calls, listening

_INTERVAL_SECONDS = 1.0


class Heartbeat:
    """Checks once a second, inside its context, what the thread that entered it and those it started wait for."""

    def __init__(self, terminal: Terminal, clock: Clock | None = None) -> None:
        self._terminal = terminal
        self._clock = clock or SystemClock()
        self._calls = Calls(self._clock)
        self._last_beat = float("-inf")
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._contexts = ExitStack()

    def __enter__(self) -> Self:
        self._contexts.enter_context(listening(self._calls))
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._contexts.close()

    def beat(self) -> None:
        """Print what is waited for, and for how long, unless something was printed lately."""
        with self._lock:
            now = self._clock.now()
            if now - max(self._last_beat, self._terminal.last_output) < QUIET_SECONDS:
                return
            for line in (*self._call_lines(now), *self._transfer_lines(now)):
                self._terminal.item("waiting", line)
                self._last_beat = now

    def _call_lines(self, now: float) -> Iterator[str]:
        calls, since = self._calls.pending()
        if calls and now - since >= QUIET_SECONDS:
            more = f", and {len(calls) - 1} more" if len(calls) > 1 else ""
            yield f"{calls[0].account} ({now - since:.0f} s) for the answer to {calls[0].name}{more}"

    def _transfer_lines(self, now: float) -> Iterator[str]:
        for each in self._terminal.transfers.pending():
            size = f"{each.done / 1e6:,.1f} of {each.total / 1e6:,.1f} MB"
            yield f"{each.label}: {size} after {now - each.started:.0f} s"

    def _run(self) -> None:
        while not self._closed.wait(_INTERVAL_SECONDS):
            self.beat()
