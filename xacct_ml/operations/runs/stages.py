"""What one run did, stage by stage, and which approvals wait.

``GetPipelineState`` tells what each stage did last, whichever run that was; ``ListActionExecutions`` tells what one run
did. The first has the approval's token and who waits in front of a stage, the second everything else (CodePipeline API
reference) [B]. Both are of the pipeline that the ``state`` is of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.foreign import bounded
from xacct_ml.operations.runs.executions import IN_PROGRESS, past_actions, text, variables

NOT_STARTED = "NotStarted"
WAITING = "WaitingForApproval"
"""Our word for an approval's ``InProgress``."""


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
    """One stage of one run. ``status`` is that of its worst action; ``waiting`` are the runs queued in front of it;
    ``closed`` is why none may enter it, where somebody disabled that, and ``pipeline`` whose stage it is."""

    name: str
    status: str
    actions: tuple[Action, ...]
    waiting: tuple[str, ...] = ()
    closed: str | None = None
    pipeline: str = ""

    @property
    def begun(self) -> datetime | None:
        """When its first action began."""
        return min((action.started for action in self.actions if action.started), default=None)

    @property
    def under_way(self) -> bool:
        return any(action.status in (IN_PROGRESS, WAITING) for action in self.actions)

    @property
    def ended(self) -> datetime | None:
        """When its last action ended; None while one is under way."""
        if self.under_way:
            return None
        return max((action.updated for action in self.actions if action.updated), default=None)


@dataclass(frozen=True, slots=True)
class PendingApproval:
    """An approval that waits, with the token that answers it, in a run of ``pipeline``. ``behind`` are the runs queued
    in front of its stage, which go on only after it is answered."""

    execution: str
    stage: str
    action: str
    token: str
    behind: tuple[str, ...] = ()
    pipeline: str = ""


def stages(config: Config, accounts: Clients, execution: str, state: dict[str, Any]) -> tuple[Stage, ...]:
    """What the run did, stage by stage, in the order of the pipeline's ``state``."""
    done: dict[tuple[str, str], dict[str, Any]] = {}
    for detail in past_actions(config, accounts, state["pipelineName"], execution):
        done.setdefault((detail["stageName"], detail["actionName"]), detail)  # the newest: a retried stage has several
    found = []
    for stage in state["stageStates"]:
        actions = tuple(
            _action(action["actionName"], done.get((stage["stageName"], action["actionName"])))
            for action in stage["actionStates"]
        )
        waiting = {pending.action for pending in _pending(stage) if pending.execution == execution}
        actions = tuple(replace(a, status=WAITING) if a.name in waiting else a for a in actions)
        found.append(
            Stage(
                stage["stageName"],
                _stage_status(actions),
                actions,
                _inbound(stage),
                _closed(stage),
                state["pipelineName"],
            )
        )
    return tuple(found)


def pending_approvals(state: dict[str, Any]) -> tuple[PendingApproval, ...]:
    """The approvals that wait in ``state``, in the pipeline's order: actions in progress that have a token, which only
    approvals have; of a stage that waits for two people the first. With several waves, different runs may wait in
    different ones."""
    return tuple(
        replace(pending, pipeline=state["pipelineName"])
        for stage in state["stageStates"]
        for pending in _pending(stage)[:1]
    )


def _action(name: str, detail: dict[str, Any] | None) -> Action:
    if detail is None:
        return Action(name, NOT_STARTED)
    result = (detail.get("output") or {}).get("executionResult") or {}
    reason = (result.get("errorDetails") or {}).get("message") or result.get("externalExecutionSummary")
    return Action(
        name,
        detail["status"],
        text(reason),
        result.get("externalExecutionId"),
        {bounded(name): bounded(value) for name, value in variables(detail).items()},
        text(detail.get("updatedBy")),
        detail.get("startTime"),
        detail.get("lastUpdateTime"),
    )


def _stage_status(actions: tuple[Action, ...]) -> str:
    statuses = [action.status for action in actions]
    for status in ("Failed", "Abandoned", WAITING, IN_PROGRESS):
        if status in statuses:
            return status
    if all(status == "Succeeded" for status in statuses):
        return "Succeeded"
    return NOT_STARTED if all(status == NOT_STARTED for status in statuses) else IN_PROGRESS


def _pending(stage: dict[str, Any]) -> tuple[PendingApproval, ...]:
    """Two stand side by side where the map asks for two."""
    execution = (stage.get("latestExecution") or {}).get("pipelineExecutionId", "")
    latest = ((action["actionName"], action.get("latestExecution") or {}) for action in stage["actionStates"])
    return tuple(
        PendingApproval(execution, stage["stageName"], name, newest["token"], _inbound(stage))
        for name, newest in latest
        if newest.get("status") == IN_PROGRESS and newest.get("token")
    )


def _closed(stage: Mapping[str, Any]) -> str | None:
    """Why nothing may enter (CodePipeline API reference, TransitionState) [B]."""
    transition = stage.get("inboundTransitionState") or {}
    if transition.get("enabled", True):
        return None
    by = text(transition.get("lastChangedBy")) or "somebody"
    return f"{by} disabled the transition into it: {text(transition.get('disabledReason')) or 'without a reason'}"


def _inbound(stage: dict[str, Any]) -> tuple[str, ...]:
    """The runs that queue in front of a stage."""
    inbound = stage.get("inboundExecutions")
    if inbound is None:
        inbound = [stage["inboundExecution"]] if stage.get("inboundExecution") else []
    return tuple(each["pipelineExecutionId"] for each in inbound)
