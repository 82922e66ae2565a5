"""What S3 refuses in an upload: conditions, checksums, parts, and content that is not what was announced.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/s3.yaml [C])."""

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.s3 import crc

Params = Mapping[str, Any]

CHECKSUM = "x-amz-checksum-"
"""Before an algorithm's name, in headers."""

ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
_LENGTHS = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}
"""Of the decoded values, in bytes."""

_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda content: zlib.crc32(content).to_bytes(4, "big"),
    "CRC32C": crc.crc32c,
    "CRC64NVME": crc.crc64nvme,
    "SHA1": lambda content: hashlib.sha1(content, usedforsecurity=False).digest(),
    "SHA256": lambda content: hashlib.sha256(content).digest(),
}

_SLOW = ("CRC32C", "CRC64NVME")

_NEVER = {"COMPOSITE": ("CRC64NVME",), "FULL_OBJECT": ("SHA1", "SHA256")}
_WITH_CONTENT = ("PutObject", "UploadPart")
_CONDITIONAL = ("PutObject", "CompleteMultipartUpload")
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
_LONGEST_KEY = 1024
_LAST_PART = 10000


def check_parameters(call: ApiCall) -> None:
    """:raises ServiceError: before any permission"""
    params = call.params
    if len(str(params.get("Key", "")).encode()) > _LONGEST_KEY:
        raise ServiceError("KeyTooLongError", "Your key is too long", 400)
    if call.operation in _CONDITIONAL:
        _check_conditions(params)
    if call.operation in ("UploadPart", "UploadPartCopy") and not 1 <= int(params.get("PartNumber", 0)) <= _LAST_PART:
        raise _argument(f"Part number must be an integer between 1 and {_LAST_PART}, inclusive")
    if call.operation == "CreateMultipartUpload":
        _check_checksum_of_parts(params)
    if call.operation == "CompleteMultipartUpload" and "MultipartUpload" not in params:
        raise _request("You must specify at least one part")
    if call.operation == "UploadPartCopy" and (given := params.get("CopySourceRange")) is not None:
        _check_form_of_range(str(given))


def check_content(call: ApiCall) -> None:
    """:raises ServiceError: after permissions"""
    if call.operation not in _WITH_CONTENT:
        return
    content = call.params.get("Body", b"")
    content = content if isinstance(content, bytes) else b""
    if (announced := call.headers.get("content-md5")) is not None:
        _check_md5(content, announced)
    given = [name for name in ALGORITHMS if f"{CHECKSUM}{name.lower()}" in call.headers]
    if len(given) > 1:
        raise _request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    for name in given:
        value = call.headers[f"{CHECKSUM}{name.lower()}"]
        if (decoded := _decoded(value)) is None or len(decoded) != _LENGTHS[name]:
            raise _request(f"Value for x-amz-checksum-{name.lower()} header is invalid.")
        if (calculated := digest(name, content)) is not None and calculated != value:
            raise ServiceError("BadDigest", f"The {name} you specified did not match the calculated checksum.", 400)


def digest(algorithm: str, content: bytes) -> str | None:
    """As a header has it; ``None`` where the content is too long for an algorithm that is slow here: the caller's is
    believed."""
    if algorithm in _SLOW and len(content) > crc.LONGEST:
        return None
    return base64.b64encode(_DIGESTS[algorithm](content)).decode()


def precondition_failed() -> ServiceError:
    return ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)


def check_range(given: str, size: int) -> None:
    """:raises ServiceError: ``CopySourceRange`` is not within the source of ``size`` bytes"""
    first, last = (int(each) for each in _RANGE.fullmatch(given).groups())  # type: ignore[union-attr]
    if first >= size:
        raise _request("The specified copy range is invalid for the source object size")
    if last >= size:
        raise _argument(f"Range specified is not valid for source object of size: {size}")


def _argument(message: str) -> ServiceError:
    return ServiceError("InvalidArgument", message, 400)


def _request(message: str) -> ServiceError:
    return ServiceError("InvalidRequest", message, 400)


def _check_conditions(params: Params) -> None:
    none_match, match = params.get("IfNoneMatch"), params.get("IfMatch")
    if none_match not in (None, "*") or match == "*" or None not in (none_match, match):
        message = "A header you provided implies functionality that is not implemented"
        raise ServiceError("NotImplemented", message, 501)


def _check_checksum_of_parts(params: Params) -> None:
    algorithm, kind = params.get("ChecksumAlgorithm"), params.get("ChecksumType")
    if algorithm is None:
        if kind is not None:
            raise _request("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
        return
    if str(algorithm).upper() not in ALGORITHMS:
        raise _request(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(ALGORITHMS)}]"
        )
    if str(algorithm).upper() in _NEVER.get(str(kind), ()):
        of = f"the {str(algorithm).lower()} checksum algorithm"
        raise _request(f"The {kind} checksum type cannot be used with {of}.")


def _check_form_of_range(given: str) -> None:
    found = _RANGE.fullmatch(given)
    if found is None or int(found[1]) > int(found[2]):
        raise _argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy"
        )


def _check_md5(content: bytes, digest: str) -> None:
    decoded = _decoded(digest)
    calculated = hashlib.md5(content, usedforsecurity=False).digest()
    if decoded is None or len(decoded) != len(calculated):
        raise ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400)
    if decoded != calculated:
        raise ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
