"""What the judge reads of the rows held out and of the files beside a data set: the version that the data manifest
names, whose content must be the one that it says.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import LARGEST_BYTES, ForeignTextError, document

from .job import JobFailed

_READ_BYTES = 1 << 20
LARGEST_PREDICTIONS_BYTES = 1 << 30
Where = Mapping[str, str]
"""Bucket and expected owner."""


def chunks(s3: Any, where: Where, stored: Mapping[str, Any]) -> Iterator[bytes]:
    """An object of the data manifest. Raises :class:`JobFailed` at its end where it has another content."""
    body = s3.get_object(**where, Key=stored["key"], VersionId=stored["version_id"])["Body"]
    digest = hashlib.sha256()
    while chunk := body.read(_READ_BYTES):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != stored["sha256"]:
        raise JobFailed(f"{stored['key']} has another content than the data manifest says", "ConfigurationError")


def predictions(s3: Any, where: Where, key: str) -> Iterator[bytes]:
    """What a batch transform wrote. Raises :class:`JobFailed` unless the object has one version: a second one is
    somebody's else.
    """
    answer = s3.list_object_versions(**where, Prefix=key)
    found = [each for each in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())) if each["Key"] == key]
    place = f"s3://{where['Bucket']}/{key}"
    if not found:
        raise JobFailed(f"{place} does not exist: the batch transform left no predictions. Then: xacct-ml retry")
    if len(found) > 1:
        told = ", ".join(f"{each['VersionId']} of {each['LastModified']:%Y-%m-%d %H:%M:%S}" for each in found)
        raise JobFailed(
            f"{place} was written to beside the batch transform: versions {told}. Look who has used the role scoring, "
            "then: xacct-ml retry"
        )
    if found[0]["Size"] > LARGEST_PREDICTIONS_BYTES:
        raise JobFailed(f"{place} has {found[0]['Size']:,} bytes; {LARGEST_PREDICTIONS_BYTES:,} at most are read")
    body = s3.get_object(**where, Key=key, VersionId=found[0]["VersionId"])["Body"]
    yield from iter(lambda: body.read(_READ_BYTES), b"")


def beside(s3: Any, where: Where, stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A schema or a profile; None where there is none, or it is there no more.

    Raises :class:`JobFailed` for another content than was noted.
    """
    if stored is None:
        return None
    try:
        content = b"".join(chunks(s3, where, stored))
        found = document(content, LARGEST_BYTES)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchVersion", "404"):
            raise
        return None
    except ForeignTextError:
        return None
    return found if isinstance(found, dict) else None
