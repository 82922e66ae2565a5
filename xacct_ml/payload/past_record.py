"""The record of a run of before: what the judge wrote then, known by its digest."""

import hashlib
from collections.abc import Mapping
from typing import Any

from xacct_ml.foreign import LARGEST_BYTES, ForeignTextError, document

from .job import JobFailed
from .stored_object import stored_object


def past_record(s3: Any, where: Mapping[str, str], key: str, digest: str) -> tuple[Mapping[str, Any] | None, str]:
    """The record, or None and why there is none to read. ``where`` is bucket and expected owner.

    Raises :class:`JobFailed` where it is another one than was judged.
    """
    if not key or not digest:
        return None, "its run wrote no record"
    answer = stored_object(s3, where, key)
    if answer is None:
        return None, "its record is not there any more"
    content = answer["Body"].read(LARGEST_BYTES + 1)
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
