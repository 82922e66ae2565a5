"""What was deployed where and when, whichever pipeline did it: as the histories of both have it (ListActionExecutions,
CodePipeline API reference), which go back twelve months [B].
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .run import parameters_of

NOT_ASKED_FOR = "NotAskedFor"
"""The output variable of a deploying action whose target the release does not name: it changed nothing."""
INCONCLUSIVE = "inconclusive"
"""A deployment during which too little was asked: its action fails with a message that begins so, and the endpoint
serves what it was given."""
_PAGES = 50
"""Of 100 action executions each. What was deployed longer ago is not found."""
_LONGEST_ACTION = timedelta(days=1)
"""A function may be invoked again for so long (CodePipeline User Guide, limits) [D]."""

Targets = Sequence[Sequence[str]]
"""Name and deploying action of each, in the map's order, and what else is said of it.

The action is the present map's. The history has the stages of the maps before, too, in which a target was in another
wave or in none: an action of its name in a stage of the same kind, whatever wave the stage's name ends in, deployed to
it. Who cannot change the pipeline cannot name a stage.
"""


@dataclass(frozen=True)
class Deployed:
    """One deployment that succeeded, or was inconclusive, so that it serves all the same. ``execution`` is the run of
    ``pipeline``; ``digest`` the model's, empty where it was deployed without one. ``variables`` are the action's output
    variables; of one that was inconclusive the verdict alone. Of one that ``failed`` otherwise it is not said what
    serves after it; it has no variables.
    """

    target: str
    pipeline: str
    execution: str
    training_job: str
    digest: str
    started: datetime
    ended: datetime
    variables: Mapping[str, str]
    failed: bool = False


def newest(codepipeline: Any, pipelines: Sequence[str], targets: Targets) -> dict[str, Deployed]:
    """The newest of each target, of those that were deployed to."""
    found: dict[str, Deployed] = {}
    for pipeline in pipelines:
        seen: set[str] = set()
        # Newest first is what is seen, and documented nowhere: the page on which the last is found is read whole.
        for page in _pages(codepipeline, pipeline):
            for each in _ended(page, pipeline, targets):
                if each.failed:
                    continue
                seen.add(each.target)
                if each.ended >= found.setdefault(each.target, each).ended:
                    found[each.target] = each
            if len(seen) == len(targets):
                break
    return found


def since(
    codepipeline: Any, pipelines: Sequence[str], targets: Targets, known: Mapping[str, datetime]
) -> list[Deployed]:
    """Those that ended after what is ``known`` of their target, if anything is, in the order in which they ended."""
    return [each for each in ended_since(codepipeline, pipelines, targets, known) if not each.failed]


def ended_since(
    codepipeline: Any, pipelines: Sequence[str], targets: Targets, known: Mapping[str, datetime]
) -> list[Deployed]:
    """The same, and those that failed among them."""
    oldest = min(known.values()) - _LONGEST_ACTION if len(known) == len(targets) else None
    found: list[Deployed] = []
    for pipeline in pipelines:
        for page in _pages(codepipeline, pipeline):
            of_page = _ended(page, pipeline, targets)
            found += [each for each in of_page if each.target not in known or each.ended > known[each.target]]
            if oldest is not None and page and min(detail["startTime"] for detail in page) < oldest:
                break
    return sorted(found, key=lambda each: each.ended)


def _pages(codepipeline: Any, pipeline: str) -> Iterator[list[Mapping[str, Any]]]:
    request: dict[str, Any] = {"pipelineName": pipeline, "maxResults": 100}
    for _ in range(_PAGES):
        answer = codepipeline.list_action_executions(**request)
        yield answer["actionExecutionDetails"]
        if not answer.get("nextToken"):
            return
        request["nextToken"] = answer["nextToken"]


def _ended(page: Sequence[Mapping[str, Any]], pipeline: str, targets: Targets) -> Iterator[Deployed]:
    by_action = {_whichever_wave(*action.split("/")): name for name, action, *_ in targets}
    for detail in page:
        target = by_action.get(_whichever_wave(detail["stageName"], detail["actionName"]))
        variables = _variables(detail)
        given = detail.get("input") or {}
        provider = (given.get("actionTypeId") or {}).get("provider", "Lambda")
        if target is None or NOT_ASKED_FOR in (variables or {}) or provider != "Lambda":
            continue
        if variables is None and detail["status"] == "InProgress":
            continue
        configuration = given.get("resolvedConfiguration") or given.get("configuration") or {}
        told = parameters_of(configuration.get("UserParameters", ""))
        if "action" in told:  # of the actions beside the deploying ones: a copy, or what serves written down
            continue
        yield Deployed(
            target,
            pipeline,
            detail["pipelineExecutionId"],
            str(told.get("trainingJob", "")),
            str(told.get("modelDigest", "")),
            detail["startTime"],
            detail.get("lastUpdateTime") or detail["startTime"],
            variables or {},
            failed=variables is None,
        )


def _whichever_wave(stage: str, action: str) -> tuple[str, str]:
    return stage.split("-")[0], action


def _variables(detail: Mapping[str, Any]) -> Mapping[str, str] | None:
    """None of an action after which something else serves, or nothing."""
    made = detail.get("output") or {}
    if detail["status"] == "Succeeded":
        return made.get("outputVariables") or {}
    error = (made.get("executionResult") or {}).get("errorDetails") or {}
    unaccepted = detail["status"] == "Failed" and str(error.get("message", "")).startswith(f"{INCONCLUSIVE}: ")
    return {"Verdict": INCONCLUSIVE} if unaccepted else None
