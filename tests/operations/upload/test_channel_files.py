"""A channel of several files: which are read, that they are one content, and what is said where they are not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.fakes import FakeBucket
from tests.configs import example
from tests.dataset.test_parquet import parquet
from tests.operations.upload.test_data import accounts
from tests.silent import Silent
from xacct_ml.errors import InputError
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.operations.upload.data_check import CheckedFile
from xacct_ml.operations.upload.data_files import MOST_OBJECTS, S3Prefix, given


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two parts of training, what Spark leaves beside them, and a validation file."""
    train = tmp_path / "train"
    train.mkdir()
    (train / "part-00001.csv").write_text("1,2\n0,5\n")
    (train / "part-00000.csv").write_text("0,1\n1,4")
    (train / "part-00002.csv").write_text("")
    (train / "_SUCCESS").write_text("")
    (train / ".part-00000.csv.crc").write_text("crc")
    (tmp_path / "v.csv").write_text("1,3\n0,9\n")
    return tmp_path


def checked(folder: Path) -> dict[str, CheckedFile]:
    return check_files(folder / "train", folder / "v.csv", Silent())


def test_a_directory_is_read_as_one(folder: Path) -> None:
    """In the order of the names; rows, columns and labels are of all."""
    train = checked(folder)["train"]
    assert (train.rows, train.columns, train.label) == (4, 2, "0 in 2 rows, 1 in 2 rows")
    assert [Path(str(each.place)).name for each in train.pieces] == ["part-00000.csv", "part-00001.csv"]
    assert [each.rows for each in train.pieces] == [2, 2]


def test_each_part_becomes_an_object(folder: Path) -> None:
    """The channel's manifest file names them; the data set's name follows from what they have, not from their names."""
    bucket = FakeBucket()
    done = upload_data(example(), accounts(bucket), checked(folder), Silent())
    objects = done.manifest.channels["train"].objects
    assert sorted(bucket.objects[each.key]["Body"] for each in objects) == [b"0,1\n1,4", b"1,2\n0,5\n"]
    _, *named = json.loads(bucket.objects[f"data/{done.manifest.dataset}/train.manifest"]["Body"])
    assert named == [each.key.rpartition("/")[2] for each in objects]
    (folder / "train" / "part-00001.csv").rename(folder / "train" / "a.csv")
    again = upload_data(example(), accounts(bucket), checked(folder), Silent())
    assert (again.manifest.dataset, again.uploaded) == (done.manifest.dataset, ())


def test_rows_are_held_out_of_a_directory(folder: Path) -> None:
    """Where a part ends without a line end, its last row and the next part's first stay two."""
    bucket = FakeBucket()
    files = check_files(folder / "v.csv", folder / "train", Silent())
    done = upload_data(example(), accounts(bucket), files, Silent())
    assert bucket.objects[done.manifest.holdout.features.key]["Body"] == b"1\n4\n2\n5\n"


def test_a_fault_is_told_with_its_own_file_and_row(folder: Path) -> None:
    (folder / "train" / "part-00001.csv").write_text("1,2\n0,x\n")
    with pytest.raises(InputError, match=r"part-00001\.csv:2: row 2, column 2: 'x' is text"):
        checked(folder)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["year=2025/part-0.csv"], "has a folder in it, year=2025"),
        ([f"{number}.csv" for number in range(MOST_OBJECTS)], "has 402 files; 400 at most"),
    ],
    ids=["a folder within", "too many"],
)
def test_what_is_no_channel_is_refused(folder: Path, files: list[str], said: str) -> None:
    for name in files:
        (folder / "train" / name).parent.mkdir(exist_ok=True)
        (folder / "train" / name).write_text("1,2\n")
    with pytest.raises(InputError, match=said):
        checked(folder)


def test_a_directory_without_data_is_refused(folder: Path) -> None:
    for part in (folder / "train").glob("part-*"):
        part.unlink()
    with pytest.raises(InputError, match=r"has no file of data: .*_SUCCESS"):
        checked(folder)


def test_all_that_cannot_be_found_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check_files(tmp_path / "a.csv", tmp_path / "b.csv", Silent())
    assert "a.csv: there is no such file for the train data" in caught.value.message
    assert "b.csv: there is no such file for the validation data" in caught.value.details[0]


@pytest.mark.parametrize(("name", "said"), [("pipe", "must be a regular file"), ("a" * 5000, "cannot be read")])
def test_what_cannot_be_opened_is_neither_waited_for_nor_a_bug(name: str, said: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "validation.csv").write_text("0,1\n1,2\n")
    with pytest.raises(InputError, match=said) as caught:
        check_files(tmp_path / name, tmp_path / "validation.csv", Silent())
    assert len(caught.value.message) < 500


def test_parts_of_different_widths_are_refused(folder: Path) -> None:
    (folder / "train" / "part-00001.csv").write_text("1,2,3\n")
    with pytest.raises(InputError, match=r"part-00001\.csv:1: row 1: has 3 columns, the first file 2 columns"):
        checked(folder)


def test_both_channels_together_are_not_too_many(folder: Path) -> None:
    """The whole manifest goes through the state machine."""
    other = folder / "v"
    other.mkdir()
    for number in range(MOST_OBJECTS - 1):
        (other / f"{number}.csv").write_text("1,2\n")
    with pytest.raises(InputError, match="train 2 and validation 399 files: more than the 400"):
        check_files(folder / "train", other, Silent())


@pytest.mark.parametrize("change", ["another part", "one part less", "other rows"])
def test_what_changes_after_the_check_is_not_announced(folder: Path, change: str) -> None:
    """A part that appears meanwhile, too: the data set is what was looked at."""
    files, bucket, train = checked(folder), FakeBucket(), folder / "train"
    if change == "another part":
        (train / "part-00003.csv").write_text("1,2\n")
    elif change == "one part less":
        (train / "part-00001.csv").unlink()
    else:
        (train / "part-00001.csv").write_text("1,2\n0,7\n")
    with pytest.raises(InputError):
        upload_data(example(), accounts(bucket), files, Silent())
    assert "data/manifest.json" not in bucket.objects


def test_fewer_parts_than_instances_are_refused(folder: Path) -> None:
    """With what the person can do."""
    config = example(training={"instance_count": 3})
    bucket = FakeBucket()
    with pytest.raises(InputError, match="train has 2 parts, and the map trains on 3 instances") as caught:
        upload_data(config, accounts(bucket), checked(folder), Silent())
    assert caught.value.next_step == "write it as more files"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("train.csv", Path("train.csv")),
        ("s3://lake/exports/churn/", S3Prefix("lake", "exports/churn/")),
        ("s3://lake", S3Prefix("lake", "")),
    ],
)
def test_what_a_person_names(text: str, place: object) -> None:
    assert given(text) == place


@pytest.mark.parametrize("text", ["s3://", "s3:lake/x", "s3://UPPER/x"])
def test_what_is_no_uri_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no s3://BUCKET/PREFIX"):
        given(text)


ROWS = "SELECT * FROM (VALUES (0, 1.5, NULL), (1, 2.5, 3.0), (1, 4.0, 5.0)) t(label, a, b)"


def doubles(place: Path, query: str = ROWS) -> Path:
    """As a tool writes it: no decimals."""
    return parquet(place, f"SELECT label, a::DOUBLE AS a, b::DOUBLE AS b FROM ({query})")


def test_parquet_goes_up_as_it_is(tmp_path: Path) -> None:
    """With its content type in the manifest; the rows held out are CSV."""
    train, validation = doubles(tmp_path / "t.parquet"), doubles(tmp_path / "v.parquet", f"{ROWS} WHERE a > 2")
    files = check_files(train, validation, Silent())
    assert (files["train"].rows, files["train"].columns, files["train"].missing) == (3, 3, 1)
    bucket = FakeBucket()
    manifest = upload_data(example(), accounts(bucket), files, Silent()).manifest
    channel = manifest.channels["train"]
    assert channel.to_dict()["content_type"] == "application/x-parquet"
    (stored,) = channel.objects
    assert stored.key.endswith(".parquet")
    assert bucket.objects[stored.key]["Body"] == train.read_bytes()
    assert bucket.objects[manifest.holdout.features.key]["Body"] == b"2.5,3.0\n4.0,5.0\n"
    assert bucket.objects[manifest.holdout.labels.key]["Body"] == b"1\n1\n"


def test_a_fault_in_parquet_is_told_as_in_csv(tmp_path: Path) -> None:
    train = parquet(tmp_path / "t.parquet", "SELECT 0 AS label, 1 AS a UNION ALL SELECT NULL, 2")
    validation = parquet(tmp_path / "v.parquet", "SELECT 0 AS label, 3 AS a")
    with pytest.raises(InputError, match=r"t.parquet:2: row 2, column 1: the label .* is empty"):
        check_files(train, validation, Silent())


@pytest.mark.parametrize(
    ("validation", "said"),
    [
        (None, "is CSV, and the training data Parquet: SageMaker's XGBoost reads both alike"),
        (
            "SELECT label, b, a FROM (SELECT label, a::DOUBLE AS a, b::DOUBLE AS b FROM ({}))",
            "column 2 is b, and a in the training data: XGBoost goes by their places",
        ),
    ],
    ids=["CSV", "another order"],
)
def test_both_channels_are_alike(tmp_path: Path, validation: str | None, said: str) -> None:
    train, other = doubles(tmp_path / "t.parquet"), tmp_path / "v"
    if validation is None:
        other.write_text("1,2,3\n")
    else:
        parquet(other, validation.format(ROWS))
    with pytest.raises(InputError, match=said):
        check_files(train, other, Silent())


def test_parts_of_parquet_have_the_same_columns(tmp_path: Path) -> None:
    """Columns of another name would be missing to the container, without a word."""
    folder = tmp_path / "train"
    folder.mkdir()
    doubles(folder / "part-0.parquet")
    parquet(folder / "part-1.parquet", "SELECT 1 AS label, 2::DOUBLE AS a, 3::DOUBLE AS c")
    validation = doubles(tmp_path / "v.parquet", f"{ROWS} WHERE a > 2")
    with pytest.raises(InputError, match=r"part-1.parquet: has other columns .*: column 3 is c DOUBLE, not b DOUBLE"):
        check_files(folder, validation, Silent())
    (folder / "part-1.parquet").unlink()
    (folder / "part-1.csv").write_text("1,2,3\n")
    with pytest.raises(InputError, match=r"part-1.csv: is CSV, and .* is Parquet"):
        check_files(folder, validation, Silent())
