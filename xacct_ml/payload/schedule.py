"""The Lambda function that EventBridge Scheduler invokes at the schedule's times: it starts the pipeline unless a run
of it is under way or waits for an approval, and writes down what it did.

A run that was started beside one that waits would wait behind it, and take its place there as soon as a third one
comes. The same time twice is one run: Scheduler and Lambda both deliver at least once (EventBridge Scheduler User
Guide, what-is-scheduler; Lambda Developer Guide, invocation-async) [D].
"""

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .job import log
from .model_store import EXISTS

SCHEMA = "xacct-ml/schedule/1"
STARTED, SKIPPED = "started", "skipped"
_UNDER_WAY = ("InProgress", "Stopping")
_NEWEST = 100
"""Runs that are looked at: ListPipelineExecutions' largest page [B]."""


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry; ``time`` is the one that the schedule was due at."""
    scheduled = Scheduled(os.environ, boto3.client("codepipeline"), boto3.client("s3"))
    log.info("%s", scheduled.work(event) or "was written down before")


class Scheduled:
    """``codepipeline`` and ``s3`` are clients of the shared account."""

    def __init__(self, environment: Mapping[str, str], codepipeline: Any, s3: Any) -> None:
        self.codepipeline = codepipeline
        self.s3 = s3
        self.pipeline = environment["PIPELINE"]
        self.where = {"Bucket": environment["BUCKET"], "ExpectedBucketOwner": environment["BUCKET_OWNER"]}
        self.key_arn = environment["KEY_ARN"]
        self.prefix = environment["SCHEDULE_PREFIX"]
        self.role = environment["ROLE_ARN"].rsplit("/", 1)[-1]

    def work(self, event: Mapping[str, Any]) -> dict[str, str] | None:
        """What was written down; None where that was done before. Raises ValueError for an event without a time."""
        time = _time(event)
        key = f"{self.prefix}/{time:%Y%m%dT%H%M%SZ}.json"
        if self.s3.list_objects_v2(**self.where, Prefix=key, MaxKeys=1).get("Contents"):
            return None
        done = {"schema": SCHEMA, "time": f"{time:%Y-%m-%dT%H:%M:%SZ}", **self.outcome(time)}
        return done if self.write(key, done) else None

    def outcome(self, time: datetime) -> dict[str, str]:
        """Starts the run, if it is to be. One that an earlier attempt has started, whose note was never written, is
        taken for this time's."""
        runs = self.codepipeline.list_pipeline_executions(pipelineName=self.pipeline, maxResults=_NEWEST)
        summaries = runs["pipelineExecutionSummaries"]
        ours = [run["pipelineExecutionId"] for run in summaries if self.is_ours(run) and run["startTime"] >= time]
        if ours:
            return {"outcome": STARTED, "run": ours[-1], "reason": "by the schedule"}
        for run in summaries:
            if run["status"] in _UNDER_WAY:
                id_ = run["pipelineExecutionId"]
                return {"outcome": SKIPPED, "run": id_, "reason": self.why(id_)}
        token = hashlib.sha256(f"{self.pipeline} {time.isoformat()}".encode()).hexdigest()
        started = self.codepipeline.start_pipeline_execution(name=self.pipeline, clientRequestToken=token)
        return {"outcome": STARTED, "run": started["pipelineExecutionId"], "reason": "by the schedule"}

    def is_ours(self, run: Mapping[str, Any]) -> bool:
        """By who started it: ``…:assumed-role/<role>/<function>`` (CodePipeline API reference, ExecutionTrigger)
        [B]."""
        trigger = run.get("trigger") or {}
        who = str(trigger.get("triggerDetail") or "").partition(":assumed-role/")[2]
        return trigger.get("triggerType") == "StartPipelineExecution" and who.split("/")[0] == self.role

    def why(self, run: str) -> str:
        """What the run does that is in the way: a sentence's beginning, with the run as its subject."""
        request = {"pipelineName": self.pipeline, "filter": {"pipelineExecutionId": run}}
        actions = self.codepipeline.list_action_executions(**request, maxResults=_NEWEST)["actionExecutionDetails"]
        waiting = [
            f"{action['stageName']}/{action['actionName']}"
            for action in actions
            if action["status"] == "InProgress" and _is_approval(action)
        ]
        return f"waits for the approval {waiting[0]}" if waiting else "is under way"

    def write(self, key: str, done: Mapping[str, str]) -> bool:
        """Whether it was written now: another attempt may have come first (S3 User Guide, conditional-writes) [D]."""
        try:
            self.s3.put_object(
                **self.where,
                Key=key,
                Body=json.dumps(done, separators=(",", ":")).encode(),
                ContentType="application/json",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=self.key_arn,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in EXISTS:
                raise
            return False
        return True


def _is_approval(action: Mapping[str, Any]) -> bool:
    kind = (action.get("input") or {}).get("actionTypeId") or {}
    return bool(kind.get("category") == "Approval")


def _time(event: Mapping[str, Any]) -> datetime:
    """In UTC. Raises ValueError."""
    return datetime.strptime(str(event.get("time")), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
