"""The data that a run trains on: the manifest of the data set, and whether the bucket still has what it says."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.tables.xgboost_distribution import fault

from .job import JobFailed

MANIFEST_SCHEMA = "xacct-ml/manifest/2"
_CHANNELS = ("train", "validation")
_LARGEST_MANIFEST_FILE_BYTES = 64 << 10


def data_manifest(text: bytes) -> dict[str, Any]:
    """Raises :class:`JobFailed` for what ``upload-data`` of this release does not write."""
    try:
        manifest: dict[str, Any] = document(text)
        if manifest["schema"] == MANIFEST_SCHEMA and all(
            manifest["channels"][name]["manifest_uri"] and manifest["channels"][name]["key"] for name in _CHANNELS
        ):
            return manifest
    except (ForeignTextError, KeyError, TypeError):
        pass
    step = "xacct-ml upload-data, or for an earlier release's data: xacct-ml configure --push"
    raise JobFailed(f"the data manifest is not one of this release. Run: {step}", "ConfigurationError")


def undivided(manifest: Mapping[str, Any], hyperparameters: Mapping[str, str], instances: int) -> str | None:
    """Why the data set cannot be trained on by so many instances, and what to do; None where it can."""
    parts = len(manifest["channels"]["train"].get("objects") or (None,))
    if reason := fault(hyperparameters, instances, parts):
        return f"{reason}. Upload the training data in {instances} parts or more, or set InstanceCount to {parts}"
    return None


def replaced(s3: Any, where: Mapping[str, str], manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is no longer as the data manifest says, as clauses: who may delete an object may store another one there.
    ``where`` is bucket and expected owner.
    """
    for name, channel in manifest["channels"].items():
        key, expected = str(channel["key"]), channel["version_id"]
        answer = s3.list_object_versions(**where, Prefix=key)
        listed = [*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())]
        latest = [each["VersionId"] for each in listed if each["Key"] == key and each["IsLatest"]]
        if latest != [expected]:
            yield f"the data of {name} are {line(str(latest))}, expected version {line(str(expected))}"
        uri, bucket = str(channel["manifest_uri"]), where["Bucket"]
        prefix, _, file = key.rpartition("/")
        wanted = [{"prefix": f"s3://{bucket}/{prefix}/"}, file]
        named = _named(s3, where, uri.removeprefix(f"s3://{bucket}/"))
        if named != wanted:
            yield f"{line(uri)} names {line(repr(named))}, expected {line(repr(wanted))}"


def _named(s3: Any, where: Mapping[str, str], key: str) -> Any:
    """What a channel's manifest file says: a prefix, and the objects behind it (SageMaker API reference, S3DataSource)
    [B]. A text about it where it cannot be read.
    """
    try:
        return document(s3.get_object(**where, Key=key)["Body"].read(_LARGEST_MANIFEST_FILE_BYTES))
    except ForeignTextError as error:
        return f"a text that {error}"
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return "nothing: it is not there"
