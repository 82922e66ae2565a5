"""The whole state, kept and brought back."""

from __future__ import annotations

from typing import Any

from tests.configs import SHARED
from tests.emulator.checkpoint import Checkpoint
from xacct_ml.emulator.server import EmbeddedAws


def test_objects_come_back_with_their_content_as_often_as_wanted(aws: EmbeddedAws, unique: str) -> None:
    """Also where they were deleted or overwritten, and the bucket's versions were listed, since."""
    s3: Any = aws.administrator(SHARED).client("s3")
    s3.create_bucket(Bucket=unique)
    s3.put_object(Bucket=unique, Key="kept", Body=b"first")
    s3.put_object(Bucket=unique, Key="deleted", Body=b"second")
    kept = Checkpoint()
    for _ in range(2):
        s3.put_object(Bucket=unique, Key="kept", Body=b"other")
        s3.put_object(Bucket=unique, Key="new", Body=b"other")
        s3.delete_object(Bucket=unique, Key="deleted")
        kept.restore()
        assert {each["Key"] for each in s3.list_object_versions(Bucket=unique)["Versions"]} == {"kept", "deleted"}
        assert s3.get_object(Bucket=unique, Key="kept")["Body"].read() == b"first"
        assert s3.get_object(Bucket=unique, Key="deleted")["Body"].read() == b"second"
