"""The data manifest of an earlier release, made this release's from what it says: the data are in the bucket.

Release 8e7c681 wrote ``xacct-ml/manifest/1``: a channel was the prefix that its one object lies under. Now it is a
manifest file that names the object."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.operations.command_names import UPLOAD_DATA
from xacct_ml.operations.preconditions import (
    MISSING_BUCKET,
    MISSING_OBJECT,
    encrypted,
    every_data_object,
    key_arn,
    object_at,
    require_bucket,
)
from xacct_ml.operations.upload import data_manifest
from xacct_ml.operations.upload.data import holds, name_objects, object_head, utc_now
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3
from xacct_ml.system.names import Names

EARLIER_SCHEMA = "xacct-ml/manifest/1"
RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Data", "s3: GetObject PutObject", on=(every_data_object,)),
        Rights("key/UseKeyThroughS3", "kms: Decrypt GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}


@dataclass(frozen=True, slots=True)
class EarlierManifest:
    """What it names, as of this release but for the time; ``tag`` is the ETag of what was read."""

    uri: str
    tag: str
    dataset: str
    channels: dict[str, data_manifest.ChannelObject]


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
    for channel in channels.values():
        head = object_head(s3, names, channel.key)
        there = head is not None and holds(head, channel.bytes, channel.sha256, kms_key)
        if head is None or not there or head.get("VersionId") != channel.version_id:
            told = f"{uri}, of an earlier release, names {channel.uri}, which is not there as it says"
            raise XacctError(told, next_step=UPLOAD_DATA)
    dataset = data_manifest.dataset_id({name: channel.sha256 for name, channel in channels.items()})
    return EarlierManifest(uri, answer["ETag"], dataset, channels)


def renew(config: Config, accounts: Clients, earlier: EarlierManifest, now: Callable[[], datetime] = utc_now) -> None:
    """Write the channels' manifest files, then the manifest, unless somebody has written another one meanwhile.

    Raises :class:`XacctError` then, and :class:`xacct_ml.errors.NotReady` for a bucket that is not this map's."""
    names = Names(config)
    require_bucket(config, accounts)
    kms_key, s3 = key_arn(config, accounts), accounts.client(names.shared, "s3")
    for name in earlier.channels:
        name_objects(s3, names, kms_key, earlier.dataset, name)
    manifest = data_manifest.Manifest(earlier.dataset, now().strftime("%Y-%m-%dT%H:%M:%SZ"), earlier.channels)
    try:
        # Only over what was read (S3 User Guide, conditional-writes) [D].
        s3.put_object(
            **object_at(names, names.manifest_key),
            **encrypted(kms_key),
            Body=manifest.to_json(),
            ContentType="application/json",
            IfMatch=earlier.tag,
        )
    except ClientError as error:
        if code_of(error) not in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise
        if look(config, accounts) is not None:
            raise XacctError(f"{earlier.uri} has changed meanwhile", next_step="run the same command again") from None


def _channels(names: Names, text: bytes) -> dict[str, data_manifest.ChannelObject]:
    """Keys and URIs follow from the checksums, and are not believed. Raises ValueError where they differ."""
    found = document(text)
    if found["schema"] != EARLIER_SCHEMA:
        raise ValueError(line(str(found["schema"])))
    given = {name: found["channels"][name] for name in data_manifest.CHANNELS}
    dataset = data_manifest.dataset_id({name: str(channel["sha256"]) for name, channel in given.items()})
    channels = {}
    for name, channel in given.items():
        key = names.channel_key(dataset, name)
        if channel["key"] != key:
            raise ValueError(name)
        channels[name] = data_manifest.ChannelObject(
            key=key,
            uri=f"s3://{names.bucket}/{key}",
            manifest_uri=f"s3://{names.bucket}/{names.channel_manifest_key(dataset, name)}",
            sha256=str(channel["sha256"]),
            rows=int(channel["rows"]),
            columns=int(channel["columns"]),
            bytes=int(channel["bytes"]),
            version_id=channel["version_id"],
        )
    return channels
