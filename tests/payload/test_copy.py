"""The copies against a small S3 of two regions."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from xacct_ml.payload.copy import Copier
from xacct_ml.payload.job import JobFailed

PREFIX = "arn:aws:states:us-east-1:222222222222:execution:churn-training:churn-"
JOB = "churn-0a1b2c3d"
WANTED = {"executionArn": f"{PREFIX}0a1b2c3d", "region": "eu-west-1"}
KEY = f"models/{JOB}/output/model.tar.gz"
KMS_KEY = "arn:aws:kms:eu-west-1:111111111111:key/k"
ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "SOURCE_BUCKET": "main",
    "BUCKET_OWNER": "111111111111",
    "MODELS_PREFIX": "models",
    "EXECUTION_PREFIX": PREFIX,
    "DESTINATIONS": json.dumps({"eu-west-1": {"bucket": "there", "key": KMS_KEY}}),
}


@dataclass
class FakeS3:
    """One region. ``loses`` cuts what is uploaded short."""

    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    uploads: list[dict[str, Any]] = field(default_factory=list)
    loses: int = 0

    def get_object(self, Bucket: str, Key: str, ExpectedBucketOwner: str) -> dict[str, Any]:  # noqa: N803
        assert ExpectedBucketOwner == "111111111111"
        content = self.found(Bucket, Key, "NoSuchKey")["content"]
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return {"Body": io.BytesIO(content), "ContentLength": len(content), "ETag": f'"{etag}"'}

    def head_object(self, Bucket: str, Key: str, ExpectedBucketOwner: str) -> dict[str, Any]:  # noqa: N803
        assert ExpectedBucketOwner == "111111111111"
        found = self.found(Bucket, Key, "404")
        return {"ContentLength": len(found["content"]), "Metadata": found["metadata"]}

    def upload_fileobj(self, body: Any, bucket: str, key: str, ExtraArgs: dict[str, Any]) -> None:  # noqa: N803
        content = body.read()
        self.uploads.append(ExtraArgs)
        self.objects[bucket, key] = {"content": content[: len(content) - self.loses], "metadata": ExtraArgs["Metadata"]}

    def found(self, bucket: str, key: str, code: str) -> dict[str, Any]:
        if (bucket, key) not in self.objects:
            raise ClientError({"Error": {"Code": code, "Message": "Not Found"}}, "HeadObject")
        return self.objects[bucket, key]


class Regions:
    def __init__(self, model: bytes | None = b"model", loses: int = 0) -> None:
        objects = {} if model is None else {("main", KEY): {"content": model, "metadata": {}}}
        self.here, self.there = FakeS3(objects), FakeS3(loses=loses)
        self.copier = Copier(ENVIRONMENT, {"us-east-1": self.here, "eu-west-1": self.there}.__getitem__)


def test_the_model_arrives_encrypted_with_the_regions_key() -> None:
    """The bucket there refuses anything else."""
    regions = Regions()
    reply = regions.copier.copy(WANTED)
    assert regions.there.objects["there", KEY]["content"] == b"model"
    (upload,) = regions.there.uploads
    assert (upload["ServerSideEncryption"], upload["SSEKMSKeyId"]) == ("aws:kms", KMS_KEY)
    assert upload["ExpectedBucketOwner"] == "111111111111"
    assert reply["executionDetails"]["externalExecutionId"] == JOB


def test_the_same_copy_twice_is_one() -> None:
    """A duplicate delivery, a retried stage and a later wave in the same region write nothing."""
    regions = Regions()
    assert regions.copier.copy(WANTED) == regions.copier.copy(WANTED)
    assert len(regions.there.uploads) == 1


def test_another_model_of_the_same_size_is_copied() -> None:
    """What is there is known by its source, not by its size alone."""
    regions = Regions()
    regions.copier.copy(WANTED)
    regions.here.objects["main", KEY]["content"] = b"MODEL"
    regions.copier.copy(WANTED)
    assert regions.there.objects["there", KEY]["content"] == b"MODEL"


def test_a_copy_that_is_not_whole_fails() -> None:
    """It is looked at after it was written."""
    with pytest.raises(JobFailed, match="not what was copied"):
        Regions(loses=1).copier.copy(WANTED)


def test_a_denied_look_is_no_missing_copy() -> None:
    """403 is not 404."""
    regions = Regions()

    def denied(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject")

    regions.there.head_object = denied  # type: ignore[assignment, method-assign]
    with pytest.raises(ClientError, match="403"):
        regions.copier.copy(WANTED)
    assert regions.there.uploads == []


def test_a_region_that_the_map_does_not_have_is_refused() -> None:
    """Whoever edits the pipeline cannot send models elsewhere."""
    with pytest.raises(JobFailed, match="no bucket for models in eu-west-2"):
        Regions().copier.copy({**WANTED, "region": "eu-west-2"})


def test_a_missing_model_is_s3s_error() -> None:
    """Nothing is written for it."""
    regions = Regions(model=None)
    with pytest.raises(ClientError, match="NoSuchKey"):
        regions.copier.copy(WANTED)
    assert regions.there.objects == {}
