"""What the bucket's policy makes of uploads: a key, an alias and a bucket, a few cents at most.

The first of all assumptions to settle: a large upload under the encryption policy."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.configs import example
from tests.journeys.project import Project, project
from tests.live import where
from xacct_ml.engine.apply import apply
from xacct_ml.engine.events import ignore
from xacct_ml.operations.preconditions import encrypted, key_arn
from xacct_ml.resources.blueprint import bootstrap_resources

pytestmark = pytest.mark.live

MADE = ("shared/key", "shared/alias", "shared/bucket")
MEGABYTE = 1 << 20
Seen = Callable[[str, object], None]


@pytest.fixture(scope="module")
def bucket() -> Iterator[Project]:
    """Nothing but the key, its alias and the bucket with its policy."""
    with project(where.real() or example()) as made:
        needed = [one for one in bootstrap_resources(made.config, made.accounts) if one.id in MADE]
        apply(tuple(needed), ignore).raise_failures()
        yield made


@pytest.fixture
def s3(bucket: Project) -> Any:
    return bucket.accounts.client(bucket.names.shared, "s3")


def key(bucket: Project, name: str) -> str:
    """Of an object of a data set, which an operator writes."""
    return bucket.names.channel_key(name.ljust(16, "0"), "train")


def test_a_large_upload_goes_through(bucket: Project, s3: Any, record_property: Seen) -> None:
    """20 MB in parts: UploadPart and CompleteMultipartUpload are decided by what the upload was started with."""
    from boto3.s3.transfer import TransferConfig

    def condition(params: dict[str, Any], **_: Any) -> None:
        params["IfNoneMatch"] = "*"  # the bucket takes data once; s3transfer has no argument for it

    events = [f"before-parameter-build.s3.{one}" for one in ("PutObject", "CompleteMultipartUpload")]
    for event in events:
        s3.meta.events.register(event, condition)
    try:
        s3.upload_fileobj(
            io.BytesIO(bytes(20 * MEGABYTE)),
            bucket.names.bucket,
            key(bucket, "large"),
            ExtraArgs=encrypted(key_arn(bucket.config, bucket.accounts)),
            Config=TransferConfig(multipart_threshold=5 * MEGABYTE, multipart_chunksize=5 * MEGABYTE),
        )
    finally:
        for event in events:
            s3.meta.events.unregister(event, condition)
    head = s3.head_object(Bucket=bucket.names.bucket, Key=key(bucket, "large"), PartNumber=1)
    assert head["PartsCount"] == 4
    assert head["SSEKMSKeyId"] == key_arn(bucket.config, bucket.accounts)
    record_property("seen", f"{head['PartsCount']} parts, encrypted with {head['SSEKMSKeyId']}")


def test_an_upload_without_the_headers_is_denied(bucket: Project, s3: Any, record_property: Seen) -> None:
    """Though the bucket would encrypt it with the key by default."""
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket.names.bucket, Key=key(bucket, "plain"), Body=b"x", IfNoneMatch="*")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    record_property("seen", caught.value.response["Error"]["Message"])
