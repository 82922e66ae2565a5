"""The schema that goes with a data set: of these files, or left out; its slices are shown by their names."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.fakes import FakeBucket
from tests.configs import example
from tests.operations.upload.test_data import accounts
from tests.silent import Silent
from xacct_ml.dataset.schema import Column, Schema
from xacct_ml.errors import InputError
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.operations.upload.data_check import LiveData
from xacct_ml.operations.upload.data_schema import find, fitting, require_same_columns


class Telling(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


COLUMNS = (Column("plan, new", "category", ("basic", "gold")), Column("age", "number"))


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    (tmp_path / "train.csv").write_text("0,1,2\n1,0,3\n")
    (tmp_path / "validation.csv").write_text("1,1,4\n")
    (tmp_path / "holdout.csv").write_text("1,1,5\n0,,6\n")
    rows = {"train": 2, "validation": 1, "holdout": 2}
    schema = Schema(Column("y", "number"), COLUMNS, rows, "binary:logistic", slices=("plan, new",))
    (tmp_path / "schema.json").write_bytes(schema.to_json())
    return tmp_path


def test_it_goes_with_the_data_and_names_the_slices(prepared: Path) -> None:
    """And is a part of what the data set is called by."""
    found = find(None, prepared / "train.csv", Silent())
    assert found is not None
    assert found.held_out() == prepared / "holdout.csv"
    train, validation = prepared / "train.csv", prepared / "validation.csv"
    files = check_files(train, validation, Silent(), held_out=found.held_out())
    bucket = FakeBucket()
    schema = fitting(found, files, Silent())
    done = upload_data(example(), accounts(bucket), files, Silent(), schema=schema).manifest
    plain = upload_data(example(), accounts(bucket), files, Silent()).manifest
    assert plain.dataset != done.dataset
    assert (plain.schema_file, plain.holdout.slices) == (None, None)
    assert done.schema_file is not None
    assert done.schema_file.key == f"data/{done.dataset}/schema.json"
    assert done.holdout.slices is not None
    assert bucket.objects[done.holdout.slices.key]["Body"] == b'"plan, new"\ngold\n""\n'


@pytest.mark.parametrize(
    ("change", "said"),
    [({"rows": {"train": 9, "validation": 1, "holdout": 2}}, "is of 9 training rows"), ({"features": []}, "no schema")],
)
def test_another_data_sets_is_refused_where_it_is_named(prepared: Path, change: dict[str, object], said: str) -> None:
    """Beside the files it may lie from before: it is left out."""
    path, train = prepared / "schema.json", prepared / "train.csv"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    files = check_files(train, prepared / "validation.csv", Silent())
    assert fitting(find(None, train, Silent()), files, Silent()) is None
    with pytest.raises(InputError, match=said):
        fitting(find(path, train, Silent()), files, Silent())


def test_one_that_is_not_there_is_refused_where_it_is_named(tmp_path: Path) -> None:
    assert find(None, tmp_path / "train.csv", Silent()) is None
    with pytest.raises(InputError, match="cannot be read: No such file"):
        find(tmp_path / "schema.json", tmp_path / "train.csv", Silent())


@pytest.mark.parametrize(
    ("content", "told"), [(b"{bro", "it is not JSON"), (b"{}", "there is no 'schema'"), (None, "cannot be read: ")]
)
def test_one_beside_the_files_that_cannot_be_read_is_left_out_with_a_word(
    prepared: Path, content: bytes | None, told: str
) -> None:
    """It would take the rows held out with it in silence."""
    path = prepared / "schema.json"
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    said = Telling()
    assert find(None, prepared / "train.csv", said) is None
    (word,) = said.warnings
    assert told in word
    assert word.endswith("it is left out, and so is a holdout.csv beside it")


def test_columns_of_the_live_model_stay_unless_it_is_said(prepared: Path) -> None:
    """By their names: as many columns may be others."""
    found = find(None, prepared / "train.csv", Silent())
    assert found is not None
    same, other = found.schema, replace(found.schema, features=(COLUMNS[0], Column("years", "number")))
    said = Telling()
    for live in (None, LiveData("abc"), LiveData("abc", schema=same)):
        require_same_columns(found, live, said, schema_change=False)
    require_same_columns(None, LiveData("abc", schema=other), said, schema_change=False)
    with pytest.raises(InputError, match=r"\(data set abc\): new: age; gone: years: .*; --schema-change says"):
        require_same_columns(found, LiveData("abc", schema=other), said, schema_change=False)
    assert said.warnings == []
    require_same_columns(found, LiveData("abc", schema=other), said, schema_change=True)
    assert "new: age; gone: years" in said.warnings[0]
