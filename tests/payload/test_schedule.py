"""The function that starts the pipeline at the schedule's times: what it starts, skips, and writes down once."""

# ruff: noqa: N803 - the names of AWS's parameters

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.payload.objects import OWNER, FakeS3
from xacct_ml.payload.schedule import Scheduled

TIME = datetime(2026, 11, 30, 5, tzinfo=UTC)
EVENT = {"time": "2026-11-30T05:00:00Z"}
KEY = "schedule/20261130T050000Z.json"
ENVIRONMENT = {
    "PIPELINE": "churn",
    "BUCKET": "bucket",
    "BUCKET_OWNER": OWNER,
    "KEY_ARN": "arn:aws:kms:us-east-1:111111111111:key/1",
    "SCHEDULE_PREFIX": "schedule",
    "ROLE_ARN": "arn:aws:iam::111111111111:role/ml/churn-schedule-function",
}
OURS = "arn:aws:sts::111111111111:assumed-role/churn-schedule-function/churn-schedule"


class Listing(FakeS3):
    def list_objects_v2(self, Bucket: str, Prefix: str, MaxKeys: int, ExpectedBucketOwner: str) -> dict[str, Any]:
        assert ExpectedBucketOwner == OWNER
        found = [key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix)]
        return {"Contents": [{"Key": key} for key in found[:MaxKeys]]} if found else {}


class Pipeline:
    """``runs`` are summaries, newest first; ``actions`` what the run in the way does."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.actions: list[dict[str, Any]] = []
        self.tokens: list[str] = []

    def list_pipeline_executions(self, pipelineName: str, maxResults: int) -> dict[str, Any]:
        assert (pipelineName, maxResults) == ("churn", 100)
        return {"pipelineExecutionSummaries": self.runs}

    def list_action_executions(self, pipelineName: str, filter: dict[str, str], maxResults: int) -> dict[str, Any]:  # noqa: A002, ARG002
        assert filter == {"pipelineExecutionId": "run-1"}
        return {"actionExecutionDetails": self.actions}

    def start_pipeline_execution(self, name: str, clientRequestToken: str) -> dict[str, str]:
        assert name == "churn"
        self.tokens.append(clientRequestToken)
        return {"pipelineExecutionId": f"started-{len(set(self.tokens))}"}

    def ran(self, status: str, *, by: str = "arn:aws:iam::111111111111:user/ann", at: datetime = TIME) -> None:
        trigger = {"triggerType": "StartPipelineExecution", "triggerDetail": by}
        run = {"pipelineExecutionId": f"run-{len(self.runs) + 1}", "status": status, "startTime": at}
        self.runs.insert(0, {**run, "trigger": trigger})


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


@pytest.fixture
def s3() -> Listing:
    return Listing()


def work(pipeline: Pipeline, s3: Listing, event: dict[str, Any] = EVENT) -> dict[str, str] | None:
    return Scheduled(ENVIRONMENT, pipeline, s3).work(event)


def test_a_pipeline_at_rest_is_started(pipeline: Pipeline, s3: Listing) -> None:
    pipeline.ran("Succeeded")
    done = work(pipeline, s3)
    assert done == {
        "schema": "xacct-ml/schedule/1",
        "time": EVENT["time"],
        "outcome": "started",
        "run": "started-1",
        "reason": "by the schedule",
    }
    assert json.loads(s3.content("bucket", KEY)) == done


@pytest.mark.parametrize("status", ["InProgress", "Stopping"])
def test_a_run_under_way_is_left_alone(pipeline: Pipeline, s3: Listing, status: str) -> None:
    pipeline.ran(status)
    done = work(pipeline, s3)
    assert done is not None
    assert (done["outcome"], done["run"], done["reason"]) == ("skipped", "run-1", "is under way")
    assert pipeline.tokens == []


def test_an_approval_that_waits_is_named(pipeline: Pipeline, s3: Listing) -> None:
    pipeline.ran("InProgress")
    kind = {"actionTypeId": {"category": "Approval"}}
    pipeline.actions = [
        {"stageName": "Approve", "actionName": "Review", "status": "InProgress", "input": kind},
        {"stageName": "Judge", "actionName": "Evaluation", "status": "Succeeded", "input": {}},
    ]
    done = work(pipeline, s3)
    assert done is not None
    assert done["reason"] == "waits for the approval Approve/Review"


def test_the_same_time_twice_is_one_run(pipeline: Pipeline, s3: Listing) -> None:
    assert work(pipeline, s3) is not None
    assert work(pipeline, s3) is None
    assert len(pipeline.tokens) == len(s3.objects) == 1


def test_a_skipped_time_stays_skipped_once_the_run_has_ended(pipeline: Pipeline, s3: Listing) -> None:
    pipeline.ran("InProgress")
    work(pipeline, s3)
    pipeline.runs[0]["status"] = "Succeeded"
    assert work(pipeline, s3) is None
    assert pipeline.tokens == []


def test_a_run_that_was_started_and_never_noted_is_not_started_again(pipeline: Pipeline, s3: Listing) -> None:
    """The function was ended between the two."""
    pipeline.ran("InProgress", by=OURS, at=TIME + timedelta(seconds=20))
    done = work(pipeline, s3)
    assert done is not None
    assert (done["outcome"], done["run"]) == ("started", "run-1")
    assert pipeline.tokens == []


def test_an_earlier_run_of_ours_is_not_taken_for_this_times(pipeline: Pipeline, s3: Listing) -> None:
    pipeline.ran("Succeeded", by=OURS, at=TIME - timedelta(days=1))
    done = work(pipeline, s3)
    assert done is not None
    assert (done["outcome"], done["run"]) == ("started", "started-1")


def test_whoever_is_called_nearly_as_we_are_is_not_us(pipeline: Pipeline, s3: Listing) -> None:
    pipeline.ran("Succeeded", by=OURS.replace("churn-schedule-function", "churn-schedule-function-2"))
    done = work(pipeline, s3)
    assert done is not None
    assert done["run"] == "started-1"


def test_who_starts_twice_at_once_asks_with_one_token(pipeline: Pipeline, s3: Listing) -> None:
    work(pipeline, s3)
    s3.objects.clear()
    work(pipeline, s3)
    assert len(set(pipeline.tokens)) == 1


@pytest.mark.parametrize("event", [{}, {"time": None}, {"time": "yesterday"}, {"time": "2026-11-30T05:00:00Z/../x"}])
def test_an_event_without_a_time_does_nothing(pipeline: Pipeline, s3: Listing, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"time data|unconverted data"):
        work(pipeline, s3, event)
    assert (pipeline.tokens, s3.objects) == ([], {})
