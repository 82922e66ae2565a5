"""Releases, asked for and approved with the calls of the commands."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from tests.journeys.project import Project, eventually
from xacct_ml.operations.release.asking import ask
from xacct_ml.operations.release.request import Request
from xacct_ml.operations.runs.executions import executions, pipeline_state
from xacct_ml.operations.runs.stages import pending_approvals
from xacct_ml.system.bucket_layout import HISTORY_PREFIX

ENDED = ("Succeeded", "Failed", "Stopped", "Superseded")


def request_of(made: Project, run: str, *targets: str, **more: Any) -> Request:
    """For the model of a run, as its record names it."""
    s3 = made.accounts.client(made.names.shared, "s3")
    record = made.evaluation(run)
    key = made.names.evaluation_key(run, record["trainingJob"])
    content = s3.get_object(Bucket=made.names.bucket, Key=key)["Body"].read()
    digest = hashlib.sha256(content).hexdigest()
    named = targets or tuple(target.name for target in made.names.production)
    return Request(run, record["trainingJob"], record["model"]["sha256"], key, digest, named, **more)


def released(made: Project, request: Request) -> tuple[str, str, str]:
    """Asks, approves where it waits, and waits for the end; the run's id, status, and why it failed."""
    pipeline = made.names.release_pipeline
    known = {each.id for each in executions(made.config, made.accounts, pipeline)}
    ask(made.config, made.accounts, request, lambda _: time.sleep(0.05))

    def look() -> str | None:
        new = [each for each in executions(made.config, made.accounts, pipeline) if each.id not in known]
        return new[0].id if new else None

    run = eventually(look, "no release started")

    def ended() -> str | None:
        found = next(each for each in executions(made.config, made.accounts, pipeline) if each.id == run)
        if found.status in ENDED:
            return found.status
        approve(made, run)
        return None

    status = eventually(ended, f"release {run} did not end")
    return run, status, "; ".join(failures(made, run))


def approve(made: Project, run: str) -> None:
    """Whatever waits for it."""
    codepipeline = made.accounts.client(made.names.shared, "codepipeline")
    for waiting in pending_approvals(pipeline_state(made.config, made.accounts, made.names.release_pipeline)):
        if waiting.execution == run:
            codepipeline.put_approval_result(
                pipelineName=made.names.release_pipeline,
                stageName=waiting.stage,
                actionName=waiting.action,
                result={"status": "Approved", "summary": "test"},
                token=waiting.token,
            )


def failures(made: Project, run: str) -> list[str]:
    codepipeline = made.accounts.client(made.names.shared, "codepipeline")
    answer = codepipeline.list_action_executions(
        pipelineName=made.names.release_pipeline, filter={"pipelineExecutionId": run}
    )
    failed = [each for each in answer["actionExecutionDetails"] if each["status"] == "Failed"]
    return [each["output"]["executionResult"].get("errorDetails", {}).get("message", "") for each in failed]


def live(made: Project, target: str) -> dict[str, Any]:
    """What is written down as serving there."""
    return _read(made, made.names.live_key(target))


def history(made: Project, target: str) -> list[dict[str, Any]]:
    """Oldest first."""
    s3 = made.accounts.client(made.names.shared, "s3")
    listed = s3.list_objects_v2(Bucket=made.names.bucket, Prefix=f"{HISTORY_PREFIX}/{target}/")
    return [_read(made, each["Key"]) for each in listed.get("Contents", ())]


def _read(made: Project, key: str) -> dict[str, Any]:
    s3 = made.accounts.client(made.names.shared, "s3")
    document: dict[str, Any] = json.loads(s3.get_object(Bucket=made.names.bucket, Key=key)["Body"].read())
    return document
