"""DuckDB, where it is, and where it is not."""

from pathlib import Path

import pytest

from tests.silent import Silent
from xacct_ml.dataset.schema import COLUMNS
from xacct_ml.errors import InputError
from xacct_ml.operations.prepare.duck import memory, require, text
from xacct_ml.operations.prepare.preparation import prepare
from xacct_ml.operations.prepare.request import Request


def test_without_it_the_command_says_what_to_install() -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError(name)

    with pytest.raises(InputError) as raised:
        require(absent)
    assert raised.value.next_step == "in a checkout of xacct-ml: pip install '.[data]'"


def test_a_text_is_a_literal() -> None:
    assert text("it's") == "'it''s'"


def test_a_wide_table_has_memory_for_its_columns() -> None:
    """5,000 columns failed with 800 MB, 9,990 with 1 GB."""
    assert [memory(columns) for columns in (0, 100, 5000, 10_000)] == ["700MB", "700MB", "1000MB", "2000MB"]


@pytest.mark.long
def test_as_many_columns_as_can_be_learnt_from(tmp_path: Path) -> None:
    """They are read, encoded and written."""
    pytest.importorskip("duckdb")
    path = tmp_path / "wide.csv"
    columns = COLUMNS - 1
    with path.open("w") as file:
        file.write(f"y,{','.join(f'x{place}' for place in range(columns))}\n")
        for row in range(60):
            file.write(f"{row % 2},{','.join(str((row * 7 + place) % 13) for place in range(columns))}\n")
    made = prepare(Request((path,), "y", tmp_path / "out"), Silent())
    assert len(made.schema.features) == columns
