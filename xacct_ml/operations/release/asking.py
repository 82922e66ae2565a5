"""A request is written, which starts the release pipeline; the same one twice is one release.

Whoever asks needs the right to write the request, and none to look for the key: where the map does not name it, S3 says
which one the record is encrypted with, and the bucket takes no other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.foreign import LARGEST_BYTES
from xacct_ml.operations.preconditions import (
    CHANGED_OBJECT,
    MISSING_OBJECT,
    encrypted,
    object_at,
    only_over,
    require_pipeline,
)
from xacct_ml.operations.release.request import Request
from xacct_ml.operations.runs.executions import EVENT_LOOKS, EVENT_SECONDS, IN_PROGRESS, Execution, executions
from xacct_ml.resources.rights import Place, Rights, pipelines_key, through_s3
from xacct_ml.system.bucket_layout import EVALUATIONS_PREFIX
from xacct_ml.system.names import Names


def _the_request(place: Place) -> str:
    return place.names.object_arn(place.names.release_key)


def _every_record(place: Place) -> str:
    return place.names.object_arn(f"{EVALUATIONS_PREFIX}/*")


RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Release", "s3: GetObject PutObject", on=(_the_request,)),
        Rights("bucket/Evaluations", "s3: GetObject", on=(_every_record,)),
        Rights("key/UseKeyThroughS3", "kms: Decrypt GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}

_EVENT_IS_LATE = timedelta(minutes=5)
"""A request that started no run after so long starts none any more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``execution`` is the release's run; None where it has not been seen yet. ``again``: the same was asked for
    before, and is under way; nothing was written."""

    version: str
    execution: str | None
    again: bool


def ask(
    config: Config,
    accounts: Clients,
    request: Request,
    sleep: Callable[[float], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Asked:
    """Raises :class:`xacct_ml.errors.NotReady` without a release pipeline, or where it is somebody else's."""
    names, s3 = Names(config), accounts.client(Names(config).shared, "s3")
    require_pipeline(config, accounts, names.release_pipeline)
    where = object_at(names, names.release_key)
    before = executions(config, accounts, names.release_pipeline)
    newest = absent_as_none(MISSING_OBJECT, s3.get_object, **where)
    if newest is not None and newest["Body"].read(LARGEST_BYTES) == request.content:
        run = _of_version(before, newest["VersionId"])
        if run is not None and run.status == IN_PROGRESS:
            return Asked(newest["VersionId"], run.id, again=True)
        if run is None and now() - newest["LastModified"] < _EVENT_IS_LATE:
            return _seen(config, accounts, newest["VersionId"], sleep, again=True)
    key = config.key.arn or s3.head_object(**object_at(names, request.record_key))["SSEKMSKeyId"]
    version = _written(s3, {**where, **encrypted(key)}, request.content, newest)
    return _seen(config, accounts, version, sleep, again=False)


def _written(s3: Any, where: Mapping[str, str], content: bytes, over: Mapping[str, Any] | None) -> str:
    """The new version's id. Raises :class:`XacctError` where somebody else asked for another release meanwhile."""
    written = {**where, **only_over(over), "Body": content, "ContentType": "application/zip"}
    answer = absent_as_none(CHANGED_OBJECT, s3.put_object, **written)
    if answer is None:
        there = {name: where[name] for name in ("Bucket", "Key", "ExpectedBucketOwner")}
        answer = absent_as_none(MISSING_OBJECT, s3.get_object, **there)
        if answer is None or answer["Body"].read(LARGEST_BYTES) != content or _same_version(answer, over):
            raise XacctError(
                "somebody else asked for a release meanwhile; nothing was written",
                next_step="xacct-ml status shows it; the same command again asks for yours",
            )
    return str(answer["VersionId"])


def _same_version(answer: Mapping[str, Any], over: Mapping[str, Any] | None) -> bool:
    return over is not None and answer["VersionId"] == over["VersionId"]


def _seen(config: Config, accounts: Clients, version: str, sleep: Callable[[float], None], *, again: bool) -> Asked:
    """The run of this version of the request, once there is one."""
    for _ in range(EVENT_LOOKS):
        if run := _of_version(executions(config, accounts, Names(config).release_pipeline), version):
            return Asked(version, run.id, again)
        sleep(EVENT_SECONDS)
    return Asked(version, None, again)


def _of_version(runs: tuple[Execution, ...], version: str) -> Execution | None:
    """A source action's revision is the version of its object (CodePipeline API reference, SourceRevision) [B]."""
    return next((run for run in runs if run.commit == version), None)
