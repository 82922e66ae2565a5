"""What DuckDB makes of texts is what the schema makes of them: what is trained on is what is asked later."""

import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from xacct_ml.dataset.values import DECIMAL_COMMA, ISO, MISSING_TEXTS, TIME_FORMATS, boolean, is_missing, number
from xacct_ml.operations.prepare.encoding import Source, number_of

duckdb = pytest.importorskip("duckdb")

SEEDS = (
    "2020-01-31T10:00:00Z",
    "2020-12-31 23:59:59.123456+02:00",
    "31.12.2020 10:30",
    "1/2/99",
    "12-31-2020",
    "01-Jan-2020",
    "1 jan 2020",
    "31-Dec-24",
    "December 31, 2020",
    "May 3, 2020 9:30 PM",
    "12/31/2020 12:30:59 am",
    "2020-01-31 10:00:00 UTC",
    "2020-01-31 10:00:00.123456789 GMT",
    "5.1e-300",
    "1e38",
    "3.5e38",
    "123456789012345678901",
    "-.5",
    "5.",
    "1e400",
    "2020/2/29",
    "29.2.2021",
    "1,5e3",
    "5,",
    "+-4",
    "1_000",
    "inf",
    "0x1F",
    "Yes",
    "f",
    "٥",
)
CHARACTERS = "0123456789.,eE+-_ infa/:TZ"


@cache
def table() -> Any:
    """A connection to a database with all texts."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE TABLE source AS SELECT unnest(?) AS c0", [texts(3000)])
    return connection


def texts(count: int) -> list[str]:
    """The seeds, and as many again with some characters changed; drawn the same every time."""
    draw = random.Random(1)
    found = set(SEEDS)
    while len(found) < count:
        changed = list(draw.choice(SEEDS))
        for _ in range(draw.randint(1, 2)):
            place = draw.randrange(len(changed))
            changed[place : place + draw.randint(0, 1)] = draw.choice(CHARACTERS)
        found.add("".join(changed).strip())
    return sorted(text for text in found if not is_missing(text))


@pytest.mark.parametrize(
    ("column", "read"),
    [
        (Source(0, "x"), number),
        (Source(0, "x", "number", DECIMAL_COMMA), lambda text: number(text, DECIMAL_COMMA)),
        (Source(0, "x", "boolean"), boolean),
        *((Source(0, "x", "time", name), form.days) for name, form in TIME_FORMATS.items()),
    ],
    ids=lambda value: f"{value.kind} {value.format}" if isinstance(value, Source) else "",
)
def test_both_read_alike(column: Source, read: Callable[[str], float | None]) -> None:
    found = dict(table().execute(f"SELECT c0, {number_of(column)} FROM source").fetchall())
    assert {text: value for text, value in found.items() if value != read(text)} == {}
    assert [text for text in SEEDS if found.get(text) is not None] or column.format not in ("", ISO, DECIMAL_COMMA)


def test_the_texts_that_are_missing_are_written_once() -> None:
    assert all(is_missing(text) for text in MISSING_TEXTS)
