"""CodePipeline's operations on executions, stages, approvals and jobs.

Errors are those of the CodePipeline API reference and botocore's model [B]; wording is assumed where the reference only
names the error [U]. ``backend`` is a
:class:`xacct_ml.emulator.services.codepipeline.moto_patches.CodePipelineBackend`."""

from collections.abc import Mapping
from typing import Any

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Handle, Params, page
from xacct_ml.emulator.services.codepipeline import views
from xacct_ml.emulator.services.codepipeline.declaration import actions
from xacct_ml.emulator.services.codepipeline.model import (
    FAILED,
    STOPPING,
    ActionExecution,
    Job,
    Pipeline,
    Reply,
    Run,
    Transition,
    Trigger,
    Verdict,
    now,
)
from xacct_ml.emulator.services.events import moto_patches as events

_TAKEN_WITHIN_SECONDS = 60
_RUNS_PAGE = 100
_MAX_VARIABLES_BYTES = 122_880
"""Output variables of one action, all together (CodePipeline quotas [D])."""


def begin(
    backend: Any,
    pipeline: Pipeline,
    trigger: Trigger,
    variables: Mapping[str, str] | None = None,
    pinned: Mapping[str, str] | None = None,
) -> Run:
    """Start an execution of the pipeline as it is now."""
    declared = {
        v["name"]: v["defaultValue"] for v in pipeline.declaration.get("variables") or () if "defaultValue" in v
    }
    run = Run(pipeline.declaration, trigger, {**declared, **(variables or {})}, dict(pinned or {}))
    backend.executor.start(pipeline, run)
    return run


# -- executions --------------------------------------------------------------------------------------------------------
def start_pipeline_execution(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    with backend.executor.condition:
        pipeline, token = backend.pipeline(params["name"]), params.get("clientRequestToken")
        if token in pipeline.requests:
            return {"pipelineExecutionId": pipeline.requests[token]}
        variables = {variable["name"]: variable["value"] for variable in params.get("variables") or ()}
        _check_variables(pipeline, variables)
        pinned = {revision["actionName"]: revision["revisionValue"] for revision in params.get("sourceRevisions") or ()}
        _check_revisions(pipeline, params.get("sourceRevisions") or ())
        rule = events.rule_of(backend.account_id, backend.region_name, caller.access_key)
        trigger = Trigger("StartPipelineExecution", caller.arn) if rule is None else Trigger("CloudWatchEvent", rule)
        run = begin(backend, pipeline, trigger, variables, pinned)
        if token is not None:
            pipeline.requests[token] = run.id
        return {"pipelineExecutionId": run.id}


def _check_variables(pipeline: Pipeline, given: Mapping[str, str]) -> None:
    declared = pipeline.declaration.get("variables") or ()
    for name in given.keys() - {variable["name"] for variable in declared}:
        raise ApiError("ValidationException", f"Pipeline '{pipeline.name}' declares no variable '{name}'")
    for variable in declared:
        if "defaultValue" not in variable and variable["name"] not in given:
            raise ApiError(
                "ValidationException", f"Variable '{variable['name']}' has no default and no value was given"
            )


def _check_revisions(pipeline: Pipeline, revisions: Any) -> None:
    kinds = {"CodeCommit": "COMMIT_ID", "CodeStarSourceConnection": "COMMIT_ID", "S3": "S3_OBJECT_VERSION_ID"}
    sources = {
        action["name"]: kinds.get(action["actionTypeId"]["provider"])
        for action in actions(pipeline.declaration)
        if action["actionTypeId"]["category"] == "Source"
    }
    for revision in revisions:
        if revision["actionName"] not in sources:
            raise ApiError("ValidationException", f"Pipeline has no source action '{revision['actionName']}'")
        if revision["revisionType"] != sources[revision["actionName"]]:
            message = f"Source action '{revision['actionName']}' takes no revision of type {revision['revisionType']}"
            raise ApiError("ValidationException", message)


def stop_pipeline_execution(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    with backend.executor.condition:
        run = _run(backend, params["pipelineName"], params["pipelineExecutionId"])
        abandon = bool(params.get("abandon"))
        if run.status == STOPPING and not abandon:
            message = f"Pipeline execution '{run.id}' is already being stopped"
            raise ApiError("DuplicatedStopRequestException", message)
        if not run.in_flight:
            message = f"Pipeline execution '{run.id}' cannot be stopped: its status is {run.status}"
            raise ApiError("PipelineExecutionNotStoppableException", message)
        backend.executor.stop(run, params.get("reason"), abandon=abandon)
        return {"pipelineExecutionId": run.id}


def get_pipeline_execution(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    with backend.executor.condition:
        return {"pipelineExecution": views.run(_run(backend, params["pipelineName"], params["pipelineExecutionId"]))}


def list_pipeline_executions(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    """Newest first."""
    with backend.executor.condition:
        found = list(reversed(backend.pipeline(params["pipelineName"]).runs.values()))
        inside = (params.get("filter") or {}).get("succeededInStage") or {}
        if inside.get("stageName"):
            stage = inside["stageName"]
            found = [run for run in found if run.stage_status(stage) == "Succeeded"]
        shown, token = page(found, params.get("nextToken"), params.get("maxResults") or _RUNS_PAGE)
        return {"pipelineExecutionSummaries": [views.run_summary(run) for run in shown], "nextToken": token}


def list_action_executions(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    """Newest first."""
    with backend.executor.condition:
        pipeline, wanted = backend.pipeline(params["pipelineName"]), params.get("filter") or {}
        run_id = wanted.get("pipelineExecutionId")
        if wanted.get("latestInPipelineExecution"):
            run_id = wanted["latestInPipelineExecution"]["pipelineExecutionId"]
        chosen = pipeline.runs.values() if run_id is None else [_run(backend, pipeline.name, run_id)]
        found = [(run, execution) for run in chosen for execution in run.actions]
        found.sort(key=lambda pair: pair[1].started, reverse=True)
        shown, token = page(found, params.get("nextToken"), params.get("maxResults") or _RUNS_PAGE)
        return {"actionExecutionDetails": [views.action_execution(*pair) for pair in shown], "nextToken": token}


def get_pipeline_state(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    with backend.executor.condition:
        return views.state(backend.pipeline(params["name"]))


# -- stages ------------------------------------------------------------------------------------------------------------
def retry_stage_execution(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    with backend.executor.condition:
        run = _run(backend, params["pipelineName"], params["pipelineExecutionId"])
        pipeline, stage = backend.pipeline(params["pipelineName"]), params["stageName"]
        _stage_position(pipeline, stage)
        slot = pipeline.slot(stage)
        if slot.latest is not run or run.declaration["version"] != pipeline.version:
            message = f"Pipeline execution '{run.id}' is not the latest in stage '{stage}' of the current structure"
            raise ApiError("NotLatestPipelineExecutionException", message)
        if run.status != FAILED or run.stage_status(stage) != FAILED:
            raise ApiError("StageNotRetryableException", f"Stage '{stage}' has no failed action to retry")
        backend.executor.retry(pipeline, run, stage, all_actions=params["retryMode"] == "ALL_ACTIONS")
        return {"pipelineExecutionId": run.id}


def disable_stage_transition(backend: Any, params: Params, caller: Caller) -> None:
    _set_transition(backend, params, Transition(False, params["reason"], caller.arn, now()))


def enable_stage_transition(backend: Any, params: Params, caller: Caller) -> None:
    _set_transition(backend, params, Transition(True, None, caller.arn, now()))


def _set_transition(backend: Any, params: Params, transition: Transition) -> None:
    """The way out of a stage is the way into the next one."""
    with backend.executor.condition:
        pipeline = backend.pipeline(params["pipelineName"])
        stages = pipeline.declaration["stages"]
        position = _stage_position(pipeline, params["stageName"]) + (params["transitionType"] == "Outbound")
        if position < len(stages):
            pipeline.slot(stages[position]["name"]).transition = transition
            backend.executor.condition.notify_all()


# -- approvals ---------------------------------------------------------------------------------------------------------
def put_approval_result(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    with backend.executor.condition:
        pipeline, stage, name = backend.pipeline(params["pipelineName"]), params["stageName"], params["actionName"]
        declared = pipeline.declaration["stages"][_stage_position(pipeline, stage)]["actions"]
        if name not in {action["name"] for action in declared}:
            raise ApiError("ActionNotFoundException", f"Stage '{stage}' of '{pipeline.name}' has no action '{name}'")
        execution = _approval(pipeline, stage, name, params["token"])
        if execution.verdict is not None or not execution.under_way:
            raise ApiError("ApprovalAlreadyCompletedException", f"The approval '{name}' has been answered already")
        result = params["result"]
        execution.verdict = Verdict(result["status"] == "Approved", result["summary"], caller.arn)
        backend.executor.condition.notify_all()
        # The next reading of the state shows the answer: nobody is asked to approve twice.
        backend.executor.condition.wait_for(lambda: not execution.under_way, _TAKEN_WITHIN_SECONDS)
        return {"approvedAt": now()}


def _approval(pipeline: Pipeline, stage: str, name: str, token: str) -> ActionExecution:
    for run in pipeline.runs.values():
        for execution in run.actions:
            if execution.stage == stage and execution.name == name and execution.token == token:
                return execution
    raise ApiError("InvalidApprovalTokenException", f"Invalid approval token for action '{name}' in stage '{stage}'")


# -- jobs --------------------------------------------------------------------------------------------------------------
def put_job_success_result(backend: Any, params: Params, caller: Caller) -> None:
    """With a continuation token the function is invoked again; output variables come without one only [B]."""
    variables, token = params.get("outputVariables") or {}, params.get("continuationToken")
    if token is not None and variables:
        raise ApiError("ValidationException", "Output variables cannot be given together with a continuation token")
    if sum(len(key.encode()) + len(value.encode()) for key, value in variables.items()) > _MAX_VARIABLES_BYTES:
        message = f"Output variables may have {_MAX_VARIABLES_BYTES} bytes at most"
        raise ApiError("OutputVariablesSizeExceededException", message)
    details = params.get("executionDetails") or {}
    _reply(
        backend,
        params["jobId"],
        Reply(
            caller.arn,
            None,
            token,
            variables,
            details.get("summary"),
            details.get("externalExecutionId"),
            details.get("percentComplete"),
        ),
    )


def put_job_failure_result(backend: Any, params: Params, caller: Caller) -> None:
    details = params["failureDetails"]
    failure = (details["type"], details["message"])
    _reply(backend, params["jobId"], Reply(caller.arn, failure, external_id=details.get("externalExecutionId")))


def _reply(backend: Any, job_id: str, reply: Reply) -> None:
    with backend.executor.condition:
        job = _job(backend, job_id)
        if job.reply is not None or not job.action.under_way:
            raise ApiError("InvalidJobStateException", f"Job '{job_id}' has ended already")
        job.reply = reply
        backend.executor.condition.notify_all()


def get_job_details(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    job = _job(backend, params["jobId"])
    return {"jobDetails": views.job_details(job, backend.account_id, backend.arn(job.pipeline))}


# -- looking things up -------------------------------------------------------------------------------------------------
def _run(backend: Any, name: str, run_id: str) -> Run:
    found: Run | None = backend.pipeline(name).runs.get(run_id)
    if found is None:
        message = f"Account '{backend.account_id}' does not have an execution with id '{run_id}' for pipeline '{name}'"
        raise ApiError("PipelineExecutionNotFoundException", message)
    return found


def _stage_position(pipeline: Pipeline, name: str) -> int:
    for position, stage in enumerate(pipeline.declaration["stages"]):
        if stage["name"] == name:
            return position
    raise ApiError("StageNotFoundException", f"Pipeline '{pipeline.name}' has no stage '{name}'")


def _job(backend: Any, job_id: str) -> Job:
    job: Job | None = backend.executor.jobs.get(job_id)
    if job is None:
        raise ApiError("JobNotFoundException", f"Job '{job_id}' was not found in account '{backend.account_id}'")
    return job


OPERATIONS: tuple[Handle, ...] = (
    start_pipeline_execution,
    stop_pipeline_execution,
    get_pipeline_execution,
    list_pipeline_executions,
    list_action_executions,
    get_pipeline_state,
    retry_stage_execution,
    disable_stage_transition,
    enable_stage_transition,
    put_approval_result,
    put_job_success_result,
    put_job_failure_result,
    get_job_details,
)
