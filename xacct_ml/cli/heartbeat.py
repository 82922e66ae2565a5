"""No long silence: says what a command waits for outside a walk, which tells of its waits itself."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Self

from xacct_ml.cli.terminal import Terminal
from xacct_ml.engine.calls import Calls, collecting
from xacct_ml.engine.clock import Clock, SystemClock

QUIET_SECONDS = 8.0
"""So that nobody looks at nothing for ten seconds."""

_LOOK_SECONDS = 1.0


class Heartbeat:
    """Looks once a second, inside its context; the calls of the thread that entered it are those it tells of."""

    def __init__(self, terminal: Terminal, clock: Clock | None = None) -> None:
        self._terminal = terminal
        self._clock = clock or SystemClock()
        self._calls = Calls(self._clock)
        self._told = float("-inf")
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(collecting(self._calls))
        threading.Thread(target=self._attend, name="heartbeat", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._open.close()

    def look(self) -> None:
        """Say what is waited for, account, reason and time, if nothing was said for long."""
        with self._lock:
            now = self._clock.now()
            silent = now - max(self._told, self._terminal.spoke)
            if silent < QUIET_SECONDS:
                return
            for line in (*self._of_calls(now), *self._terminal.under_way(now)):
                self._terminal.item("waiting", line)
                self._told = now

    def _of_calls(self, now: float) -> tuple[str, ...]:
        calls, since = self._calls.waiting()
        if not calls or now - since < QUIET_SECONDS:
            return ()
        more = f", and {len(calls) - 1} more" if len(calls) > 1 else ""
        return (f"{calls[0].account} ({now - since:.0f} s) for the answer to {calls[0].name}{more}",)

    def _attend(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self.look()
