"""How long to wait for something that AWS says is done and that is not yet seen everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.engine.clock import Clock


@dataclass(frozen=True, slots=True)
class Patience:
    """``limit`` in all, pauses from ``first`` doubling up to ``longest``; seconds."""

    limit: float = 120.0
    first: float = 0.5
    longest: float = 8.0

    def attempts(self, clock: Clock) -> Iterator[int]:
        """Yields 0, 1, 2, …, pausing in between; at least once; ends when the next pause would pass the limit."""
        start, pause, attempt = clock.now(), self.first, 0
        while True:
            yield attempt
            if clock.now() + pause - start > self.limit:
                return
            clock.sleep(pause)
            pause, attempt = min(pause * 2, self.longest), attempt + 1


SETTLING = Patience(limit=60.0)
"""For reads that follow a write: IAM, S3 and KMS settle within seconds, a minute is the bound."""
