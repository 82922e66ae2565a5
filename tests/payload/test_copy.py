"""The copies against a small S3 of two regions."""

import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.payload.objects import OWNER, FakeS3, refused
from tests.payload.pipeline import PIPELINE, RELEASES, RUN, FakePipeline
from xacct_ml.payload.copy import Copier
from xacct_ml.payload.job import JobFailed

MODEL = b"model"
DIGEST = hashlib.sha256(MODEL).hexdigest()
KEY = f"judged/{DIGEST}/model.tar.gz"
ACTION = "Deploy/copy-eu-west-1"
WANTED = {"pipeline": PIPELINE, "pipelineExecutionId": RUN, "action": ACTION, "region": "eu-west-1"}
KMS_KEY = "arn:aws:kms:eu-west-1:111111111111:key/k"
ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "SOURCE_BUCKET": "main",
    "BUCKET_OWNER": OWNER,
    "JUDGED_PREFIX": "judged",
    "PIPELINES": json.dumps({PIPELINE: "Judge/Evaluation", RELEASES: "Release/Model"}),
    "DESTINATIONS": json.dumps({"eu-west-1": {"bucket": "there", "key": KMS_KEY}}),
}


class Regions:
    def __init__(self, model: bytes | None = MODEL, loses: int = 0, parameters: dict[str, str] | None = None) -> None:
        self.here, self.there, self.pipeline = FakeS3(), FakeS3(loses), FakePipeline()
        if model is not None:
            self.here.put("main", KEY, model)
        self.pipeline.add("Judge/Evaluation", variables={"ModelDigest": DIGEST})
        self.pipeline.add(ACTION, "InProgress", parameters=parameters or WANTED)
        regions = {"us-east-1": self.here, "eu-west-1": self.there}
        self.copier = Copier(ENVIRONMENT, self.pipeline, regions.__getitem__)


def test_the_model_arrives_encrypted_with_the_regions_key() -> None:
    """The bucket there refuses anything else."""
    regions = Regions()
    reply = regions.copier.copy(WANTED)
    (stored,) = regions.there.objects["there", KEY]
    assert (stored.content, stored.encryption) == (MODEL, ("aws:kms", KMS_KEY))
    assert reply["executionDetails"]["externalExecutionId"] == DIGEST


def test_the_same_copy_twice_is_one() -> None:
    """A duplicate delivery, a retried stage and a later wave in the same region write nothing."""
    regions = Regions()
    assert regions.copier.copy(WANTED) == regions.copier.copy(WANTED)
    assert regions.there.writes == [KEY]


def test_what_is_not_the_judged_model_is_not_copied() -> None:
    """Its digest is taken on the way; nothing is completed, and nothing of it is left."""
    regions = Regions(model=b"evil!")
    with pytest.raises(JobFailed, match="another digest"):
        regions.copier.copy(WANTED)
    assert (regions.there.objects, regions.there.uploads) == ({}, {})


def test_a_copy_that_is_not_whole_fails() -> None:
    """It is looked at after it was written."""
    with pytest.raises(JobFailed, match="is not the model"):
        Regions(loses=1).copier.copy(WANTED)


def test_a_denied_look_is_no_missing_copy() -> None:
    """403 is not 404."""
    regions = Regions()

    def denied(**_: Any) -> None:
        raise refused("403")

    regions.there.head_object = denied  # type: ignore[assignment, method-assign]
    with pytest.raises(ClientError, match="403"):
        regions.copier.copy(WANTED)
    assert regions.there.objects == {}


def test_a_region_that_the_map_does_not_have_is_refused() -> None:
    """Whoever edits the pipeline cannot send models elsewhere."""
    wanted = {**WANTED, "region": "eu-west-2"}
    with pytest.raises(JobFailed, match="no bucket for models in eu-west-2"):
        Regions(parameters=wanted).copier.copy(wanted)


def test_an_invocation_by_hand_copies_nothing() -> None:
    """The run must have an action in progress that asks for exactly this."""
    regions = Regions(parameters={**WANTED, "region": "elsewhere"})
    with pytest.raises(JobFailed, match="other UserParameters"):
        regions.copier.copy(WANTED)
    assert regions.there.objects == {}


def test_a_missing_model_is_s3s_error() -> None:
    """Nothing is written for it."""
    regions = Regions(model=None)
    with pytest.raises(ClientError, match="NoSuchKey"):
        regions.copier.copy(WANTED)
    assert regions.there.objects == {}
