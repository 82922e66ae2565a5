"""The data manifest of an earlier release, made this release's from what it says: the data are in the bucket.

Release 8e7c681 wrote ``xacct-ml/manifest/1``: a channel was the prefix that its one object lies under. Then came
``xacct-ml/manifest/2``, where a channel is a manifest file that names its one object. Neither had rows held out: those
of the validation data are now, which are read for it as they lie in the bucket."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.config.model import Config
from xacct_ml.engine.progress import Reporter
from xacct_ml.errors import XacctError
from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.operations.command_names import UPLOAD_DATA
from xacct_ml.operations.preconditions import (
    CHANGED_OBJECT,
    MISSING_BUCKET,
    MISSING_OBJECT,
    encrypted,
    every_data_object,
    every_holdout_object,
    key_arn,
    object_at,
    require_bucket,
)
from xacct_ml.operations.upload import data_manifest, holdout
from xacct_ml.operations.upload.authorship import stamp, uploader, utc_now
from xacct_ml.operations.upload.data import keep, name_objects
from xacct_ml.operations.upload.written_once import Shelf, is_there
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3
from xacct_ml.system.names import Names

EARLIER_SCHEMAS = ("xacct-ml/manifest/1", "xacct-ml/manifest/2")
RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Data", "s3: GetObject PutObject", on=(every_data_object, every_holdout_object)),
        Rights("key/UseKeyThroughS3", "kms: Decrypt GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}


@dataclass(frozen=True, slots=True)
class EarlierManifest:
    """What it names, as of this release; ``tag`` is the ETag of what was read."""

    uri: str
    tag: str
    dataset: str
    channels: dict[str, data_manifest.Channel]


def look(config: Config, accounts: Clients) -> EarlierManifest | None:
    """None where there is no manifest, or this release's. Raises :class:`XacctError` for any other one, and for one
    whose data are not in the bucket any more as it says."""
    names = Names(config)
    s3 = accounts.client(names.shared, "s3")
    answer: Any = absent_as_none(MISSING_OBJECT | MISSING_BUCKET, s3.get_object, **object_at(names, names.manifest_key))
    if answer is None:
        return None
    text, uri = answer["Body"].read(), f"s3://{names.bucket}/{names.manifest_key}"
    if data_manifest.Manifest.parse(text) is not None:
        return None
    try:
        channels = _channels(names, text)
    except (ForeignTextError, KeyError, TypeError, ValueError):
        raise XacctError(f"{uri} is no release's data manifest", next_step=UPLOAD_DATA) from None
    kms_key = key_arn(config, accounts)
    for stored in (each for channel in channels.values() for each in channel.objects):
        if not is_there(s3, names, kms_key, stored):
            where = f"s3://{names.bucket}/{stored.key}"
            told = f"{uri}, of an earlier release, names {where}, which is not there as it says"
            raise XacctError(told, next_step=UPLOAD_DATA)
    return EarlierManifest(uri, answer["ETag"], _dataset(channels), channels)


def renew(
    config: Config,
    accounts: Clients,
    earlier: EarlierManifest,
    reporter: Reporter,
    now: Callable[[], datetime] = utc_now,
) -> None:
    """Write the channels' manifest files and the rows held out, then the manifest, unless somebody has written another
    one meanwhile.

    Raises :class:`XacctError` then, and :class:`xacct_ml.errors.NotReady` for a bucket that is not this map's."""
    names = Names(config)
    require_bucket(config, accounts)
    shelf = Shelf(accounts.client(names.shared, "s3"), names, key_arn(config, accounts), reporter)
    for name, channel in earlier.channels.items():
        name_objects(shelf, earlier.dataset, name, channel.objects)
    held_out = _held_out(shelf, earlier)
    by = uploader(config, accounts)
    manifest = data_manifest.Manifest(earlier.dataset, stamp(now()), by, earlier.channels, held_out)
    keep(shelf, manifest)
    try:
        # Only over what was read (S3 User Guide, conditional-writes) [D].
        shelf.s3.put_object(
            **object_at(names, names.manifest_key),
            **encrypted(shelf.kms_key),
            Body=manifest.to_json(),
            ContentType=data_manifest.JSON_TYPE,
            IfMatch=earlier.tag,
        )
    except ClientError as error:
        if code_of(error) not in CHANGED_OBJECT:
            raise
        if look(config, accounts) is not None:
            raise XacctError(f"{earlier.uri} has changed meanwhile", next_step="run the same command again") from None


def _held_out(shelf: Shelf, earlier: EarlierManifest) -> data_manifest.Holdout:
    """Raises :class:`XacctError` where the object is not of the bytes that the manifest says."""
    channel = earlier.channels["validation"]
    (stored,) = channel.objects
    body = shelf.s3.get_object(**object_at(shelf.names, stored.key))["Body"]
    digest = hashlib.sha256()

    def read(size: int) -> bytes:
        piece: bytes = body.read(size)
        digest.update(piece)
        return piece

    with holdout.split(read) as parts:
        if digest.hexdigest() != stored.sha256:
            told = f"s3://{shelf.names.bucket}/{stored.key} is not what {earlier.uri} says"
            raise XacctError(told, next_step=UPLOAD_DATA)
        return holdout.store(shelf, earlier.dataset, "validation", channel.rows, parts)[0]


def _dataset(channels: dict[str, data_manifest.Channel]) -> str:
    return data_manifest.dataset_id(
        {name: [each.sha256 for each in channel.objects] for name, channel in channels.items()}
    )


def _channels(names: Names, text: bytes) -> dict[str, data_manifest.Channel]:
    """Keys and URIs follow from the checksums, and are not believed. Raises ValueError where they differ."""
    found = document(text)
    if found["schema"] not in EARLIER_SCHEMAS:
        raise ValueError(line(str(found["schema"])))
    given = {name: found["channels"][name] for name in data_manifest.CHANNELS}
    dataset = data_manifest.dataset_id({name: [str(channel["sha256"])] for name, channel in given.items()})
    channels = {}
    for name, channel in given.items():
        key = names.channel_key(dataset, name)
        if channel["key"] != key:
            raise ValueError(name)
        stored = data_manifest.StoredObject(
            key, str(channel["sha256"]), int(channel["bytes"]), version_id=channel["version_id"]
        )
        uri = f"s3://{names.bucket}/{names.channel_manifest_key(dataset, name)}"
        channels[name] = data_manifest.Channel(uri, "csv", int(channel["rows"]), int(channel["columns"]), (stored,))
    return channels
