"""Pipelines and their runs as the CodePipeline API shows them. Pure; members that are None are left out."""

from collections.abc import Mapping
from typing import Any

from xacct_ml.emulator.services.codepipeline.declaration import PARALLEL
from xacct_ml.emulator.services.codepipeline.model import (
    IN_PROGRESS,
    ActionExecution,
    Artifact,
    Job,
    Pipeline,
    Revision,
    Run,
    Slot,
)

_MASKED = "****"


def metadata(pipeline: Pipeline) -> dict[str, Any]:
    return {"pipelineArn": pipeline.arn, "created": pipeline.created, "updated": pipeline.updated}


def pipeline_summary(pipeline: Pipeline) -> dict[str, Any]:
    declared = pipeline.declaration
    return {
        "name": pipeline.name,
        "version": pipeline.version,
        "pipelineType": declared["pipelineType"],
        "executionMode": declared["executionMode"],
        "created": pipeline.created,
        "updated": pipeline.updated,
    }


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": tags[key]} for key in sorted(tags)]


# -- executions --------------------------------------------------------------------------------------------------------
def run(found: Run) -> dict[str, Any]:
    """``pipelineExecution`` of GetPipelineExecution."""
    return {
        "pipelineName": found.declaration["name"],
        "pipelineVersion": found.declaration["version"],
        "pipelineExecutionId": found.id,
        "status": found.status,
        "statusSummary": found.status_summary,
        "artifactRevisions": [_artifact_revision(revision) for revision in _revisions(found)],
        "variables": [{"name": name, "resolvedValue": value} for name, value in found.variables.items()],
        "trigger": _trigger(found),
        "executionMode": found.mode,
        "executionType": "STANDARD",
    }


def run_summary(found: Run) -> dict[str, Any]:
    """One entry of ListPipelineExecutions."""
    return {
        "pipelineExecutionId": found.id,
        "status": found.status,
        "statusSummary": found.status_summary,
        "startTime": found.started,
        "lastUpdateTime": max([found.updated, *(action.updated for action in found.actions)]),
        "sourceRevisions": [
            {
                "actionName": revision.action,
                "revisionId": revision.id,
                "revisionSummary": revision.summary,
                "revisionUrl": revision.url,
            }
            for revision in _revisions(found)
        ],
        "trigger": _trigger(found),
        "stopTrigger": None if found.stop_reason is None else {"reason": found.stop_reason},
        "executionMode": found.mode,
        "executionType": "STANDARD",
    }


def _trigger(found: Run) -> dict[str, str]:
    return {"triggerType": found.trigger.type, "triggerDetail": found.trigger.detail}


def _revisions(found: Run) -> list[Revision]:
    return [action.revision for action in found.actions if action.revision is not None]


def _artifact_revision(revision: Revision) -> dict[str, Any]:
    return {
        "name": revision.artifact or revision.action,
        "revisionId": revision.id,
        "revisionSummary": revision.summary,
        "created": revision.created,
        "revisionUrl": revision.url,
    }


# -- state -------------------------------------------------------------------------------------------------------------
def state(pipeline: Pipeline) -> dict[str, Any]:
    """GetPipelineState."""
    return {
        "pipelineName": pipeline.name,
        "pipelineVersion": pipeline.version,
        "stageStates": [_stage_state(pipeline, stage) for stage in pipeline.declaration["stages"]],
        "created": pipeline.created,
        "updated": pipeline.updated,
    }


def _stage_state(pipeline: Pipeline, stage: Mapping[str, Any]) -> dict[str, Any]:
    name, slot = stage["name"], pipeline.slot(stage["name"])
    inbound = [_execution(waiting.id, waiting.status) for waiting in slot.waiting]
    latest = slot.latest
    shown = None if latest is None else _execution(latest.id, latest.stage_status(name))
    return {
        "stageName": name,
        "inboundExecution": inbound[-1] if inbound else None,
        "inboundExecutions": inbound,
        "inboundTransitionState": _transition(slot),
        "actionStates": [_action_state(pipeline, name, action) for action in stage["actions"]],
        "latestExecution": shown,
        "retryStageMetadata": _retries(latest, name),
    }


def _execution(run_id: str, status: str) -> dict[str, str]:
    return {"pipelineExecutionId": run_id, "status": status, "type": "STANDARD"}


def _transition(slot: Slot) -> dict[str, Any]:
    transition = slot.transition
    return {
        "enabled": transition.enabled,
        "lastChangedBy": transition.changed_by,
        "lastChangedAt": transition.changed_at,
        "disabledReason": None if transition.enabled else transition.reason,
    }


def _retries(latest: Run | None, stage: str) -> dict[str, Any] | None:
    count = 0 if latest is None else latest.retries.get(stage, 0)
    return {"manualStageRetryAttempt": count, "latestRetryTrigger": "ManualStageRetry"} if count else None


def _action_state(pipeline: Pipeline, stage: str, action: Mapping[str, Any]) -> dict[str, Any]:
    """An action with its newest execution of whatever run, and the revision it last saw."""
    executions = [found for each in pipeline.runs.values() for found in each.actions]
    own = [found for found in executions if found.stage == stage and found.name == action["name"]]
    newest = max(own, key=lambda found: found.started, default=None)
    revision = newest.revision if newest is not None else None
    shown: dict[str, Any] = {"actionName": action["name"]}
    if newest is not None:
        shown["latestExecution"] = _action_execution(newest, token=pipeline.declaration["executionMode"] != PARALLEL)
        shown["entityUrl"] = newest.resolved.get("ExternalEntityLink")
    if revision is not None:
        shown["currentRevision"] = {
            "revisionId": revision.id,
            "revisionChangeId": revision.id,
            "created": revision.created,
        }
        shown["revisionUrl"] = revision.url
    return shown


def _action_execution(execution: ActionExecution, *, token: bool) -> dict[str, Any]:
    """``latestExecution`` of an action. An approval's token is shown while it waits, and not in PARALLEL mode [D]."""
    return {
        "actionExecutionId": execution.id,
        "status": execution.status,
        "summary": execution.summary,
        "lastStatusChange": execution.updated,
        "token": execution.token if token and execution.status == IN_PROGRESS else None,
        "lastUpdatedBy": execution.updated_by,
        "externalExecutionId": execution.external_id,
        "externalExecutionUrl": execution.external_url,
        "percentComplete": execution.percent,
        "errorDetails": _error(execution),
    }


def _error(execution: ActionExecution) -> dict[str, str] | None:
    return None if execution.error is None else {"code": execution.error[0], "message": execution.error[1]}


# -- action executions -------------------------------------------------------------------------------------------------
def action_execution(found: Run, execution: ActionExecution) -> dict[str, Any]:
    """One entry of ListActionExecutions."""
    declared = execution.declaration
    # in PARALLEL mode this is where an approver finds the token [D]
    external = execution.external_id or execution.token
    return {
        "pipelineExecutionId": found.id,
        "actionExecutionId": execution.id,
        "pipelineVersion": execution.version,
        "stageName": execution.stage,
        "actionName": execution.name,
        "startTime": execution.started,
        "lastUpdateTime": execution.updated,
        "updatedBy": execution.updated_by,
        "status": execution.status,
        "input": {
            "actionTypeId": declared["actionTypeId"],
            "configuration": declared.get("configuration") or {},
            "resolvedConfiguration": dict(execution.resolved),
            "roleArn": declared.get("roleArn"),
            "region": declared.get("region"),
            "inputArtifacts": [_location(artifact) for artifact in execution.inputs],
            "namespace": declared.get("namespace"),
        },
        "output": {
            "outputArtifacts": [_location(artifact) for artifact in execution.outputs],
            "executionResult": {
                "externalExecutionId": external,
                "externalExecutionSummary": execution.summary,
                "externalExecutionUrl": execution.external_url,
                "errorDetails": _error(execution),
            },
            "outputVariables": dict(execution.variables),
        },
    }


def _location(artifact: Artifact) -> dict[str, Any]:
    return {"name": artifact.name, "s3location": {"bucket": artifact.bucket, "key": artifact.key}}


# -- jobs --------------------------------------------------------------------------------------------------------------
def job_details(job: Job, account: str, pipeline_arn: str) -> dict[str, Any]:
    """``jobDetails`` of GetJobDetails. Artifact credentials are masked: who may read the event has them already."""
    data = dict(job.data)
    if "artifactCredentials" in data:
        data["artifactCredentials"] = dict.fromkeys(data["artifactCredentials"], _MASKED)
    action = job.action
    context = {
        "pipelineName": job.pipeline,
        "stage": {"name": action.stage},
        "action": {"name": action.name, "actionExecutionId": action.id},
        "pipelineArn": pipeline_arn,
        "pipelineExecutionId": job.run.id,
    }
    data.update(actionTypeId=action.declaration["actionTypeId"], pipelineContext=context)
    return {"id": job.id, "data": data, "accountId": account}
