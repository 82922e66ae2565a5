"""An upload sends what was checked, whatever happens to the file: with boto3's own transfer, and S3 as moto has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from moto import mock_aws

from xacct_ml.errors import InputError
from xacct_ml.operations.upload.checked_content import opened
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


def send(s3: Any, file: CheckedFile) -> None:
    with opened(file, PART) as content:
        s3.upload_fileobj(
            content, "bucket", "k", Config=TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
        )


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


def test_more_than_was_checked_is_a_change(file: CheckedFile) -> None:
    """Rows appended while the upload runs would otherwise be cut off without a word."""
    with file.path.open("ab") as more:
        more.write(b"5,6\n")
    with pytest.raises(InputError, match="written to after it was checked"), opened(file, 1 << 30):
        pass
