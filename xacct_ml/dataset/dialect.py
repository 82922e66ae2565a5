"""How a table of text is written: its encoding, what separates the columns, and the names in its first row.

Told from the beginning of the file, as a person would who opens it."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from xacct_ml.dataset import shapes
from xacct_ml.dataset.schema import COLUMNS, is_name
from xacct_ml.dataset.values import is_missing, number

SEPARATORS = (",", ";", "\t", "|")
BEGINNING = 1 << 18
"""So many bytes of a file are looked at."""
_ROWS_LOOKED_AT = 50
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PANDAS_INDEX = ("", "Unnamed: 0", "__index_level_0__")
"""What pandas calls an index without a name: to_csv, read_csv after that, to_parquet."""


class NoTable(ValueError):
    """The text is no table with a header. ``str()`` says why, as the rest of a sentence that begins with the file."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """``skipped`` counts the lines before the header. ``plain`` says that DuckDB can read the file as it is: UTF-8, its
    lines ended by LF or CRLF."""

    encoding: str
    separator: str
    skipped: int
    names: tuple[str, ...]
    plain: bool = True


def dialect(start: bytes, *, whole: bool, header: bool = True, encoding: str | None = None) -> Dialect:
    """Of a file that begins with ``start``, which is all of it where ``whole`` says so.

    Raises :class:`NoTable`."""
    encoding = encoding or next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
    if encoding == "utf-8" and (what := shapes.of_bytes(start)) and "CR alone" not in what:
        raise NoTable(what)
    text = _decoded(start, encoding, whole)
    carriage = "\r" in text and "\n" not in text
    lines = text.replace("\r", "\n") if carriage else text
    lines = lines if whole else lines[: lines.rfind("\n") + 1] or lines
    skipped = 0
    rows = _rows(lines, ",")
    while rows and len(rows) > skipped + 1 and rows[skipped][:1] and rows[skipped][0].startswith("#"):
        skipped += 1
    body = "".join(lines.splitlines(keepends=True)[skipped:])
    separator = max(SEPARATORS, key=lambda mark: _fit(_rows(body, mark)))
    first = next(iter(_rows(body, separator)), [])
    if len(first) < 2:
        raise NoTable("has one column: expected a table whose columns are separated by commas, semicolons or tabs")
    names = first if header else [f"column{place}" for place in range(1, len(first) + 1)]
    plain = encoding in ("utf-8", "utf-8-sig") and not carriage
    return Dialect(encoding, separator, skipped, tuple(name.strip() for name in names), plain)


def _decoded(start: bytes, encoding: str, whole: bool) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(start, whole)
    except LookupError:
        raise NoTable(f"cannot be read: Python knows no encoding {encoding!r}") from None
    except UnicodeError as error:
        line = start[: getattr(error, "start", 0)].count(b"\n") + 1
        other = "give the encoding it has, as --encoding cp1252" if encoding == "utf-8" else "it has another encoding"
        raise NoTable(f"is not {encoding.upper()} in line {line}: {other}") from None


def _rows(text: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) == _ROWS_LOOKED_AT:
                break
    except csv.Error:
        # A field of over 128 KiB: what separates the columns is told by the rows before it.
        return rows
    return rows


def _fit(rows: list[list[str]]) -> tuple[float, float, int]:
    """How well a separator fits: the share of rows of the usual width, where that is more than one; the share of fields
    in which no other separator is left, a comma aside, which may be that of decimals; the width."""
    if not rows:
        return 0.0, 0.0, 0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    fields = [field for row in rows for field in row]
    clean = sum(not any(mark in field for mark in SEPARATORS[1:]) for field in fields) / len(fields)
    return round(count / len(rows), 1) if width > 1 else 0.0, round(clean, 1), width


def is_index(names: Sequence[str], place: int) -> bool:
    """Whether the column at ``place`` is called as pandas calls an index."""
    return names[place] in _PANDAS_INDEX and place in (0, len(names) - 1)


def wrong_names(names: Sequence[str], *, header: bool = True) -> list[tuple[int, str]]:
    """What is wrong with the names of a table's columns, with their places (1-based)."""
    found = []
    if header and all(number(name) is not None or is_missing(name) for name in names) and not _column_numbers(names):
        return [
            (1, "the first row is one of numbers: names are needed there, or --no-header, which numbers the columns")
        ]
    if len(names) > COLUMNS:
        found.append((COLUMNS + 1, f"there are {len(names):,} columns, at most {COLUMNS:,} can be learnt from"))
    seen: dict[str, int] = {}
    for place, name in enumerate(names[:COLUMNS], 1):
        if not name and is_index(names, place - 1):
            continue
        if not is_name(name):
            found.append(
                (place, "the column has no name" if not name else "the name is no line of 1 to 256 characters")
            )
        elif name in seen:
            found.append((place, f"the name {name!r} is that of column {seen[name]}, too"))
        seen.setdefault(name, place)
    return found


def _column_numbers(names: Sequence[str]) -> bool:
    """Whether a header numbers the columns, as that of a pandas frame without names does."""
    return shapes.counts_up([value for name in names if (value := number(name)) is not None])
