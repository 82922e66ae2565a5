"""``prepare`` of a table of 1 GB beside plain DuckDB and polars that are told what each column is.

Both (``plain_tables.py``) only encode, draw and write: no sampling, no faults, no classes, no schema. Without polars
its row is left out: ``pip install polars``. And ``prepare`` of a table of 5,000 columns, by itself."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.figures import Figure, at_most, run, told, xacct_ml
from xacct_ml.operations.prepare.duck import require

MEMORY_MB = 1500
"""DuckDB's 700 MB, and what Python and the writing of files need beside it."""
_BYTES_A_ROW = 202
_NUMBERS, _COUNTS = 20, 5
_WIDE, _WIDE_ROWS = 5000, 2000
_PLAIN = Path(__file__).with_name("plain_tables.py")


def figures(*, quick: bool = False) -> Iterator[Figure]:
    """Of 1 GB, or of 50 MB where it should be ``quick``."""
    with tempfile.TemporaryDirectory(prefix="xacct-ml-benchmark-") as scratch:
        table = Path(scratch, "table.csv")
        write_table(table, (50_000_000 if quick else 1_000_000_000) // _BYTES_A_ROW)
        size = table.stat().st_size / 1e6
        ours = run(xacct_ml("prepare", table, "--label", "churned", "--out", Path(scratch, "prepared")))
        yield told(f"prepare {size:,.0f} MB", ours.seconds, "s", f"{ours.processor:,.1f} s of processor time")
        yield at_most("prepare, peak memory", ours.peak, MEMORY_MB, "MiB")
        for library in ("duckdb", "polars"):
            if find_spec(library) is not None:
                plain = run([sys.executable, _PLAIN, library, table, Path(scratch, library)])
                note = f"{plain.processor:,.1f} s of processor time, {plain.peak:,.0f} MiB"
                yield told(f"plain {library}, told what the columns are", plain.seconds, "s", note)
        wide, columns = Path(scratch, "wide.csv"), _WIDE // 10 if quick else _WIDE
        write_wide_table(wide, columns, _WIDE_ROWS)
        ours = run(xacct_ml("prepare", wide, "--label", "label", "--out", Path(scratch, "wide")))
        note = f"{ours.processor:,.1f} s of processor time, {ours.peak:,.0f} MiB"
        yield told(f"prepare of {columns:,} columns, {_WIDE_ROWS:,} rows", ours.seconds, "s", note)


def write_wide_table(path: Path, columns: int, rows: int) -> None:
    """A class and numbers between 0 and 1."""
    chance = random.Random(1)
    with path.open("w") as file:
        file.write(f"label,{','.join(f'x{place}' for place in range(columns))}\n")
        for row in range(rows):
            file.write(f"{row % 2},{','.join(f'{chance.random():.4f}' for _ in range(columns))}\n")


def write_table(path: Path, rows: int) -> None:
    """Classes, categories, dates, yes and no, numbers with gaps: hashes of the row's number."""
    columns = [
        "CASE WHEN hash(i) % 100 < 30 THEN 'yes' ELSE 'no' END AS churned",
        "['North', 'South', 'East', 'West', 'Center'][(1 + hash(i * 7) % 5)::BIGINT] AS region",
        "'plan ' || (hash(i * 11) % 40) AS plan",
        "DATE '2019-01-01' + (hash(i * 13) % 2000)::INT AS since",
        "hash(i * 17) % 2 = 0 AS paperless",
    ]
    columns += [
        f"CASE WHEN hash(i * {19 + place}) % 50 > 0 THEN round((hash(i * {101 + place}) % 1000000) / 1000.0, 3) END"
        f" AS x{place}"
        for place in range(_NUMBERS)
    ]
    columns += [f"(hash(i * {301 + place}) % {10 ** (1 + place % 4)})::INT AS n{place}" for place in range(_COUNTS)]
    where = str(path).replace("'", "''")
    query = f"SELECT {', '.join(columns)} FROM range({rows}) AS numbers(i)"
    require().connect().execute(f"COPY ({query}) TO '{where}' (HEADER, DELIMITER ',')")
