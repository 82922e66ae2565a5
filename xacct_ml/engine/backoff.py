"""How long to wait for a change that AWS has accepted but does not show everywhere yet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xacct_ml.engine.clock import Clock
from xacct_ml.engine.progress import sleep


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that double from ``first`` up to ``longest``, until ``limit`` is reached. All in seconds."""

    limit: float = 120.0
    first: float = 0.5
    longest: float = 8.0

    def attempts(self, clock: Clock, waiting_for: str | Callable[[], str] = "AWS to settle") -> Iterator[int]:
        """Yields 0, 1, 2, … with a pause before each but the first, until the next pause would exceed the limit.

        ``waiting_for`` completes "waiting for …" wherever a pause is shown; a function is called as each pause begins.
        Raises :class:`~xacct_ml.engine.progress.Cancelled` when the user interrupts the walk."""
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
"""For reads after a write. IAM, S3 and KMS usually show it within seconds."""
