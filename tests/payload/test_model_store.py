"""The judged model against a small S3."""

import hashlib

import pytest

from tests.payload.objects import OWNER, FakeS3
from xacct_ml.payload import model_store
from xacct_ml.payload.job import JobFailed
from xacct_ml.payload.model_store import ModelStore

SOURCE = "models/churn-1/output/model.tar.gz"
KMS_KEY = "arn:aws:kms:us-east-1:111111111111:key/k"
CONTENT = b"a model of some length"
KEY = f"judged/{hashlib.sha256(CONTENT).hexdigest()}/model.tar.gz"


def store(s3: FakeS3) -> ModelStore:
    return ModelStore(s3, "main", OWNER, KMS_KEY, "judged")


def trained(content: bytes = CONTENT) -> FakeS3:
    s3 = FakeS3()
    s3.put("main", SOURCE, content)
    return s3


def test_the_model_is_stored_under_its_digest() -> None:
    """Encrypted, and known by digest and version."""
    s3 = trained()
    model = store(s3).keep(SOURCE)
    assert (model.key, model.bytes, model.version) == (KEY, len(CONTENT), "v1")
    (stored,) = s3.objects["main", KEY]
    assert (stored.content, stored.encryption) == (CONTENT, ("aws:kms", KMS_KEY))


def test_the_same_model_twice_is_one() -> None:
    """A retried judgement writes nothing."""
    s3 = trained()
    assert store(s3).keep(SOURCE) == store(s3).keep(SOURCE)
    assert s3.writes == [KEY]


def test_a_model_that_was_written_over_is_refused() -> None:
    """Whose metrics would these be? SageMaker stores a model once."""
    s3 = trained()
    s3.put("main", SOURCE, b"evil")
    with pytest.raises(JobFailed, match=r"was written to after .* versions v1 of .*, v2 of"):
        store(s3).keep(SOURCE)
    assert s3.writes == []


def test_a_job_without_a_model_says_so() -> None:
    """Not S3's bare 404."""
    with pytest.raises(JobFailed, match="does not exist: the training job left no model"):
        store(FakeS3()).keep(SOURCE)


def test_a_model_of_another_job_with_a_longer_name_is_not_taken_for_it() -> None:
    """Versions are listed by prefix."""
    s3 = trained()
    s3.put("main", f"{SOURCE}.bak", b"x")
    assert store(s3).keep(SOURCE).version == "v1"


def test_a_model_that_is_too_large_is_refused_with_the_limit() -> None:
    """Before it is read."""

    class Large(FakeS3):
        def list_object_versions(self, **arguments: str) -> dict[str, list[dict[str, object]]]:  # type: ignore[override]
            answer: dict[str, list[dict[str, object]]] = super().list_object_versions(**arguments)
            answer["Versions"][0]["Size"] = model_store.LARGEST_BYTES + 1
            return answer

    s3 = Large()
    s3.put("main", SOURCE, CONTENT)
    with pytest.raises(JobFailed, match="5,368,709,120 at most"):
        store(s3).keep(SOURCE)


def test_what_somebody_else_completed_meanwhile_is_taken_if_it_is_the_same() -> None:
    """Two judgements of one model: the second completion is refused, and finds the first."""

    class Raced(FakeS3):
        def complete_multipart_upload(self, Bucket: str, Key: str, UploadId: str, **more: object) -> None:  # noqa: N803
            if (Bucket, Key) not in self.objects:
                self.put(Bucket, Key, CONTENT).metadata = {"sha256": hashlib.sha256(CONTENT).hexdigest()}
            super().complete_multipart_upload(Bucket, Key, UploadId, **more)

    s3 = Raced()
    s3.put("main", SOURCE, CONTENT)
    assert store(s3).keep(SOURCE).key == KEY
    assert s3.uploads == {}


def test_something_else_under_the_digest_is_refused() -> None:
    """It is never served as the model."""
    s3 = trained()
    s3.put("main", KEY, b"evil")
    with pytest.raises(JobFailed, match="is not the model"):
        store(s3).keep(SOURCE)
    assert s3.content("main", KEY) == b"evil"
