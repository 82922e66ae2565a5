"""Runs as CodePipeline has them.

``GetPipelineState`` tells what each stage did last, whichever run that was; ``ListActionExecutions`` tells what one run
did. The first has the approval's token and who waits in front of a stage, the second everything else (CodePipeline API
reference) [B]."""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.config.model import Config
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.foreign import ForeignTextError, bounded, document
from xacct_ml.operations.command_names import CREATE_PIPELINE, STATUS
from xacct_ml.operations.preconditions import require_pipeline
from xacct_ml.resources.rights import Rights
from xacct_ml.system.actions.lambda_judge import JUDGE_STAGE
from xacct_ml.system.names import Names

RIGHTS = {
    "AWS::CodePipeline::Pipeline": (
        Rights(
            "pipeline/Pipeline",
            "codepipeline: GetPipelineState ListActionExecutions ListPipelineExecutions StartPipelineExecution",
        ),
    )
}

IN_PROGRESS = "InProgress"
NOT_STARTED = "NotStarted"
WAITING = "WaitingForApproval"
"""Our word for an approval's ``InProgress``."""


_LISTED = 100
LOOKED_THROUGH = 5_000
"""So many actions of the past, the newest, are looked through for what runs did."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One run. ``status`` is CodePipeline's; times are aware. ``trigger`` is its type, ``trigger_detail`` which: a
    rule's ARN, or that of whoever did it.

    ``commit`` is the source's revision: a commit's id, or the id of the source zip's version; ``message`` the commit's.
    """

    id: str
    status: str
    trigger: str
    commit: str | None
    started: datetime | None
    updated: datetime | None
    message: str | None = None
    trigger_detail: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One action of one run. ``reason`` is why it failed, or its last summary."""

    name: str
    status: str
    reason: str | None = None
    external_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    """Its output variables."""
    decided_by: str | None = None
    """Who answered an approval: ``updatedBy``, an ARN [B]."""
    started: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of one run. ``status`` is that of its worst action; ``waiting`` are the runs queued in front of it."""

    name: str
    status: str
    actions: tuple[Action, ...]
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingApproval:
    """An approval that waits, with the token that answers it. ``behind`` are the runs queued in front of its stage,
    which go on only after it is answered."""

    execution: str
    stage: str
    action: str
    token: str
    behind: tuple[str, ...] = ()


def start(config: Config, accounts: Clients) -> str:
    """Start a run of the branch's head on the current data set; its id. Raises :class:`NotReady` without a pipeline of
    ours."""
    names = Names(config)
    require_pipeline(config, accounts)
    codepipeline = _codepipeline(names, accounts)
    token = str(uuid.uuid4())
    answer = _of_pipeline(names, codepipeline.start_pipeline_execution, name=names.pipeline, clientRequestToken=token)
    return str(answer["pipelineExecutionId"])


def executions(config: Config, accounts: Clients) -> tuple[Execution, ...]:
    """The newest runs (100 at most), newest first. Raises :class:`NotReady` without a pipeline."""
    names = Names(config)
    codepipeline = _codepipeline(names, accounts)
    answer = _of_pipeline(names, codepipeline.list_pipeline_executions, pipelineName=names.pipeline, maxResults=_LISTED)
    return tuple(_execution(summary) for summary in answer["pipelineExecutionSummaries"])


def past_executions(config: Config, accounts: Clients) -> Iterator[Execution]:
    """All runs that CodePipeline keeps, of the last twelve months [D], newest first; a page per call. Raises
    :class:`NotReady` without a pipeline."""
    names = Names(config)
    codepipeline = _codepipeline(names, accounts)
    request = {"pipelineName": names.pipeline, "maxResults": _LISTED}
    while True:
        answer = _of_pipeline(names, codepipeline.list_pipeline_executions, **request)
        yield from map(_execution, answer["pipelineExecutionSummaries"])
        if not (token := answer.get("nextToken")):
            return
        request["nextToken"] = token


def find(runs: tuple[Execution, ...], execution: str | None) -> Execution | None:
    """The run with that id, or the newest; None where nothing ran yet. Raises :class:`XacctError` for an unknown id."""
    if execution is None:
        return runs[0] if runs else None
    for run in runs:
        if run.id == execution:
            return run
    raise XacctError(f"the pipeline's last {_LISTED} runs have none with the id {execution}", next_step=STATUS)


def failed_run(runs: tuple[Execution, ...], execution: str | None) -> Execution | None:
    """The run with that id, whatever became of it, or the newest that failed; None where none did.

    Raises :class:`XacctError` for an unknown id."""
    if execution is not None:
        return find(runs, execution)
    return next((run for run in runs if run.status == "Failed"), None)


def stages(config: Config, accounts: Clients, execution: str, state: dict[str, Any]) -> tuple[Stage, ...]:
    """What the run did, stage by stage, in the order of the pipeline's ``state``."""
    names = Names(config)
    done: dict[tuple[str, str], dict[str, Any]] = {}
    of_run = {"pipelineExecutionId": execution}
    for detail in _action_executions(_codepipeline(names, accounts), pipelineName=names.pipeline, filter=of_run):
        done.setdefault((detail["stageName"], detail["actionName"]), detail)  # the newest: a retried stage has several
    found = []
    for stage in state["stageStates"]:
        actions = tuple(
            _action(action["actionName"], done.get((stage["stageName"], action["actionName"])))
            for action in stage["actionStates"]
        )
        pending = _pending(stage)
        if pending and pending.execution == execution:
            actions = tuple(replace(a, status=WAITING) if a.name == pending.action else a for a in actions)
        found.append(Stage(stage["stageName"], _stage_status(actions), actions, _inbound(stage)))
    return tuple(found)


def pipeline_state(config: Config, accounts: Clients) -> dict[str, Any]:
    """GetPipelineState's answer. Raises :class:`NotReady` without a pipeline."""
    names = Names(config)
    return _of_pipeline(names, _codepipeline(names, accounts).get_pipeline_state, name=names.pipeline)


def pending_approvals(state: dict[str, Any]) -> tuple[PendingApproval, ...]:
    """The approvals that wait in ``state``, in the pipeline's order: actions in progress that have a token, which only
    approvals have. With several waves, different runs may wait in different ones."""
    return tuple(pending for stage in state["stageStates"] if (pending := _pending(stage)))


def judged_runs(config: Config, accounts: Clients) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Id of each run that was judged and the judge's output variables, newest first; a page per call."""
    for detail in past_actions(config, accounts):
        if detail["stageName"] == JUDGE_STAGE and detail["status"] == "Succeeded":
            yield detail["pipelineExecutionId"], variables(detail)


def past_actions(config: Config, accounts: Clients) -> Iterator[dict[str, Any]]:
    """What all runs did, as ListActionExecutions has it, newest first. Raises :class:`NotReady` without a pipeline."""
    names = Names(config)
    codepipeline = _codepipeline(names, accounts)
    request = {"pipelineName": names.pipeline, "maxResults": _LISTED}
    first = _of_pipeline(names, codepipeline.list_action_executions, **request)
    yield from _action_executions(codepipeline, first, **request)


def variables(detail: Mapping[str, Any]) -> Mapping[str, str]:
    """The output variables of an action, of what ListActionExecutions tells of it."""
    return (detail.get("output") or {}).get("outputVariables") or {}


def trained_job(config: Config, external_id: str | None) -> str | None:
    """The training job of a run, by the external id of its training action: the state machine's execution's ARN."""
    prefix = Names(config).execution_arn("")
    return external_id.removeprefix(prefix) if external_id and external_id.startswith(prefix) else None


def _codepipeline(names: Names, accounts: Clients) -> Any:
    return accounts.client(names.shared, "codepipeline")


def _of_pipeline(names: Names, call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """The call's answer. Raises :class:`NotReady` without a pipeline."""
    answer: dict[str, Any] | None = absent_as_none("PipelineNotFoundException", call, **arguments)
    if answer is None:
        missing = f"there is no pipeline {names.pipeline} in account {names.shared} yet"
        raise NotReady(missing, next_step=CREATE_PIPELINE)
    return answer


def _execution(summary: dict[str, Any]) -> Execution:
    revisions = summary.get("sourceRevisions") or []
    return Execution(
        id=summary["pipelineExecutionId"],
        status=summary["status"],
        trigger=(summary.get("trigger") or {}).get("triggerType", "unknown"),
        commit=revisions[0].get("revisionId") if revisions else None,
        started=summary.get("startTime"),
        updated=summary.get("lastUpdateTime"),
        message=_text(_message(revisions[0].get("revisionSummary"))) if revisions else None,
        trigger_detail=_text((summary.get("trigger") or {}).get("triggerDetail")),
    )


def revision_word(revision: str) -> str:
    """What a revision is called to a person: a git commit's id is hexadecimal, the id of an object's version is not.

    By the revision and not by the map, which may have changed since the run."""
    return "commit" if re.fullmatch(r"[0-9a-f]+", revision) else "version"


def _message(summary: str | None) -> str | None:
    """The commit's message in a ``revisionSummary``: the whole of it for CodeCommit [B], a member of a JSON text for a
    connection (seen in answers of list-pipeline-executions [C]); S3's only repeats the version's id."""
    if not summary or summary.startswith("Amazon S3 version id"):
        return None
    try:
        told = document(summary)
    except ForeignTextError:
        return summary
    return str(told["CommitMessage"]) if isinstance(told, dict) and "CommitMessage" in told else summary


def _action_executions(
    codepipeline: Any, first: dict[str, Any] | None = None, **request: Any
) -> Iterator[dict[str, Any]]:
    """Page by page, newest first; ``first`` is the first page where that was asked for."""
    while True:
        answer = first or codepipeline.list_action_executions(**request)
        first = None
        yield from answer["actionExecutionDetails"]
        if not (token := answer.get("nextToken")):
            return
        request["nextToken"] = token


def _action(name: str, detail: dict[str, Any] | None) -> Action:
    if detail is None:
        return Action(name, NOT_STARTED)
    result = (detail.get("output") or {}).get("executionResult") or {}
    reason = (result.get("errorDetails") or {}).get("message") or result.get("externalExecutionSummary")
    return Action(
        name,
        detail["status"],
        _text(reason),
        result.get("externalExecutionId"),
        {bounded(name): bounded(value) for name, value in variables(detail).items()},
        _text(detail.get("updatedBy")),
        detail.get("startTime"),
        detail.get("lastUpdateTime"),
    )


def _text(told: str | None) -> str | None:
    return bounded(told) if told else None


def _stage_status(actions: tuple[Action, ...]) -> str:
    statuses = [action.status for action in actions]
    for status in ("Failed", "Abandoned", WAITING, IN_PROGRESS):
        if status in statuses:
            return status
    if all(status == "Succeeded" for status in statuses):
        return "Succeeded"
    return NOT_STARTED if all(status == NOT_STARTED for status in statuses) else IN_PROGRESS


def _pending(stage: dict[str, Any]) -> PendingApproval | None:
    for action in stage["actionStates"]:
        latest = action.get("latestExecution") or {}
        if latest.get("status") == IN_PROGRESS and latest.get("token"):
            execution = (stage.get("latestExecution") or {}).get("pipelineExecutionId", "")
            return PendingApproval(
                execution, stage["stageName"], action["actionName"], latest["token"], _inbound(stage)
            )
    return None


def _inbound(stage: dict[str, Any]) -> tuple[str, ...]:
    """The runs that queue in front of a stage."""
    inbound = stage.get("inboundExecutions")
    if inbound is None:
        inbound = [stage["inboundExecution"]] if stage.get("inboundExecution") else []
    return tuple(each["pipelineExecutionId"] for each in inbound)
