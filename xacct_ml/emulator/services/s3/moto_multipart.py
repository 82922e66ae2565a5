"""Multipart uploads: the parts' checksums, and an object that is changed while it is uploaded.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/s3.yaml [C])."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.s3.models import S3Backend

from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.s3 import crc
from xacct_ml.emulator.services.s3 import moto_state as s3_state
from xacct_ml.emulator.services.s3.upload_check import ALGORITHMS, CHECKSUM, digest, precondition_failed

_CHANGED = "xacct_ml_changed"
"""Attribute of moto's multipart upload: its object was put or deleted since the upload began."""

_DEFAULT = "CRC64NVME"


def check(bucket: Any, call: ApiCall) -> None:
    """:raises ServiceError: InvalidRequest, InvalidPart, BadDigest, ConditionalRequestConflict …"""
    upload = s3_state.upload(bucket, str(call.params.get("UploadId")))
    if upload is None:
        return
    if call.operation == "UploadPart":
        _check_part(upload, call)
    if call.operation == "CompleteMultipartUpload":
        _check_mode(upload, call)
        _check_conditions(bucket, upload, call)
        parts = (call.params.get("MultipartUpload") or {}).get("Parts") or ()
        for listed in parts:
            _check_listed(upload, listed)
        _check_size(upload, parts, call.params.get("MpuObjectSize"))


def _algorithm(upload: Any) -> str | None:
    """Of the parts' checksums, as the upload was begun."""
    named = upload.metadata.get("x-amz-checksum-algorithm")
    return None if named is None else str(named).upper()


def _mode(upload: Any) -> str:
    """How the parts' checksums make the object's, as the upload was begun; ``null`` where it has none."""
    if (algorithm := _algorithm(upload)) is None:
        return "null"
    default = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
    return str(upload.metadata.get("x-amz-checksum-type") or default)


def _check_part(upload: Any, call: ApiCall) -> None:
    expected, sent = _algorithm(upload), {*call.headers, str(call.headers.get("x-amz-trailer", "")).lower()}
    given = [name for name in ALGORITHMS if f"{CHECKSUM}{name.lower()}" in sent]
    if expected is not None and given and given[0] != expected:
        raise _request(
            f"Checksum Type mismatch occurred, expected checksum Type: {expected.lower()}, actual checksum Type: "
            f"{given[0].lower()}"
        )


def _check_listed(upload: Any, listed: Mapping[str, Any]) -> None:
    number, algorithm = int(listed.get("PartNumber", 0)), _algorithm(upload)
    given = {name: listed[f"Checksum{name}"] for name in ALGORITHMS if f"Checksum{name}" in listed}
    if algorithm is None and given:
        raise _invalid_part()
    if algorithm is None or _mode(upload) != "COMPOSITE":
        return
    if other := sorted(given.keys() - {algorithm}):
        message = f"The {other[0].lower()} you specified for part {number} did not match what we received."
        raise ServiceError("BadDigest", message, 400)
    if algorithm not in given:
        raise _request(
            f"The upload was created using a {algorithm.lower()} checksum. The complete request must include the "
            f"checksum for each part. It was missing for part {number} in the request."
        )
    part = upload.parts.get(number)
    calculated = None if part is None else digest(algorithm, part.value)
    if calculated not in (None, given[algorithm]):
        raise _invalid_part()


def _check_mode(upload: Any, call: ApiCall) -> None:
    begun = _mode(upload)
    if call.params.get("ChecksumType") not in (None, begun):
        raise _request(
            f"The upload was created using the {begun} checksum mode. The complete request must use the same checksum "
            "mode."
        )


def _check_size(upload: Any, parts: Sequence[Mapping[str, Any]], announced: Any) -> None:
    numbers = [int(part.get("PartNumber", 0)) for part in parts]
    size = sum(upload.parts[number].contentsize for number in numbers if number in upload.parts)
    if announced is not None and int(announced) != size:
        raise _request(
            f"The provided 'x-amz-mp-object-size' header value {announced} does not match what was computed: {size}"
        )


def _check_conditions(bucket: Any, upload: Any, call: ApiCall) -> None:
    """An object that is put or deleted during its upload is in conflict with the upload's condition."""
    there = s3_state.find_object(bucket, upload.key_name)
    changed = getattr(upload, _CHANGED, False)
    wanted = call.params.get("IfMatch")
    if wanted is not None:
        if there is None:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        if there.etag.strip('"') != str(wanted).strip('"'):
            raise precondition_failed()
    if changed and (wanted is not None or ("IfNoneMatch" in call.params and there is None)):
        message = "The conditional request cannot succeed due to a conflicting operation against this resource."
        raise ServiceError("ConditionalRequestConflict", message, 409)


def _request(message: str) -> ServiceError:
    return ServiceError("InvalidRequest", message, 400)


def _invalid_part() -> ServiceError:
    return ServiceError(
        "InvalidPart",
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
        "entity tag may not match the part's entity tag.",
        400,
    )


def _changing(change: Callable[..., Any]) -> Callable[..., Any]:
    """Uploads under way of the object that is put or deleted are told."""

    def changed(self: Any, bucket_name: str, key_name: str, *args: Any, **kwargs: Any) -> Any:
        answer = change(self, bucket_name, key_name, *args, **kwargs)
        for upload in self.get_bucket(bucket_name).multiparts.values():
            if upload.key_name == key_name:
                setattr(upload, _CHANGED, True)
        return answer

    return changed


def part_checksum(upload: Any, number: int) -> dict[str, str]:
    """The header for a part that came without its checksum: by its upload's algorithm, where that has one."""
    algorithm = _algorithm(upload)
    calculated = None if algorithm is None else digest(algorithm, upload.parts[number].value)
    return {} if algorithm is None or calculated is None else {f"{CHECKSUM}{algorithm.lower()}": calculated}


def _sum_whole(key: Any) -> None:
    """S3's own checksum of an upload that was begun without one."""
    calculated = digest(_DEFAULT, key.value) if key.size <= crc.LONGEST else None
    if calculated is not None:
        key.checksum_algorithm, key.checksum_value, key.checksum_type = _DEFAULT, calculated, "FULL_OBJECT"


def complete_answer(self: Any, result: dict[str, Any]) -> None:
    """With the object's checksum and its type; that of parts has their number behind it."""
    key = s3_state.find_object(self.backend.get_bucket(result["Bucket"]), result["Key"])
    if key is not None and key.checksum_algorithm is None:
        _sum_whole(key)
    if key is None or not key.checksum_algorithm:
        return
    behind = f"-{key.checksum_parts}" if key.checksum_type == "COMPOSITE" else ""
    result[f"Checksum{key.checksum_algorithm}"] = f"{key.checksum_value}{behind}"
    result["ChecksumType"] = key.checksum_type


def install() -> None:
    S3Backend.put_object = _changing(S3Backend.put_object)
    S3Backend.delete_object = _changing(S3Backend.delete_object)
