"""How a function's reply reaches the pipeline."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from xacct_ml.payload.job import JobFailed, answer, failed, report, trained_by


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Operation")


class FakeCodePipeline:
    def __init__(self, code: str | None = None) -> None:
        self.error = None if code is None else client_error(code)
        self.sent: list[str] = []
        self.told: dict[str, Any] = {}

    def put_job_success_result(self, **told: Any) -> None:
        self._send("success")
        self.told = told

    def put_job_failure_result(self, **_: Any) -> None:
        self._send("failure")

    def _send(self, kind: str) -> None:
        if self.error:
            raise self.error
        self.sent.append(kind)


def test_failures_are_reported_as_failures_and_the_rest_as_success() -> None:
    """The seed's function reported every failure as a success."""
    client = FakeCodePipeline()
    report([client], "job", failed("broken", "JobFailed"))
    report([client], "job", {"continuationToken": "{}"})
    assert client.sent == ["failure", "success"]


def test_no_summary_is_longer_than_codepipeline_takes() -> None:
    """It would refuse the result, and the action would hang: with many targets in a wave, all are named."""
    longest = boto3.client("codepipeline", region_name="us-east-1").meta.service_model.shape_for("ExecutionSummary")
    client, summary = FakeCodePipeline(), "; ".join(f"t{number:02} serves run {'0' * 36}" for number in range(40))
    assert len(summary) > longest.metadata["max"]
    report([client], "job", {"executionDetails": {"summary": summary, "percentComplete": 100}})
    details = client.told["executionDetails"]
    assert (len(details["summary"]), details["percentComplete"]) == (longest.metadata["max"], 100)


def test_only_a_second_reply_to_a_job_is_ignored() -> None:
    """InvalidJobStateException means answered already; any other error is not swallowed."""
    report([FakeCodePipeline("InvalidJobStateException")], "job", {})
    with pytest.raises(ClientError, match="AccessDenied"):
        report([FakeCodePipeline("AccessDenied"), FakeCodePipeline()], "job", {})


@pytest.mark.parametrize("place", [0, 1])
def test_whichever_region_knows_the_job_hears_of_it_once(place: int) -> None:
    """Which region takes the results of an action elsewhere is not documented."""
    knows, other = FakeCodePipeline(), FakeCodePipeline() if place == 0 else FakeCodePipeline("JobNotFoundException")
    report([knows, other] if place == 0 else [other, knows], "job", {})
    assert (knows.sent, other.sent) == (["success"], [])


def test_a_job_that_no_region_knows_is_an_error() -> None:
    """It shows in the function's log and metrics, and the action fails for want of an answer."""
    with pytest.raises(ClientError, match="JobNotFoundException"):
        report([FakeCodePipeline("JobNotFoundException")] * 2, "job", {})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (client_error("AccessDenied"), "PermissionError"),
        (client_error("403"), "PermissionError"),
        (client_error("ThrottlingException"), "JobFailed"),
        (JobFailed("no", "ConfigurationError"), "ConfigurationError"),
        (RuntimeError("a bug"), "JobFailed"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_whatever_happens_is_an_answer(error: Exception, kind: str) -> None:
    """The pipeline must hear of it, with the type that fits."""

    def work(_: dict[str, str]) -> dict[str, Any]:
        raise error

    data = {"actionConfiguration": {"configuration": {"UserParameters": "{}"}}}
    assert answer(data, work)["failureDetails"]["type"] == kind


def test_an_execution_of_another_project_is_none_of_ours() -> None:
    """Only what the prefix covers has a training job."""
    assert trained_by("arn:execution:churn-training:churn-1", "arn:execution:churn-training:churn-") == "churn-1"
    with pytest.raises(JobFailed, match="no execution of this project"):
        trained_by("arn:execution:other:churn-1", "arn:execution:churn-training:churn-")
