"""S3. Sources: Service Authorization Reference, "Amazon S3"; S3 user guide, "Required permissions for Amazon S3 API
operations"; S3 API reference, permissions of each operation [D].

S3's own use of a key is asked with the caller's identity, via S3, with the encryption context that S3 sends. That the
later requests of a multipart upload are decided with the encryption headers of its first one is assumed: strict bucket
policies are known to work with multipart uploads [C], although parts carry no such header."""

from typing import Any
from urllib.parse import unquote

from xacct_ml.access.model import ContextValue
from xacct_ml.emulator.core.authorization import unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.services.kms import authorization as kms
from xacct_ml.emulator.services.s3 import actions as s3_actions
from xacct_ml.emulator.services.s3 import moto_state as s3_state
from xacct_ml.emulator.services.s3.context import (
    bucket_keys,
    common_keys,
    existing_tag_keys,
    grants,
    object_keys,
    object_lock,
    upload_keys,
    upload_tags,
)
from xacct_ml.emulator.services.s3.moto_state import Encryption

SERVICE = "s3"


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    if call.operation == "ListBuckets":
        return (AuthorizationRequest("s3:ListAllMyBuckets", "*", call.account, common_keys(call)),)
    if "Bucket" not in call.params:
        return unknown(call)
    if "Key" in call.params or call.operation == "DeleteObjects":
        return _on_objects(call)
    return _on_bucket(call)


# -- buckets -----------------------------------------------------------------------------------------------------------
def _on_bucket(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    if call.operation == "CreateBucket":
        return _create_bucket(call)
    action = s3_actions.BUCKET.get(call.operation, call.operation)
    return (AuthorizationRequest(f"s3:{action}", _bucket_arn(call), _owner(call), bucket_keys(call)),)


def _create_bucket(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """The bucket is the caller's to be. Headers that configure it need their own right, too (API_CreateBucket) [D]."""
    keys, common = bucket_keys(call), common_keys(call)
    requests = [("s3:CreateBucket", keys)]
    if grants(call):
        requests.append(("s3:PutBucketAcl", common | grants(call)))
    if "ObjectOwnership" in call.params:
        requests.append(("s3:PutBucketOwnershipControls", common))
    if call.params.get("ObjectLockEnabledForBucket"):
        requests += [("s3:PutBucketObjectLockConfiguration", common), ("s3:PutBucketVersioning", common)]
    if (call.params.get("CreateBucketConfiguration") or {}).get("Tags"):
        requests.append(("s3:TagResource", common))
    return tuple(AuthorizationRequest(action, _bucket_arn(call), call.account, context) for action, context in requests)


# -- objects -----------------------------------------------------------------------------------------------------------
def _on_objects(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    match call.operation:
        case "PutObject" | "CreateMultipartUpload":
            return _upload(call)
        case "UploadPart" | "CompleteMultipartUpload" | "UploadPartCopy":
            return (*_copied(call), *_continued_upload(call))
        case "CopyObject":
            return (*_copied(call), *_upload(call))
        case "GetObject" | "HeadObject" | "SelectObjectContent" | "GetObjectAttributes":
            return _read(call)
        case "DeleteObjects":
            return _delete_many(call)
    return tuple(
        AuthorizationRequest(f"s3:{action}", _object_arn(call), _owner(call), object_keys(call))
        for action in s3_actions.of_object(call.operation, versioned=bool(call.params.get("VersionId")))
    )


def _upload(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """A write with its headers, and S3's use of the key that the object will be encrypted with."""
    resource, owner, common = _object_arn(call), _owner(call), object_keys(call)
    requests = [AuthorizationRequest("s3:PutObject", resource, owner, upload_keys(call))]
    if call.params.get("Tagging"):
        requests.append(AuthorizationRequest("s3:PutObjectTagging", resource, owner, common | upload_tags(call)))
    if grants(call):
        requests.append(AuthorizationRequest("s3:PutObjectAcl", resource, owner, common | grants(call)))
    if "ObjectLockMode" in call.params or "ObjectLockRetainUntilDate" in call.params:
        requests.append(AuthorizationRequest("s3:PutObjectRetention", resource, owner, common | object_lock(call)))
    if "ObjectLockLegalHoldStatus" in call.params:
        requests.append(AuthorizationRequest("s3:PutObjectLegalHold", resource, owner, common | object_lock(call)))
    bucket = s3_state.bucket(str(call.params["Bucket"]))
    if bucket is not None:
        requests += _use_of_key(call, "kms:GenerateDataKey", s3_state.encryption_of_call(bucket, call), bucket.arn)
    return tuple(requests)


def _continued_upload(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """A part or the completion: the write again, and ``kms:Decrypt`` ("Multipart upload API and permissions") [D]."""
    bucket = s3_state.bucket(str(call.params["Bucket"]))
    upload = None if bucket is None else s3_state.upload(bucket, str(call.params.get("UploadId", "")))
    keys = dict(object_keys(call))
    if upload is not None:
        if upload.sse_encryption:
            keys["s3:x-amz-server-side-encryption"] = upload.sse_encryption
        if upload.kms_key_id:
            keys["s3:x-amz-server-side-encryption-aws-kms-key-id"] = upload.kms_key_id
    requests = [AuthorizationRequest("s3:PutObject", _object_arn(call), _owner(call), keys)]
    if bucket is not None and upload is not None:
        requests += _use_of_key(call, "kms:Decrypt", s3_state.encryption_of_multipart(bucket, upload, call), bucket.arn)
    return tuple(requests)


def _read(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """A read. Who may not list the bucket does not learn that an object is missing: 403 instead of 404 (API_GetObject)
    [D]."""
    resource, owner, keys = _object_arn(call), _owner(call), object_keys(call)
    version = call.params.get("VersionId")
    bucket = s3_state.bucket(str(call.params["Bucket"]))
    stored = None if bucket is None else s3_state.find_object(bucket, str(call.params["Key"]), version)
    if bucket is not None and stored is not None:
        keys |= existing_tag_keys(bucket, stored)
    actions = s3_actions.of_object(call.operation, versioned=bool(version))
    requests = [AuthorizationRequest(f"s3:{action}", resource, owner, keys) for action in actions]
    if bucket is not None and stored is None:
        requests.append(AuthorizationRequest("s3:ListBucket", _bucket_arn(call), owner, common_keys(call)))
    elif bucket is not None and stored is not None:
        requests += _use_of_key(call, "kms:Decrypt", s3_state.encryption_of_object(stored), bucket.arn)
    return tuple(requests)


def _copied(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """The read that a copy implies; also of the tags, where the source has any and they are not replaced [D]."""
    if "CopySource" not in call.params:
        return ()
    source: Any = call.params["CopySource"]
    path, _, query = unquote(str(source)).lstrip("/").partition("?versionId=")
    name, _, key = path.partition("/")
    bucket = s3_state.bucket(name)
    arn = call.arn("s3", name, region="", account="")
    owner = bucket.account_id if bucket is not None else call.account
    stored = None if bucket is None else s3_state.find_object(bucket, key, query or None)
    keys = dict(common_keys(call))
    if query:
        keys["s3:VersionId"] = query
    if bucket is not None and stored is not None:
        keys |= existing_tag_keys(bucket, stored)
    requests = [AuthorizationRequest("s3:GetObjectVersion" if query else "s3:GetObject", f"{arn}/{key}", owner, keys)]
    if bucket is None:
        return tuple(requests)
    if stored is None:
        return (*requests, AuthorizationRequest("s3:ListBucket", arn, owner, common_keys(call)))
    keeps_tags = call.operation == "CopyObject" and call.params.get("TaggingDirective") != "REPLACE"
    if keeps_tags and s3_state.tags_of(bucket, stored.arn):
        reading = "s3:GetObjectVersionTagging" if query else "s3:GetObjectTagging"
        requests.append(AuthorizationRequest(reading, f"{arn}/{key}", owner, keys))
        requests.append(AuthorizationRequest("s3:PutObjectTagging", _object_arn(call), _owner(call), object_keys(call)))
    encryption = s3_state.encryption_of_object(stored)
    if encryption.kms and encryption.key_arn is not None:
        context = encryption.context(arn, key)
        requests.append(kms.use(call, "kms:Decrypt", encryption.key_arn, service="s3", encryption_context=context))
    return tuple(requests)


def _delete_many(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    requests = []
    for item in (call.params.get("Delete") or {}).get("Objects") or ():
        version = item.get("VersionId")
        keys: dict[str, ContextValue] = dict(common_keys(call))
        if version:
            keys["s3:VersionId"] = str(version)
        action = "s3:DeleteObjectVersion" if version else "s3:DeleteObject"
        requests.append(AuthorizationRequest(action, f"{_bucket_arn(call)}/{item['Key']}", _owner(call), keys))
    return tuple(requests)


def _use_of_key(call: ApiCall, action: str, encryption: Encryption, bucket_arn: str) -> list[AuthorizationRequest]:
    if not encryption.kms or encryption.key_arn is None:
        return []
    context = encryption.context(bucket_arn, str(call.params["Key"]))
    return [kms.use(call, action, encryption.key_arn, service="s3", encryption_context=context)]


# -- names -------------------------------------------------------------------------------------------------------------
def _bucket_arn(call: ApiCall) -> str:
    return call.arn("s3", str(call.params["Bucket"]), region="", account="")


def _object_arn(call: ApiCall) -> str:
    return f"{_bucket_arn(call)}/{call.params['Key']}"


def _owner(call: ApiCall) -> str:
    """The bucket's account; the caller's for a bucket that does not exist, which is then said by S3 itself (404)."""
    return s3_state.owner(str(call.params["Bucket"])) or call.account
