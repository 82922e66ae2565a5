"""Rows for an endpoint: names and values of a table or of JSON, as the CSV that its model was trained for."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xacct_ml.dataset import lone_feature
from xacct_ml.dataset.dialect import NoTable, dialect
from xacct_ml.dataset.fields import NotReadable, read
from xacct_ml.dataset.reading import shown
from xacct_ml.dataset.schema import NotInSchema, Schema, line
from xacct_ml.foreign import ForeignTextError, document

LARGEST_QUESTION = 4 << 20
"""Bytes: what a serverless endpoint takes (SageMaker Developer Guide, Serverless Inference) [B]; others take more."""
_ROWS = 10_000


def of_json(text: bytes | str, schema: Schema) -> list[str]:
    """Of an object of names and values, or a list of such.

    Raises :class:`NotInSchema` with every fault of every row."""
    twice: dict[str, None] = {}

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice.update(dict.fromkeys(name for name, count in Counter(name for name, _ in pairs).items() if count > 1))
        return dict(pairs)

    try:
        found = document(text, LARGEST_QUESTION, members)
    except ForeignTextError as error:
        raise NotInSchema(f"the row {error}") from None
    if twice:
        raise NotInSchema(*(f"names {shown(name.encode('utf-8', 'replace'))} twice in one object" for name in twice))
    rows = found if isinstance(found, list) else [found]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise NotInSchema("expected an object of names and values, or a list of such objects")
    return _encoded(rows, schema)


def of_table(content: bytes, schema: Schema | None, features: int | None = None) -> list[str]:
    """Of a CSV with a header that names columns, or, without a schema, of rows of numbers as they are: ``features`` in
    each, where that is known, since XGBoost takes those that are not there for missing.

    Raises :class:`NotInSchema` with every fault of every row."""
    if len(content) > LARGEST_QUESTION:
        raise NotInSchema(f"has over {LARGEST_QUESTION >> 20} MiB, more than an endpoint takes at once")
    rows = _rows(content)
    if schema is None:
        return _numbers(rows, features)
    if not _has_names(rows[0], schema):
        if all(map(_is_number, rows[0])):
            return _numbers(rows, len(schema.features))
        known = ", ".join(column.name for column in schema.features[:10])
        raise NotInSchema(
            f"its first row names none of the columns {known}{', …' if len(schema.features) > 10 else ''}"
        )
    header, *values = rows
    if not values:
        raise NotInSchema("has names, and no row of values")
    wrong = [place for place, row in enumerate(values, 1) if len(row) != len(header)]
    if wrong:
        raise NotInSchema(*(f"row {place} has another number of values than there are names" for place in wrong))
    if len(set(header)) != len(header):
        raise NotInSchema("names a column twice")
    return _encoded([dict(zip(header, row, strict=True)) for row in values], schema)


def _rows(content: bytes) -> list[list[str]]:
    """Raises :class:`NotInSchema`."""
    try:
        found = dialect(content, whole=True)
        encoding, separator, skipped = found.encoding, found.separator, found.skipped
    except NoTable as error:
        if "one column" not in str(error):
            raise NotInSchema(str(error)) from None
        encoding, separator, skipped = "utf-8-sig", ",", 0
    try:
        text = io.StringIO(content.decode(encoding), newline="")
    except UnicodeDecodeError:
        raise NotInSchema("is empty, or no text") from None
    for _ in range(skipped):
        text.readline()
    try:
        rows = [[field.strip() for field in row] for row in csv.reader(text, delimiter=separator) if row]
    except csv.Error as error:
        raise NotInSchema(f"is no CSV: {error}") from None
    if not rows or len(rows) > _ROWS:
        raise NotInSchema(f"has {'no row' if not rows else f'over {_ROWS:,} rows'}")
    return rows


def _served(row: Sequence[str]) -> str:
    return ",".join(row) if len(row) > 1 else lone_feature.written(row[0].encode()).decode()


def _has_names(row: Sequence[str], schema: Schema) -> bool:
    return any(name in schema.by_name for name in row)


def _is_number(text: str) -> bool:
    try:
        read(text.encode())
    except NotReadable:
        return False
    return True


def _numbers(rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Rows that are as the model takes them already."""
    width = width or len(rows[0])
    faults = []
    for place, row in enumerate(rows, 1):
        wrong = next((field for field in row if not _is_number(field)), None)
        if wrong is not None:
            faults.append(f"row {place}: {wrong[:40]!r} is no number, and without a schema there are no names")
        elif len(row) != width:
            faults.append(f"row {place} has {len(row)} values, not {width}")
    if faults:
        raise NotInSchema(*faults)
    return [_served(row) for row in rows]


def _encoded(rows: Iterable[Mapping[str, Any]], schema: Schema) -> list[str]:
    lines: list[str] = []
    faults: list[str] = []
    several = isinstance(rows, Sequence) and len(rows) > 1
    for place, row in enumerate(rows, 1):
        try:
            lines.append(_served(line(schema.row(row)).split(",")))
        except NotInSchema as error:
            faults += [f"row {place}: {fault}" if several else fault for fault in error.faults]
    if faults:
        raise NotInSchema(*faults)
    return lines
