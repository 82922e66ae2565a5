"""A project whose run 1 serves and whose run 2 replaced it, and what its pipelines and its bucket answer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import PRODUCTION, SHARED, example
from tests.operations.runs.pipelines import NO_ENDPOINT, TRAINED, codepipeline, detail, execution, state
from tests.operations.runs.test_evaluation import RECORD
from xacct_ml.system.names import Names

FIRST, SECOND, THIRD = (f"{digit * 8}-1111-1111-1111-111111111111" for digit in "123")
RELEASE = "99999999-9999-9999-9999-999999999999"
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN = "arn:aws:sts::111111111111:assumed-role/ml-approver/ann"
DIGESTS = {FIRST: "1a" * 32, SECOND: "2b" * 32, THIRD: "3c" * 32}
KEY = "arn:aws:kms:us-east-1:111111111111:key/0"
TAGS = [{"key": key, "value": value} for key, value in Names(example()).tags.items()]


def job(run: str) -> str:
    return f"churn-{run}"


def record(run: str) -> bytes:
    own = {"pipelineExecutionId": run, "trainingJob": job(run), "model": {**RECORD["model"], "sha256": DIGESTS[run]}}
    return json.dumps({**RECORD, **own}).encode()


def judged(run: str) -> dict[str, str]:
    return {
        "TrainingJob": job(run),
        "ModelDigest": DIGESTS[run],
        "RecordKey": f"evaluations/{run}/{job(run)}.json",
        "RecordDigest": sha256(record(run)).hexdigest(),
    }


def trained(run: str, day: int, targets: tuple[str, ...] = ("production",)) -> list[dict[str, Any]]:
    """What a run did that was judged, approved and deployed on that day, newest first."""
    told = {"Outcome": "passed", **judged(run)}
    external = f"{TRAINED.removesuffix('churn-1')}{job(run)}"
    return [
        *(deployed(run, run, target, day) for target in targets),
        detail("Judge", "Evaluation", "Succeeded", run=run, variables=told),
        detail("Train", "StateMachine", "Succeeded", run=run, external_id=external),
        detail("Source", "Repository", "Succeeded", run=run, variables={"CommitId": "c0ffee"}),
    ]


def deployed(execution_: str, run: str, target: str, day: int) -> dict[str, Any]:
    told = json.dumps({"trainingJob": job(run), "modelDigest": DIGESTS[run]})
    when = DAY + timedelta(days=day)
    given = {"input": {"resolvedConfiguration": {"UserParameters": told}}, "startTime": when, "lastUpdateTime": when}
    return detail("Deploy", target, "Succeeded", run=execution_) | given


def released(run: str, targets: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """What a release of that run did, newest first."""
    told = {"Run": run, "Targets": targets, "Commit": "c0ffee", "SchemaChange": "false", "Reason": "it drifts"}
    return [*more, detail("Release", "Model", "Succeeded", run=RELEASE, variables=told | judged(run))]


def release_state(waiting: bool = False) -> dict[str, Any]:
    approve = state(RELEASE if waiting else None)["stageStates"][3]
    stages = [
        {"stageName": "Source", "actionStates": [{"actionName": "Request"}]},
        {"stageName": "Release", "actionStates": [{"actionName": "Model"}]},
        approve,
        {"stageName": "Deploy", "actionStates": [{"actionName": "production"}, {"actionName": "Live"}]},
    ]
    return {"pipelineName": "churn-release", "stageStates": stages}


def of_run(details: list[dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """ListActionExecutions, which may ask for one run."""

    def answer(**asked: Any) -> dict[str, Any]:
        run = asked.get("filter", {}).get("pipelineExecutionId")
        return {"actionExecutionDetails": [each for each in details if run in (None, each["pipelineExecutionId"])]}

    return answer


def release(run: str = RELEASE, status: str = "InProgress", version: str = "v1") -> dict[str, Any]:
    started = {"startTime": DAY + timedelta(days=30)}
    return execution(run, status) | started | {"sourceRevisions": [{"actionName": "Request", "revisionId": version}]}


def releases(details: list[dict[str, Any]] | None = None, *, waiting: bool = False, **answers: Any) -> dict[str, Any]:
    """The answers about the pipeline that releases."""
    return {
        "get_pipeline_state": release_state(waiting),
        "list_pipeline_executions": {"pipelineExecutionSummaries": [release()] if details else []},
        "list_action_executions": of_run(details or []),
        "put_approval_result": {},
        "retry_stage_execution": {"pipelineExecutionId": RELEASE},
        "list_tags_for_resource": {"tags": TAGS},
        **answers,
    }


class Bucket(FakeClient):
    """Objects by key; every version of the request that was written. ``meanwhile`` is done before a write, and
    ``answer_lost`` writes twice, as botocore sends a request again whose answer was lost."""

    answer_lost = False

    def __init__(self, **objects: bytes) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] = lambda: None
        self.objects: dict[str, bytes] = {judged(run)["RecordKey"]: record(run) for run in DIGESTS} | objects
        self.versions: list[bytes] = []
        self.written = DAY
        answers = {"get_object": self._get, "head_object": self._head, "put_object": self._put}
        self.answers = answers | {"get_paginator": self._pages}

    def _get(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise refused("GetObject", "NoSuchKey")
        version = f"v{len(self.versions)}"
        body = io.BytesIO(self.objects[Key])
        return {"Body": body, "VersionId": version, "ETag": version, "LastModified": self.written}

    def _head(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        assert Key in self.objects
        return {"SSEKMSKeyId": KEY}

    def _put(self, Key: str, Body: bytes, **asked: Any) -> dict[str, Any]:  # noqa: N803
        assert (Key, asked["SSEKMSKeyId"]) == ("release/release.zip", KEY)
        self.meanwhile()
        for _ in range(1 + self.answer_lost):
            there = f"v{len(self.versions)}" if Key in self.objects else None
            if ("IfNoneMatch" in asked and there is not None) or asked.get("IfMatch", there) != there:
                raise refused("PutObject", "PreconditionFailed")
            self.store(Key, Body)
        return {"VersionId": f"v{len(self.versions)}"}

    def store(self, key: str, body: bytes) -> None:
        self.objects[key] = body
        self.versions.append(body)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        if operation == "get_paginator":
            return self._pages
        return super().__getattr__(operation)

    def _pages(self, _: str) -> Any:
        def paginate(*, Prefix: str, **_: Any) -> list[dict[str, Any]]:  # noqa: N803
            return [{"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}]

        return SimpleNamespace(paginate=paginate)


def project(
    answers: dict[str, Any] | None = None,
    bucket: Bucket | None = None,
    targets: tuple[str, ...] = ("production",),
    **more: Any,
) -> FakeAccounts:
    """Run 1 was deployed on day 1, run 2 on day 2; ``answers`` are those of the pipeline that releases."""
    runs = [execution(run, "Succeeded") for run in (SECOND, FIRST)]
    pipeline = codepipeline(
        releases=releases() if answers is None else answers,
        get_pipeline_state=state(None),
        list_pipeline_executions={"pipelineExecutionSummaries": runs},
        list_action_executions=of_run([*trained(SECOND, 2, targets), *trained(FIRST, 1, targets)]),
        **more,
    )
    there = FakeAccounts({(SHARED, "codepipeline"): pipeline, (SHARED, "s3"): bucket or Bucket()})
    there.clients[SHARED, "codecommit"] = FakeClient(get_commit={"commit": {"message": "More rounds", "author": {}}})
    there.clients[PRODUCTION, "sagemaker"] = NO_ENDPOINT
    return there
