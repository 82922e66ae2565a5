"""CodePipeline's answers for a small pipeline, and accounts that give them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import PRODUCTION, SHARED, example
from tests.operations.runs.test_evaluation import MODEL, RECORD
from xacct_ml.system.template import configuration

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = "token-of-run-1"


def execution(id_: str, status: str = "InProgress") -> dict[str, Any]:
    return {
        "pipelineExecutionId": id_,
        "status": status,
        "startTime": STARTED,
        "lastUpdateTime": STARTED,
        "sourceRevisions": [{"actionName": "Repository", "revisionId": "c0ffee"}],
        "trigger": {"triggerType": "CloudWatchEvent"},
    }


def detail(
    stage: str,
    action: str,
    status: str,
    message: str | None = None,
    *,
    run: str = "run-1",
    external_id: str = "external",
    variables: dict[str, str] | None = None,
) -> dict[str, Any]:
    result: dict[str, Any] = {"externalExecutionId": external_id}
    if message:
        result["errorDetails"] = {"code": "JobFailed", "message": message}
    output = {"executionResult": result, "outputVariables": variables or {}}
    return {
        "pipelineExecutionId": run,
        "stageName": stage,
        "actionName": action,
        "status": status,
        "startTime": STARTED,
        "output": output,
    }


def deployed(run: str, digest: str, stage: str = "Deploy", target: str = "production") -> dict[str, Any]:
    """The action that gave a target a run's model."""
    told = json.dumps({"trainingJob": f"job-of-{run}", "modelDigest": digest})
    given = {"resolvedConfiguration": {"UserParameters": told}}
    return detail(stage, target, "Succeeded", run=run) | {"input": given}


TRAINED = "arn:aws:states:us-east-1:222222222222:execution:churn-training:churn-1"


def judged(run: str = "run-1", **changes: str) -> list[dict[str, Any]]:
    """What a run did up to its judgement, newest first; ``changes`` are other output variables of the judge."""
    variables = {
        "Outcome": "passed",
        "TrainingJob": "churn-1",
        "ModelDigest": MODEL,
        "RecordDigest": sha256(json.dumps(RECORD).encode()).hexdigest(),
        **changes,
    }
    return [
        detail("Judge", "Evaluation", "Succeeded", run=run, variables=variables),
        detail("Train", "StateMachine", "Succeeded", run=run, external_id=TRAINED),
        detail("Source", "Repository", "Succeeded", run=run, variables={"CommitId": "c0ffee"}),
    ]


def _before(approve: dict[str, Any]) -> list[dict[str, Any]]:
    """The stages up to the first approval."""
    stages = {"Source": "Repository", "Train": "StateMachine", "Judge": "Evaluation"}
    return [*({"stageName": stage, "actionStates": [{"actionName": one}]} for stage, one in stages.items()), approve]


def state(waiting: str | None = "run-1", inbound: tuple[str, ...] = ()) -> dict[str, Any]:
    """Five stages; ``waiting`` is the run inside the approval."""
    review: dict[str, Any] = {"actionName": "Review"}
    approve: dict[str, Any] = {"stageName": "Approve", "actionStates": [review]}
    if waiting:
        review["latestExecution"] = {"status": "InProgress", "token": TOKEN}
        approve["latestExecution"] = {"pipelineExecutionId": waiting, "status": "InProgress"}
    if inbound:
        approve["inboundExecutions"] = [{"pipelineExecutionId": id_, "status": "InProgress"} for id_ in inbound]
    return {
        "pipelineName": "churn",
        "stageStates": [*_before(approve), {"stageName": "Deploy", "actionStates": [{"actionName": "production"}]}],
    }


def two_approvals() -> dict[str, Any]:
    """The state of a pipeline whose approval asks two people side by side, neither of whom has answered run-1."""
    found = state()
    actions = found["stageStates"][3]["actionStates"]
    actions.append({"actionName": "SecondReview", "latestExecution": {"status": "InProgress", "token": "second"}})
    return found


def two_waves(first: str | None = None, rest: str | None = None, inbound: tuple[str, ...] = ()) -> dict[str, Any]:
    """The state of a pipeline with waves ``first`` and ``rest``: the runs inside their approvals, and those in front of
    the later one."""

    def approve(stage: str, waiting: str | None, inbound: tuple[str, ...] = ()) -> dict[str, Any]:
        found = {**state(waiting, inbound)["stageStates"][3], "stageName": stage}
        for action in found["actionStates"]:
            if "latestExecution" in action:
                action["latestExecution"]["token"] = f"token of {stage}"
        return found

    return {
        "pipelineName": "churn",
        "stageStates": [
            *_before(approve("Approve-first", first)),
            {"stageName": "Deploy-first", "actionStates": [{"actionName": "canary"}]},
            approve("Approve-rest", rest, inbound),
            {"stageName": "Deploy-rest", "actionStates": [{"actionName": "web"}, {"actionName": "mobile"}]},
        ],
    }


SERVING = FakeClient(
    describe_endpoint={"EndpointStatus": "InService", "EndpointConfigName": "churn-cfg"},
    describe_endpoint_config={"ProductionVariants": [{"ModelName": "churn-model"}]},
    describe_model={"PrimaryContainer": {"ModelDataUrl": f"s3://bucket/judged/{MODEL}/model.tar.gz"}},
)
NO_ENDPOINT = FakeClient(
    describe_endpoint=refused("DescribeEndpoint", "ValidationException", 'Could not find endpoint "x".')
)


class Pipelines(FakeClient):
    """Answers about the pipeline that trains; ``releases`` are the answers about the other, which is not there without
    them."""

    def __init__(self, releases: dict[str, Any] | None, **answers: Any) -> None:
        super().__init__(**answers)
        self.releases = None if releases is None else FakeClient(**releases)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        known = super().__getattr__(operation)

        def call(**request: Any) -> Any:
            named = request.get("pipelineName") or request.get("name") or request.get("resourceArn")
            if not str(named).endswith("-release"):
                return known(**request)
            if self.releases is None:
                raise refused(operation, "PipelineNotFoundException")
            return getattr(self.releases, operation)(**request)

        return call


def codepipeline(*, releases: dict[str, Any] | None = None, **answers: Any) -> Pipelines:
    return Pipelines(
        releases,
        **{
            "get_pipeline_state": state(),
            "list_pipeline_executions": {"pipelineExecutionSummaries": [execution("run-1")]},
            "list_action_executions": {
                "actionExecutionDetails": [detail("Approve", "Review", "InProgress"), *judged()]
            },
            "put_approval_result": {"approvedAt": STARTED},
            "start_pipeline_execution": {"pipelineExecutionId": "run-2"},
            "list_tags_for_resource": {"tags": [{"key": "xacct-ml:project", "value": "churn"}]},
            **answers,
        },
    )


def accounts(
    pipeline: FakeClient | None = None, sagemaker: FakeClient = NO_ENDPOINT, record: Any = RECORD
) -> FakeAccounts:
    def get_object(**_: Any) -> dict[str, Any]:
        if record is None:
            raise refused("GetObject", "NoSuchKey")
        return {"Body": io.BytesIO(json.dumps(record).encode())}

    file = json.dumps(configuration(example())).encode()
    commit = {"commit": {"message": "More rounds\n\nBecause.\n", "author": {"name": "Ada", "email": "ada@example.com"}}}
    return FakeAccounts(
        {
            (SHARED, "codepipeline"): pipeline or codepipeline(),
            (SHARED, "s3"): FakeClient(get_object=get_object),
            (SHARED, "codecommit"): FakeClient(get_commit=commit, get_file={"fileContent": file}),
            (PRODUCTION, "sagemaker"): sagemaker,
        }
    )
