"""Metrics of an order. CSV has no groups: XGBoost takes all rows for one, and so does this.

One group is one observation, so the interval comes from leaving out every twentieth row in turn (the grouped
jackknife).
"""

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .estimate import Estimate

_GROUPS = 20


@dataclass(frozen=True)
class Rows:
    labels: "array[float]"
    values: "array[float]"

    def subset(self, indices: "array[int]") -> "Rows":
        labels = array("d", (self.labels[each] for each in indices))
        return Rows(labels, array("d", (self.values[each] for each in indices)))


def _ordered(rows: Rows) -> list[int]:
    """Rows from the highest value down; equal ones as they come."""
    return sorted(range(len(rows.values)), key=lambda each: -rows.values[each])


def _gained(labels: Sequence[float]) -> float:
    return math.fsum((2.0**label - 1) / math.log2(place + 2) for place, label in enumerate(labels))


def _ndcg(labels: Sequence[float]) -> float:
    best = _gained(sorted(labels, reverse=True))
    return _gained(labels) / best if best else 1.0


def _average_precision(labels: Sequence[float]) -> float:
    hits, total = 0, 0.0
    for place, label in enumerate(labels, start=1):
        if label > 0:
            hits += 1
            total += hits / place
    return total / hits if hits else 1.0


def _of(metric: Callable[[Sequence[float]], float]) -> Callable[[Rows], Estimate | None]:
    def estimate(rows: Rows) -> Estimate | None:
        order = _ordered(rows)
        value = metric([rows.labels[each] for each in order])
        if len(order) < 2 * _GROUPS:
            return Estimate(value, "share", len(order))
        left = [metric([rows.labels[each] for each in order if each % _GROUPS != group]) for group in range(_GROUPS)]
        middle = sum(left) / _GROUPS
        variance = (_GROUPS - 1) / _GROUPS * sum((each - middle) ** 2 for each in left)
        return Estimate(value, "share", len(order), None, variance)

    return estimate


METRICS: Mapping[str, Callable[[Rows], Estimate | None]] = {"ndcg": _of(_ndcg), "map": _of(_average_precision)}
SLICED = ("ndcg",)


def names(objective: str) -> tuple[str, ...]:
    """``map`` wants labels that are relevant or not."""
    return ("map", "ndcg") if objective == "rank:map" else ("ndcg",)
