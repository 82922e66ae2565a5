"""The check of a data set's file beside what only reads it: the same file, in turn, each a process of its own
(``readings.py``). Megabytes are 10⁶ bytes."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, Ran, at_least, run, told
from benchmarks.readings import FEATURES, WAYS
from benchmarks.upload import write_csv

TIMES = 3
"""So many times as fast as the reader without DuckDB."""
_ROWS = 400_000
_READINGS = Path(__file__).with_name("readings.py")


def figures(*, quick: bool = False) -> Iterator[Figure]:
    """Of 400,000 rows of 30 features, as of fewer the start of the process is most, and of 1 GB, or 100 MB where it
    should be ``quick``."""
    with tempfile.TemporaryDirectory(prefix="xacct-ml-benchmark-") as scratch:
        table, large = Path(scratch, "table.csv"), Path(scratch, "large.csv")
        write_table(table, _ROWS)
        rounds = 1 if quick else 3
        ours, reader = _rates("check", table, rounds), _rates("reader", table, rounds)
        name = f"Check of {_ROWS:,} × {FEATURES} with DuckDB"
        yield at_least(name, ours, TIMES * reader, "MB/s", f"{TIMES} × {reader:,.0f} without")
        write_csv(large, 100_000_000 if quick else 1_000_000_000, seed=1)
        yield from _beside(large, rounds)


def write_table(path: Path, rows: int) -> None:
    """Rows that are all different: a class, and features of all kinds of digits, one in a hundred missing."""
    chance = random.Random(1)
    bell, whole = chance.gauss, chance.randrange

    def row() -> str:
        half = FEATURES // 3
        values = [*(f"{bell(0, 100):.4f}" for _ in range(half)), *(repr(bell(0, 1)) for _ in range(half))]
        values += ["" if whole(100) == 0 else str(whole(1000)) for _ in range(FEATURES - len(values))]
        return f"{whole(2)},{','.join(values)}\n"

    with path.open("w") as file:
        file.writelines(row() for _ in range(rows))


def _beside(path: Path, rounds: int) -> Iterator[Figure]:
    megabytes = path.stat().st_size / 1e6
    for way in WAYS:
        if way in ("duckdb", "polars") and find_spec(way) is None:
            yield Figure(f"  {way} alone", f"there is none here: pip install {way}")
            continue
        ran = [_run(way, path) for _ in range(rounds)]
        note = (
            f"{max(each.peak for each in ran):,.0f} MiB, {median(each.processor for each in ran):,.1f} s of processor"
        )
        yield told(
            f"  {megabytes:,.0f} MB: {_NAMES[way]}", megabytes / median(each.seconds for each in ran), "MB/s", note
        )


def _rates(way: str, path: Path, rounds: int) -> float:
    return path.stat().st_size / 1e6 / median(_run(way, path).seconds for _ in range(rounds))


def _run(way: str, path: Path) -> Ran:
    return run([sys.executable, _READINGS, way, path])


_NAMES = {
    "check": "the check, with DuckDB",
    "reader": "the check's reader without it",
    "duckdb": "DuckDB alone, counts and ends of each column",
    "polars": "polars alone, the same",
}
