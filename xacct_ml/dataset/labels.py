"""The labels of a channel, and whether an objective can be trained on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from ctypes import c_float
from dataclasses import dataclass, field
from math import inf

from xacct_ml.dataset.faults import Faults
from xacct_ml.tables.objective_labels import Labels

VALUES_COUNTED = 1000
"""Different values of a column that are counted one by one; of more, the smallest and the largest are known."""
CLASSES_SHOWN = 10
_ROWS_NUMBERED = 20
_FEW = 0.01


@dataclass(slots=True)
class Seen:
    """One value of a column: in how many rows, and the first of them (1-based)."""

    count: int
    row: int


@dataclass(slots=True)
class ColumnValues:
    """The values of one column. ``seen`` is None once there are more than ``counted`` different ones."""

    counted: int = VALUES_COUNTED
    rows: int = 0
    seen: dict[float, Seen] | None = field(default_factory=dict)
    low: tuple[float, int] = (inf, 0)
    high: tuple[float, int] = (-inf, 0)
    start: float | None = None
    counting: bool = True
    """Whether each value so far is one more than the one before."""
    whole: bool = True
    opening: set[float] = field(default_factory=set)
    """Of the first rows, as many as values are counted."""

    @property
    def numbered(self) -> bool:
        """Whether the values are such as rows are numbered with: whole, none of them twice as far as is known, and
        dense; in whatever order, and with some left out as in a part of a file."""
        (low, _), (high, _) = self.ends
        different = len(self.opening) == min(self.rows, self.counted)
        return self.rows >= _ROWS_NUMBERED and self.whole and different and high - low < 2 * self.rows

    def add(self, values: Sequence[float], row: int) -> None:
        """Values of rows that follow one another, the first of them in ``row`` (1-based)."""
        if self.start is None and values:
            self.start = values[0]
        if self.counting and self.start is not None:
            due = self.start + self.rows
            self.counting = all(value == due + place for place, value in enumerate(values))
        if (room := self.counted - self.rows) > 0:
            self.opening.update(values[:room])
        self.whole = self.whole and all(map(float.is_integer, values))
        self.rows += len(values)
        if self.seen is None:
            self._widen(values, row)
        elif len(values) == 1:
            self._count(values[0], 1, row)
        else:
            for value, count in Counter(values).items():
                self._count(value, count, row if value in (self.seen or ()) else row + values.index(value))
                if self.seen is None:
                    self._widen(values, row)
                    break

    def _count(self, value: float, count: int, row: int) -> None:
        assert self.seen is not None
        if (known := self.seen.get(value)) is not None:
            known.count += count
            return
        self.seen[value] = Seen(count, row)
        if len(self.seen) > self.counted:
            self.low, self.high = self.ends
            self.seen = None

    def _widen(self, values: Sequence[float], row: int) -> None:
        low, high = min(values), max(values)
        if low < self.low[0]:
            self.low = low, row + values.index(low)
        if high > self.high[0]:
            self.high = high, row + values.index(high)

    def join(self, other: ColumnValues, rows: int) -> None:
        """Takes over the values of another file, whose rows come after ``rows`` others."""
        if not other.rows:
            return
        follows = self.start is None or other.start == self.start + self.rows
        self.counting = self.counting and other.counting and follows
        self.start = other.start if self.start is None else self.start
        self.whole = self.whole and other.whole
        if (room := self.counted - self.rows) > 0:
            self.opening |= other.opening if room >= len(other.opening) else set()
        self.rows += other.rows
        if self.seen is not None and other.seen is not None:
            for value, seen in other.seen.items():
                if self.seen is not None:
                    self._count(value, seen.count, rows + seen.row)
        elif self.seen is not None:
            self.low, self.high = self.ends
            self.seen = None
        for value, row in other.ends if self.seen is None else ():
            self._widen((value,), rows + row)

    @property
    def ends(self) -> tuple[tuple[float, int], tuple[float, int]]:
        """The smallest and the largest value, each with the first row that has it."""
        if not self.seen:
            return self.low, self.high
        low, high = min(self.seen), max(self.seen)
        return (low, self.seen[low].row), (high, self.seen[high].row)

    def told(self, of_classes: bool) -> str:
        """The column in a few words: rows by value, or the range."""
        (low, _), (high, _) = self.ends
        if self.seen is None:
            return f"over {self.counted:,} different values from {plain(low)} to {plain(high)}"
        if len(self.seen) <= (CLASSES_SHOWN if of_classes else 2):
            counts = ((plain(value), self.seen[value].count) for value in sorted(self.seen))
            return ", ".join(f"{value} in {count:,} row{'' if count == 1 else 's'}" for value, count in counts)
        return f"{len(self.seen):,} different values from {plain(low)} to {plain(high)}"


def single(value: float) -> float:
    """The number in single precision, which is what XGBoost learns from."""
    return float(c_float(value).value)


def plain(value: float) -> str:
    """A number as a person writes it."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:g}"


def judge(labels: ColumnValues, last: ColumnValues | None, rules: Labels, wrong: Faults, doubtful: Faults) -> None:
    """Adds what ``rules`` (of the objective, with its number of classes) do not allow, and what is rarely meant.

    ``last`` is the last column, which holds the label in files that are made for other tools."""
    if rules.hint == "bounds":
        wrong.add(
            "bounds", f"{rules.objective} needs a lower and an upper bound of each label: a CSV has no place for them"
        )
    if rules.hint == "groups":
        doubtful.add("groups", f"{rules.objective} ranks within groups, and a CSV has none: all rows are ranked as one")
    found = _outside(labels, rules)
    if found is not None:
        value, row = found
        told = plain(value) if value.is_integer() else repr(value)
        what = f"the label {told} is none that {rules.objective} takes: {rules}"
        wrong.add("label", f"{what}{_where_it_may_be(labels, last, rules)}", row, 1)
        return
    (low, _), (high, _) = labels.ends
    if single(low) == single(high) and labels.rows > 1:
        told = f"every label is {plain(low)}: there is nothing to learn{_last_may_be(last, rules)}"
        (wrong if rules.classes else doubtful).add("one label", told, column=1)
    if not rules.classes and ((labels.counting and labels.rows > 2) or labels.numbered):
        how = "counts up from row to row" if labels.counting else "is another whole number in every row"
        doubtful.add("index", f"the label {how}, as pandas' index does: to_csv(…, index=False)", column=1)
    if rules.classes:
        _missing_and_rare(labels, rules, doubtful)


def _outside(labels: ColumnValues, rules: Labels) -> tuple[float, int] | None:
    """The first label that the rules do not take, with its row."""
    ends = [end for end in labels.ends if not rules.holds(single(end[0]))]
    if labels.seen is None:
        return ends[0] if ends else (labels.high if rules.classes else None)
    refused = [(seen.row, value) for value, seen in labels.seen.items() if not rules.holds(single(value))]
    return (min(refused)[1], min(refused)[0]) if refused else None


def _where_it_may_be(labels: ColumnValues, last: ColumnValues | None, rules: Labels) -> str:
    """What the person may have meant."""
    if labels.counting and labels.rows > 2:
        return "; they count up from row to row, as pandas' index does: to_csv(…, index=False)"
    if labels.seen and rules.classes and all(value.is_integer() for value in labels.seen):
        low, high = min(labels.seen), max(labels.seen)
        if low > 0 and rules.holds(high - low):
            return f"; they are {plain(low)} to {plain(high)} here, so subtract {plain(low)}"
        if min(seen.count for seen in labels.seen.values()) == 1:
            return _last_may_be(last, rules)  # a slip, perhaps
        if rules.high == 1 and len(labels.seen) == 2:
            return f"; they are {plain(low)} and {plain(high)} here: write 0 and 1"
        if len(labels.seen) <= rules.high + 1 < inf:
            return f"; they are {len(labels.seen)} whole numbers here: number them from 0 on"
    return _last_may_be(last, rules)


def _last_may_be(last: ColumnValues | None, rules: Labels) -> str:
    if last is not None and last.seen and len(last.seen) > 1 and rules.classes and all(map(rules.holds, last.seen)):
        return "; the last column has such values: the label must be the first"
    return ""


def _missing_and_rare(labels: ColumnValues, rules: Labels, doubtful: Faults) -> None:
    seen = labels.seen or {}
    kept = set(map(single, seen))
    absent = [str(label) for label in range(int(rules.high) + 1) if label not in kept] if rules.high < inf else []
    if len(kept) > 1 and absent:
        doubtful.add("absent class", f"no row has the label {', '.join(absent[:CLASSES_SHOWN])}", column=1)
    rare = min(seen, key=lambda label: seen[label].count)
    if len(kept) > 1 and seen[rare].count < _FEW * labels.rows:
        told = f"only {seen[rare].count:,} of {labels.rows:,} rows have the label {plain(rare)}"
        doubtful.add("rare class", f"{told}: accuracy and error say little of it", column=1)
