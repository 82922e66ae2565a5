"""How long to wait for something that AWS says is done and that is not yet seen everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xacct_ml.engine.clock import Clock
from xacct_ml.engine.progress import sleep


@dataclass(frozen=True, slots=True)
class Backoff:
    """``limit`` in all, pauses from ``first`` doubling up to ``longest``; seconds."""

    limit: float = 120.0
    first: float = 0.5
    longest: float = 8.0

    def attempts(self, clock: Clock, waiting_for: str | Callable[[], str] = "AWS to settle") -> Iterator[int]:
        """Yields 0, 1, 2, …, pausing in between; at least once; ends when the next pause would pass the limit.

        ``waiting_for`` completes "waiting for …" wherever a pause is shown; a function is called as each pause begins.
        Raises :class:`~xacct_ml.engine.progress.Cancelled` when the user interrupts the walk.
        """
        start, length, attempt = clock.now(), self.first, 0
        while True:
            yield attempt
            waited = clock.now() - start
            if waited + length > self.limit:
                return
            reason = waiting_for if isinstance(waiting_for, str) else waiting_for()
            sleep(clock, length, reason=reason, waited=waited, limit=self.limit)
            length, attempt = min(length * 2, self.longest), attempt + 1


SETTLING = Backoff(limit=60.0)
"""For reads that follow a write: IAM, S3 and KMS settle within seconds, a minute is the bound."""
