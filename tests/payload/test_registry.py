"""What the judge registers, and when."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.payload.judged import BUCKET, COMMIT, IMAGE, RECORD_KEY, RunToJudge
from tests.payload.packages import PACKAGES
from tests.payload.pipeline import JOB, RUN
from xacct_ml.payload.job import JobFailed

REGISTERED = {"modelPackageGroup": "churn"}


def test_a_model_that_passes_is_registered_pending() -> None:
    run = RunToJudge(settings=REGISTERED)
    variables = run.judge()["outputVariables"]
    assert variables["ModelPackage"] == f"{PACKAGES}1"
    package = run.packages.packages[f"{PACKAGES}1"]
    assert (package["ModelPackageGroupName"], package["ModelApprovalStatus"]) == ("churn", "PendingManualApproval")
    (container,) = package["InferenceSpecification"]["Containers"]
    assert container == {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/{run.record()['model']['key']}"}


def test_the_package_names_the_record_and_its_digest() -> None:
    run = RunToJudge(settings=REGISTERED)
    digest = run.judge()["outputVariables"]["RecordDigest"]
    package = run.packages.packages[f"{PACKAGES}1"]
    properties = package["CustomerMetadataProperties"]
    assert digest == hashlib.sha256(run.s3.content(BUCKET, RECORD_KEY)).hexdigest()
    assert (properties["record-key"], properties["record-sha256"]) == (RECORD_KEY, digest)
    assert (properties["pipeline-execution"], properties["commit"], properties["training-job"]) == (RUN, COMMIT, JOB)
    statistics = package["ModelMetrics"]["ModelQuality"]["Statistics"]
    assert (statistics["S3Uri"], statistics["ContentDigest"]) == (f"s3://{BUCKET}/{RECORD_KEY}", f"sha256:{digest}")
    card = json.loads(package["ModelCard"]["ModelCardContent"])
    assert card["additional_information"]["custom_details"]["record SHA-256"] == digest


def test_the_same_judgement_twice_is_one_package() -> None:
    """An answer that was lost, or a retried stage: the record is there, and so is its package."""
    run = RunToJudge(settings=REGISTERED)
    assert run.judge()["outputVariables"] == run.judge()["outputVariables"]
    assert list(run.packages.packages) == [f"{PACKAGES}1"]


def test_without_a_registry_nothing_is_registered() -> None:
    run = RunToJudge()
    assert "ModelPackage" not in run.judge()["outputVariables"]
    assert run.packages.packages == {}


def test_a_missed_gate_registers_nothing() -> None:
    run = RunToJudge(settings=REGISTERED)
    run.training.job["FinalMetricDataList"] = [{"MetricName": "validation:auc", "Value": 0.5}]
    with pytest.raises(JobFailed, match="quality gate was missed"):
        run.judge()
    assert run.packages.packages == {}


def test_a_record_that_is_not_the_one_that_was_written_is_not_registered() -> None:
    """Nobody but the judge may write there; if somebody could, no card would say so."""
    run = RunToJudge(settings=REGISTERED)
    run.judge()
    run.packages.packages.clear()
    record = run.s3.content(BUCKET, RECORD_KEY)
    run.s3.put(BUCKET, RECORD_KEY, record.replace(b"binary:logistic", b"reg:squarederror"))
    with pytest.raises(JobFailed):
        run.function.registered(RECORD_KEY, hashlib.sha256(record).hexdigest())
    assert run.packages.packages == {}
