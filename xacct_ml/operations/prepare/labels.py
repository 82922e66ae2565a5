"""The label: classes, numbered from 0, or a number."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.dataset.schema import CATEGORIES, is_name
from xacct_ml.operations.prepare.duck import Database, texts
from xacct_ml.operations.prepare.encoding import Source, code_of, encoded, number_of
from xacct_ml.operations.prepare.request import Findings, Request
from xacct_ml.operations.prepare.table import Table

CLASSES_LIKELY = 20
"""Whole numbers of so many different values are classes, unless it is said that they are numbers."""
_EACH = 10


@dataclass(frozen=True, slots=True)
class Label:
    """``classes`` are their names in the order of their codes, none for a number; ``rows`` how many have each.
    ``sql`` is the code or the number."""

    source: Source
    sql: str
    classes: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()

    @property
    def objective(self) -> str:
        if not self.classes:
            return "reg:squarederror"
        return "binary:logistic" if len(self.classes) == 2 else "multi:softprob"


def label_of(database: Database, table: Table, column: Source, request: Request, findings: Findings) -> Label:
    """Its classes are those of all rows. What is wrong with it is added to ``findings``."""
    numbers = Label(column, encoded(column) if column.kind != "category" else "NULL")
    missing = table.rows - _labelled(database, column)
    if missing and not request.skip_unlabelled:
        row = database.run(f"SELECT rowid FROM source WHERE {_value(column)} IS NULL ORDER BY rowid LIMIT 1")[0][0]
        path, place = table.place(row)
        more = f" (and {missing - 1:,} more rows)" if missing > 1 else ""
        findings.add(
            f"the label {column.name} is missing{more}: --skip-unlabelled leaves such rows out",
            path,
            place,
            column.place + 1,
        )
        findings.unlabelled = missing < table.rows
    elif missing:
        findings.words.append(f"{missing:,} rows have no label and are left out")
    if missing == table.rows:
        return numbers
    if column.kind == "time":
        findings.add(f"the label {column.name} is a date: a model learns numbers or classes", column=column.place + 1)
        return numbers
    if column.kind == "number" and (not column.whole or request.task == "numbers"):
        if request.task == "classes":
            findings.add(f"the label {column.name} has fractions: no classes", column=column.place + 1)
        return numbers
    return _classes(database, column, request, findings) or numbers


def _labelled(database: Database, column: Source) -> int:
    return int(database.run(f"SELECT count({_value(column)}) FROM source")[0][0])


def _value(column: Source) -> str:
    return column.text if column.kind == "category" else number_of(column)


def _classes(database: Database, column: Source, request: Request, findings: Findings) -> Label | None:
    """None where they are numbers, or no classes."""
    text, labelled = _class_text(database, column), f"{_value(column)} IS NOT NULL"
    counted = database.run(
        f"SELECT * FROM (SELECT {text} AS class, count(*) FROM source WHERE {labelled} GROUP BY class) "
        f"LIMIT {CATEGORIES + 1}"
    )
    counted.sort(key=lambda row: float(row[0]) if column.kind == "number" else row[0])
    names, rows = tuple(name for name, _ in counted), tuple(count for _, count in counted)
    if column.kind == "number" and request.task != "classes" and not _look_like_classes(names, rows):
        return None
    if (fault := _fault(names, sum(rows))) is not None:
        findings.add(f"the label {column.name} {fault}", column=column.place + 1)
        return None
    if column.kind == "boolean":
        return Label(column, f"CAST({number_of(column)} AS INTEGER)", names, rows)
    database.run(f"CREATE TYPE {column.type} AS ENUM ({texts(names)})")
    sql = code_of(column) if column.kind == "category" else f"enum_code(TRY_CAST({text} AS {column.type}))"
    return Label(column, sql, names, rows)


def _fault(names: tuple[str, ...], rows: int) -> str | None:
    """Why these cannot be classes."""
    if len(names) > CATEGORIES:
        return f"has over {CATEGORIES:,} different values: too many to be classes"
    if rows >= _EACH and len(names) > rows / 2:
        return f"has {len(names):,} different values in {rows:,} rows: too many to be classes"
    if len(names) < 2:
        return f"is {names[0]!r} in every row: there is nothing to learn"
    unfit = next((name for name in names if not is_name(name)), None)
    return None if unfit is None else f"has the class {unfit[:40]!r}, which is no line of 1 to 256 characters"


def _class_text(database: Database, column: Source) -> str:
    if column.kind == "category":
        return column.text
    if column.kind == "boolean":
        first = database.run(f"SELECT lower({column.text}) FROM source WHERE {column.text} IS NOT NULL LIMIT 1")[0][0]
        no, yes = ("false", "true") if first[0] in "tf" else ("no", "yes")
        return f"CASE {number_of(column)} WHEN 0 THEN '{no}' WHEN 1 THEN '{yes}' END"
    return f"CAST(CAST({number_of(column)} AS BIGINT) AS VARCHAR)"


def _look_like_classes(names: tuple[str, ...], rows: tuple[int, ...]) -> bool:
    """Of whole numbers: few, each in some rows."""
    return len(names) <= CLASSES_LIKELY and (len(names) <= 2 or sum(rows) >= _EACH * len(names) or sum(rows) < _EACH)
