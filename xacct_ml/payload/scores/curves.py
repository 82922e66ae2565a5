"""What a report draws: ROC and precision over recall, calibration, the spread of predictions; each of few points."""

import math
from array import array
from collections import Counter
from collections.abc import Iterable
from typing import Any

from . import binary
from .estimate import average, rounded

POINTS = 50
BINS = 10
BARS = 20
MOST_CLASSES = 30
"""Of more classes there is no confusion matrix."""


def roc_and_pr(rows: binary.Rows) -> tuple[list[list[float]] | None, list[list[float]] | None]:
    """[false positive rate, true positive rate] and [recall, precision]; None without rows of both classes."""
    counts = list(binary.steps(rows))
    positive = sum(ups for ups, _ in counts)
    negative = sum(downs for _, downs in counts)
    if not positive or not negative:
        return None, None
    roc, pr, hits, alarms, shown = [[0.0, 0.0]], [], 0, 0, 0
    for number, (ups, downs) in enumerate(counts, start=1):
        hits, alarms = hits + ups, alarms + downs
        far = (hits / positive + alarms / negative) / 2
        # One point each time that another part of the curve's way is done, and the last.
        if far * (POINTS - 2) >= shown or number == len(counts):
            shown = math.floor(far * (POINTS - 2)) + 1
            roc.append([rounded(alarms / negative), rounded(hits / positive)])
            pr.append([rounded(hits / positive), rounded(hits / (hits + alarms))])
    return roc, pr


def calibration(said: "array[float]", real: "array[float]") -> list[dict[str, float]]:
    """Rows in order of what was said, in tenths: the mean of what was said, and of what was so."""
    order, found = sorted(range(len(said)), key=said.__getitem__), []
    for number in range(BINS):
        part = order[number * len(order) // BINS : (number + 1) * len(order) // BINS]
        if part:
            means = [average((column[each] for each in part), len(part)) for column in (said, real)]
            found.append({"mean": rounded(means[0]), "share": rounded(means[1]), "rows": len(part)})
    return found


def spread(values: "array[float]") -> dict[str, Any]:
    """Of predictions: ends, mean, how many different ones, and rows in twenty bars between the ends."""
    low, high = min(values), max(values)
    bars, width = [0] * BARS, (high - low) / BARS
    for value in values:
        bars[min(BARS - 1, int((value - low) / width)) if width > 0 else 0] += 1
    mean = average(values, len(values))
    ends = {"low": rounded(low), "high": rounded(high), "mean": rounded(mean)}
    return {**ends, "distinct": len(set(values)), "histogram": bars}


def counts(classes: Iterable[float]) -> dict[str, int]:
    """Rows by class, in the order of the classes; the hundred with most rows."""
    found = Counter(int(each) for each in classes)
    kept = sorted(each for each, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:100])
    return {str(each): found[each] for each in kept}


def ends(values: "array[float]") -> dict[str, float]:
    low, high = min(values), max(values)
    return {"low": rounded(low), "high": rounded(high), "mean": rounded(average(values, len(values)))}


def confusion(labels: "array[float]", named: "array[int]", classes: int) -> list[list[int]] | None:
    """Rows of the matrix are the real classes, columns those that the model names."""
    if max(*map(int, labels), *named, classes - 1) >= MOST_CLASSES:
        return None
    size = max(*map(int, labels), *named, classes - 1) + 1
    matrix = [[0] * size for _ in range(size)]
    for label, name in zip(labels, named, strict=True):
        matrix[int(label)][name] += 1
    return matrix
