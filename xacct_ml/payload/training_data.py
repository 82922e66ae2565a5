"""The data that a run trains on: the manifest of the data set, and whether the bucket still has what it says."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.tables.xgboost_distribution import fault

from .job import JobFailed
from .stored_object import stored_object

MANIFEST_SCHEMA = "xacct-ml/manifest/3"
LARGEST_MANIFEST_BYTES = 256 << 10
"""Step Functions hands no more from state to state (Developer Guide, service-quotas) [D]."""
_CHANNELS = ("train", "validation")
_CONTENT_TYPES = ("text/csv", "application/x-parquet")
_LARGEST_MANIFEST_FILE_BYTES = 64 << 10
_SHOWN = 3
"""So many objects are named of those that were replaced."""


def data_manifest(text: bytes) -> dict[str, Any]:
    """Raises :class:`JobFailed` for what ``upload-data`` of this release does not write."""
    try:
        manifest: dict[str, Any] = document(text, LARGEST_MANIFEST_BYTES)
        if manifest["schema"] == MANIFEST_SCHEMA and _is_whole(manifest):
            return manifest
    except (ForeignTextError, KeyError, TypeError, AttributeError):
        pass
    step = "xacct-ml upload-data, or for an earlier release's data: xacct-ml configure --push"
    raise JobFailed(f"the data manifest is not one of this release. Run: {step}", "ConfigurationError")


def undivided(manifest: Mapping[str, Any], hyperparameters: Mapping[str, str], instances: int) -> str | None:
    """Why the data set cannot be trained on by so many instances, and what to do; None where it can."""
    parts = len(manifest["channels"]["train"]["objects"])
    if reason := fault(hyperparameters, instances, parts):
        again = "run xacct-ml upload-data again, which makes a part for each instance that the map allows"
        return f"{reason}. Set InstanceCount to {parts}, or {again}"
    return None


def _is_whole(manifest: Mapping[str, Any]) -> bool:
    channels, held_out = manifest["channels"], manifest["holdout"]
    return (
        isinstance(manifest["dataset"], str)
        and sorted(channels) == sorted(_CHANNELS)
        and all(_is_channel(channel) for channel in channels.values())
        # SageMaker's XGBoost reads every channel as the one of training is (algorithm_mode/train.py) [C].
        and len(set(content_types(manifest).values())) == 1
        and held_out["from"] in ("holdout", "validation")
        and all(isinstance(held_out[name], int) and held_out[name] > 0 for name in ("rows", "scored"))
        and all(_is_object(each) for each in holdout_objects(manifest).values())
        and all(_is_object(each) for each in _beside(manifest))
    )


def _is_channel(channel: Mapping[str, Any]) -> bool:
    """Its objects lie under one prefix, which its manifest file names."""
    objects = channel["objects"]
    return (
        isinstance(channel["manifest_uri"], str)
        and channel["content_type"] in _CONTENT_TYPES
        and isinstance(channel["rows"], int)
        and isinstance(channel["columns"], int)
        and isinstance(objects, list)
        and all(_is_object(each) for each in objects)
        and len({each["key"].rpartition("/")[0] for each in objects}) == 1
    )


def _is_object(found: Mapping[str, Any]) -> bool:
    return all(isinstance(found[name], str) for name in ("key", "sha256", "version_id")) and isinstance(
        found["bytes"], int
    )


def holdout_objects(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The objects with the rows held out, by what they hold: ``features``, ``labels`` and, where the data set has
    them, ``slices``; each has key, sha256, bytes and version_id.
    """
    held_out = manifest["holdout"]
    return {name: held_out[name] for name in ("features", "labels", "slices") if held_out[name] is not None}


def _beside(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [manifest[name] for name in ("schema_file", "profile") if manifest[name] is not None]


def content_types(manifest: Mapping[str, Any]) -> dict[str, str]:
    """As a training job's channels have them."""
    return {name: str(channel["content_type"]) for name, channel in manifest["channels"].items()}


def replaced(s3: Any, where: Mapping[str, str], manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is no longer as the data manifest says, as clauses: who may delete an object may store another one there.
    ``where`` is bucket and expected owner.
    """
    for name, channel in manifest["channels"].items():
        objects = channel["objects"]
        yield from _not_current(s3, where, f"the data of {name}", objects)
        uri, bucket = str(channel["manifest_uri"]), where["Bucket"]
        prefix = objects[0]["key"].rpartition("/")[0]
        wanted = [{"prefix": f"s3://{bucket}/{prefix}/"}, *(each["key"].rpartition("/")[2] for each in objects)]
        named = _named(s3, where, uri.removeprefix(f"s3://{bucket}/"))
        if named != wanted:
            yield f"{line(uri)} names {line(repr(named))}, expected {line(repr(wanted))}"
    yield from _not_current(s3, where, "the rows held out", list(holdout_objects(manifest).values()))


def _not_current(s3: Any, where: Mapping[str, str], what: str, objects: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The first of the objects that have another version now, or none."""
    keys = {each["key"] for each in objects}
    latest = _latest(s3, where, f"{objects[0]['key'].rpartition('/')[0]}/", keys)
    others = [each for each in objects if latest.get(each["key"]) != each["version_id"]]
    for each in others[:_SHOWN]:
        found = latest.get(each["key"], "none")
        yield f"{what} are {line(each['key'])} in version {found}, expected {line(each['version_id'])}"
    if others[_SHOWN:]:
        yield f"{what} are {len(others) - _SHOWN} other objects, too"


def _latest(s3: Any, where: Mapping[str, str], prefix: str, keys: Collection[str]) -> dict[str, str]:
    """The current version of each of the objects under a prefix, or its delete marker's."""
    found: dict[str, str] = {}
    start: dict[str, str] = {}
    while True:
        answer = s3.list_object_versions(**where, Prefix=prefix, **start)
        for each in [*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())]:
            if each["IsLatest"] and each["Key"] in keys:
                found[each["Key"]] = each["VersionId"]
        if not answer.get("IsTruncated"):
            return found
        start = {"KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]}


def require_not_withdrawn(s3: Any, where: Mapping[str, str], prefix: str, dataset: str) -> None:
    """Raises :class:`JobFailed` with who withdrew the data set, when and why; an unreadable note counts, too."""
    answer = stored_object(s3, where, f"{prefix}/{dataset}.json")
    if answer is None:
        return
    try:
        note = document(answer["Body"].read(_LARGEST_MANIFEST_FILE_BYTES))
        said = f"by {line(str(note['by']))} at {line(str(note['when']))}: {line(str(note['reason']))}"
    except (ForeignTextError, KeyError, TypeError):
        said = "by a note that cannot be read"
    step = f"xacct-ml upload-data with other files, or xacct-ml data restore {dataset}"
    raise JobFailed(f"data set {dataset} was withdrawn {said}. Run: {step}", "ConfigurationError")


def _named(s3: Any, where: Mapping[str, str], key: str) -> Any:
    """What a channel's manifest file says: a prefix, and the objects behind it (SageMaker API reference, S3DataSource)
    [B]. A text about it where it cannot be read.
    """
    answer = stored_object(s3, where, key)
    if answer is None:
        return "nothing: it is not there"
    try:
        return document(answer["Body"].read(_LARGEST_MANIFEST_FILE_BYTES))
    except ForeignTextError as error:
        return f"a text that {error}"
