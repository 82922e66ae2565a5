"""The table that checks are measured with, and the ways to read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.check import WAYS, write_table
from xacct_ml.operations.upload.data_check import check_file


def test_the_table_passes_the_check(tmp_path: Path) -> None:
    """With gaps in it."""
    write_table(tmp_path / "table.csv", 200)
    found = check_file("train", tmp_path / "table.csv")
    assert (found.rows, found.columns) == (200, 31)
    assert found.missing > 0


@pytest.mark.parametrize("way", sorted(WAYS.keys() - {"polars"}))
def test_each_way_reads_it(tmp_path: Path, way: str) -> None:
    """Without an error."""
    write_table(tmp_path / "table.csv", 50)
    WAYS[way](tmp_path / "table.csv")
