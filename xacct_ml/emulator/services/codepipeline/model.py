"""What the runner knows of a pipeline: its runs, its stages' slots, its actions' executions, its jobs.

Plain mutable state of one (account, region) backend. Whoever reads or changes it holds the backend's condition."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

IN_PROGRESS, SUCCEEDED, FAILED, ABANDONED = "InProgress", "Succeeded", "Failed", "Abandoned"
STOPPING, STOPPED, CANCELLED, SUPERSEDED = "Stopping", "Stopped", "Cancelled", "Superseded"


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact in its store. ``revision`` is the commit or object version it was made from, where it has one."""

    name: str
    bucket: str
    key: str
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """What a source action fetched."""

    action: str
    id: str
    summary: str | None = None
    url: str | None = None
    artifact: str | None = None
    created: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a run started: ``type`` is one of TriggerType, ``detail`` the caller's or the rule's ARN [B]."""

    type: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to an approval. ``by`` is the approver's ARN."""

    approved: bool
    summary: str
    by: str


@dataclass(slots=True)
class ActionExecution:
    """One execution of one action."""

    stage: str
    declaration: Mapping[str, Any]
    version: int
    id: str = field(default_factory=new_id)
    status: str = IN_PROGRESS
    started: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    updated_by: str | None = None
    resolved: Mapping[str, str] = field(default_factory=dict)
    summary: str | None = None
    external_id: str | None = None
    external_url: str | None = None
    percent: int | None = None
    error: tuple[str, str] | None = None
    """Code and message."""
    inputs: tuple[Artifact, ...] = ()
    outputs: tuple[Artifact, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    revision: Revision | None = None
    token: str | None = None
    """Of an approval that waits, or has ended."""
    verdict: Verdict | None = None

    @property
    def name(self) -> str:
        return str(self.declaration["name"])

    @property
    def under_way(self) -> bool:
        return self.status == IN_PROGRESS


@dataclass(slots=True)
class Run:
    """A pipeline execution. ``declaration`` is the structure it was started with."""

    declaration: Mapping[str, Any]
    trigger: Trigger
    variables: Mapping[str, str] = field(default_factory=dict)
    pinned: Mapping[str, str] = field(default_factory=dict)
    """Source action → revision to use instead of the newest."""
    id: str = field(default_factory=new_id)
    status: str = IN_PROGRESS
    status_summary: str | None = None
    started: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    stop_reason: str | None = None
    actions: list[ActionExecution] = field(default_factory=list)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    namespaces: dict[str, Mapping[str, str]] = field(default_factory=dict)
    retries: dict[str, int] = field(default_factory=dict)
    """Stage → how often it was retried by hand."""

    @property
    def in_flight(self) -> bool:
        return self.status in (IN_PROGRESS, STOPPING)

    @property
    def mode(self) -> str:
        return str(self.declaration["executionMode"])

    def settle(self, status: str, summary: str | None = None) -> None:
        self.status = status
        self.status_summary = summary
        self.updated = now()

    def latest(self, stage: str, action: str) -> ActionExecution | None:
        """The action's newest execution in this run."""
        found = [a for a in self.actions if a.stage == stage and a.name == action]
        return found[-1] if found else None

    def stage_status(self, stage: str) -> str:
        """The stage's status in this run, from its actions' newest executions and the run's own status."""
        declared = next((s for s in self.declaration["stages"] if s["name"] == stage), None)
        latest = [self.latest(stage, action["name"]) for action in (declared or {"actions": ()})["actions"]]
        states = {execution.status for execution in latest if execution is not None}
        if IN_PROGRESS in states:
            return STOPPING if self.status == STOPPING else IN_PROGRESS
        if self.status in (STOPPED, CANCELLED) and (None in latest or ABANDONED in states):
            return self.status
        if FAILED in states:
            return FAILED
        if None in latest:
            return FAILED if self.status == FAILED else IN_PROGRESS
        return SUCCEEDED


@dataclass(slots=True)
class Transition:
    """The way into a stage."""

    enabled: bool = True
    reason: str | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(slots=True)
class Slot:
    """A stage as the place that runs pass through: who is in it, who was last, who waits at its door."""

    occupant: Run | None = None
    latest: Run | None = None
    waiting: list[Run] = field(default_factory=list)
    transition: Transition = field(default_factory=Transition)


@dataclass(slots=True)
class Pipeline:
    arn: str
    declaration: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    runs: dict[str, Run] = field(default_factory=dict)
    """In the order of their start."""
    slots: dict[str, Slot] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    """Client request token → run."""

    @property
    def name(self) -> str:
        return str(self.declaration["name"])

    @property
    def version(self) -> int:
        return int(self.declaration["version"])

    def slot(self, stage: str) -> Slot:
        return self.slots.setdefault(stage, Slot())


@dataclass(frozen=True, slots=True)
class Reply:
    """What a job's worker reported. ``failure`` is code and message; ``token`` asks to be called again."""

    by: str
    failure: tuple[str, str] | None = None
    token: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    summary: str | None = None
    external_id: str | None = None
    percent: int | None = None


@dataclass(slots=True)
class Job:
    """Work handed to a Lambda function. ``data`` is the ``data`` member of the event it gets."""

    pipeline: str
    run: Run
    action: ActionExecution
    data: Mapping[str, Any]
    id: str = field(default_factory=new_id)
    reply: Reply | None = None
