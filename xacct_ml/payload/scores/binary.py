"""Metrics of two classes. Definitions are XGBoost's for ``auc``, ``aucpr``, ``error`` and ``logloss``, and those of
SageMaker's container, which are scikit-learn's, for the rest; the tests compare both.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .classes import of_cells
from .estimate import Estimate, mean

THRESHOLD = 0.5
_EPSILON = 1e-16
"""XGBoost's, below which no probability is taken the logarithm of."""


@dataclass(frozen=True)
class Rows:
    """``values`` are what the model says of each row, ``labels`` 0 or 1; ``probabilities`` None where it says only a
    class.
    """

    labels: "array[float]"
    values: "array[float]"
    probabilities: "array[float] | None"
    threshold: float = THRESHOLD

    def subset(self, indices: "array[int]") -> "Rows":
        return Rows(
            array("d", (self.labels[each] for each in indices)),
            array("d", (self.values[each] for each in indices)),
            None if self.probabilities is None else array("d", (self.probabilities[each] for each in indices)),
            self.threshold,
        )

    def named(self) -> "array[int]":
        return array("l", (int(value > self.threshold) for value in self.values))


def logistic(margin: float) -> float:
    """Of any margin, without an overflow."""
    return 1 / (1 + math.exp(-margin)) if margin >= 0 else math.exp(margin) / (1 + math.exp(margin))


def logloss(rows: Rows) -> Estimate | None:
    if rows.probabilities is None:
        return None
    return mean(array("d", _losses(rows.labels, rows.probabilities)))


def _losses(labels: "array[float]", probabilities: "array[float]") -> Iterator[float]:
    for label, share in zip(labels, probabilities, strict=True):
        yield -label * math.log(max(share, _EPSILON)) - (1 - label) * math.log(max(1 - share, _EPSILON))


def auc(rows: Rows) -> Estimate | None:
    """The share of pairs of a positive and a negative row that are in the right order. None without one of each."""
    labels, values = rows.labels, rows.values
    positive = sum(1 for label in labels if label > 0)
    negative = len(labels) - positive
    if not positive or not negative:
        return None
    influence, below, area = array("d", bytes(8 * len(labels))), [0.0, 0.0], 0.0
    for group in _tied(values):
        ups = sum(1 for each in group if labels[each] > 0)
        downs = len(group) - ups
        for each in group:
            if labels[each] > 0:
                influence[each] = (below[0] + downs / 2) / negative
            else:
                influence[each] = 1 - (below[1] + ups / 2) / positive
        area += ups * (below[0] + downs / 2)
        below = [below[0] + downs, below[1] + ups]
    value = area / positive / negative
    for each, label in enumerate(labels):
        influence[each] = (influence[each] - value) * len(labels) / (positive if label > 0 else negative)
    return Estimate(value, "share", min(positive, negative), influence)


def aucpr(rows: Rows) -> Estimate | None:
    """The area under precision and recall, between two thresholds as Davis and Goadrich do it (2006); its variance is
    that of a share of the positive rows (Boyd, Eng, Page 2013).
    """
    positive = sum(1 for label in rows.labels if label > 0)
    if not positive or positive == len(rows.labels):
        return None
    area, hits, alarms = 0.0, 0.0, 0.0
    for ups, downs in steps(rows):
        area += _under(hits, hits + ups, alarms, alarms + downs, positive)
        hits, alarms = hits + ups, alarms + downs
    return Estimate(area, "share", positive, None, area * (1 - area) / positive)


def _under(hits: float, more_hits: float, alarms: float, more_alarms: float, positive: int) -> float:
    if more_hits == hits:
        return 0.0
    slope = (more_alarms - alarms) / (more_hits - hits)
    start, end, a = hits / positive, more_hits / positive, 1 + slope
    b = (alarms - slope * hits) / positive
    if b == 0:
        return (end - start) / a
    return (end - start - b / a * (math.log(a * end + b) - math.log(a * start + b))) / a


def steps(rows: Rows) -> Iterator[tuple[int, int]]:
    """Positive and negative rows at each threshold, from the highest down."""
    for group in reversed(list(_tied(rows.values))):
        ups = sum(1 for each in group if rows.labels[each] > 0)
        yield ups, len(group) - ups


def _tied(values: "array[float]") -> Iterator[list[int]]:
    """Rows of the same value together, in rising order."""
    group: list[int] = []
    for each in sorted(range(len(values)), key=values.__getitem__):
        if group and values[group[0]] != values[each]:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _of_classes(name: str) -> Callable[[Rows], Estimate | None]:
    return lambda rows: of_cells(name, rows.labels, rows.named(), 2)


METRICS: Mapping[str, Callable[[Rows], Estimate | None]] = {
    "logloss": logloss,
    "auc": auc,
    "aucpr": aucpr,
    **{
        name: _of_classes(name)
        for name in ("error", "accuracy", "balanced_accuracy", "precision", "recall", "f1", "f1_binary")
    },
}
SLICED = ("error", "logloss", "auc")
