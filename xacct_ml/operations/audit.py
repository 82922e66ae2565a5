"""``audit``: what the project did, as files for somebody who was not there: records, who approved which of them, data
manifests, what served when. Read from the services; each file is checked by its digest before it is written."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.evidence.record import parse
from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.operations.preconditions import object_bytes
from xacct_ml.operations.runs.evaluation import Judgement, judgement
from xacct_ml.operations.runs.executions import Action, Execution, Stage, executions, pipeline_state, stages
from xacct_ml.system.names import Names
from xacct_ml.system.waves import waves

SCHEMA = "xacct-ml/audit/1"
INDEX = "audit.json"
MOST_RUNS = 100
"""The newest; CodePipeline keeps the history of twelve months [D]."""


@dataclass(frozen=True, slots=True)
class Audit:
    """``files`` are name and content, ``index`` last; ``unproven`` are sentences about what has no proof."""

    files: dict[str, bytes]
    runs: int
    unproven: tuple[str, ...]


def audit(config: Config, accounts: Clients, most: int = MOST_RUNS) -> Audit:
    """Of the newest runs, ``most`` of them. Raises :class:`xacct_ml.errors.NotReady` without a pipeline."""
    state = pipeline_state(config, accounts)
    files: dict[str, bytes] = {}
    unproven: list[str] = []
    told = []
    found = executions(config, accounts)[:most]
    for run in found:
        done = stages(config, accounts, run.id, state)
        one, why = _run(config, accounts, run, done, files)
        told.append(one)
        unproven += [f"run {run.id}: {sentence}" for sentence in why]
    if len(found) >= most:
        unproven.append(f"older runs than the newest {most} are not in this export")
    content = {
        "schema": SCHEMA,
        "pipeline": state["pipelineName"],
        "runs": told,
        "unproven": unproven,
        "files": {name: hashlib.sha256(text).hexdigest() for name, text in sorted(files.items())},
    }
    index = json.dumps(content, indent=2, sort_keys=True).encode() + b"\n"
    return Audit({**files, INDEX: index}, len(told), tuple(unproven))


def write(found: Audit, folder: Path) -> None:
    """Raises :class:`InputError` where there is something in the folder already, or it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"{folder} is not empty", next_step="give --out a new folder: nothing is overwritten")
        for name, text in found.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            with path.open("xb") as file:
                file.write(text)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}") from None


def _run(
    config: Config, accounts: Clients, run: Execution, done: tuple[Stage, ...], files: dict[str, bytes]
) -> tuple[dict[str, Any], list[str]]:
    judged = judgement(config, run.id, done)
    unproven: list[str] = []
    text = _record(config, accounts, judged, unproven)
    told: dict[str, Any] = {
        "run": run.id,
        "status": run.status,
        "started": None if run.started is None else run.started.isoformat(),
        "commit": judged.commit or run.commit,
        "trainingJob": judged.job,
        "modelSha256": judged.model,
        "recordSha256": judged.record,
        "record": None,
        "dataManifest": None,
        "approvals": [_approval(stage, action) for stage, action in _approvals(config, done)],
        "served": [_served(stage, action) for stage, action in _deployments(config, done)],
    }
    if text is not None:
        told["record"] = f"records/{run.id}.json"
        files[f"records/{run.id}.json"] = text
        told["dataManifest"] = _manifest(config, accounts, text, files, unproven)
    unproven += [
        f"the approval {each['action']} does not name the record"
        for each in told["approvals"]
        if each["status"] == "Succeeded" and judged.record is not None and judged.record not in (each["summary"] or "")
    ]
    return told, unproven


def _record(config: Config, accounts: Clients, judged: Judgement, unproven: list[str]) -> bytes | None:
    """The record, where it is the one that the judge told the pipeline of."""
    if judged.job is None:
        unproven.append("it has no record: nothing was trained")
        return None
    text = object_bytes(config, accounts, Names(config).evaluation_key(judged.execution, judged.job))
    if text is None:
        unproven.append("it has no record")
        return None
    digest = hashlib.sha256(text).hexdigest()
    if judged.record is None:
        unproven.append(f"the pipeline has no digest of its record, which has {digest}: it did not pass the judge")
    elif digest != judged.record:
        unproven.append(f"its record has {digest}, and the judge wrote {judged.record}: it is not exported")
        return None
    return text


def _manifest(
    config: Config, accounts: Clients, text: bytes, files: dict[str, bytes], unproven: list[str]
) -> str | None:
    """The copy of the data manifest that lies beside the data, where it says what the record says."""
    record = parse(text)
    if record is None:
        unproven.append("its record is none that this release reads")
        return None
    name = f"data/{hashlib.sha256(record.data.dataset.encode()).hexdigest()[:16]}.json"
    if name in files:
        return name
    manifest = object_bytes(config, accounts, Names(config).dataset_manifest_key(record.data.dataset))
    if manifest is None:
        unproven.append(f"there is no manifest of data set {line(record.data.dataset)}: the record says what it was")
        return None
    if not _says_the_same(manifest, text):
        unproven.append(f"the manifest of data set {line(record.data.dataset)} says something else than the record")
        return None
    files[name] = manifest
    return name


def _says_the_same(manifest: bytes, record: bytes) -> bool:
    """About the objects of each channel: keys, digests, versions."""
    try:
        return bool(document(manifest)["channels"] == document(record)["data"]["channels"])
    except (ForeignTextError, KeyError, TypeError):
        return False


def _approvals(config: Config, done: tuple[Stage, ...]) -> Iterator[tuple[Stage, Action]]:
    asked = {wave.approve_stage for wave in waves(config)}
    for stage in done:
        if stage.name in asked:
            yield from ((stage, action) for action in stage.actions if action.decided_by is not None)


def _deployments(config: Config, done: tuple[Stage, ...]) -> Iterator[tuple[Stage, Action]]:
    asked = {wave.deploy_stage for wave in waves(config)}
    for stage in done:
        if stage.name in asked:
            yield from ((stage, action) for action in stage.actions if action.status == "Succeeded")


def _approval(stage: Stage, action: Action) -> dict[str, Any]:
    return {
        "action": f"{stage.name}/{action.name}",
        "status": action.status,
        "by": action.decided_by,
        "at": None if action.updated is None else action.updated.isoformat(),
        "summary": action.reason,
    }


def _served(stage: Stage, action: Action) -> dict[str, Any]:
    """From when on the run's model served there; until the next run that did."""
    return {
        "action": f"{stage.name}/{action.name}",
        "since": None if action.updated is None else action.updated.isoformat(),
    }
