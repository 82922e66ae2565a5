"""Metrics of several classes. ``merror`` and ``mlogloss`` are XGBoost's; the rest are of the confusion matrix, as
SageMaker's container defines them: over the classes that are named or real.
"""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .estimate import Estimate, mean

_EPSILON = 1e-16
Cell = tuple[int, int]
"""A real class, and the one that the model names."""
Influences = Callable[[Cell], float]


@dataclass(frozen=True)
class Rows:
    """``named`` is the class that the model names, ``sure`` its probability, ``true`` that of the real class; both None
    where the model says a class and no more. ``shares`` are those of all classes, row after row, where they are kept; a
    subset has none.
    """

    labels: "array[float]"
    named: "array[int]"
    sure: "array[float] | None"
    true: "array[float] | None"
    classes: int
    shares: "array[float] | None" = None

    def subset(self, indices: "array[int]") -> "Rows":
        def of(column: "array[float] | None") -> "array[float] | None":
            return None if column is None else array("d", (column[each] for each in indices))

        named = array("l", (self.named[each] for each in indices))
        labels = array("d", (self.labels[each] for each in indices))
        return Rows(labels, named, of(self.sure), of(self.true), self.classes)


def mlogloss(rows: Rows) -> Estimate | None:
    if rows.true is None:
        return None
    return mean(array("d", (-math.log(max(share, _EPSILON)) for share in rows.true)))


def of_cells(name: str, labels: "array[float]", named: "array[int]", classes: int) -> Estimate | None:
    """A metric of the confusion matrix; None where it is not defined."""
    cells = Counter(zip(map(int, labels), named, strict=True))
    table = _Table(cells, len(labels))
    found = _OF_TABLE[name](table, classes)
    if found is None:
        return None
    value, influences, rows = found
    by_cell = {cell: influences(cell) for cell in cells}
    influence = array("d", (by_cell[cell] for cell in zip(map(int, labels), named, strict=True)))
    return Estimate(value, "share", rows, influence)


class _Table:
    """The confusion matrix as shares of the rows."""

    def __init__(self, cells: Mapping[Cell, int], rows: int) -> None:
        self.rows = rows
        self.real: Counter[int] = Counter()
        self.named: Counter[int] = Counter()
        self.hits: Counter[int] = Counter()
        for (label, name), count in cells.items():
            self.real[label] += count
            self.named[name] += count
            if label == name:
                self.hits[label] += count

    def classes(self) -> list[int]:
        return sorted({*self.real, *self.named})

    def recall(self, each: int) -> tuple[float, Influences]:
        return self._ratio(self.hits[each], self.real[each], each, lambda cell: cell[0] == each)

    def precision(self, each: int) -> tuple[float, Influences]:
        return self._ratio(self.hits[each], self.named[each], each, lambda cell: cell[1] == each)

    def _ratio(self, hits: int, count: int, each: int, counts: Callable[[Cell], bool]) -> tuple[float, Influences]:
        value = hits / count if count else 0.0
        weight = self.rows / count if count else 0.0
        return value, lambda cell: weight * ((cell == (each, each)) - value * counts(cell))

    def f1(self, each: int) -> tuple[float, Influences]:
        both = self.real[each] + self.named[each]
        value, weight = (2 * self.hits[each] / both, self.rows / both) if both else (0.0, 0.0)
        return (
            value,
            lambda cell: weight * (2 * (cell == (each, each)) - value * ((cell[0] == each) + (cell[1] == each))),
        )


_Found = tuple[float, Influences, int]


def _accuracy(table: _Table, _: int) -> _Found:
    value = table.hits.total() / table.rows
    return value, lambda cell: (cell[0] == cell[1]) - value, table.rows


def _error(table: _Table, _: int) -> _Found:
    value = 1 - table.hits.total() / table.rows
    return value, lambda cell: (cell[0] != cell[1]) - value, table.rows


def _mean_of(
    of: Callable[[_Table, int], tuple[float, Influences]], among: Callable[[_Table], Iterable[int]]
) -> Callable[[_Table, int], _Found]:
    def metric(table: _Table, _: int) -> _Found:
        parts = [of(table, each) for each in among(table)]
        value = sum(part[0] for part in parts) / len(parts)
        return value, lambda cell: sum(part[1](cell) for part in parts) / len(parts), table.rows

    return metric


def _positive(
    of: Callable[[_Table, int], tuple[float, Influences]], counted: Callable[[_Table], int]
) -> Callable[[_Table, int], _Found]:
    """The score of class 1."""

    def metric(table: _Table, _: int) -> _Found:
        value, influence = of(table, 1)
        return value, influence, counted(table)

    return metric


_OF_TABLE: Mapping[str, Callable[[_Table, int], _Found]] = {
    "accuracy": _accuracy,
    "error": _error,
    "merror": _error,
    "balanced_accuracy": _mean_of(_Table.recall, lambda table: sorted(table.real)),
    "f1": _mean_of(_Table.f1, _Table.classes),
    "precision_macro": _mean_of(_Table.precision, _Table.classes),
    "recall_macro": _mean_of(_Table.recall, _Table.classes),
    "precision": _positive(_Table.precision, lambda table: table.named[1]),
    "recall": _positive(_Table.recall, lambda table: table.real[1]),
    "f1_binary": _positive(_Table.f1, lambda table: table.real[1]),
}


def _of_classes(name: str) -> Callable[[Rows], Estimate | None]:
    return lambda rows: of_cells(name, rows.labels, rows.named, rows.classes)


METRICS: Mapping[str, Callable[[Rows], Estimate | None]] = {
    "mlogloss": mlogloss,
    **{
        name: _of_classes(name)
        for name in ("merror", "accuracy", "balanced_accuracy", "f1", "precision_macro", "recall_macro")
    },
}
SLICED = ("merror", "mlogloss")
