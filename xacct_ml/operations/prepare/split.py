"""Which row is for training, for validation and for the holdout; the same every time.

Rows are put in the order of a hash. Where few rows repeat others, it is one of what stands in the row, so that equal
rows are on one side; where many do, each is an observation of its own, and it is one of the row's number."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from xacct_ml.operations.prepare.duck import Database, text
from xacct_ml.operations.prepare.encoding import Source, number_of
from xacct_ml.operations.prepare.labels import Label
from xacct_ml.operations.prepare.request import Findings, Request
from xacct_ml.operations.prepare.table import Table

_REPEATED = 0.9
"""Where the different rows are less than this share, rows that are equal are different observations."""
_CUT_EXACTLY = 10_000
"""Of more rows in a class, the shares of the hashes are near enough."""
_HASHES = 1 << 64
_RARE_NAMED = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """``sql`` is 0 for training, 1 for validation, 2 for the holdout."""

    sql: str


def parts(
    database: Database, table: Table, request: Request, label: Label, by: Source | None, findings: Findings
) -> Parts:
    """``by`` is the column of --time or --group, None where rows are drawn."""
    if request.time and by is not None:
        return _cut(database, table, request, by, number_of(by), findings)
    if request.group and by is not None:
        return _cut(database, table, request, by, _hash(request.seed, by.text), findings)
    return _drawn(database, request, label, findings)


def _hash(seed: int, *values: str) -> str:
    return f"md5_number_lower(concat_ws(chr(31), {text(str(seed))}, {', '.join(values)}))"


def _mask(seed: int) -> int:
    """Turns the order of the rows' hashes into another one, which costs less than to hash each row again."""
    return int.from_bytes(hashlib.md5(str(seed).encode(), usedforsecurity=False).digest()[:8], "big")


# -- by an order of the rows: times, or hashes of groups ---------------------------------------------------------------


def _cut(database: Database, table: Table, request: Request, by: Source, key: str, findings: Findings) -> Parts:
    option = "--time" if request.time else "--group"
    missing = database.run(f"SELECT count(*), min(id) FROM labelled WHERE {key} IS NULL OR {by.text} IS NULL")[0]
    if missing[0]:
        path, row = table.place(missing[1])
        more = f" (and {missing[0] - 1:,} more rows)" if missing[0] > 1 else ""
        findings.add(f"{option} {by.name}: there is no value{more}", path, row, by.place + 1)
        return Parts("0")
    shares = [request.split, 1 - request.holdout]
    ends = database.run(
        f"WITH counted AS (SELECT {key} AS key, count(*) AS n FROM labelled GROUP BY key), "
        "summed AS (SELECT key, sum(n) OVER (ORDER BY key) / (SELECT sum(n) FROM counted) AS share, "
        "row_number() OVER (ORDER BY key) AS place FROM counted) "
        "SELECT count(*), "
        f"coalesce(max(place) FILTER (share <= {shares[0]} + 1e-9), 0), "
        f"coalesce(max(place) FILTER (share <= {shares[1]} + 1e-9), 0) FROM summed"
    )[0]
    many, first, second = ends
    wanted = 3 if request.holdout else 2
    if many < wanted:
        findings.add(
            f"{option} {by.name} has {many} different values: {wanted} parts cannot be made of them",
            column=by.place + 1,
        )
        return Parts("0")
    first = min(max(first, 1), many - wanted + 1)
    second = min(max(second, first + 1), many - 1) if request.holdout else many
    keys = database.run(
        "SELECT key FROM (SELECT key, row_number() OVER (ORDER BY key) AS place "
        f"FROM (SELECT DISTINCT {key} AS key FROM labelled)) "
        f"WHERE place IN ({first}, {second}) ORDER BY key"
    )
    low, high = keys[0][0], keys[-1][0]
    return Parts(f"CASE WHEN {key} <= {_literal(low)} THEN 0 WHEN {key} <= {_literal(high)} THEN 1 ELSE 2 END")


def _literal(key: float) -> str:
    return f"{key!r}::DOUBLE" if isinstance(key, float) else str(key)


# -- drawn, each class for itself --------------------------------------------------------------------------------------


def _drawn(database: Database, request: Request, label: Label, findings: Findings) -> Parts:
    different, rows = database.run("SELECT approx_count_distinct(mark), count(*) FROM labelled")[0]
    whole = different >= _REPEATED * rows
    key = f"xor(mark, {_mask(request.seed)}::UBIGINT)" if whole else _hash(request.seed, "id")
    if not whole:
        findings.words.append(
            f"about {rows - different:,} of {rows:,} rows are equal to others: each counts as an observation of its "
            "own; --group COLUMN keeps together what belongs together"
        )
    if not label.classes:
        low, high = _ends(database, request, [rows], key, "0")[0]
        return Parts(f"CASE WHEN {key} <= {low} THEN 0 WHEN {key} <= {high} THEN 1 ELSE 2 END")
    few = [name for name, count in zip(label.classes, label.rows, strict=True) if count < (3 if request.holdout else 2)]
    for name in few[:_RARE_NAMED]:
        findings.words.append(f"the class {name} has too few rows to be in every part")
    ends = _ends(database, request, label.rows, key, label.sql)
    lows, highs = ("[" + ", ".join(f"{each}" for each in side) + "]::UBIGINT[]" for side in zip(*ends, strict=True))
    place = f"CAST({label.sql} AS INTEGER) + 1"
    return Parts(f"CASE WHEN {key} <= ({lows})[{place}] THEN 0 WHEN {key} <= ({highs})[{place}] THEN 1 ELSE 2 END")


def _ends(database: Database, request: Request, rows: Sequence[int], key: str, code: str) -> list[tuple[int, int]]:
    """The last hash of training and that of validation, of each class, by its number of rows."""
    last = _HASHES - 1
    found = [(int(request.split * last), int((1 - request.holdout) * last) if request.holdout else last) for _ in rows]
    small = [place for place, count in enumerate(rows) if count <= _CUT_EXACTLY]
    if not small:
        return found
    counts = {place: _shares(rows[place], request) for place in small}
    firsts = ", ".join(f"{counts[place][0] if place in counts else 1}" for place in range(len(rows)))
    seconds = ", ".join(f"{counts[place][1] if place in counts else 1}" for place in range(len(rows)))
    cut = database.run(
        f"SELECT code, keys[([{firsts}])[code + 1]], keys[([{seconds}])[code + 1]] FROM "
        f"(SELECT CAST({code} AS INTEGER) AS code, list_sort(list({key})) AS keys FROM labelled "
        f"WHERE CAST({code} AS INTEGER) IN ({', '.join(map(str, small))}) GROUP BY code)"
    )
    for code_, low, high in cut:
        found[code_] = (low, high if request.holdout else last)
    return found


def _shares(rows: int, request: Request) -> tuple[int, int]:
    """How many rows are training, and how many training or validation: each part has one, if there are enough."""
    holdout = max(round(rows * request.holdout), int(rows > 2)) if request.holdout else 0
    validation = max(round(rows * (1 - request.split)) - holdout, int(rows > 1))
    train = max(rows - validation - holdout, 1)
    return train, max(min(train + validation, rows), 1)
