"""The record of a run of before: what the judge wrote then, known by its digest."""

import hashlib
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import LARGEST_BYTES, ForeignTextError, document

from .job import JobFailed


def past_record(s3: Any, where: Mapping[str, str], key: str, digest: str) -> tuple[Mapping[str, Any] | None, str]:
    """The record, or None and why there is none to read. ``where`` is bucket and expected owner.

    Raises :class:`JobFailed` where it is another one than was judged.
    """
    if not key or not digest:
        return None, "its run wrote no record"
    try:
        content = s3.get_object(**where, Key=key)["Body"].read(LARGEST_BYTES + 1)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None, "its record is not there any more"
    if hashlib.sha256(content).hexdigest() != digest:
        raise JobFailed(f"the record {key} is not the one that was judged: look who wrote it")
    try:
        found = document(content)
    except ForeignTextError as error:
        return None, f"its record {error}"
    return (found, "") if isinstance(found, dict) else (None, "its record is no JSON object")


def columns_of(data: Any) -> int | None:
    """Of a data manifest, or of a record's ``data``: the label's column and the features'. None where an earlier
    release did not write it.
    """
    try:
        return int(data["channels"]["train"]["columns"])
    except (KeyError, TypeError, ValueError):
        return None
