"""Parquet as rows: what XGBoost learns of a table of numbers, and what the container would not read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import duckdb
import pytest

from xacct_ml.dataset.parquet import MAGIC, NotParquet, is_parquet, write_rows
from xacct_ml.dataset.reading import read_part


def parquet(place: Path, select: str) -> Path:
    """What a query gives, as a file."""
    with duckdb.connect(":memory:") as database:
        database.execute(f"COPY ({select}) TO '{place}' (FORMAT parquet)")
    return place


def test_numbers_are_written_as_they_are(tmp_path: Path) -> None:
    """NULL is empty and NaN a word, both missing to XGBoost; what single precision has not is 0."""
    query = (
        "SELECT 1 AS label, 0.5::DOUBLE a, NULL::DOUBLE b, 'nan'::FLOAT c, 1e-40::DOUBLE d, 9007199254740993 e "
        "UNION ALL SELECT 0, -2.25, 3, 1e20, -1e-30, 2"
    )
    columns = write_rows(parquet(tmp_path / "t.parquet", query), tmp_path / "rows.csv")
    assert columns.names == ("label", "a", "b", "c", "d", "e")
    assert (tmp_path / "rows.csv").read_text().splitlines() == [
        "1,0.5,,nan,0.0,9007199254740993",
        "0,-2.25,3.0,1e+20,-1e-30,2",
    ]
    content = read_part(BytesIO((tmp_path / "rows.csv").read_bytes()))
    assert (content.rows, content.columns, content.missing, content.wrong.faults()) == (2, 6, {2: 1, 3: 1}, [])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("true", r"column 2 \(v\) is BOOLEAN: cast it to a whole number"),
        ("'yes'", r"column 2 \(v\) is VARCHAR: xacct-ml prepare encodes it"),
        ("DATE '2026-01-31'", r"column 2 \(v\) is DATE: xacct-ml prepare encodes it"),
        ("1.5::DECIMAL(4, 2)", r"column 2 \(v\) is DECIMAL\(4,2\): cast it to a double"),
        ("[1, 2]", r"column 2 \(v\) is INTEGER\[\]: make columns of numbers of it"),
    ],
)
def test_other_columns_are_refused(tmp_path: Path, value: str, said: str) -> None:
    """pandas makes a table of objects of them, which XGBoost does not take."""
    with pytest.raises(NotParquet, match=said):
        write_rows(parquet(tmp_path / "t.parquet", f"SELECT 1 AS label, {value} AS v"), tmp_path / "rows.csv")


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    """What begins as Parquet and goes on otherwise."""
    broken = tmp_path / "t.parquet"
    broken.write_bytes(MAGIC + b"0,1,2\n" * 10)
    with broken.open("rb") as file:
        assert is_parquet(file)
    with pytest.raises(NotParquet, match="cannot be read as Parquet"):
        write_rows(broken, tmp_path / "rows.csv")


def test_a_name_stands_for_no_other_file(tmp_path: Path) -> None:
    """DuckDB takes an asterisk for a pattern."""
    parquet(tmp_path / "a.parquet", "SELECT 7 AS label, 7 AS v")
    odd = tmp_path / "[a]*'.parquet"
    parquet(tmp_path / "b.parquet", "SELECT 1 AS label, 2 AS v").rename(odd)
    write_rows(odd, tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text() == "1,2\n"
