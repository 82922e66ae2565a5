"""Two files on their way to a data set: what is no file, every fault of both in one error, changes after the check.

What is wrong inside of a file is in tests/dataset."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xacct_ml.errors import InputError
from xacct_ml.operations.upload.data_check import check_file, judged, label_rules, read_file

GOOD = b"0,1.5,2\n1,-3e2,.5\n"
BINARY = {"objective": "binary:logistic"}


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
    with pytest.raises(InputError, match="row 2, column 2: 'x' is not a number") as caught:
        check_file("train", path)
    assert caught.value.message.startswith(f"{path}:2: ")


def test_all_faults_of_both_files_are_one_error(tmp_path: Path) -> None:
    """Each with its file and row: nothing is found out one run after the other."""
    train = written(tmp_path, b"0,1,2\n1,x,2\n5,1,2\n")
    validation = written(tmp_path, b"0,1,2\n3,1,2\n", "validation.csv")
    with pytest.raises(InputError) as caught:
        judged(read_file("train", train), read_file("validation", validation), label_rules(BINARY))
    assert caught.value.lines() == [
        f"{train}:2: row 2, column 2: 'x' is not a number; leave the field empty where the value is missing",
        f"{validation}:2: row 2, column 1: the label 3 is none that binary:logistic takes: 0 and 1",
    ]


def test_what_is_told_of_good_files(tmp_path: Path) -> None:
    """The label, how many values are missing, and doubts."""
    train = read_file("train", written(tmp_path, b"0,1.5,\n1,,.5\n0,7,1\n"))
    validation = read_file("validation", written(tmp_path, b"0,8,2\n1,3,4\n0,7,1\n", "validation.csv"))
    files = judged(train, validation, label_rules(BINARY))
    assert (files["train"].label, files["train"].missing) == ("0 in 2 rows, 1 in 1 row", 2)
    assert "1 of 3 rows are training rows, too" in " ".join(files["validation"].doubts)


def test_the_number_of_classes_is_that_of_the_map() -> None:
    """Whatever it was written as."""
    assert label_rules({"objective": "multi:softprob", "num_class": "3"}).high == 2
    assert label_rules({}).objective == "reg:squarederror"
