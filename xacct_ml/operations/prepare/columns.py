"""What each column is: guessed from a sample, then counted over all rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from xacct_ml.dataset.dialect import is_index
from xacct_ml.dataset.kinds import MOSTLY, Guess, advice, doubt, guess, refusal
from xacct_ml.dataset.reading import shown
from xacct_ml.dataset.values import MARKS
from xacct_ml.operations.prepare.duck import Database, texts
from xacct_ml.operations.prepare.encoding import Source, number_of
from xacct_ml.operations.prepare.request import Findings, Request
from xacct_ml.operations.prepare.table import Table

_CELLS_SAMPLED = 1_000_000
_ROWS_SAMPLED = 5000
_COLUMNS_AT_ONCE = 60
"""More expressions in one query take DuckDB longer to plan than as many queries do."""
_EXACT = 1 << 53
_DISTINCT_COUNTED = 5000
"""Beyond that an estimate of the number of different texts will do."""


@dataclass(slots=True)
class Columns:
    """``roles`` are label, features, time and group by name; ``left_out`` says of others why."""

    by_name: dict[str, Source]
    features: list[Source] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def understood(database: Database, table: Table, request: Request, findings: Findings) -> Columns:
    """All columns that are wanted; what is wrong with them is added to ``findings``."""
    columns = Columns({name: Source(place, name) for place, name in enumerate(table.names)})
    before = len(findings.faults)
    _check_names(table, request, findings)
    left_out = dict.fromkeys(request.drop, "--drop")
    for place, name in enumerate(table.names):
        if is_index(table.names, place) and name not in (request.label, *request.categories):
            left_out[name] = "an index, as pandas writes it"
    if request.group:
        left_out.setdefault(request.group, "--group: it is of the split alone")
    columns.left_out = left_out
    wanted = [
        column
        for name, column in columns.by_name.items()
        if name not in left_out or name in (request.time, request.label)
    ]
    if len(findings.faults) > before:
        return columns
    guesses = _guesses(database, table, wanted, request)
    for column in wanted:
        found = guesses[column.name]
        column.kind, column.format = found.kind, found.format
        if found.ambiguous:
            _ambiguous(column, found, findings)
    for start in range(0, len(wanted), _COLUMNS_AT_ONCE):
        _count(database, table, wanted[start : start + _COLUMNS_AT_ONCE], findings)
    columns.features = [column for column in wanted if column.name not in (*left_out, request.label)]
    for column in columns.features:
        found = guesses[column.name]
        if found.word and found.kind == column.kind:
            keeps = "keeps them" if column.kind == "number" else "says that it is meant"
            findings.words.append(f"{column.name} {found.word}; --category {column.name} {keeps}")
        if column.kind == "category":
            _judge_category(database, table, column, findings)
    if not columns.features:
        findings.add("no column is left to learn from")
    return columns


def _check_names(table: Table, request: Request, findings: Findings) -> None:
    options = [("--label", request.label), ("--time", request.time), ("--group", request.group)]
    options += [("--drop", name) for name in request.drop]
    options += [("--slice", name) for name in request.slices]
    options += [("--category", name) for name in request.categories]
    for option, name in options:
        if name is not None and name not in table.names:
            near = [known for known in table.names if known.lower() == name.lower()] or list(table.names[:20])
            more = ", …" if len(near) < len(table.names) and len(near) == 20 else ""
            findings.add(f"{option} {name}: there is no such column; there {_are(near)}{more}", table.paths[0], 1)


def _are(names: Sequence[str]) -> str:
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(names)}"


def _guesses(database: Database, table: Table, wanted: Sequence[Source], request: Request) -> dict[str, Guess]:
    rows = max(200, min(_ROWS_SAMPLED, _CELLS_SAMPLED // len(wanted)))
    step = max(1, table.rows // rows)
    selected = ", ".join(column.text for column in wanted)
    sample = database.run(f"SELECT {selected} FROM source WHERE rowid % {step} = 0 LIMIT {rows}")
    found = {}
    for place, column in enumerate(wanted):
        values = [row[place] for row in sample if row[place] is not None]
        if not values:
            query = f"SELECT {column.text} FROM source WHERE {column.text} IS NOT NULL LIMIT {rows}"
            values = [value for (value,) in database.run(query)]
        forced = column.name in request.categories
        found[column.name] = Guess("category") if forced else guess(values, table.separator, request.order)
    return found


def _ambiguous(column: Source, found: Guess, findings: Findings) -> None:
    told = " or ".join(found.ambiguous)
    findings.add(
        f"the dates of {column.name} could be {told}: give --day-first or --month-first", column=column.place + 1
    )


def _count(database: Database, table: Table, columns: Sequence[Source], findings: Findings) -> None:
    # Each value is read once, below, and counted above: an expression that is written often is planned often.
    read = ", ".join(f"{column.text}, {_number(column)} AS {_value(column)}" for column in columns)
    asked = ", ".join(item for column in columns for item in _counts(column))
    counted = database.run(f"SELECT {asked} FROM (SELECT {read} FROM source)")[0]
    for place, column in enumerate(columns):
        column.values, valid, marks, column.low, column.high, whole = counted[6 * place : 6 * place + 6]
        column.whole = bool(whole) if column.kind in ("number", "time") else column.kind == "boolean"
        wrong = column.values - valid - marks
        if not wrong or column.kind == "category":
            column.read = True
            continue
        if column.kind == "boolean" or wrong > (1 - MOSTLY) * column.values:
            column.kind, column.format = "category", ""
        else:
            _add_wrong(database, table, column, wrong, findings)


def _value(column: Source) -> str:
    return f"n{column.place}"


def _number(column: Source) -> str:
    return "NULL" if column.kind == "category" else number_of(column)


def _counts(column: Source) -> Iterator[str]:
    yield f"count({column.text})"
    if column.kind == "category":
        yield from (f"count({column.text})", "0", "NULL", "NULL", "NULL")
        return
    value = _value(column)
    yield f"count({value})"
    yield f"count(*) FILTER ({column.text} IN ({texts(MARKS)}))"
    yield f"min({value})"
    yield f"max({value})"
    yield f"bool_and(abs({value}) < {_EXACT} AND {value} = trunc({value}))"


def _add_wrong(database: Database, table: Table, column: Source, count: int, findings: Findings) -> None:
    """The first value that is not what the others of its column are, and how many more there are."""
    row, value = database.run(
        f"SELECT rowid, {column.text} FROM source WHERE {column.text} IS NOT NULL AND {number_of(column)} IS NULL "
        f"AND {column.text} NOT IN ({texts(MARKS)}) ORDER BY rowid LIMIT 1"
    )[0]
    path, place = table.place(row)
    kind = "date" if column.kind == "time" else "number that XGBoost can keep"
    more = f" (and {count - 1:,} more)" if count > 1 else ""
    told = f"{shown(value.encode())} is no {kind}, as the other values of {column.name} are{more}"
    findings.add(f"{told}: {advice(value, column.name)}", path, place, column.place + 1)


def _judge_category(database: Database, table: Table, column: Source, findings: Findings) -> None:
    distinct = database.run(f"SELECT approx_count_distinct({column.text}) FROM source")[0][0]
    if distinct < _DISTINCT_COUNTED:
        distinct = database.run(f"SELECT count(DISTINCT {column.text}) FROM source")[0][0]
    row = database.run(f"SELECT rowid, {column.text} FROM source WHERE {column.text} IS NOT NULL LIMIT 1")
    told = refusal(column.name, column.values, distinct, row[0][1]) if row else None
    if told is not None:
        path, place = table.place(row[0][0])
        findings.add(f"{told}: --drop {column.name}", path, place, column.place + 1)
        findings.drop.append(column.name)
    elif (word := doubt(column.name, column.values, distinct)) is not None:
        findings.words.append(f"{word}: --drop {column.name}")
