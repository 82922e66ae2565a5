"""The row checker, against a table of what goes wrong and against a naive reader."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.errors import InputError
from xacct_ml.operations.upload.data_check import ROW_LIMIT, check_file, check_pair

GOOD = b"0,1.5,2\n1,-3e2,.5\n"


def written(directory: Path, content: bytes, name: str = "train.csv") -> Path:
    path = directory / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "rows", "columns"),
    [(GOOD, 2, 3), (b"0,1\r\n1,2\r\n", 2, 2), (b"0,1\n1,2", 2, 2), (b"0, 1\n1,\t2\n", 2, 2), (b"-1.0,1e300\n", 1, 2)],
    ids=["plain", "crlf", "no last newline", "spaces", "one row"],
)
def test_accepts(tmp_path: Path, content: bytes, rows: int, columns: int) -> None:
    """Numbers in any notation, either line end; rows, columns and checksum are of the whole file."""
    checked = check_file("train", written(tmp_path, content))
    assert (checked.rows, checked.columns, checked.size) == (rows, columns, len(content))
    assert checked.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", None, "the train data is empty: there are no rows"),
        (b"churn,months,calls\n0,1,2\n", 1, r"row 1: this is text \('churn'\), a header perhaps"),
        (b"0,1\n,2\n", 2, r"row 2, column 1: the label \(the first column\) is empty; XGBoost would take it for 0"),
        (b"0,1\n \t,2\n", 2, r"row 2, column 1: the label \(the first column\) is empty"),
        (b"0,1,2\nnan,,2\n", 2, "row 2, column 1: the label 'nan' is not a finite number"),
        (b"0,\n1,nan\n", None, "every feature of the train data is missing"),
        (b"0,1\n1,NA\n", 2, "row 2, column 2: 'NA' is not a number; leave the field empty where a value is missing"),
        (b"0,1,2\n1, ,2\n", 2, "row 2, column 2: the value is blank, not empty; XGBoost would take it for 0"),
        (b"0,1,2\n1,2\n", 2, "row 2 has 2 columns, row 1 has 3 columns"),
        (b"0,1\n1,2,\n", 2, "row 2 has 3 columns, row 1 has 2 columns"),
        (b"0,1\nyes,2\n", 2, "row 2, column 1: the label 'yes' is not a number"),
        (b"0,1\n1,-inf\n", 2, "row 2, column 2: '-inf' is not a finite number"),
        (b"0,1\n1,1e999\n", 2, "row 2, column 2: '1e999' is not a finite number"),
        (b"0,1\n1,1_000\n", 2, "row 2, column 2: '1_000' is not a plain number"),
        (b'0,1\n1,"2"\n', 2, "row 2, column 2: '\"2\"' is quoted"),
        (b"0,1\n\n1,2\n", 2, "row 2: the line is empty"),
        (b"0,1\n1,2\n\n", 3, "row 3: the line is empty"),
        (b"0;1;2\n", 1, "row 1: this is text ('0;1;2')".replace("(", r"\(").replace(")", r"\)")),
        (b"0\n1\n", 1, r"row 1 has one column \('0'\)"),
        (b"\xef\xbb\xbf0,1\n", 1, "row 1 begins with a byte-order mark"),
        (b"\x1f\x8b\x08\x00,1\n", None, "this is a gzip archive, not CSV text"),
        (b"0,1\n1,\x002\n", 2, "row 2: the file is binary"),
        (b"0,1\n1,\xff\n", 2, "row 2, column 2: '\ufffd' is not a number"),
        (b"0,1\r1,2\r", 1, "row 1, column 2: '1\\\\r1' is not a number"),
        (b"0," + b"1" * (ROW_LIMIT + 1), 1, "row 1 is longer than 1 MiB"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_refuses(tmp_path: Path, content: bytes, line: int | None, reason: str) -> None:
    """Each way to be wrong, with the file and the row in the message."""
    path = written(tmp_path, content)
    with pytest.raises(InputError, match=reason) as caught:
        check_file("train", path)
    assert (caught.value.file, caught.value.line) == (path, line)
    assert caught.value.message.startswith(f"{path}:")


@pytest.mark.parametrize(
    ("content", "missing"),
    [(GOOD, 0), (b"0,,2\n1,4,\n", 2), (b"0,nan,2\n1, NaN ,NAN\n", 3), (b"1,,3\r\n0,4,\r\n", 2)],
    ids=["none", "empty", "nan", "crlf"],
)
def test_a_feature_may_be_missing(tmp_path: Path, content: bytes, missing: int) -> None:
    """As XGBoost itself reads it; they are counted."""
    checked = check_file("train", written(tmp_path, content))
    assert (checked.rows, checked.columns, checked.missing) == (2, 3, missing)


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


def test_progress_adds_up_to_the_file(tmp_path: Path) -> None:
    """Every byte is reported once."""
    content = b"0,123456789\n" * 200_000
    told: list[int] = []
    check_file("train", written(tmp_path, content), told.append)
    assert sum(told) == len(content)
    assert len(told) > 1


def test_a_change_after_the_check_is_seen(tmp_path: Path) -> None:
    """Also one that keeps the size."""
    path = written(tmp_path, GOOD)
    checked = check_file("train", path)
    assert not checked.changed()
    path.write_bytes(GOOD.replace(b"1.5", b"2.5"))
    os.utime(path, ns=(0, 0))
    assert checked.changed()


def test_both_channels_have_one_width(tmp_path: Path) -> None:
    """The message has both files and both widths."""
    train = check_file("train", written(tmp_path, GOOD))
    validation = check_file("validation", written(tmp_path, b"0,1\n", "validation.csv"))
    with pytest.raises(
        InputError, match=r"validation\.csv: has 2 columns, but the training data .*train\.csv has 3 columns"
    ):
        check_pair(train, validation)


def test_the_same_content_twice_is_refused(tmp_path: Path) -> None:
    """Under another name, too: the gate would mean nothing."""
    train = check_file("train", written(tmp_path, GOOD))
    validation = check_file("validation", written(tmp_path, GOOD, "validation.csv"))
    with pytest.raises(InputError, match="same content as the training data"):
        check_pair(train, validation)


def naive(content: bytes) -> tuple[int, int] | None:
    """Rows and columns as the simplest correct reader finds them; None for what must be refused."""
    try:
        lines = content.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return None
    if lines[-1] == "":
        lines.pop()
    rows = [line.removesuffix("\r").split(",") for line in lines]
    number = re.compile(r"[ \t]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t]*")
    if not rows or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows):
        return None
    absent = re.compile(r"|\s*nan\s*", re.IGNORECASE)
    for row in rows:
        for column, value in enumerate(row):
            is_number = number.fullmatch(value) and math.isfinite(float(value))
            if not is_number and (column == 0 or not absent.fullmatch(value)):
                return None
    if all(absent.fullmatch(value) for row in rows for value in row[1:]):
        return None
    return len(rows), len(rows[0])


VALUES = st.one_of(
    st.sampled_from(
        ["0", "1", "-2.5", "1e3", ".5", "7.", "", " 3", "nan", "inf", "1e999", "x", '"1"', "1_0", "+4", "\r", "0x1"]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers().map(str),
)


@given(
    rows=st.lists(st.lists(VALUES, min_size=1, max_size=4), max_size=5),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_agrees_with_a_naive_reader(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str, last: bool
) -> None:
    """Same verdict and same counts for any small table."""
    content = (end.join(",".join(row) for row in rows) + (end if last and rows else "")).encode()
    path = written(tmp_path_factory.getbasetemp(), content, "any.csv")
    expected = naive(content)
    if expected is None:
        with pytest.raises(InputError):
            check_file("train", path)
    else:
        checked = check_file("train", path)
        assert (checked.rows, checked.columns) == expected


def test_naive_reader_reads_what_csv_reads() -> None:
    """The oracle itself: on plain numbers it counts as Python's csv module does."""
    table = list(csv.reader(io.StringIO(GOOD.decode())))
    assert naive(GOOD) == (len(table), len(table[0]))
