"""A source and a data manifest as release 8e7c681 left them, for ``configure`` to bring to this one."""

from __future__ import annotations

import json
from typing import Any

from tests.sweeps.plain import plain_clients
from tests.sweeps.world import World
from xacct_ml.operations.upload.earlier_manifest import EARLIER_SCHEMAS
from xacct_ml.operations.upload.source_files import unpacked
from xacct_ml.system.package import packed
from xacct_ml.system.repository import first_commit
from xacct_ml.system.template import TEMPLATE_FILE

TEMPLATE = b"Metadata: {}\nResources: {}\n"
"""Without a version, as the first had none."""


def as_of_an_earlier_release(world: World) -> None:
    """Where the source can be written; behind a connection only the manifest is of before."""
    names, s3 = world.names, world.rival.client(world.names.shared, "s3")
    if names.source_key is not None:
        files = unpacked(s3.get_object(Bucket=names.bucket, Key=names.source_key)["Body"].read())
        _put(world, s3, names.source_key, packed({**files, TEMPLATE_FILE: TEMPLATE}), "application/zip")
    elif names.uses_codecommit:
        _commit(world)
    manifest = json.loads(s3.get_object(Bucket=names.bucket, Key=names.manifest_key)["Body"].read())
    dataset = manifest["dataset"]
    for channel in manifest["channels"].values():
        channel |= channel.pop("objects")[0]
        _forget(s3, names.bucket, channel.pop("manifest_uri").removeprefix(f"s3://{names.bucket}/"))
    held_out = manifest.pop("holdout")
    for part in ("features", "labels"):
        _forget(s3, names.bucket, held_out[part]["key"])
    _forget(s3, names.bucket, names.dataset_manifest_key(dataset))
    content = json.dumps({**manifest, "schema": EARLIER_SCHEMAS[0]}).encode()
    _put(world, s3, names.manifest_key, content, "application/json")


def _commit(world: World) -> None:
    names = world.names
    codecommit = plain_clients(world.aws, names.repository_account)("codecommit")
    where = {"repositoryName": names.repository, "branchName": names.branch}
    codecommit.create_commit(
        **where,
        parentCommitId=codecommit.get_branch(**where)["branch"]["commitId"],
        putFiles=[{"filePath": TEMPLATE_FILE, "fileContent": TEMPLATE}],
    )
    assert first_commit(world.config)[TEMPLATE_FILE] != TEMPLATE


def _put(world: World, s3: Any, key: str, content: bytes, content_type: str) -> None:
    kms = world.rival.client(world.names.shared, "kms")
    key_arn = kms.describe_key(KeyId=world.names.key_alias)["KeyMetadata"]["Arn"]
    s3.put_object(
        Bucket=world.names.bucket,
        Key=key,
        Body=content,
        ContentType=content_type,
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key_arn,
    )


def _forget(s3: Any, bucket: str, key: str) -> None:
    """With all its versions."""
    for version in s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
