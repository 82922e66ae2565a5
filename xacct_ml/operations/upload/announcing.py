"""A data set becomes the current one: its manifest is written, whose event starts the pipeline."""

from collections.abc import Mapping
from typing import Any

from xacct_ml.aws.errors import absent_as_none
from xacct_ml.errors import XacctError
from xacct_ml.operations.preconditions import (
    CHANGED_OBJECT,
    MISSING_OBJECT,
    encrypted,
    every_data_object,
    object_at,
    only_over,
)
from xacct_ml.operations.upload.data_manifest import JSON_TYPE, Manifest
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3
from xacct_ml.system.names import Names

RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Data", "s3: GetObject PutObject", on=(every_data_object,)),
        Rights("key/UseKeyThroughS3", "kms: Decrypt GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}


def newest_manifest(s3: Any, names: Names) -> tuple[Mapping[str, Any] | None, Manifest | None]:
    """S3's answer and the manifest; None where there is none, the manifest also where this version cannot read it."""
    answer = absent_as_none(MISSING_OBJECT, s3.get_object, **object_at(names, names.manifest_key))
    return answer, None if answer is None else Manifest.parse(answer["Body"].read())


def announce(s3: Any, names: Names, kms_key: str, manifest: Manifest, over: Mapping[str, Any] | None) -> None:
    """Over what :func:`newest_manifest` answered. Raises :class:`XacctError` where somebody wrote another manifest
    meanwhile; nothing has changed then."""
    where, body = object_at(names, names.manifest_key), manifest.to_json()
    written = {**where, **encrypted(kms_key), **only_over(over), "Body": body, "ContentType": JSON_TYPE}
    if absent_as_none(CHANGED_OBJECT, s3.put_object, **written) is not None:
        return
    now = absent_as_none(MISSING_OBJECT, s3.get_object, **where)
    if now is None or now["Body"].read() != body:
        told = f"s3://{names.bucket}/{names.manifest_key} has changed meanwhile; nothing was written"
        raise XacctError(told, next_step="xacct-ml data shows which data set is current")
