"""What is in the files of a channel: counts, labels, samples of rows, faults; and how several files become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xacct_ml.dataset.faults import Faults
from xacct_ml.dataset.fields import read
from xacct_ml.dataset.labels import ColumnValues

ROWS_SAMPLED = 1 << 19
"""Rows kept for comparison with the other channel; of more, a share that is the same for both."""
CLASSES_COUNTED = 100
"""A last column of more different values holds no classes."""
CELLS_SAMPLED = 1 << 18
"""Values kept for the profile."""


@dataclass(slots=True)
class RowSample:
    """Hashes of rows, by which two channels are compared: all of them, or those that a power of two divides."""

    step: int = 1
    hashes: set[int] = field(default_factory=set)

    def add(self, rows: Iterable[bytes]) -> None:
        step = self.step
        self.hashes.update(map(hash, rows) if step == 1 else [mark for mark in map(hash, rows) if mark % step == 0])
        self._bound()

    def join(self, other: RowSample) -> None:
        self.step = max(self.step, other.step)
        self.hashes = {mark for mark in self.hashes | other.hashes if mark % self.step == 0}
        self._bound()

    def _bound(self) -> None:
        while len(self.hashes) > ROWS_SAMPLED:
            self.step *= 2
            self.hashes = {mark for mark in self.hashes if mark % self.step == 0}


@dataclass(slots=True)
class EvenRows:
    """Rows at even distances, as text: the same of the same file, however it was read."""

    step: int = 1
    seen: int = 0
    kept: list[bytes] = field(default_factory=list)

    def add(self, rows: Sequence[bytes], columns: int) -> None:
        self.kept += rows[-self.seen % self.step :: self.step]
        self.seen += len(rows)
        self._bound(columns)

    def join(self, other: EvenRows, columns: int) -> None:
        step = max(self.step, other.step)
        self.kept = self.kept[:: step // self.step] + other.kept[:: step // other.step]
        self.step, self.seen = step, self.seen + other.seen
        self._bound(columns)

    def _bound(self, columns: int) -> None:
        while len(self.kept) * columns > CELLS_SAMPLED and len(self.kept) > 1:
            self.step *= 2
            self.kept = self.kept[::2]


@dataclass(slots=True)
class Content:
    """What is in a file, or in the files of a channel. ``columns`` counts the label, ``missing`` counts cells, by
    0-based column; ``first`` has the fields of the first row, ``constant`` the features with one value in all rows.

    Rows are counted through all ``parts``, which are the rows of each file."""

    sha256: str = ""
    rows: int = 0
    columns: int = 0
    of_row: int = 1
    """The row that has as many: the first, unless that is the odd one."""
    labels: ColumnValues = field(default_factory=ColumnValues)
    last: ColumnValues = field(default_factory=lambda: ColumnValues(CLASSES_COUNTED))
    missing: dict[int, int] = field(default_factory=dict)
    first: list[bytes] = field(default_factory=list)
    constant: set[int] = field(default_factory=set)
    sample: RowSample = field(default_factory=RowSample)
    even: EvenRows = field(default_factory=EvenRows)
    wrong: Faults = field(default_factory=Faults)
    doubtful: Faults = field(default_factory=Faults)
    shaped: bool = True
    """False where it is something else than a table of numbers: what is said of its columns would mislead."""
    parts: list[int] = field(default_factory=list)

    def place(self, row: int) -> tuple[int, int]:
        """The part (0-based) that has a row, and the row's number in it (1-based)."""
        for part, rows in enumerate(self.parts):
            if row <= rows:
                return part, row
            row -= rows
        return max(0, len(self.parts) - 1), row


def joined(parts: Sequence[Content]) -> Content:
    """The content of a channel of several files, in their order; at least one. What they were read into is used up.

    Of several there is no one checksum: ``sha256`` is empty then."""
    whole, *others = parts
    for other in others:
        _join(whole, other)
    return whole


def _join(whole: Content, other: Content) -> None:
    before = whole.rows
    whole.sha256 = ""
    if other.columns and whole.columns and other.columns != whole.columns:
        told = f"has {counted(other.columns)}, the first file {counted(whole.columns)}"
        whole.wrong.add("columns of parts", told, before + 1)
    whole.wrong.join(other.wrong, before)
    whole.labels.join(other.labels, before)
    whole.last.join(other.last, before)
    for column, count in other.missing.items():
        whole.missing[column] = whole.missing.get(column, 0) + count
    if whole.columns == other.columns:
        same = whole.constant & other.constant
        whole.constant = {column for column in same if read(whole.first[column]) == read(other.first[column])}
    whole.sample.join(other.sample)
    whole.even.join(other.even, max(1, whole.columns))
    whole.shaped = whole.shaped and other.shaped
    whole.rows += other.rows
    whole.parts += other.parts


def counted(columns: int) -> str:
    return f"{columns} column{'' if columns == 1 else 's'}"
