"""``audit``: what the project did, as files for somebody who was not there: records, who approved which of them, data
manifests, what was released and what served when. Read from the services; each file is checked by its digest before it
is written."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.evidence.record import parse
from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.operations.audit_folder import Folder
from xacct_ml.operations.preconditions import object_bytes
from xacct_ml.operations.runs.evaluation import Judgement, judgement
from xacct_ml.operations.runs.executions import Execution
from xacct_ml.operations.runs.pipelines import past_of_both, states
from xacct_ml.operations.runs.stages import Action, Stage, stages
from xacct_ml.operations.upload.withdrawal import withdrawn
from xacct_ml.payload.served import NOT_ASKED_FOR
from xacct_ml.system.names import Names
from xacct_ml.system.waves import APPROVE_STAGE, waves

SCHEMA = "xacct-ml/audit/2"
"""Of the first, releases were not told of."""
INDEX = "audit.json"
_EARLIER = 200
"""So many runs before the period are looked at for what served at its beginning."""


@dataclass(frozen=True, slots=True)
class Period:
    """Of runs, by when they started; aware times. None has no bound; ``most`` are the newest."""

    since: datetime | None = None
    until: datetime | None = None
    most: int | None = None

    def has(self, run: Execution) -> bool:
        """Whether the run is not too new; :meth:`before` says the other end."""
        return run.started is None or self.until is None or run.started < self.until

    def before(self, run: Execution) -> bool:
        return run.started is not None and self.since is not None and run.started < self.since


_ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Audit:
    """``files`` are the names of what was written, the index last, whose SHA-256 is ``digest``; ``unproven`` are
    sentences about what has no proof."""

    files: tuple[str, ...]
    digest: str
    runs: int
    unproven: tuple[str, ...]


def audit(
    config: Config,
    accounts: Clients,
    folder: Folder,
    period: Period = _ALWAYS,
    advance: Callable[[int], None] = lambda _: None,
) -> Audit:
    """Of the period's runs and releases, one after the other: some four calls each, and nothing of one is kept for the
    next but what the index says. ``advance`` is told how many are done. Raises :class:`xacct_ml.errors.NotReady`
    without a pipeline."""
    of_all = {state["pipelineName"]: state for state in states(config, accounts)}
    unproven: list[str] = []
    told: list[dict[str, Any]] = []
    releases: list[dict[str, Any]] = []
    served: list[dict[str, Any]] = []
    every = past_of_both(config, accounts)
    for pipeline, run in every:
        if not period.has(run):
            continue
        if period.before(run) or len(told) + len(releases) == period.most:
            unproven += _earlier(config, accounts, of_all, chain([(pipeline, run)], every), served)
            break
        done = stages(config, accounts, run.id, of_all[pipeline])
        if pipeline == Names(config).release_pipeline:
            one, why = _release(config, run, done)
            releases.append(one)
        else:
            one, why = _run(config, accounts, run, done, folder)
            told.append(one)
        served += one["served"]
        unproven += [f"run {run.id}: {sentence}" for sentence in why]
        advance(len(told) + len(releases))
    content = {
        "schema": SCHEMA,
        "pipeline": Names(config).pipeline,
        "since": None if period.since is None else period.since.isoformat(),
        "until": None if period.until is None else period.until.isoformat(),
        "runs": told,
        "releases": releases,
        "served": _in_turn(served),
        "unproven": unproven,
        "files": dict(sorted(folder.digests.items())),
    }
    folder.write(INDEX, json.dumps(content, indent=2, sort_keys=True).encode() + b"\n")
    return Audit(tuple(folder.digests), folder.digests[INDEX], len(told) + len(releases), tuple(unproven))


def _earlier(
    config: Config,
    accounts: Clients,
    of_all: Mapping[str, dict[str, Any]],
    runs: Iterator[tuple[str, Execution]],
    served: list[dict[str, Any]],
) -> Iterator[str]:
    """Adds what served when the period began."""
    wanted = {f"{wave.deploy_stage}/{target.name}" for wave in waves(config) for target in wave.targets}
    for pipeline, run in islice(runs, _EARLIER):
        done = stages(config, accounts, run.id, of_all[pipeline])
        judged = judgement(config, run.id, done)
        for stage, action in _deployments(config, done):
            if (name := _action(stage.name, action.name)) in wanted:
                wanted.remove(name)
                served.append(_served(stage, action, run, judged))
        if not wanted:
            return
    for name in sorted(wanted):
        yield f"what {name} served when the period began is not known: none of {_EARLIER} runs before it deployed there"


def _in_turn(served: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each until the next one took its place; None for what no run of the export replaced."""
    after: dict[str, str] = {}
    found = []
    for one in sorted(served, key=lambda each: each["since"] or "", reverse=True):
        found.append({**one, "until": after.get(one["action"])})
        after[one["action"]] = one["since"]
    return found[::-1]


def _release(config: Config, run: Execution, done: tuple[Stage, ...]) -> tuple[dict[str, Any], list[str]]:
    """A release, whose record is that of the run whose model it is."""
    judged = judgement(config, run.id, done)
    asked = judged.release
    told: dict[str, Any] = {
        "release": run.id,
        "status": run.status,
        "started": None if run.started is None else run.started.isoformat(),
        "run": None if asked is None else judged.execution,
        "modelSha256": judged.model,
        "recordSha256": judged.record,
        "targets": [] if asked is None else list(asked.targets),
        "schemaChange": asked is not None and asked.schema_change,
        "reason": None if asked is None else asked.reason,
        "approvals": [_approval(stage, action) for stage, action in _approvals(done)],
        "served": [_served(stage, action, run, judged) for stage, action in _deployments(config, done)],
    }
    return told, list(_not_named(told["approvals"], judged))


def _run(
    config: Config, accounts: Clients, run: Execution, done: tuple[Stage, ...], folder: Folder
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
        "approvals": [_approval(stage, action) for stage, action in _approvals(done)],
        "served": [_served(stage, action, run, judged) for stage, action in _deployments(config, done)],
        "modelPackage": None if judged.package is None else judged.package.arn,
        "withdrawn": None,
    }
    if text is not None:
        told["record"] = f"records/{run.id}.json"
        folder.write(f"records/{run.id}.json", text)
        told["dataManifest"] = _manifest(config, accounts, text, folder, unproven)
        if (record := parse(text)) is not None:
            told["withdrawn"] = withdrawn(config, accounts, record.data.dataset)
    return told, [*unproven, *_not_named(told["approvals"], judged)]


def _not_named(approvals: Iterable[dict[str, Any]], judged: Judgement) -> Iterator[str]:
    """Approvals that do not say which record their person saw."""
    for each in approvals:
        if each["status"] == "Succeeded" and judged.record is not None and judged.record not in (each["summary"] or ""):
            yield f"the approval {each['action']} does not name the record"


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


def _manifest(config: Config, accounts: Clients, text: bytes, folder: Folder, unproven: list[str]) -> str | None:
    """The copy of the data manifest that lies beside the data, where it says what the record says."""
    record = parse(text)
    if record is None:
        unproven.append("its record is none that this release reads")
        return None
    name = f"data/{hashlib.sha256(record.data.dataset.encode()).hexdigest()[:16]}.json"
    if name in folder.digests:
        return name
    manifest = object_bytes(config, accounts, Names(config).dataset_manifest_key(record.data.dataset))
    if manifest is None:
        unproven.append(f"there is no manifest of data set {line(record.data.dataset)}: the record says what it was")
        return None
    if not _says_the_same(manifest, text):
        unproven.append(f"the manifest of data set {line(record.data.dataset)} says something else than the record")
        return None
    folder.write(name, manifest)
    return name


def _says_the_same(manifest: bytes, record: bytes) -> bool:
    """About the objects of each channel: keys, digests, versions."""
    try:
        return bool(document(manifest)["channels"] == document(record)["data"]["channels"])
    except (ForeignTextError, KeyError, TypeError):
        return False


def _approvals(done: tuple[Stage, ...]) -> Iterator[tuple[Stage, Action]]:
    for stage in done:
        if stage.name.startswith(APPROVE_STAGE):
            yield from ((stage, action) for action in stage.actions if action.decided_by is not None)


def _deployments(config: Config, done: tuple[Stage, ...]) -> Iterator[tuple[Stage, Action]]:
    asked = {(wave.deploy_stage, target.name) for wave in waves(config) for target in wave.targets}
    for stage in done:
        for action in stage.actions:
            given = action.status == "Succeeded" and NOT_ASKED_FOR not in action.variables
            if given and (stage.name, action.name) in asked:
                yield stage, action


def _approval(stage: Stage, action: Action) -> dict[str, Any]:
    return {
        "action": f"{stage.name}/{action.name}",
        "status": action.status,
        "by": action.decided_by,
        "at": None if action.updated is None else action.updated.isoformat(),
        "summary": action.reason,
    }


def _served(stage: Stage, action: Action, run: Execution, judged: Judgement) -> dict[str, Any]:
    """From when on the model served there, which a release or its own run deployed."""
    return {
        "action": _action(stage.name, action.name),
        "run": judged.execution,
        "release": None if judged.release is None else run.id,
        "modelSha256": judged.model,
        "since": None if action.updated is None else action.updated.astimezone(UTC).isoformat(),
    }


def _action(stage: str | None, action: str) -> str:
    return f"{stage}/{action}"
