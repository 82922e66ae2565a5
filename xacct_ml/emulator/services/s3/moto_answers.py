"""S3's answers, repaired: one error per key that could not be deleted, a bucket's ARN, a checksum's type.

Source: answers of AWS, tests/emulator/recorded/s3.yaml [C]. Requests of moto's in-process mock, which come through no
gate, are answered as moto answers them."""

import string
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import moto.s3.models as moto_models
from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.s3.exceptions import BucketNotEmpty
from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.responses import S3Response

from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.s3 import moto_multipart
from xacct_ml.emulator.services.s3 import moto_state as s3_state
from xacct_ml.emulator.services.s3.upload_check import CHECKSUM
from xacct_ml.emulator.services.s3.validation import AT_HOME


def _delete_keys(self: Any, bucket_name: str, authenticated: bool = True) -> Any:
    """Objects that the caller may delete are deleted; the others, and versions that are not there, are told."""
    if (call := dispatch.served_call.get(None)) is None:
        return _moto_delete_keys(self, bucket_name, authenticated)
    given = call.params["Delete"]
    allowed, errors = [], []
    bucket = self.backend.get_bucket(bucket_name)
    for item, asked in zip(given["Objects"], dispatch.decided.get(), strict=True):
        if asked.refused:
            errors.append(_error(item, "AccessDenied", asked.refused))
        elif item.get("VersionId") and not _exists(bucket, item["Key"], item["VersionId"]):
            errors.append(_error(item, "NoSuchVersion", "The specified version does not exist."))
        else:
            allowed.append(item)
    markers = {(item["Key"], item["VersionId"]) for item in allowed if _is_marker(bucket, item)}
    bypass = self.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
    deleted, locked = self.backend.delete_objects(bucket_name, allowed, bypass)
    protected = "Access Denied because object protected by object lock."
    errors += [_error({"Key": key}, "AccessDenied", protected) for key in locked]
    told = [
        {"Key": key, "VersionId": version, "DeleteMarker": bool(marker) or None, "DeleteMarkerVersionId": marker}
        for key, version, marker in (
            (key, version, version if (key, version) in markers else marker) for key, version, marker in deleted
        )
    ]
    self.data["Action"] = "DeleteObjects"
    return self.serialized(ActionResult({"Deleted": [] if given.get("Quiet") else told, "Errors": errors}))


def _exists(bucket: Any, key: str, version: str) -> bool:
    """``null`` is the version from before versioning, which moto does not name so everywhere."""
    return version == "null" or any(str(each.version_id) == version for each in bucket.keys.getlist(key, []))


def _is_marker(bucket: Any, item: Any) -> bool:
    versions = bucket.keys.getlist(item["Key"], [])
    return any(isinstance(each, FakeDeleteMarker) and each.version_id == item.get("VersionId") for each in versions)


def _set_delete_marker(self: Any, bucket_name: str, key_name: str) -> FakeDeleteMarker:
    """Whether or not there is an object of that name."""
    bucket = self.get_bucket(bucket_name)
    marker = FakeDeleteMarker(key=bucket.keys.get(key_name) or SimpleNamespace(name=key_name))
    bucket.keys[key_name] = marker
    return marker


def _delete_object(self: Any, bucket_name: str, key_name: str, version_id: str | None = None, **kwargs: Any) -> Any:
    was = _is_marker(self.get_bucket(bucket_name), {"Key": key_name, "VersionId": version_id})
    success, headers = _moto_delete_object(self, bucket_name, key_name, version_id, **kwargs)
    return success, headers | ({"delete-marker": "true"} if was else {})


_moto_delete_object: Any = S3Backend.delete_object


def _error(item: Any, code: str, message: str) -> dict[str, Any]:
    return {"Key": item["Key"], "VersionId": item.get("VersionId"), "Code": code, "Message": message}


def _once(create: Callable[..., Any]) -> Callable[..., Any]:
    """A bucket asked for again: in us-east-1 that is no mistake, but with tags it is."""

    def create_bucket(self: Any, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
        call = dispatch.served_call.get(None)
        tagged = call is not None and (call.params.get("CreateBucketConfiguration") or {}).get("Tags")
        if tagged and call is not None and s3_state.owner(bucket_name) == call.account:
            message = "Your previous request to create the named bucket succeeded and you already own it."
            raise ServiceError("BucketAlreadyOwnedByYou", message, 409)
        return create(self, bucket_name, *args, **kwargs)

    return create_bucket


def _told(put: Callable[..., Any]) -> Callable[..., Any]:
    """With the headers of S3's answers to calls that make or configure a bucket."""

    def bucket_response_put(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = put(self, *args, **kwargs)
        if (call := dispatch.served_call.get(None)) is None:
            return answer
        status, headers, body = answer if isinstance(answer, tuple) else (200, {}, answer)
        if call.operation == "CreateBucket":
            headers["x-amz-bucket-arn"] = _arn(call)
            if call.region != AT_HOME:
                headers["Location"] = f"http://{call.params['Bucket']}.s3.amazonaws.com/"
        if call.operation == "PutBucketLifecycleConfiguration":
            smallest = call.params.get("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K")
            headers = {**headers, "x-amz-transition-default-minimum-object-size": smallest}
        return status, headers, body

    return bucket_response_put


def _arn(call: ApiCall) -> str:
    return call.arn("s3", str(call.params["Bucket"]), region="", account="")


def _head_bucket(self: Any) -> Any:
    status, headers, body = _moto_head_bucket(self)
    if (call := dispatch.served_call.get(None)) is None:
        return status, headers, body
    return status, {**headers, "x-amz-bucket-arn": _arn(call), "x-amz-access-point-alias": "false"}, body


def _whole(serialized: Callable[..., Any]) -> Callable[..., Any]:
    def with_all_members(self: Any, action_result: ActionResult) -> Any:
        complete = _MEMBERS.get(str(self.data.get("Action")))
        if complete is not None and isinstance(action_result.result, dict):
            complete(self, action_result.result)
        return serialized(self, action_result)

    return with_all_members


def _of_list(self: Any, result: dict[str, Any]) -> None:
    bucket = self.backend.get_bucket(self.bucket_name)
    for item in result.get("Contents", ()):
        name = unquote(item["Key"]) if result.get("EncodingType") == "url" else item["Key"]
        if "ChecksumAlgorithm" in item:
            item["ChecksumType"] = bucket.keys[name].checksum_type


def _of_versions(self: Any, result: dict[str, Any]) -> None:
    bucket = self.backend.get_bucket(self.bucket_name)
    for item in result.get("Versions", ()):
        for key in bucket.keys.getlist(item["Key"], []):
            if str(key.version_id) == str(item["VersionId"]) and key.checksum_algorithm:
                item |= {"ChecksumAlgorithm": [key.checksum_algorithm], "ChecksumType": key.checksum_type}


def _of_copy(_: Any, result: dict[str, Any]) -> None:
    copied = result["CopyObjectResult"]
    if any(name.startswith("Checksum") for name in copied):
        copied["ChecksumType"] = "FULL_OBJECT"


def _of_upload(self: Any, result: dict[str, Any]) -> None:
    algorithm = result.get("ChecksumAlgorithm")
    if algorithm and not result.get("ChecksumType"):
        result["ChecksumType"] = "FULL_OBJECT" if str(algorithm).upper() == "CRC64NVME" else "COMPOSITE"
    upload = s3_state.upload(self.backend.get_bucket(self.bucket_name), result["UploadId"])
    settled: s3_state.Encryption | None = getattr(upload, s3_state.SETTLED, None)
    if settled is not None:
        result |= {"ServerSideEncryption": settled.algorithm, "SSEKMSKeyId": settled.key_arn}
        result["BucketKeyEnabled"] = settled.bucket_key or None


_MEMBERS: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    "CompleteMultipartUpload": moto_multipart.complete_answer,
    "CopyObject": _of_copy,
    "CreateMultipartUpload": _of_upload,
    "ListObjectVersions": _of_versions,
    "ListObjects": _of_list,
    "ListObjectsV2": _of_list,
}


def _checksum_type(self: Any) -> str | None:
    """Of an object that came in one piece the whole object's; moto says so only of those that came in parts."""
    return vars(self).get("checksum_type") or ("FULL_OBJECT" if self.checksum_algorithm else None)


def _set_checksum_type(self: Any, value: str | None) -> None:
    vars(self)["checksum_type"] = value


def _with_checksum_type(put: Callable[..., Any]) -> Callable[..., Any]:
    """The checksum of an object that came in one piece is the whole object's."""

    def put_object(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = put(self, *args, **kwargs)
        if isinstance(answer, tuple) and any(name.startswith(CHECKSUM) for name in answer[1]):
            answer[1].setdefault(f"{CHECKSUM}type", "FULL_OBJECT")
        return answer

    return put_object


def _upload_part(self: Any) -> Any:
    answer = _moto_upload_part(self)
    call = dispatch.served_call.get(None)
    if call is None or not isinstance(answer, tuple):
        return answer
    headers = answer[1]
    upload = s3_state.upload(self.backend.get_bucket(call.params["Bucket"]), str(call.params["UploadId"]))
    headers.update(_encryption_of(upload))
    if upload is not None and not any(name.startswith(CHECKSUM) for name in headers):
        headers.update(moto_multipart.part_checksum(upload, int(call.params["PartNumber"])))
    return answer


_moto_upload_part: Any = S3Response.upload_part


def _encryption_of(upload: Any) -> dict[str, str]:
    """What a part is encrypted with: as its upload was begun."""
    settled: s3_state.Encryption | None = getattr(upload, s3_state.SETTLED, None)
    if settled is None:
        return {}
    shown = {"x-amz-server-side-encryption": settled.algorithm}
    if settled.key_arn is not None:
        shown["x-amz-server-side-encryption-aws-kms-key-id"] = settled.key_arn
    return shown


def _head_object(self: Any, *args: Any, **kwargs: Any) -> Any:
    """With the type of a checksum that is shown; one of parts has their number behind it."""
    status, headers, body = _moto_head_object(self, *args, **kwargs)
    if (call := dispatch.served_call.get(None)) is None:
        return status, headers, body
    key = s3_state.find_object(
        self.backend.get_bucket(call.params["Bucket"]), str(call.params["Key"]), call.params.get("VersionId")
    )
    shown = next((name for name in headers if name.startswith(CHECKSUM)), None)
    if key is not None and shown is not None:
        headers[f"{CHECKSUM}type"] = key.checksum_type
        if key.checksum_type == "COMPOSITE":
            headers[shown] = f"{key.checksum_value}-{key.checksum_parts}"
    return status, headers, body


_moto_head_object: Any = S3Response.head_object


class _Random:
    """moto's random numbers, with versions' ids of S3's form: 32 characters (S3 user guide, "versioning-workflows"
    [D])."""

    def __getattr__(self, name: str) -> Any:
        return getattr(mock_random, name)

    def uuid4(self) -> str:
        return "".join(mock_random.choice(_OF_VERSION) for _ in range(32))


_OF_VERSION = string.ascii_letters + string.digits + "._"


def _delete_bucket(self: Any) -> Any:
    try:
        return _moto_delete_bucket(self)
    except BucketNotEmpty as error:
        if self.backend.get_bucket(self.bucket_name).versioning_status is not None:
            message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
            raise ServiceError("BucketNotEmpty", message, 409) from error
        raise


_moto_delete_keys: Any = S3Response._bucket_response_delete_keys
_moto_delete_bucket: Any = S3Response.delete_bucket
_moto_head_bucket: Any = S3Response.head_bucket


def install() -> None:
    S3Response._bucket_response_delete_keys = _delete_keys
    S3Response._bucket_response_put = _told(S3Response._bucket_response_put)
    S3Response.head_bucket = _head_bucket
    S3Response.head_object = _head_object
    S3Response.upload_part = _upload_part
    moto_models.random = _Random()
    S3Backend._set_delete_marker = _set_delete_marker
    S3Backend.delete_object = _delete_object
    S3Response.serialized = _whole(S3Response.serialized)
    FakeKey.checksum_type = property(_checksum_type, _set_checksum_type)
    S3Response.delete_bucket = _delete_bucket
    S3Response.put_object = _with_checksum_type(S3Response.put_object)
    S3Backend.create_bucket = _once(S3Backend.create_bucket)
