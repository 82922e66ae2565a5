"""The file that uploads are measured with."""

from __future__ import annotations

from pathlib import Path

from benchmarks.upload import write_csv
from xacct_ml.operations.upload.data_check import check_file


def test_the_file_has_its_size_and_passes_the_check(tmp_path: Path) -> None:
    """To the row: it is a table of numbers whatever its size."""
    for size in (1, 5_000, 1_000_000):
        path = tmp_path / f"{size}.csv"
        write_csv(path, size, seed=1)
        assert size <= path.stat().st_size < size + 1_000
        assert check_file("train", path).columns == 31


def test_two_seeds_are_two_data_sets(tmp_path: Path) -> None:
    """The channels must differ."""
    write_csv(tmp_path / "a", 1, seed=1)
    write_csv(tmp_path / "b", 1, seed=2)
    assert check_file("train", tmp_path / "a").sha256 != check_file("validation", tmp_path / "b").sha256
