"""What somebody would write who knows each column of the benchmark's table: ``plain_tables.py LIBRARY TABLE OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

SHARES = ((0.0, 0.8, "train"), (0.8, 0.9, "validation"), (0.9, 1.0, "holdout"))
NUMBERS = [*(f"x{place}" for place in range(20)), *(f"n{place}" for place in range(5))]
CATEGORIES = ("region", "plan")


def with_duckdb(table: str, folder: Path) -> None:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET memory_limit = '1GB'")
    connection.execute(f"CREATE TABLE source AS SELECT *, random() AS place FROM read_csv('{table}')")
    for name in CATEGORIES:
        connection.execute(f"CREATE TYPE t_{name} AS ENUM (SELECT DISTINCT {name} FROM source ORDER BY {name})")
    encoded = ["(churned = 'yes' OR churned = 'true')::INT", *(f"enum_code({name}::t_{name})" for name in CATEGORIES)]
    encoded += ["since - DATE '1970-01-01'", "paperless::INT", *NUMBERS]
    for low, high, part in SHARES:
        rows = f"SELECT {', '.join(encoded)} FROM source WHERE place >= {low} AND place < {high}"
        connection.execute(f"COPY ({rows}) TO '{folder / part}.csv' (HEADER false)")


def with_polars(table: str, folder: Path) -> None:
    import polars as pl

    source = pl.read_csv(table, try_parse_dates=True)
    source = source.sample(fraction=1.0, shuffle=True, seed=0)
    encoded = source.select(
        (pl.col("churned") == "yes").cast(pl.Int8),
        *(pl.col(name).rank("dense") - 1 for name in CATEGORIES),
        pl.col("since").cast(pl.Int32),
        pl.col("paperless").cast(pl.Int8),
        *NUMBERS,
    )
    for low, high, part in SHARES:
        start, end = int(low * encoded.height), int(high * encoded.height)
        encoded.slice(start, end - start).write_csv(folder / f"{part}.csv", include_header=False)


if __name__ == "__main__":
    library, given, out = sys.argv[1:]
    Path(out).mkdir()
    {"duckdb": with_duckdb, "polars": with_polars}[library](given, Path(out))
