"""Curves of several classes, each class against the rest, as XGBoost joins them (src/metric/auc.cc, MultiClassOVR) [B]:
``auc`` is the mean over the classes, each by its share of the rows; ``aucpr`` the plain mean. Like there, neither is
defined where a class has no row.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Mapping

from . import binary, classes
from .estimate import Estimate

MOST_CELLS = 2_000_000
"""Rows times classes; of more there are no curves: sorting takes a minute by then."""


def auc(rows: classes.Rows) -> Estimate | None:
    count = len(rows.labels)
    value, influence = 0.0, array("d", bytes(8 * count))
    for each, part in _parts(rows):
        found = binary.auc(part)
        if found is None or found.influence is None:
            return None
        share = math.fsum(part.labels) / count
        value += share * found.value
        for row, own in enumerate(found.influence):
            influence[row] += share * own + found.value * ((rows.labels[row] == each) - share)
    return Estimate(value, "share", count, influence) if count and rows.shares is not None else None


def aucpr(rows: classes.Rows) -> Estimate | None:
    """Its interval is as wide as if the classes' errors went together."""
    values, deviations, fewest = [], [], len(rows.labels)
    for _, part in _parts(rows):
        found = binary.aucpr(part)
        if found is None:
            return None
        values.append(found.value)
        deviations.append(math.sqrt(found.variance))
        fewest = min(fewest, found.rows)
    if not values:
        return None
    return Estimate(math.fsum(values) / len(values), "share", fewest, None, (sum(deviations) / len(values)) ** 2)


def _parts(rows: classes.Rows) -> Iterator[tuple[int, binary.Rows]]:
    """Each class's rows against the others; none where not every class's probability is known."""
    if rows.shares is None:
        return
    for each in range(rows.classes):
        labels = array("d", (label == each for label in rows.labels))
        yield each, binary.Rows(labels, array("d", rows.shares[each :: rows.classes]), None)


METRICS: Mapping[str, Callable[[classes.Rows], Estimate | None]] = {"auc": auc, "aucpr": aucpr}
