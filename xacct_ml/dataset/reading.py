"""One pass over a file of rows: every value read as XGBoost reads it, every byte hashed, and what a person must know.

Memory is bounded by the longest row that is accepted and by the samples kept."""

import hashlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from math import isnan
from typing import BinaryIO

from xacct_ml.dataset import shapes
from xacct_ml.dataset.content import Content, counted
from xacct_ml.dataset.fields import LEAVE_EMPTY, NotReadable, read

ROW_LIMIT = 1 << 20
"""Bytes in one row; a longer one is not a table of numbers."""
ROWS_EXPECTED = 20
"""Fewer are accepted, with a word."""
_REPORT_EVERY = 1 << 20
_SHOWN = 40
_COLUMNS_NAMED = 10
_ORDINARY = b"0123456789.,-+ \r\n"
_LARGEST_ORDINARY = 1e19


def read_rows(file: BinaryIO, advance: Callable[[int], object] = lambda _: None) -> Content:
    """The content of a channel of one file, with what is doubtful about it."""
    content = read_part(file, advance)
    conclude(content)
    return content


def read_part(file: BinaryIO, advance: Callable[[int], object] = lambda _: None) -> Content:
    """Goes through a file to its end, or to where it is clear that it is something else.

    What can be said of a whole channel only, :func:`conclude` says."""
    content = Content()
    digest = hashlib.sha256()
    first: list[float] | None = None
    opened = False
    for line in _lines(file, digest.update, advance, content):
        row = _bare(line)
        fields = row.split(b",")
        if not opened:
            kind = _first_row(line, fields, content)
            if kind == "else":
                break
            if kind == "note":
                continue
            opened = True
            if kind == "marked":
                line, fields = line[len(BOM_UTF8) :], row[len(BOM_UTF8) :].split(b",")
            if not content.columns:
                content.columns, content.of_row = len(fields), content.rows
            content.first = fields
            if kind == "header":
                continue
        values = _values(line, fields, content)
        if values is None:
            continue
        if first is None:
            first, content.first = values, fields
            content.constant = {place for place, value in enumerate(values) if place and value == value}
        content.labels.add(values[:1], content.rows)
        if content.last.seen is not None and values[-1] == values[-1]:
            content.last.add(values[-1:], content.rows)
        if content.constant:
            content.constant = {column for column in content.constant if values[column] == first[column]}
        content.sample.add((row,))
        content.even.add((row,), content.columns)
    content.sha256 = digest.hexdigest()
    content.parts = [content.rows]
    return content


def _lines(
    file: BinaryIO, update: Callable[[bytes], object], advance: Callable[[int], object], content: Content
) -> Iterator[bytes]:
    """The rows, counted, hashed and reported; ends behind one that is too long."""
    unreported = 0
    read = iter(partial(file.readline, ROW_LIMIT + 1), b"")
    start = list(islice(read, 3))
    _look_at_widths(start, content)
    for line in chain(start, read):
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


def _bare(line: bytes) -> bytes:
    """Without its end, LF or CRLF."""
    return line.rstrip(b"\n").removesuffix(b"\r")


def _look_at_widths(start: list[bytes], content: Content) -> None:
    """Where the second and the third row have the same width and the first another, that of the two is the file's."""
    if len(start) == 3 and max(map(len, start)) <= ROW_LIMIT:
        first, second, third = (line.count(b",") for line in start)
        if first != second == third > 0:
            content.columns, content.of_row = second + 1, 2


def _first_row(line: bytes, fields: list[bytes], content: Content) -> str:
    """``else`` where the first row shows that reading on would tell nothing, ``header``, ``note`` before the rows,
    ``marked`` with a mark before the first value, or ``row``; all but the last are faults, and added."""
    row = content.rows
    if line.startswith(BOM_UTF8) and (what := shapes.of_bytes(line)):
        content.wrong.add("mark", what, row)
        unmarked = line[len(BOM_UTF8) :]
        kind = _first_row(unmarked, _bare(unmarked).split(b","), content)
        return "marked" if kind == "row" else kind
    unread = _unread(fields)
    if unread and (what := shapes.note(line)):
        content.wrong.add("note", what, row)
        return "note"
    what = shapes.of_bytes(line) or (shapes.of_row(line) if unread else None)
    if what is not None:
        content.wrong.add("shape", what, row)
        content.shaped = False
        return "else"
    header = shapes.header(fields) if unread and len(fields) > 1 else None
    if header is not None:
        content.wrong.add("header", header, row)
        content.shaped = False
        return "header"
    if len(fields) == 1 and (names := shapes.names_alone(line)):
        content.wrong.add("shape", names, row)
        content.shaped = False
        return "else"
    if len(fields) == 1:
        told = f"has one column ({shown(fields[0])}): expected a label and at least one feature, separated by commas"
        content.wrong.add("one column", told if fields[0].strip() else "is empty", row)
        return "else" if fields[0].strip() else "row"
    return "row"


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
    if (len(fields) != content.columns and b'"' in line) or shapes.quoted_commas(line, len(fields)):
        wrong.add("quotes", "has values in quotes, and SageMaker's XGBoost reads none: a comma in them divides", row)
        return None
    if len(fields) != content.columns and b"\r" in line.rstrip(b"\r\n"):
        wrong.add("carriage", "has CR alone for the end of a line in it: save the file with LF or CRLF", row)
        return None
    if len(fields) != content.columns:
        odd = row < content.of_row
        of = "the rows behind it have" if odd else f"row {content.of_row} has"
        told = f"has {counted(len(fields))}, {of} {counted(content.columns)}"
        wrong.add("odd first row" if odd else "columns", told, row)
        return None
    for column, value, why in faults:
        label = "the label " if column == 1 else ""
        why = why.replace(LEAVE_EMPTY, "no row can be learnt without") if label else why
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


def conclude(content: Content, *, constants: bool = True) -> None:
    """Adds what the whole channel shows: that nothing is in it, or what is read as it is written and is rarely what was
    meant; with ``constants``, which columns say nothing."""
    rows, doubtful, first = content.rows, content.doubtful, content.first
    if rows == 0:
        content.wrong.add("no rows", "there are no rows")
    elif not content.wrong.kept and sum(content.missing.values()) == rows * (content.columns - 1):
        content.wrong.add("nothing", "every feature is missing in every row")
    if content.wrong.kept or rows < 2:
        return
    values = [read(value) for value in first]
    if len(values) > (2 if values[0] in (0, 1) else 3) and shapes.counts_up(values):
        doubtful.add("numbered header", "counts up from column to column: column numbers or years, as a header?", 1)
    empty = [column for column, count in content.missing.items() if count == rows]
    for column in empty:
        at_end = ", as each row ends with a comma" if column == len(first) - 1 and not first[column] else ""
        doubtful.add("empty column", f"is empty in every row{at_end}", column=column + 1)
    constant = sorted(content.constant.difference(empty)) if constants else []
    if len(constant) == 1:
        doubtful.add("constant", f"is {shown(first[constant[0]])} in every row", column=constant[0] + 1)
    elif constant:
        some = ", ".join(str(column + 1) for column in constant[:_COLUMNS_NAMED])
        more = f" and {len(constant) - _COLUMNS_NAMED:,} more" if len(constant) > _COLUMNS_NAMED else ""
        doubtful.add("constant", f"columns {some}{more} have the same value in every row")
    if rows < ROWS_EXPECTED:
        doubtful.add("few rows", f"{rows} rows are few to learn from or to judge by")


def shown(field: bytes) -> str:
    """A value as it is shown: printable, and cut where it is long."""
    text = field.decode("utf-8", "replace").strip()
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
