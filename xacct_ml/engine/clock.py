"""Time, as a parameter, so that tests need not wait."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    def sleep(self, seconds: float, wake: threading.Event | None = None) -> None:
        """For ``seconds``, or until ``wake`` is set."""


class SystemClock:
    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float, wake: threading.Event | None = None) -> None:
        if wake is None:
            time.sleep(seconds)
        else:
            wake.wait(seconds)
