"""The judge's task ``live``, the last action of each stage that deploys: what serves on each target since when, written
down where the judge alone writes.

It looks at every target, not only at those of its stage, and at both pipelines: a deployment whose own run came to no
such action, because another target's failed, is written down by the next.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import LARGEST_BYTES, ForeignTextError, document

from .job import JobFailed, Reply
from .model_store import EXISTS
from .record import write_once
from .run import Run, read_run
from .served import INCONCLUSIVE, Deployed, ended_since
from .stored_object import stored_object

SCHEMA = "xacct-ml/live/1"
_APPROVE_STAGE = "Approve"
_MOST = 20
"""So many deployments of a target, the newest, are written down at once: of one that has no record yet, after an
upgrade, more are in the pipelines' histories."""
_WRITTEN_MEANWHILE = (*EXISTS, "NoSuchKey")
"""What S3 says to a write on a condition: something else is there by now, or nothing any more (S3 User Guide,
conditional-writes) [D]."""
_TRIES = 3
"""Where the other pipeline writes at the same time."""
Judgement = tuple[str | None, str | None, str | None]
"""A deployment's model digest, its endpoint configuration and the verdict, each None where it has none."""


@dataclass(frozen=True)
class _Recorded:
    """What is written down of a target: when that was deployed, the object's ETag, and what was judged of it; None
    where it does not say that."""

    deployed: datetime
    tag: str
    judged: Judgement | None = None


class LiveRecords:
    """``settings`` are the judge's, ``where`` is bucket and expected owner."""

    def __init__(
        self, settings: Mapping[str, Any], where: dict[str, str], key_arn: str, s3: Any, codepipeline: Any
    ) -> None:
        self.settings = settings
        self.where = where
        self.key_arn = key_arn
        self.s3 = s3
        self.codepipeline = codepipeline
        self._runs: dict[tuple[str, str], Run] = {}

    def write(self) -> Reply:
        """What is not written down yet. The same twice is once. Raises :class:`JobFailed`."""
        for _ in range(_TRIES):
            try:
                written = self._write()
            except ClientError as error:
                if error.response["Error"]["Code"] not in _WRITTEN_MEANWHILE:
                    raise
                continue
            summary = "; ".join(f"{name} serves run {run}" for name, run in written.items()) or "nothing new serves"
            return {"executionDetails": {"summary": summary, "percentComplete": 100}}
        raise JobFailed("what serves was being written by the other pipeline, too. Then: xacct-ml retry")

    def _write(self) -> dict[str, str]:
        targets = self.settings["deployActions"]
        found = {name: self._recorded(name) for name, *_ in targets}
        recorded = {name: each for name, each in found.items() if each is not None}
        known = {name: each.deployed for name, each in recorded.items()}
        news: dict[str, list[Deployed]] = {}
        for each in ended_since(self.codepipeline, [*self.settings["pipelines"]], targets, known):
            news.setdefault(each.target, []).append(each)
        written: dict[str, str] = {}
        for name, ended in news.items():
            before = recorded.get(name)
            deployed = verdicts(ended, None if before is None else before.judged)[-_MOST:]
            if not deployed:
                continue
            documents = [self._document(each, verdict) for each, verdict in deployed]
            for (each, _), content in zip(deployed, documents, strict=True):
                when = f"{each.ended.astimezone(UTC):%Y%m%dT%H%M%SZ}"
                key = f"{self.settings['historyPrefix']}/{name}/{when}-{each.execution}.json"
                self._write_history(key, content)
            self._put(name, _bytes(documents[-1]), None if before is None else before.tag)
            written[name] = documents[-1]["run"]
        return written

    def _write_history(self, key: str, content: Mapping[str, Any]) -> None:
        """Once. A verdict that was written down stays: by the rules of an earlier release, or beside another deployment
        before it, it may be another one. Raises :class:`JobFailed` where anything else differs.
        """
        try:
            write_once(self.s3, self.where, key, self.key_arn, _bytes(content))
        except JobFailed as refused:
            try:
                found = document(self.s3.get_object(**self.where, Key=key)["Body"].read(LARGEST_BYTES + 1))
            except ForeignTextError:
                raise refused from None
            if not isinstance(found, dict) or {**found, "verdict": content["verdict"]} != content:
                raise

    def _recorded(self, target: str) -> _Recorded | None:
        """Deployed at the beginning of time where the text is no such record: only the judge writes there, so that it
        is one of another release.
        """
        answer = stored_object(self.s3, self.where, self._key(target))
        if answer is None:
            return None
        try:
            found = document(answer["Body"].read(LARGEST_BYTES + 1))
            judged = (found["modelDigest"], found["endpointConfig"], found["verdict"])
            return _Recorded(datetime.fromisoformat(found["deployed"]).astimezone(UTC), answer["ETag"], judged)
        except (ForeignTextError, KeyError, TypeError, ValueError):
            return _Recorded(datetime.fromtimestamp(0, UTC), answer["ETag"])

    def _put(self, target: str, content: bytes, tag: str | None) -> None:
        """Over exactly what was read (S3 User Guide, conditional-writes) [D]."""
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        self.s3.put_object(
            **self.where,
            **condition,
            Key=self._key(target),
            Body=content,
            ContentType="application/json",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
        )

    def _key(self, target: str) -> str:
        return f"{self.settings['livePrefix']}/{target}.json"

    def _document(self, deployed: Deployed, verdict: str | None) -> dict[str, Any]:
        name, pipeline, execution = deployed.target, deployed.pipeline, deployed.execution
        run = self._run(pipeline, execution)
        judge = run.actions.get(self.settings["pipelines"][pipeline])
        judged = {} if judge is None else judge.variables
        account, region = next(where for each, _, *where in self.settings["deployActions"] if each == name)
        variables = deployed.variables
        return {
            "schema": SCHEMA,
            "target": name,
            "account": account,
            "region": region,
            "pipeline": pipeline,
            "execution": execution,
            "run": judged.get("Run", execution),
            "trainingJob": deployed.training_job or None,
            "modelDigest": deployed.digest or None,
            "recordKey": judged.get("RecordKey"),
            "recordDigest": judged.get("RecordDigest"),
            "endpoint": variables.get("EndpointName"),
            "endpointConfig": variables.get("EndpointConfigName"),
            "model": variables.get("ModelName"),
            "deployed": deployed.ended.astimezone(UTC).isoformat(),
            "approvedBy": _approved_by(run, deployed),
            "verdict": verdict,
        }

    def _run(self, pipeline: str, execution: str) -> Run:
        if (pipeline, execution) not in self._runs:
            self._runs[pipeline, execution] = read_run(self.codepipeline, pipeline, execution)
        return self._runs[pipeline, execution]


def verdicts(ended: Sequence[Deployed], before: Judgement | None) -> list[tuple[Deployed, str | None]]:
    """Those that did not fail, each with its verdict. ``before`` is of the deployment before them.

    One that found its model served has changed nothing that could be judged: its action succeeds, and calls it
    inconclusive. The verdict of the deployment before it still holds where that made the same configuration of the same
    model serve, unless one of that model failed between: it may have shifted traffic with nobody to say how that went.
    """
    found: list[tuple[Deployed, str | None]] = []
    for each in ended:
        if each.failed:
            if before is not None and each.digest in ("", before[0]):
                before = None
            continue
        serves, verdict = (each.digest, each.variables.get("EndpointConfigName")), each.variables.get("Verdict")
        if verdict == INCONCLUSIVE and all(serves) and before is not None and before[:2] == serves:
            verdict = before[2]
        before = (*serves, verdict)
        found.append((each, verdict))
    return found


def _approved_by(run: Run, deployed: Deployed) -> list[str]:
    """Everybody who had approved the run before it was deployed."""
    given = [
        action
        for action in run.actions.values()
        if action.name.split("/")[0].split("-")[0] == _APPROVE_STAGE
        and action.status == "Succeeded"
        and action.started <= deployed.started
    ]
    given.sort(key=lambda action: action.started)
    return list(dict.fromkeys(action.decided_by or "nobody known" for action in given))


def _bytes(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, indent=2, sort_keys=True).encode() + b"\n"
