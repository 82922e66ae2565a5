"""The model that serves now: the one that the newest succeeded deployment of a target was told to serve, as the
pipeline's history has it (ListActionExecutions, CodePipeline API reference) [B], with the record that its own judge
wrote, known by its digest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import LARGEST_BYTES, ForeignTextError, document

from .job import JobFailed
from .run import parameters_of, read_run

_PAGES = 50
"""Of 100 action executions each. A model that was deployed longer ago is not found."""


@dataclass(frozen=True)
class Live:
    """``target`` is the first of the map's; ``others`` say what the others serve. ``record`` is None where there is
    none to read any more, and ``missing`` says why. ``digest`` is empty of a model that was deployed without one.
    """

    execution: str
    digest: str
    target: str
    record_key: str
    record: Mapping[str, Any] | None
    others: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    missing: str = ""


def live_model(
    codepipeline: Any,
    s3: Any,
    where: Mapping[str, str],
    pipeline: str,
    targets: Sequence[tuple[str, str]],
    judge_action: str,
) -> Live | None:
    """``targets`` are names and deploying actions, in the map's order. None where the first serves nothing yet.

    Raises :class:`JobFailed` where the record is not the one that was judged.
    """
    deployed = _deployed(codepipeline, pipeline, [action for _, action in targets])
    (target, action), *rest = targets
    if action not in deployed:
        return None
    execution, digest = deployed[action]
    others = [
        {"target": name, "execution": deployed[one][0], "digest": deployed[one][1] or None}
        for name, one in rest
        if one in deployed
    ]
    run = read_run(codepipeline, pipeline, execution)
    if judge_action not in run.actions:
        # A function of this release deploys nothing that was not judged; one of release 8e7c681 did.
        return Live(execution, digest, target, "", None, others, "it is of an earlier release, which judged no models")
    judged = run.action(judge_action, "Succeeded").variables
    key = judged.get("RecordKey", "")
    if judged.get("ModelDigest") != digest:
        raise JobFailed(f"run {execution} judged another model than it deployed to {target}", "ConfigurationError")
    record, missing = _record(s3, where, key, judged.get("RecordDigest", ""))
    return Live(execution, digest, target, key, record, others, missing)


def _deployed(codepipeline: Any, pipeline: str, actions: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Run and model digest of the newest success of each action."""
    newest: dict[str, dict[str, Any]] = {}
    request: dict[str, Any] = {"pipelineName": pipeline, "maxResults": 100}
    for _ in range(_PAGES):
        answer = codepipeline.list_action_executions(**request)
        for detail in answer["actionExecutionDetails"]:
            name = f"{detail['stageName']}/{detail['actionName']}"
            if name not in actions or detail["status"] != "Succeeded":
                continue
            if detail["startTime"] >= newest.setdefault(name, detail)["startTime"]:
                newest[name] = detail
        # Newest first is what is seen, and documented nowhere: the page on which the last is found is read whole.
        if len(newest) == len(actions) or not answer.get("nextToken"):
            break
        request["nextToken"] = answer["nextToken"]
    return {name: (detail["pipelineExecutionId"], _digest(detail)) for name, detail in newest.items()}


def _digest(detail: Mapping[str, Any]) -> str:
    given = detail.get("input") or {}
    configuration = given.get("resolvedConfiguration") or given.get("configuration") or {}
    return str(parameters_of(configuration.get("UserParameters", "")).get("modelDigest", ""))


def _record(s3: Any, where: Mapping[str, str], key: str, digest: str) -> tuple[Mapping[str, Any] | None, str]:
    if not key or not digest:
        return None, "its run wrote no record"
    try:
        content = s3.get_object(**where, Key=key)["Body"].read(LARGEST_BYTES + 1)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None, "its record is not there any more"
    if hashlib.sha256(content).hexdigest() != digest:
        raise JobFailed(f"the record {key} of what serves now is not the one that was judged: look who wrote it")
    try:
        found = document(content)
    except ForeignTextError as error:
        return None, f"its record {error}"
    return (found, "") if isinstance(found, dict) else (None, "its record is no JSON object")
