"""``upload-data``: two checked files into the bucket, then the manifest that starts the pipeline.

Objects lie under the data set's id, which follows from their content: they are never overwritten with something else.
An object that is there with the same checksum, size and key is left alone, so an upload that broke off goes on."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from os.path import samestat
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of, codes
from xacct_ml.config.model import Config
from xacct_ml.engine.progress import Advance, Reporter
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.preconditions import (
    MISSING_OBJECT,
    bucket_needed,
    encrypted,
    every_data_object,
    key_arn,
    object_at,
    object_bytes,
    require_bucket,
)
from xacct_ml.operations.upload import data_manifest, expectation
from xacct_ml.operations.upload.checked_content import opened
from xacct_ml.operations.upload.data_check import CheckedFile, read_file
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3, within
from xacct_ml.system.names import Names

RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Data", "s3: GetObject PutObject", on=(every_data_object,)),
        Rights("bucket/EmptyBucket", "s3: DeleteObject DeleteObjectVersion", on=(within("/*"),)),
        # An upload in parts also decrypts (S3 User Guide, mpuoverview) [D].
        Rights("key/UseKeyThroughS3", "kms: Decrypt GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}


_PARTS: Mapping[str, int] = {"multipart_threshold": 8 << 20, "multipart_chunksize": 8 << 20, "max_concurrency": 10}
"""Ten parts of 8 MiB at once, as ``aws s3 cp`` has by default; s3transfer keeps ten more in memory at most, and widens
parts where there would be over 10,000."""


_IS_THERE = codes("ConditionalRequestConflict PreconditionFailed")


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload came to. ``uploaded``: the channels sent; ``announced``: the manifest was written."""

    manifest: data_manifest.Manifest
    manifest_uri: str
    uploaded: tuple[str, ...] = ()
    announced: bool = False


def utc_now() -> datetime:
    return datetime.now(UTC)


def check_files(
    train: Path,
    validation: Path,
    reporter: Reporter,
    hyperparameters: Mapping[str, Any] | None = None,
    ask: Callable[[], expectation.Expectation] | None = None,
    *,
    schema_change: bool = False,
) -> dict[str, CheckedFile]:
    """Both files, checked by the objective among ``hyperparameters``, which needs no credentials, or by what ``ask``
    answers. Raises :class:`InputError` with every fault of both."""
    paths = {"train": train, "validation": validation}
    found = {channel: _stat(path) for channel, path in paths.items()}
    if found["train"] and found["validation"] and samestat(found["train"], found["validation"]):
        raise InputError("is the training data, too; any gate is passed with that", file=validation)
    read = {}
    for channel in data_manifest.CHANNELS:
        status = found[channel]
        with reporter.progress(f"checking {channel}", status.st_size if status else 0) as advance:
            read[channel] = read_file(channel, paths[channel], advance)
    files = expectation.judged(read, hyperparameters or {}, ask, reporter, schema_change=schema_change)
    for file in files.values():
        reporter.line(
            f"{file.channel}: {file.path}: {file.rows:,} rows, {file.columns} columns, sha256 {file.sha256[:16]}…"
        )
        reporter.line(f"  label: {file.label}")
        if file.missing:
            reporter.line(f"  {file.missing:,} empty features, which XGBoost learns from as missing")
        for doubt in file.doubts:
            reporter.warn(f"{file.path}: {doubt}")
    return files


def upload_data(
    config: Config,
    accounts: Clients,
    files: dict[str, CheckedFile],
    reporter: Reporter,
    now: Callable[[], datetime] = utc_now,
) -> Upload:
    """Send what is not there yet, then announce it.

    Raises :class:`NotReady` before bootstrap, :class:`InputError` if a file changes meanwhile: nothing is announced."""
    names = Names(config)
    key = key_arn(config, accounts)
    require_bucket(config, accounts)
    dataset = data_manifest.dataset_id({channel: file.sha256 for channel, file in files.items()})
    s3 = accounts.client(names.shared, "s3")
    uploaded: list[str] = []
    channels: dict[str, data_manifest.ChannelObject] = {}
    for channel in data_manifest.CHANNELS:
        file, place = files[channel], names.channel_key(dataset, channel)
        version, sent = _store(s3, names, key, place, file, reporter)
        channels[channel] = data_manifest.ChannelObject(
            key=place,
            uri=f"s3://{names.bucket}/{place}",
            manifest_uri=f"s3://{names.bucket}/{names.channel_manifest_key(dataset, channel)}",
            sha256=file.sha256,
            rows=file.rows,
            columns=file.columns,
            bytes=file.size,
            version_id=version,
        )
        if sent:
            uploaded.append(channel)
    for channel in data_manifest.CHANNELS:
        name_objects(s3, names, key, dataset, channel)
    manifest = data_manifest.Manifest(dataset, now().strftime("%Y-%m-%dT%H:%M:%SZ"), channels)
    uri = f"s3://{names.bucket}/{names.manifest_key}"
    current = current_manifest(config, accounts)
    if current is not None and manifest.same_data(current):
        reporter.line(f"manifest: {uri} is already there, no new run; xacct-ml start begins one")
        return Upload(current, uri, tuple(uploaded))
    where = object_at(names, names.manifest_key)
    s3.put_object(**where, **encrypted(key), Body=manifest.to_json(), ContentType="application/json")
    reporter.line(f"manifest: {uri} written, data set {dataset}")
    return Upload(manifest, uri, tuple(uploaded), announced=True)


def current_manifest(config: Config, accounts: Clients) -> data_manifest.Manifest | None:
    """The manifest in the bucket; None where there is none that this version can read."""
    text = object_bytes(config, accounts, Names(config).manifest_key)
    return None if text is None else data_manifest.Manifest.parse(text)


def _store(
    s3: Any, names: Names, kms_key: str, key: str, file: CheckedFile, reporter: Reporter
) -> tuple[str | None, bool]:
    """The object's version id, and whether it had to be sent."""
    uri = f"s3://{names.bucket}/{key}"
    head = object_head(s3, names, key)
    if head and holds(head, file.size, file.sha256, kms_key):
        reporter.line(f"{file.channel}: {uri} is already there")
        return head.get("VersionId"), False
    with reporter.progress(f"uploading {file.channel} to {names.shared}", file.size) as advance:
        if head:
            # What is there is not what belongs there; nothing is written over.
            s3.delete_object(**object_at(names, key))
        with _perhaps_there():
            _send(s3, names, kms_key, key, file, advance)
    head = object_head(s3, names, key) or {}
    if not holds(head, file.size, file.sha256, kms_key):
        raise XacctError(f"{uri} is not what was sent there", next_step="run the same command again")
    reporter.line(f"{file.channel}: {uri} uploaded, {file.size:,} bytes")
    return head.get("VersionId"), True


def name_objects(s3: Any, names: Names, kms_key: str, dataset: str, channel: str) -> None:
    """The file that names the channel's one object to SageMaker; written unless it is there."""
    key = names.channel_manifest_key(dataset, channel)
    prefix, place = names.channel_prefix(dataset, channel), names.channel_key(dataset, channel)
    content = data_manifest.channel_manifest(f"s3://{names.bucket}/{prefix}", [place.removeprefix(prefix)])
    there = object_head(s3, names, key)
    if there is None or there.get("SSEKMSKeyId") != kms_key:
        if there:
            s3.delete_object(**object_at(names, key))
        with _perhaps_there():
            s3.put_object(**object_at(names, key), **encrypted(kms_key), Body=content, IfNoneMatch="*")


def holds(head: Mapping[str, Any], size: int, sha256: str, kms_key: str) -> bool:
    """Whether the object is of this size and checksum, by what its upload said, and under the project's key."""
    return (
        head.get("ContentLength") == size
        and head.get("Metadata", {}).get(data_manifest.SHA256_METADATA) == sha256
        and head.get("SSEKMSKeyId") == kms_key
    )


@contextmanager
def _perhaps_there() -> Iterator[None]:
    """Within it, S3 may say that something is there already: the answer to our own write may have been lost. What is
    there follows from its key, and is looked at afterwards."""
    try:
        yield
    except ClientError as error:
        if code_of(error) not in _IS_THERE:
            raise


def object_head(s3: Any, names: Names, key: str) -> dict[str, Any] | None:
    with bucket_needed(names):
        return absent_as_none(MISSING_OBJECT, s3.head_object, **object_at(names, key))


def _send(s3: Any, names: Names, kms_key: str, key: str, file: CheckedFile, advance: Advance) -> None:
    # Loaded here: it takes long, and whoever only asks for the manifest sends nothing.
    from boto3.s3.transfer import TransferConfig

    extra: dict[str, Any] = {
        **encrypted(kms_key),
        "Metadata": {data_manifest.SHA256_METADATA: file.sha256},
        "ContentType": "text/csv",
        "ChecksumAlgorithm": "CRC32",  # of each part on its way; the file's own SHA-256 is in the metadata
        "ExpectedBucketOwner": names.shared,
    }
    with bucket_needed(names), opened(file, _PARTS["multipart_threshold"]) as content, _only_if_new(s3):
        s3.upload_fileobj(
            content, names.bucket, key, ExtraArgs=extra, Config=TransferConfig(**_PARTS), Callback=advance
        )


@contextmanager
def _only_if_new(s3: Any) -> Iterator[None]:
    """Within it, nothing is written over: the bucket refuses what could. s3transfer has no argument for it."""
    events = [f"before-parameter-build.s3.{operation}" for operation in ("PutObject", "CompleteMultipartUpload")]

    def condition(params: dict[str, Any], **_: Any) -> None:
        params["IfNoneMatch"] = "*"

    for event in events:
        s3.meta.events.register(event, condition)
    try:
        yield
    finally:
        for event in events:
            s3.meta.events.unregister(event, condition)


def _stat(path: Path) -> os.stat_result | None:
    """None for what cannot be looked at: why, reading it tells."""
    try:
        return path.stat()
    except OSError:
        return None
