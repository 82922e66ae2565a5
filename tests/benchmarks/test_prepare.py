"""The table that ``prepare`` is measured with."""

from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from benchmarks.plain_tables import with_duckdb
from benchmarks.prepare import write_table, write_wide_table
from tests.operations.prepare.tables import contents, prepared


def test_prepare_and_plain_duckdb_encode_alike(tmp_path: Path) -> None:
    """Row for row, whichever part they are in."""
    table = tmp_path / "table.csv"
    write_table(table, 300)
    with_duckdb(str(table), tmp_path)
    plain = [
        [float(field) if field else None for field in line.split(",")]
        for part in ("train", "validation", "holdout")
        for line in (tmp_path / f"{part}.csv").read_text().splitlines()
    ]
    ours = [
        [float(field) if field else None for field in row]
        for part in contents(prepared(table, "churned")).values()
        for row in part
    ]
    assert sorted(ours, key=str) == sorted(plain, key=str)


@pytest.mark.long
def test_a_wide_table_is_prepared_whole(tmp_path: Path) -> None:
    """More columns than are counted or described by one query."""
    write_wide_table(tmp_path / "wide.csv", 310, 40)
    made = contents(prepared(tmp_path / "wide.csv", "label"))
    assert {len(row) for part in made.values() for row in part} == {311}
