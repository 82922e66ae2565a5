"""Two files on their way to a data set: what is no file, every fault of both in one error, changes after the check.

What is wrong inside of a file is in tests/dataset."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from xacct_ml.dataset.content import joined
from xacct_ml.dataset.profile import Profile, Values
from xacct_ml.errors import InputError
from xacct_ml.operations.upload.data_check import (
    LiveData,
    Piece,
    ReadFile,
    check_file,
    judged,
    label_rules,
    raise_faults,
    read_file,
)

GOOD = b"0,1.5,2\n1,-3e2,.5\n"
BINARY = {"objective": "binary:logistic"}


def both(train: Path, validation: Path) -> dict[str, ReadFile]:
    return {"train": read_file("train", train), "validation": read_file("validation", validation)}


def written(directory: Path, content: bytes, name: str = "train.csv") -> Path:
    path = directory / name
    path.write_bytes(content)
    return path


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    """What is no file is the user's mistake, too."""
    with pytest.raises(InputError, match=r"nowhere\.csv: there is no such file for the train data"):
        check_file("train", tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="must be a CSV file, this is a directory"):
        check_file("train", tmp_path)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    """The file is read again for the upload, which a pipe does not allow."""
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        with pytest.raises(InputError, match="must be a regular file"):
            check_file("train", tmp_path / "pipe")
    finally:
        os.close(writer)


def test_a_change_after_the_check_is_seen(tmp_path: Path) -> None:
    """Also one that keeps the size."""
    path = written(tmp_path, GOOD)
    checked = check_file("train", path)
    assert not checked.changed()
    path.write_bytes(GOOD.replace(b"1.5", b"2.5"))
    os.utime(path, ns=(0, 0))
    assert checked.changed()


def test_one_fault_names_file_and_row(tmp_path: Path) -> None:
    """As an editor understands it."""
    path = written(tmp_path, b"0,1\n1,x\n")
    with pytest.raises(InputError, match="row 2, column 2: 'x' is text, not a number") as caught:
        check_file("train", path)
    assert caught.value.message.startswith(f"{path}:2: ")


def test_all_faults_of_both_files_are_one_error(tmp_path: Path) -> None:
    """Each with its file and row: nothing is found out one run after the other."""
    train = written(tmp_path, b"0,1,2\n1,x,2\n5,1,2\n")
    validation = written(tmp_path, b"0,1,2\n3,1,2\n", "validation.csv")
    with pytest.raises(InputError) as caught:
        judged(both(train, validation), label_rules(BINARY))
    assert caught.value.lines() == [
        f"{train}:2: row 2, column 2: 'x' is text, not a number: xacct-ml prepare encodes it",
        f"{train}:3: row 3, column 1: the label 5 is none that binary:logistic takes: 0 and 1",
        f"{validation}:2: row 2, column 1: the label 3 is none that binary:logistic takes: 0 and 1",
    ]


def test_what_is_told_of_good_files(tmp_path: Path) -> None:
    """The label, how many values are missing, doubts, and the profile of training."""
    train = written(tmp_path, b"0,1.5,\n1,,.5\n0,7,1\n")
    validation = written(tmp_path, b"0,8,2\n1,3,4\n0,7,1\n", "validation.csv")
    files = judged(both(train, validation), label_rules(BINARY))
    assert (files["train"].label, files["train"].missing) == ("0 in 2 rows, 1 in 1 row", 2)
    assert "1 of 3 different rows are training rows, too" in " ".join(files["validation"].doubts)
    assert json.loads(files["train"].profile)["repeated"] == {"train": 0, "validation": 1, "holdout": None}
    assert files["validation"].profile == b""


def test_rows_that_are_held_out_are_judged_as_validation_is(tmp_path: Path) -> None:
    """Beside training."""
    train = written(tmp_path, b"0,1,2\n1,3,4\n0,7,1\n")
    files = {**both(train, written(tmp_path, b"0,8,2\n1,3,5\n", "v.csv")), "holdout": read_file("holdout", train)}
    with pytest.raises(InputError, match="has the same content as the training data"):
        judged(files, label_rules(BINARY))


def test_other_columns_than_the_live_models_are_refused(tmp_path: Path) -> None:
    """With every other fault; said only where the change is meant."""
    train, validation = written(tmp_path, b"0,1\n1,2\n"), written(tmp_path, b"0,3\nx,4\n", "v.csv")
    live = LiveData("0123456789abcdef", 3, Profile(10, 10, (Values(0.0), Values(0.0)), Values(0.0)))
    with pytest.raises(InputError) as caught:
        judged(both(train, validation), label_rules(BINARY), live)
    assert caught.value.lines() == [
        f"{train}: has 2 columns, the live model's data (data set 0123456789abcdef) 3: what clients send would no "
        "longer fit; --schema-change says that it is meant",
        f"{validation}:2: row 2, column 1: the label 'x' is text, not a number: xacct-ml prepare encodes it",
    ]
    validation.write_bytes(b"0,3\n1,4\n")
    files = judged(both(train, validation), label_rules(BINARY), live, schema_change=True)
    assert "has 2 columns, the live model's data" in " ".join(files["train"].doubts)


def test_values_that_lie_otherwise_than_the_live_models_are_doubts(tmp_path: Path) -> None:
    """Of training, by column."""
    train, validation = written(tmp_path, b"0,1000\n1,2000\n" * 50), written(tmp_path, b"0,3\n1,4\n", "v.csv")
    live = LiveData("0123456789abcdef", 2, Profile(100, 100, (Values(0.0, 1, 2, 1.5, 0.5, 1, 2),), Values(0.0)))
    files = judged(both(train, validation), label_rules(BINARY), live)
    assert (
        "column 2: goes from 1000 to 2000, from 1 to 2 (mean 1500, 1.5) in the live model's data (data set "
        "0123456789abcdef)"
    ) in files["train"].doubts


@pytest.mark.long
def test_a_large_file_is_read_alike(tmp_path: Path) -> None:
    """By DuckDB where that is installed; a fault has its words all the same."""
    lines = b"".join(b"%d,%d,%d.25\n" % (row % 2, row, row % 1000) for row in range(600_000))
    path = written(tmp_path, lines)
    assert check_file("train", path).rows == 600_000
    with path.open("ab") as file:
        file.write(b"1,2,x\n")
    with pytest.raises(InputError, match="row 600001, column 3: 'x' is text"):
        check_file("train", path)


def test_a_fault_in_one_of_several_files_names_that_file(tmp_path: Path) -> None:
    """And the row in it."""
    first, second = read_file("train", written(tmp_path, GOOD)), read_file("train", written(tmp_path, GOOD, "b"))
    second.content.wrong.add("text", "'x' is text", 2, 3)
    pieces = tuple(Piece(each.path, "", each.size, each.content.rows) for each in (first, second))
    whole = replace(first, content=joined([first.content, second.content]), pieces=pieces)
    with pytest.raises(InputError) as caught:
        raise_faults([whole])
    assert caught.value.lines() == [f"{second.path}:2: row 2, column 3: 'x' is text"]


def test_the_number_of_classes_is_that_of_the_map() -> None:
    """Whatever it was written as."""
    assert label_rules({"objective": "multi:softprob", "num_class": "3"}).high == 2
    assert label_rules({}).objective == "reg:squarederror"
