"""What S3 refuses because of what a bucket holds or how it is set up, whoever asks.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/s3.yaml [C])."""

from typing import Any
from urllib.parse import parse_qs, unquote

from moto.s3.models import FakeDeleteMarker

from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.s3 import moto_multipart, upload_check
from xacct_ml.emulator.services.s3 import moto_state as s3_state

_OF_UPLOAD = frozenset({"AbortMultipartUpload", "CompleteMultipartUpload", "ListParts", "UploadPart", "UploadPartCopy"})
_NO_UPLOAD = (
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
    "completed."
)


def check(call: ApiCall) -> None:
    """:raises ServiceError: NoSuchUpload, InvalidPartNumber, InvalidRequest …"""
    found = s3_state.bucket(str(call.params.get("Bucket", "")))
    if found is None:
        return
    if call.operation in _OF_UPLOAD:
        _require_upload(found, call)
        moto_multipart.check(found, call)
    if "CopySource" in call.params:
        _check_source(call)
    there = s3_state.find_object(found, str(call.params.get("Key", "")))
    if call.operation == "CopyObject" and there is not None:
        _check_match(call, there, "IfMatch", "IfNoneMatch")
    if call.operation in ("GetObject", "HeadObject"):
        _check_version(found, call)
    if call.params.get("BypassGovernanceRetention") is not None and not found.object_lock_enabled:
        message = "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."
        raise ServiceError("InvalidArgument", message, 400)
    _check_lock(found, call)


def _require_upload(found: Any, call: ApiCall) -> None:
    """A completed upload may be completed again."""
    upload_id = str(call.params.get("UploadId"))
    key = s3_state.find_object(found, str(call.params.get("Key")))
    again = call.operation == "CompleteMultipartUpload" and bool(
        key and key.multipart and key.multipart.id == upload_id
    )
    if s3_state.upload(found, upload_id) is None and not again:
        raise ServiceError("NoSuchUpload", _NO_UPLOAD, 404)


def _check_source(call: ApiCall) -> None:
    path, _, query = str(call.params["CopySource"]).lstrip("/").partition("?")
    name, _, key = unquote(path).partition("/")
    source = s3_state.bucket(name)
    versions = [] if source is None else source.keys.getlist(key, [])
    wanted = parse_qs(query).get("versionId", [None])[0]
    version = next((each for each in versions if str(each.version_id) == wanted), None)
    if isinstance(version, FakeDeleteMarker):
        message = "The source of a copy request may not specifically refer to a delete marker by version id."
        raise ServiceError("InvalidRequest", message, 400)
    given = call.params.get("CopySourceRange")
    current = version or (versions[-1] if versions else None)
    if current is not None and not isinstance(current, FakeDeleteMarker):
        _check_match(call, current, "CopySourceIfMatch", "CopySourceIfNoneMatch")
    if given is not None and current is not None:
        upload_check.check_range(str(given), current.size)


def _check_match(call: ApiCall, key: Any, match: str, none_match: str) -> None:
    etag = key.etag.strip('"')
    wanted, unwanted = (str(call.params.get(name) or "").strip('"') for name in (match, none_match))
    if (wanted and wanted not in (etag, "*")) or (unwanted and unwanted in (etag, "*")):
        raise upload_check.precondition_failed()


def _check_version(found: Any, call: ApiCall) -> None:
    name, version = str(call.params["Key"]), call.params.get("VersionId")
    if any(each.version_id == version for each in found.keys.getlist(name, []) if isinstance(each, FakeDeleteMarker)):
        raise ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    key = s3_state.find_object(found, name, version)
    last = len(key.multipart.parts) if key is not None and key.multipart else 1
    if key is not None and int(call.params.get("PartNumber") or 1) > last:
        raise ServiceError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416)


def _check_lock(found: Any, call: ApiCall) -> None:
    if call.operation == "PutObjectLockConfiguration" and found.versioning_status != "Enabled":
        message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise ServiceError("InvalidBucketState", message, 409)
    suspended = (call.params.get("VersioningConfiguration") or {}).get("Status") == "Suspended"
    if suspended and found.object_lock_enabled:
        message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        raise ServiceError("InvalidBucketState", message, 409)
