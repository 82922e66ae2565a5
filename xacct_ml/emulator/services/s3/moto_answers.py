"""S3's answers, repaired: one error per key that could not be deleted, a bucket's ARN, a checksum's type.

Source: answers of AWS, tests/emulator/recorded/s3.yaml [C]."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.exceptions import BucketNotEmpty
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.s3 import moto_state as s3_state

_CHECKSUM = "x-amz-checksum-"


def _delete_keys(self: Any, bucket_name: str, authenticated: bool = True) -> Any:  # noqa: ARG001 - moto's signature
    """Objects that the caller may delete are deleted; the others, and versions that are not there, are told."""
    given = dispatch.served_call.get().params["Delete"]
    allowed, errors = [], []
    bucket = self.backend.get_bucket(bucket_name)
    for item, asked in zip(given["Objects"], dispatch.decided.get(), strict=True):
        if asked.refused:
            errors.append(_error(item, "AccessDenied", asked.refused))
        elif item.get("VersionId") and not _exists(bucket, item["Key"], item["VersionId"]):
            errors.append(_error(item, "NoSuchVersion", "The specified version does not exist."))
        else:
            allowed.append(item)
    bypass = self.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
    deleted, locked = self.backend.delete_objects(bucket_name, allowed, bypass)
    protected = "Access Denied because object protected by object lock."
    errors += [_error({"Key": key}, "AccessDenied", protected) for key in locked]
    told = [
        {"Key": key, "VersionId": version, "DeleteMarker": bool(marker) or None, "DeleteMarkerVersionId": marker}
        for key, version, marker in deleted
    ]
    self.data["Action"] = "DeleteObjects"
    return self.serialized(ActionResult({"Deleted": [] if given.get("Quiet") else told, "Errors": errors}))


def _exists(bucket: Any, key: str, version: str) -> bool:
    """``null`` is the version from before versioning, which moto does not name so everywhere."""
    return version == "null" or any(str(each.version_id) == version for each in bucket.keys.getlist(key, []))


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


def _with_arn(put: Callable[..., Any]) -> Callable[..., Any]:
    def bucket_response_put(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = put(self, *args, **kwargs)
        call = dispatch.served_call.get()
        if call.operation == "CreateBucket" and isinstance(answer, tuple):
            answer[1]["x-amz-bucket-arn"] = call.arn("s3", str(call.params["Bucket"]), region="", account="")
        return answer

    return bucket_response_put


def _with_checksum_type(put: Callable[..., Any]) -> Callable[..., Any]:
    """The checksum of an object that came in one piece is the whole object's."""

    def put_object(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = put(self, *args, **kwargs)
        if isinstance(answer, tuple) and any(name.startswith(_CHECKSUM) for name in answer[1]):
            answer[1].setdefault(f"{_CHECKSUM}type", "FULL_OBJECT")
        return answer

    return put_object


def _delete_bucket(self: Any) -> Any:
    try:
        return _moto_delete_bucket(self)
    except BucketNotEmpty as error:
        if self.backend.get_bucket(self.bucket_name).versioning_status is not None:
            message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
            raise ServiceError("BucketNotEmpty", message, 409) from error
        raise


_moto_delete_bucket: Any = S3Response.delete_bucket


def install() -> None:
    S3Response._bucket_response_delete_keys = _delete_keys
    S3Response._bucket_response_put = _with_arn(S3Response._bucket_response_put)
    S3Response.delete_bucket = _delete_bucket
    S3Response.put_object = _with_checksum_type(S3Response.put_object)
    S3Backend.create_bucket = _once(S3Backend.create_bucket)
