"""A file of numbers read in one of several ways: ``python readings.py WAY FILE``. Imports no more than the way
needs, so that a process is mostly reading."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

FEATURES = 30
"""Besides the label."""


def _check(path: Path) -> None:
    from xacct_ml.operations.upload.data_check import check_file

    check_file("train", path)


def _reader(path: Path) -> None:
    from xacct_ml.dataset.reading import read_part

    with path.open("rb") as file:
        read_part(file)


def _duckdb(path: Path) -> None:
    import duckdb

    types = {f"c{place}": "DOUBLE" for place in range(FEATURES + 1)}
    asked = ", ".join(f"count({name}), min({name}), max({name})" for name in types)
    reader = f"read_csv(?, columns={types}, header=false, delim=',', quote='', escape='', auto_detect=false)"
    duckdb.execute(f"SELECT count(*), {asked} FROM {reader}", [str(path)]).fetchall()


def _polars(path: Path) -> None:
    import polars

    every = polars.all()
    asked = [every.count().name.suffix("n"), every.min().name.suffix("low"), every.max().name.suffix("high")]
    polars.scan_csv(path, has_header=False, schema_overrides=[polars.Float64] * (FEATURES + 1)).select(asked).collect()


WAYS: Mapping[str, Callable[[Path], None]] = {"check": _check, "reader": _reader, "duckdb": _duckdb, "polars": _polars}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]))
