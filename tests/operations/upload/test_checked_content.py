"""An upload sends what was checked, whatever happens to the file: with boto3's own transfer, and S3 as moto has it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from moto import mock_aws

from xacct_ml.errors import InputError
from xacct_ml.operations.upload.checked_content import opened, parts
from xacct_ml.operations.upload.data_check import CheckedFile, check_file

PART = 5 << 20
"""The smallest that S3 takes for all parts but the last."""


@pytest.fixture
def file(tmp_path: Path) -> CheckedFile:
    """Two and a half parts."""
    path = tmp_path / "t.csv"
    row = b"1," * 500 + b"2\n"
    path.write_bytes(row * (PART * 5 // 2 // len(row)))
    return check_file("train", path)


@pytest.fixture
def small(tmp_path: Path) -> CheckedFile:
    """Some rows."""
    path = tmp_path / "t.csv"
    path.write_bytes(b"1,2\n" * 1000)
    return check_file("train", path)


def send(s3: Any, file: CheckedFile) -> None:
    with opened(file, PART) as content:
        s3.upload_fileobj(
            content, "bucket", "k", Config=TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
        )


@pytest.mark.long
@pytest.mark.parametrize("at", [0, PART + 2, -2])
def test_a_large_file_with_another_number_is_never_stored(file: CheckedFile, at: int) -> None:
    """Same size, same time, same inode: only the bytes tell. As it was checked, it goes through."""
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bucket")
        content = bytearray(file.path.read_bytes())
        content[at] = ord("3")
        file.path.write_bytes(content)
        with pytest.raises(InputError, match="written to after it was checked"):
            send(s3, file)
        assert "Contents" not in s3.list_objects_v2(Bucket="bucket")
        assert "Uploads" not in s3.list_multipart_uploads(Bucket="bucket")


@pytest.mark.long
@pytest.mark.parametrize("whole", [PART, 1 << 30])
def test_a_file_goes_through_as_it_was_checked(file: CheckedFile, whole: int) -> None:
    """In parts, and whole."""
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bucket")
        with opened(file, whole) as content:
            s3.upload_fileobj(
                content, "bucket", "k", Config=TransferConfig(multipart_threshold=whole, multipart_chunksize=PART)
            )
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == file.path.read_bytes()


@pytest.mark.long
def test_more_than_was_checked_is_a_change(file: CheckedFile) -> None:
    """Rows appended while the upload runs would otherwise be cut off without a word."""
    with file.path.open("ab") as more:
        more.write(b"5,6\n")
    with pytest.raises(InputError, match="written to after it was checked"), opened(file, 1 << 30):
        pass


def test_parts_are_the_file(small: CheckedFile) -> None:
    """Each with its own checksum; as many as there are rows at most."""
    found = parts(small, 3)
    contents = []
    for part in found:
        with opened(part, 1 << 30) as content:
            contents.append(content.read())
        assert (len(contents[-1]), hashlib.sha256(contents[-1]).hexdigest()) == (part.size, part.sha256)
    assert b"".join(contents) == small.path.read_bytes()
    assert [part.last for part in found] == [False, False, True]
    assert [(part.size, part.sha256) for part in parts(small, 1)] == [(small.size, small.sha256)]


def test_a_few_rows_are_a_few_parts(tmp_path: Path) -> None:
    """Not so many as were asked for."""
    path = tmp_path / "t.csv"
    path.write_bytes(b"1,2\n0,3\n")
    assert [part.size for part in parts(check_file("train", path), 5)] == [4, 4]


@pytest.mark.parametrize("at", [0, -2])
def test_a_part_of_another_file_is_never_stored(small: CheckedFile, at: int) -> None:
    """Written to before it was cut, or after."""
    after = parts(small, 2)
    content = bytearray(small.path.read_bytes())
    content[at] = ord("3")
    small.path.write_bytes(content)
    with pytest.raises(InputError, match="written to after it was checked"):
        parts(small, 2)
    changed = after[0 if at == 0 else 1]
    with pytest.raises(InputError, match="written to after it was checked"), opened(changed, PART) as opened_part:
        opened_part.read()


def test_a_file_that_became_shorter_has_no_parts(small: CheckedFile) -> None:
    """Or longer."""
    content = small.path.read_bytes()
    for other in (content[:-4], content + b"1,2\n"):
        small.path.write_bytes(other)
        with pytest.raises(InputError, match="written to after it was checked"):
            parts(small, 2)
