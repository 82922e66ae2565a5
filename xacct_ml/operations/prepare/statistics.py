"""What the training rows have in each column: categories, ranges, gaps, and what tells the label by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from xacct_ml.dataset.schema import CATEGORIES, PARTS, Column, Schema, is_name
from xacct_ml.dataset.values import when
from xacct_ml.operations.prepare.columns import Columns
from xacct_ml.operations.prepare.duck import Database, texts
from xacct_ml.operations.prepare.encoding import Source, code_of, encoded, number_of
from xacct_ml.operations.prepare.labels import Label
from xacct_ml.operations.prepare.request import Findings, Request

_ROWS_TELLING = 50
"""Of fewer rows nothing is said about what tells the label."""
_CLASSES_COMPARED = 50
_ALIKE = 0.99999
_SLICES = 20
_COLUMNS_AT_ONCE = 300
"""A table of thousands of columns takes DuckDB long to look up, once a query."""


def schema_of(
    database: Database,
    columns: Columns,
    label: Label,
    request: Request,
    rows: dict[str, tuple[int, ...]],
    findings: Findings,
) -> Schema:
    """Of the training rows, with SQL types for the categories that are in them. ``rows`` of each class by part, or all
    rows where the label is a number."""
    categories = {
        column.name: _categories(database, column, label, findings)
        for column in columns.features
        if column.kind == "category"
    }
    features = []
    for start in range(0, len(columns.features), _COLUMNS_AT_ONCE):
        features += _ranges(database, columns.features[start : start + _COLUMNS_AT_ONCE], categories)
    for column in features:
        _say_constant(column, findings)
    _telling(database, columns.features, label, findings)
    of_label = _ranges(database, [label.source], {}, label.sql)[0]
    named = Column(
        of_label.name,
        "boolean" if label.classes and label.source.kind == "boolean" else "category" if label.classes else "number",
        label.classes,
        "" if label.classes else label.source.format,
        of_label.low,
        of_label.high,
    )
    counts = rows["train"] if label.classes else ()
    total = {part: sum(rows.get(part, ())) for part in PARTS}
    left_out = tuple(name for name in columns.left_out if is_name(name) and name != label.source.name)
    slices = tuple(name for name in request.slices if _is_slice(name, columns, findings))
    return Schema(named, tuple(features), total, label.objective, counts, slices, left_out)


def _is_slice(name: str, columns: Columns, findings: Findings) -> bool:
    column = next((column for column in columns.features if column.name == name), None)
    if column is None:
        findings.add(f"--slice {name} is no feature: only by one of those the approval's figures can be cut")
    elif column.kind == "time" or (column.kind == "number" and not _few(column)):
        findings.add(f"--slice {name} is a {column.kind} of many values: --category {name} makes one of few a category")
    else:
        return True
    return False


def _few(column: Source) -> bool:
    return column.whole and column.low is not None and column.high is not None and column.high - column.low < _SLICES


# -- categories --------------------------------------------------------------------------------------------------------


def _categories(database: Database, column: Source, label: Label, findings: Findings) -> tuple[str, ...]:
    """In the order of their codes. What only other parts have is missing there, with a word."""
    found = database.run(
        f"SELECT * FROM (SELECT {column.text}, count(*), min({label.sql}), max({label.sql}) FROM parted "
        f"WHERE part = 0 AND {column.text} IS NOT NULL GROUP BY {column.text}) LIMIT {CATEGORIES + 1}"
    )
    names = tuple(sorted(name for name, *_ in found))
    if wrong := [name for name in names if not is_name(name)]:
        told = f"{column.name} has the value {wrong[0][:40]!r}: categories are lines of up to 256 characters"
        findings.add(f"{told}: --drop {column.name}", column=column.place + 1)
        findings.drop.append(column.name)
        names = tuple(name for name in names if is_name(name))
    database.run(f"CREATE TYPE {column.type} AS ENUM ({texts(names or ('',))})")
    if label.classes and sum(count for _, count, *_ in found) >= _ROWS_TELLING and _one_class_each(found):
        findings.words.append(_tells(column.name, "each of its values has one class only", label))
    unseen = database.run(
        f"SELECT count(*), count(DISTINCT {column.text}), min({column.text}) FROM parted "
        f"WHERE part > 0 AND {column.text} IS NOT NULL AND {code_of(column)} IS NULL"
    )[0]
    if unseen[0]:
        findings.words.append(
            f"{column.name}: {unseen[1]:,} categories, as {unseen[2]!r}, are in no training row: "
            f"missing in {unseen[0]:,} rows"
        )
    return names


def _one_class_each(found: Sequence[tuple[object, ...]]) -> bool:
    lows = [low for _, _, low, _ in found]
    return len(set(lows)) > 1 and all(low == high for _, _, low, high in found)


def _tells(name: str, how: str, label: Label) -> str:
    return f"{name} tells {label.source.name} by itself ({how}): is it known before the label is? --drop {name} if not"


# -- ranges ------------------------------------------------------------------------------------------------------------


def _ranges(
    database: Database, columns: Sequence[Source], categories: dict[str, tuple[str, ...]], sql: str | None = None
) -> list[Column]:
    values = [sql or encoded(column) for column in columns]
    asked = ", ".join(f"min({value}), max({value}), count(*) - count({value})" for value in values)
    row = database.run(f"SELECT {asked} FROM parted WHERE part = 0")[0]
    found = []
    for place, column in enumerate(columns):
        low, high, missing = row[3 * place : 3 * place + 3]
        ends = (None, None) if low is None else (float(low), float(high))
        texts_ = categories.get(column.name, ())
        found.append(Column(column.name, column.kind, texts_, column.format, ends[0], ends[1], missing))
    return found


def _say_constant(column: Column, findings: Findings) -> None:
    if column.low is None:
        findings.words.append(f"{column.name} has no value in any training row: --drop {column.name}")
    elif column.low == column.high and not column.missing:
        value = (
            column.categories[0]
            if column.categories
            else when(column.low)
            if column.kind == "time"
            else f"{column.low:g}"
        )
        findings.words.append(f"{column.name} is {value} in every training row: --drop {column.name}")


# -- what tells the label ----------------------------------------------------------------------------------------------


def _telling(database: Database, features: Sequence[Source], label: Label, findings: Findings) -> None:
    """Words about features that are numbers, whose values alone give the label away."""
    numbers = [column for column in features if column.kind in ("number", "time")]
    for start in range(0, len(numbers), _COLUMNS_AT_ONCE):
        some = numbers[start : start + _COLUMNS_AT_ONCE]
        how = _of_classes(database, some, label) if label.classes else _of_numbers(database, some, label)
        findings.words.extend(_tells(name, what, label) for name, what in how)
    for column in numbers:
        if column.whole and column.kind == "number" and column.values >= _ROWS_TELLING and _counts_up(database, column):
            findings.words.append(f"{column.name} counts the rows, as an index does: --drop {column.name}")


def _of_classes(database: Database, columns: Sequence[Source], label: Label) -> Iterator[tuple[str, str]]:
    """Those whose ranges in the classes do not overlap."""
    if len(label.classes) > _CLASSES_COMPARED:
        return
    asked = ", ".join(f"min({number_of(column)}), max({number_of(column)})" for column in columns)
    rows = database.run(f"SELECT count(*), {asked} FROM parted WHERE part = 0 GROUP BY {label.sql}")
    if len(rows) < 2 or sum(row[0] for row in rows) < _ROWS_TELLING:
        return
    for place, column in enumerate(columns):
        ranges = sorted(row[2 * place + 1 : 2 * place + 3] for row in rows if row[2 * place + 1] is not None)
        if len(ranges) == len(rows) and all(one[1] < other[0] for one, other in pairwise(ranges)):
            yield column.name, "its ranges in the classes do not overlap"


def _of_numbers(database: Database, columns: Sequence[Source], label: Label) -> Iterator[tuple[str, str]]:
    """Those that go with the label in a straight line."""
    asked = ", ".join(f"corr({number_of(column)}, {label.sql})" for column in columns)
    found = database.run(f"SELECT count(*), {asked} FROM parted WHERE part = 0")[0]
    for column, together in zip(columns, found[1:], strict=True):
        if found[0] >= _ROWS_TELLING and together is not None and abs(together) > _ALIKE:
            yield column.name, f"their correlation is {together:.5f}"


def _counts_up(database: Database, column: Source) -> bool:
    if column.low is None or column.high is None or column.high - column.low != column.values - 1:
        return False
    value = number_of(column)
    differing = database.run(f"SELECT count(DISTINCT {value} - id), count(*) - count({value}) FROM parted")[0]
    return bool(differing == (1, 0))
