"""What a run of the pipeline did, as CodePipeline tells it: the functions believe this and not the event.

ListActionExecutions (CodePipeline API reference) [B]. GetJobDetails is documented for custom actions only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from xacct_ml.foreign import ForeignTextError, document

from .job import JobFailed

ROLLED_BACK = (
    ". A roll-back of a stage is a run of its own without judgement and approval, and changes nothing: to serve an "
    "earlier model: xacct-ml rollback, or xacct-ml deploy --run RUN"
)
"""CodePipeline User Guide, stage-rollback [D]. Its variables are those of the run that it goes back to; which run's id
is then among them is not said, so that run's approvals are not taken for this one's.
"""

_NEVER = datetime.min.replace(tzinfo=UTC)
_PAGES = 20
"""Of 100 action executions each: more than a run's stages with all their retries come to."""


@dataclass(frozen=True)
class Action:
    """The last execution of one action. ``variables`` are its output variables, ``configuration`` is resolved."""

    name: str
    status: str
    external_id: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, str] = field(default_factory=dict)
    decided_by: str = ""
    """Who answered an approval: ``updatedBy``, an ARN [B]."""
    id: str = ""
    """Of this execution of the action: another one where its stage is retried."""
    started: datetime = _NEVER


@dataclass(frozen=True)
class Run:
    """``actions`` by ``<stage>/<action>``."""

    id: str
    actions: Mapping[str, Action]

    def action(self, name: str, status: str) -> Action:
        """Raises :class:`JobFailed` where the action of this run is not there with that status."""
        found = self.actions.get(name)
        if found is None or found.status != status:
            is_now = "was not started" if found is None else f"is {found.status}"
            why = ROLLED_BACK if found is None and status == "Succeeded" else ""
            raise JobFailed(f"action {name} of run {self.id} {is_now}, not {status}{why}", "ConfigurationError")
        return found

    def asked(self, name: str, parameters: Mapping[str, str]) -> None:
        """Raises :class:`JobFailed` unless the action is in progress with exactly these ``UserParameters``: who invokes
        the function by hand is answered here.
        """
        own = self.action(name, "InProgress").configuration.get("UserParameters", "")
        if parameters_of(own) != parameters:
            raise JobFailed(f"action {name} of run {self.id} runs with other UserParameters", "ConfigurationError")

    def approved(self, names: Sequence[str]) -> None:
        """Raises :class:`JobFailed` unless each of these approvals was given, a stage's by different people."""
        people: dict[str, list[str]] = {}
        for name in names:
            people.setdefault(name.split("/")[0], []).append(self.action(name, "Succeeded").decided_by)
        for stage, deciders in people.items():
            if len(deciders) > 1 and ("" in deciders or len(set(deciders)) < len(deciders)):
                raise JobFailed(
                    f"{stage} of run {self.id} needs {len(deciders)} different people; it was approved by "
                    f"{', '.join(person or 'nobody known' for person in deciders)}",
                    "PermissionError",
                )


def read_run(codepipeline: Any, pipeline: str, execution: str) -> Run:
    """Raises :class:`JobFailed` for a run that the pipeline does not know."""
    newest: dict[str, dict[str, Any]] = {}
    request: dict[str, Any] = {"pipelineName": pipeline, "filter": {"pipelineExecutionId": execution}}
    for _ in range(_PAGES):
        answer = codepipeline.list_action_executions(**request)
        for detail in answer["actionExecutionDetails"]:
            name = f"{detail['stageName']}/{detail['actionName']}"
            if detail["pipelineExecutionId"] != execution:
                continue
            # A retried action has several; in which order they are listed is documented nowhere.
            if detail["startTime"] > newest.setdefault(name, detail)["startTime"]:
                newest[name] = detail
        if not answer.get("nextToken"):
            break
        request["nextToken"] = answer["nextToken"]
    else:
        raise JobFailed(f"run {execution} has more action executions than are read: start a new one", "JobFailed")
    if not newest:
        raise JobFailed(f"pipeline {pipeline} has no run {execution}", "ConfigurationError")
    return Run(execution, {name: _action(name, detail) for name, detail in newest.items()})


def parameters_of(text: str) -> dict[str, Any]:
    """The members of ``UserParameters``; none where the text is no JSON object."""
    try:
        found = document(text)
    except ForeignTextError:
        return {}
    return found if isinstance(found, dict) else {}


def _action(name: str, detail: dict[str, Any]) -> Action:
    given, made = detail.get("input") or {}, detail.get("output") or {}
    return Action(
        name,
        detail["status"],
        (made.get("executionResult") or {}).get("externalExecutionId") or "",
        made.get("outputVariables") or {},
        given.get("resolvedConfiguration") or given.get("configuration") or {},
        detail.get("updatedBy") or "",
        detail.get("actionExecutionId") or "",
        detail["startTime"],
    )
