"""One pass over a file of rows: every value read as XGBoost reads it, every byte hashed, and what a person must know.

Memory is bounded by the longest row that is accepted and by the samples kept."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from math import isnan
from typing import BinaryIO

from xacct_ml.dataset import shapes
from xacct_ml.dataset.faults import Faults
from xacct_ml.dataset.fields import NotReadable, read
from xacct_ml.dataset.labels import ColumnValues

ROW_LIMIT = 1 << 20
"""Bytes in one row; a longer one is not a table of numbers."""
ROWS_SAMPLED = 1 << 19
"""Rows kept for comparison with the other channel; of more, a share that is the same for both."""
ROWS_EXPECTED = 20
"""Fewer are accepted, with a word."""
_REPORT_EVERY = 1 << 20
_SHOWN = 40
_ORDINARY = b"0123456789.,-+ \r\n"
_LARGEST_ORDINARY = 1e19


@dataclass(slots=True)
class RowSample:
    """Hashes of rows, by which two files are compared: all of them, or those that a power of two divides."""

    step: int = 1
    hashes: set[int] = field(default_factory=set)

    def add(self, row: bytes) -> None:
        mark = hash(row)
        if mark % self.step == 0:
            self.hashes.add(mark)
            if len(self.hashes) > ROWS_SAMPLED:
                self.step *= 2
                self.hashes = {kept for kept in self.hashes if kept % self.step == 0}


@dataclass(slots=True)
class Content:
    """What is in a file. ``columns`` counts the label, ``missing`` counts cells, by 0-based column."""

    sha256: str = ""
    rows: int = 0
    columns: int = 0
    labels: ColumnValues = field(default_factory=ColumnValues)
    last: ColumnValues = field(default_factory=ColumnValues)
    missing: dict[int, int] = field(default_factory=dict)
    constant: set[int] = field(default_factory=set)
    sample: RowSample = field(default_factory=RowSample)
    wrong: Faults = field(default_factory=Faults)
    doubtful: Faults = field(default_factory=Faults)


def read_rows(file: BinaryIO, advance: Callable[[int], object] = lambda _: None) -> Content:
    """Goes through the file to its end, or to where it is clear that it is something else."""
    content = Content()
    digest = hashlib.sha256()
    first: list[bytes] = []
    for line in _lines(file, digest.update, advance, content):
        row = line.rstrip(b"\n").removesuffix(b"\r")
        fields = row.split(b",")
        if content.rows == 1:
            first = fields
            if _is_something_else(line, fields, content):
                break
            content.columns = len(fields)
            content.constant = set(range(1, len(fields)))
        values = _values(line, fields, content)
        if values is None:
            continue
        content.labels.add(values[0], content.rows)
        if content.last.seen is not None:
            content.last.add(values[-1], content.rows)
        if content.constant:
            content.constant = {column for column in content.constant if fields[column] == first[column]}
        content.sample.add(row)
    content.sha256 = digest.hexdigest()
    _doubts(content, first)
    return content


def _lines(
    file: BinaryIO, update: Callable[[bytes], object], advance: Callable[[int], object], content: Content
) -> Iterator[bytes]:
    """The rows, counted, hashed and reported; ends behind one that is too long."""
    unreported = 0
    for line in iter(partial(file.readline, ROW_LIMIT + 1), b""):
        content.rows += 1
        update(line)
        if len(line) > ROW_LIMIT:
            what = shapes.of_bytes(line) or f"is longer than {ROW_LIMIT >> 20} MiB: this is no CSV of numbers"
            content.wrong.add("row length", what, content.rows)
            return
        yield line
        unreported += len(line)
        if unreported >= _REPORT_EVERY:
            advance(unreported)
            unreported = 0
    advance(unreported)


def _is_something_else(line: bytes, fields: list[bytes], content: Content) -> bool:
    """Whether the first row shows that reading on would tell nothing; what it is, is then added."""
    what = shapes.of_bytes(line) or (shapes.of_row(line) if _unread(fields) else None)
    if what is None and len(fields) > 1 and _unread(fields):
        what = shapes.header(fields)
        if what is not None:
            content.wrong.add("header", what, 1)
            return True
    if what is not None:
        content.wrong.add("shape", what, 1)
        return True
    if len(fields) == 1:
        told = f"has one column ({shown(fields[0])}): expected a label and at least one feature, separated by commas"
        content.wrong.add("one column", told if fields[0].strip() else "is empty", 1)
        return bool(fields[0].strip())
    return False


def _unread(fields: Iterable[bytes]) -> bool:
    """Whether some field is no number."""
    for value in fields:
        try:
            read(value)
        except NotReadable:
            return True
    return False


def _values(line: bytes, fields: list[bytes], content: Content) -> list[float] | None:
    """The numbers of a row, NaN for what is missing; None, and the faults added, where it is wrong."""
    if len(fields) == content.columns and fields[0] and not line.translate(None, _ORDINARY):
        try:
            values = [float(value or b"nan") for value in fields] if b"" in fields else list(map(float, fields))
        except ValueError:
            return _read_carefully(line, fields, content)
        # A label that is a number stands first, so that NaN behind it changes neither.
        if max(values) < _LARGEST_ORDINARY and min(values) > -_LARGEST_ORDINARY:
            if b"" in fields:
                _count_missing(values, content)
            return values
    return _read_carefully(line, fields, content)


def _read_carefully(line: bytes, fields: list[bytes], content: Content) -> list[float] | None:
    wrong, row = content.wrong, content.rows
    if not line.strip():
        wrong.add("empty line", "the line is empty", row)
        return None
    values: list[float] = []
    faults: list[tuple[int, bytes, str]] = []
    for column, value in enumerate(fields, 1):
        try:
            values.append(read(value))
        except NotReadable as error:
            faults.append((column, value, str(error)))
    if len(faults) > len(fields) / 2:
        what = shapes.of_bytes(line) or shapes.of_row(line)
        if what is not None:
            wrong.add("shape", what, row)
            return None
    if len(fields) != content.columns:
        wrong.add("columns", f"has {columns(len(fields))}, row 1 has {columns(content.columns)}", row)
        return None
    for column, value, why in faults:
        label = "the label " if column == 1 else ""
        wrong.add(why, f"{label}{shown(value)} {why}", row, column)
    if not faults and isnan(values[0]):
        empty = "is empty: XGBoost would take it for 0" if not fields[0] else "is missing: no row can be learnt without"
        wrong.add("no label", f"the label (the first column) {empty}", row, 1)
    elif not faults:
        _count_missing(values, content)
        return values
    return None


def _count_missing(values: list[float], content: Content) -> None:
    for column, value in enumerate(values):
        if value != value:
            content.missing[column] = content.missing.get(column, 0) + 1


def _doubts(content: Content, first: list[bytes]) -> None:
    """What is read as it is written, and is rarely what was meant."""
    rows, doubtful = content.rows, content.doubtful
    if rows == 0:
        content.wrong.add("no rows", "there are no rows")
    elif not content.wrong.kept and sum(content.missing.values()) == rows * (content.columns - 1):
        content.wrong.add("nothing", "every feature is missing in every row")
    if content.wrong.kept or rows < 2:
        return
    values = [read(value) for value in first]
    if len(values) > 2 and values[0] in (0, 1) and shapes.counts_up(values):
        doubtful.add("numbered header", "counts up from column to column: the column numbers, as a header?", 1)
    empty = [column for column, count in content.missing.items() if count == rows]
    for column in empty:
        at_end = ", as each row ends with a comma" if column == len(first) - 1 else ""
        doubtful.add("empty column", f"is empty in every row{at_end}", column=column + 1)
    for column in sorted(content.constant.difference(empty)):
        doubtful.add("constant column", f"is {shown(first[column])} in every row", column=column + 1)
    if rows < ROWS_EXPECTED:
        doubtful.add("few rows", f"{rows} rows are few to learn from or to judge by")


def shown(field: bytes) -> str:
    """A value as it is shown: printable, and cut where it is long."""
    text = field.decode("utf-8", "replace").strip()
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def columns(count: int) -> str:
    return f"{count} column{'' if count == 1 else 's'}"
