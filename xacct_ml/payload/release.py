"""The judge's task ``release``: a model that was judged in a run before shall serve on the targets that a request
names.

The request (``release.json`` in a zip, schema ``xacct-ml/release/1``) is whoever's who may write that object, and only
says what is wanted: what was judged is taken from the training pipeline's history and from the record that its judge
wrote, and the rest of the request must say the same.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xacct_ml.foreign import ForeignTextError, document, line

from .changes import schema_diff
from .gate import PASSED
from .held_out import beside
from .inputs import Inputs
from .job import JobFailed, Reply
from .live import Live, live_of, live_written_down
from .model_store import ModelStore
from .past_record import columns_of, past_record
from .registry import UNREGISTERED
from .run import read_run
from .served import newest
from .source import REQUEST_FILE, file_of
from .training_data import require_not_withdrawn

SCHEMA = "xacct-ml/release/1"
LONGEST_REASON = 500
_MOST_TARGETS = 50
_RUN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
"""A pipeline execution's id (CodePipeline API reference, PipelineExecutionId) [B]."""
_SAID = {"trainingJob": "TrainingJob", "modelDigest": "ModelDigest", "recordKey": "RecordKey"} | {
    "recordDigest": "RecordDigest"
}
"""What a request says of the model, and the judge's output variable that it must agree with."""


@dataclass(frozen=True)
class Request:
    """``said`` are the members that only repeat what was judged."""

    run: str
    targets: tuple[str, ...]
    schema_change: bool
    reason: str
    said: Mapping[str, str]


def request(text: bytes, known: Sequence[str]) -> Request:
    """``known`` are the names of the map's targets. Raises :class:`JobFailed`."""
    try:
        found = document(text)
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            raise ForeignTextError(f"is no request of schema {SCHEMA}")
        targets, reason = found.get("targets"), found.get("reason", "")
        if not isinstance(found.get("run"), str) or not _RUN.fullmatch(found["run"]):
            raise ForeignTextError("names no run")
        if not isinstance(targets, list) or not 0 < len(targets) <= _MOST_TARGETS:
            raise ForeignTextError("names no targets")
        if not isinstance(reason, str) or len(reason) > LONGEST_REASON:
            raise ForeignTextError(f"has a reason that is no text of {LONGEST_REASON} characters at most")
        if not isinstance(found.get("schemaChange", False), bool):
            raise ForeignTextError("has a schemaChange that is neither true nor false")
        said = {name: found.get(name) for name in _SAID}
        if not all(isinstance(value, str) for value in said.values()):
            raise ForeignTextError(f"lacks one of {', '.join(_SAID)}")
    except ForeignTextError as error:
        raise JobFailed(f"{REQUEST_FILE} {error}", "ConfigurationError") from None
    if strange := [line(str(each)) for each in targets if each not in known]:
        raise JobFailed(
            f"{REQUEST_FILE} names {', '.join(strange)}, and the map's targets are {', '.join(known)}",
            "ConfigurationError",
        )
    chosen = tuple(name for name in known if name in targets)
    texts = {name: str(value) for name, value in said.items()}
    return Request(found["run"], chosen, found.get("schemaChange", False), line(reason, LONGEST_REASON), texts)


def release(inputs: Inputs, training_pipeline: str, key_arn: str, data: dict[str, Any]) -> Reply:
    """``data`` is the job's. Raises :class:`JobFailed` for what may not be deployed."""
    settings = inputs.settings
    archive, _ = inputs.source(data)
    asked = request(file_of(archive, REQUEST_FILE), [name for name, *_ in settings["deployActions"]])
    codepipeline, s3 = inputs.client("codepipeline"), inputs.client("s3")
    trained = read_run(codepipeline, training_pipeline, asked.run)
    judged = trained.action(settings["actions"]["judge"], "Succeeded").variables
    if others := [name for name, variable in _SAID.items() if judged.get(variable) != asked.said[name]]:
        raise JobFailed(
            f"run {asked.run} judged something else than the request says: {', '.join(others)}. Ask again",
            "ConfigurationError",
        )
    record, missing = past_record(s3, inputs.where, judged["RecordKey"], judged["RecordDigest"])
    if record is None:
        raise JobFailed(f"run {asked.run} cannot be released: {missing}", "ConfigurationError")
    _require_passed(record, asked, judged)
    bucket, owner = inputs.where["Bucket"], inputs.where["ExpectedBucketOwner"]
    _require_there(ModelStore(s3, bucket, owner, key_arn, settings["judgedPrefix"]), record)
    require_not_withdrawn(s3, inputs.where, settings["withdrawnPrefix"], str(record["data"]["dataset"]))
    version, wanted = str(record.get("containerVersion")), settings["containerVersion"]
    if version != wanted:
        raise JobFailed(
            f"the model of run {asked.run} is of image {version}, and the map has {wanted} since: an image does not "
            "load every other model. Start a new run, or take the map's training.xgboost_version back",
            "ConfigurationError",
        )
    if not asked.schema_change:
        _require_same_columns(inputs, asked, record)
    names = ", ".join(asked.targets)
    return {
        "executionDetails": {"summary": f"run {asked.run} may serve on {names}", "percentComplete": 100},
        "outputVariables": {
            "Run": asked.run,
            "TrainingJob": judged["TrainingJob"],
            "ModelDigest": judged["ModelDigest"],
            "ContainerVersion": version,
            "RecordKey": judged["RecordKey"],
            "RecordDigest": judged["RecordDigest"],
            "ModelPackage": judged.get("ModelPackage") or UNREGISTERED,
            "Targets": ",".join(asked.targets),
            "Commit": str(record.get("commit")),
            "SchemaChange": "true" if asked.schema_change else "false",
            "Reason": asked.reason or "none given",
        },
    }


def _require_passed(record: Mapping[str, Any], asked: Request, judged: Mapping[str, str]) -> None:
    gate, model = record.get("gate") or {}, record.get("model") or {}
    found = (record.get("pipelineExecutionId"), record.get("trainingJob"), model.get("sha256"), gate.get("outcome"))
    if found != (asked.run, judged["TrainingJob"], judged["ModelDigest"], PASSED):
        raise JobFailed(f"the record of run {asked.run} is of no model that passed its gate", "ConfigurationError")


def _require_there(store: ModelStore, record: Mapping[str, Any]) -> None:
    model = record["model"]
    if not store.holds(str(model["sha256"]), int(model["bytes"])):
        raise JobFailed(f"the model {model['key']} is not there any more", "ConfigurationError")


def _require_same_columns(inputs: Inputs, asked: Request, record: Mapping[str, Any]) -> None:
    """Whoever asks an endpoint sends the columns that it was asked before."""
    settings = inputs.settings
    codepipeline, s3 = inputs.client("codepipeline"), inputs.client("s3")
    deployed = newest(codepipeline, [*settings["pipelines"]], settings["deployActions"])
    ours = record["model"]["sha256"]
    for name, _, *place in settings["deployActions"]:
        given = deployed.get(name)
        if name not in asked.targets or (given is not None and given.digest == ours):
            continue
        live = (
            live_written_down(s3, inputs.where, f"{settings['livePrefix']}/{name}.json", place)
            if given is None
            else live_of(codepipeline, s3, inputs.where, settings["pipelines"], given)
        )
        if live is None or live.digest == ours:
            continue
        if change := _change(s3, inputs.where, live, record):
            raise JobFailed(
                f"{name} serves run {live.execution}, and {change}: whoever asks the endpoint must know. Where that is "
                "meant: xacct-ml deploy … --schema-change",
                "ConfigurationError",
            )


def _change(s3: Any, where: Mapping[str, str], live: Live, record: Mapping[str, Any]) -> str:
    """How the model's columns differ from those of the live one, or that nobody knows; nothing where they do not."""
    if live.record is None:
        return f"its columns are not known, for {live.missing}"
    theirs, ours = live.record.get("data") or {}, record["data"]
    before, after = columns_of(theirs), columns_of(ours)
    if before is None or after is None:
        return "its record does not say how many columns it has"
    files = [beside(s3, where, each.get("schemaFile")) for each in (theirs, ours)]
    found = schema_diff(files[0], files[1], before, after)
    if before != after:
        return f"its data have {before} columns, this model's {after}"
    if found["added"] or found["removed"] or found["changed"]:
        return "its columns are not this model's"
    return "its columns come in another order" if found["order"] is False else ""
