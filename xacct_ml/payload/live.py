"""The model that serves now: the one that the newest succeeded deployment of a target was told to serve, whichever
pipeline deployed it, with the record that its own judge wrote, known by its digest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xacct_ml.foreign import LARGEST_BYTES, ForeignTextError, document, line

from .job import JobFailed
from .past_record import past_record
from .run import read_run
from .served import Deployed, Targets, newest
from .stored_object import stored_object


@dataclass(frozen=True)
class Live:
    """``target`` is the first of the map's that serves; ``others`` say what the others serve. ``execution`` is the run
    that deployed it. ``record`` is None where there is none to read any more, and ``missing`` says why. ``digest`` is
    empty of a model that was deployed without one.
    """

    execution: str
    digest: str
    target: str
    record_key: str
    record: Mapping[str, Any] | None
    others: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    missing: str = ""


def live_model(
    codepipeline: Any, s3: Any, where: Mapping[str, str], pipelines: Mapping[str, str], targets: Targets
) -> Live | None:
    """``pipelines`` are the names of those that deploy, each with the action that says what was judged; ``targets`` are
    names and deploying actions, in the map's order. The first that serves anything counts: a target that is new in the
    map serves nothing yet. None where none does.

    Raises :class:`JobFailed` where the record is not the one that was judged.
    """
    deployed = newest(codepipeline, [*pipelines], targets)
    serving = [name for name, *_ in targets if name in deployed]
    if not serving:
        return None
    target, *rest = serving
    others = [
        {"target": name, "execution": deployed[name].execution, "digest": deployed[name].digest or None}
        for name in rest
    ]
    return live_of(codepipeline, s3, where, pipelines, deployed[target], others)


def live_of(
    codepipeline: Any,
    s3: Any,
    where: Mapping[str, str],
    pipelines: Mapping[str, str],
    deployed: Deployed,
    others: Sequence[Mapping[str, Any]] = (),
) -> Live:
    """As :func:`live_model`, of what was ``deployed`` to one target."""
    execution, digest, target = deployed.execution, deployed.digest, deployed.target
    run = read_run(codepipeline, deployed.pipeline, execution)
    judge_action = pipelines[deployed.pipeline]
    if judge_action not in run.actions:
        # A function of this release deploys nothing that was not judged; one of release 8e7c681 did.
        return Live(execution, digest, target, "", None, others, "it is of an earlier release, which judged no models")
    judged = run.action(judge_action, "Succeeded").variables
    key = judged.get("RecordKey", "")
    if judged.get("ModelDigest") != digest:
        raise JobFailed(f"run {execution} judged another model than it deployed to {target}", "ConfigurationError")
    record, missing = past_record(s3, where, key, judged.get("RecordDigest", ""))
    return Live(execution, digest, target, key, record, others, missing)


def live_written_down(s3: Any, where: Mapping[str, str], key: str, place: Sequence[str]) -> Live | None:
    """As :func:`live_of`, of a target that was deployed to longer ago than the histories go back: by what the judge
    wrote then (:mod:`payload.live_record`) under ``key``. ``place`` is the target's account and region. None where
    nothing is written of the target, or only of another place that had its name.

    Raises :class:`JobFailed` where the record is not the one that was judged.
    """
    answer = stored_object(s3, where, key)
    if answer is None:
        return None
    try:
        found = document(answer["Body"].read(LARGEST_BYTES + 1))
        if [found["account"], found["region"]] != [*place]:
            return None
        target, execution, digest = (line(str(found[name] or "")) for name in ("target", "execution", "modelDigest"))
        record_key, record_digest = (str(found[name] or "") for name in ("recordKey", "recordDigest"))
    except (ForeignTextError, KeyError, TypeError):
        return Live("unknown", "", "", "", None, missing=f"{key} cannot be read")
    record, missing = past_record(s3, where, record_key, record_digest)
    return Live(execution, digest, target, record_key, record, missing=missing)
