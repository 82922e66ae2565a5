"""S3's condition keys (Service Authorization Reference, "Condition keys for Amazon S3") [D]."""

from typing import Any
from urllib.parse import parse_qsl

from xacct_ml.access.model import ContextValue
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.context import PRESIGNED_HEADER
from xacct_ml.emulator.services.s3 import moto_state as s3_state

Keys = dict[str, ContextValue]

_LISTING = {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter", "s3:max-keys": "MaxKeys"}
_OBJECT = {"s3:VersionId": "VersionId", "s3:x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm"}
_UPLOAD = {
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-storage-class": "StorageClass",
    "s3:x-amz-metadata-directive": "MetadataDirective",
    "s3:x-amz-copy-source": "CopySource",
    "s3:x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
_CONDITIONS = {"s3:if-match": "IfMatch", "s3:if-none-match": "IfNoneMatch"}
_OBJECT_LOCK = {"s3:object-lock-mode": "ObjectLockMode", "s3:object-lock-legal-hold": "ObjectLockLegalHoldStatus"}
_GRANTS = {
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-grant-full-control": "GrantFullControl",
    "s3:x-amz-grant-read": "GrantRead",
    "s3:x-amz-grant-write": "GrantWrite",
    "s3:x-amz-grant-read-acp": "GrantReadACP",
    "s3:x-amz-grant-write-acp": "GrantWriteACP",
}


def common_keys(call: ApiCall) -> Keys:
    """What every S3 request has."""
    keys: Keys = {"s3:signatureversion": "AWS4-HMAC-SHA256", "s3:TlsVersion": "1.3", "s3:authType": "REST-HEADER"}
    if not call.principal.account:  # anonymous
        keys.pop("s3:signatureversion")
        keys.pop("s3:authType")
    elif PRESIGNED_HEADER in call.headers:
        keys["s3:authType"] = "REST-QUERY-STRING"
    if "x-amz-content-sha256" in call.headers:
        keys["s3:x-amz-content-sha256"] = call.headers["x-amz-content-sha256"]
    owner = s3_state.owner(str(call.params.get("Bucket", "")))
    if owner is not None:
        keys["s3:ResourceAccount"] = owner
    return keys


def bucket_keys(call: ApiCall) -> Keys:
    """Listing, and what a new bucket is made with."""
    keys = common_keys(call) | _named(call, _LISTING) | grants(call)
    if "ObjectOwnership" in call.params:
        keys["s3:x-amz-object-ownership"] = str(call.params["ObjectOwnership"])
    if call.operation == "CreateBucket":
        constraint = (call.params.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
        if constraint:
            keys["s3:locationconstraint"] = str(constraint)
    return keys


def creation_keys(call: ApiCall) -> Keys:
    """Whether the request makes an object, and on which condition: the parts of an upload take none ("Enforce
    conditional writes") [D]."""
    makes = call.operation in ("PutObject", "CopyObject", "CompleteMultipartUpload")
    return {"s3:ObjectCreationOperation": str(makes).lower(), **_named(call, _CONDITIONS)}


def object_keys(call: ApiCall) -> Keys:
    keys = common_keys(call) | _named(call, _OBJECT)
    if call.operation == "PutObjectTagging":
        keys |= _request_tags(
            {tag["Key"]: tag["Value"] for tag in (call.params.get("Tagging") or {}).get("TagSet") or ()}
        )
    return keys | grants(call) if call.operation == "PutObjectAcl" else keys


def upload_keys(call: ApiCall) -> Keys:
    """Everything that the headers of an upload say."""
    headers = _named(call, _UPLOAD) | upload_tags(call) | grants(call) | object_lock(call)
    return object_keys(call) | creation_keys(call) | headers


def upload_tags(call: ApiCall) -> Keys:
    tagging = call.params.get("Tagging")
    return _request_tags(dict(parse_qsl(tagging))) if isinstance(tagging, str) else {}


def grants(call: ApiCall) -> Keys:
    """A canned ACL and grants given in headers."""
    return _named(call, _GRANTS)


def object_lock(call: ApiCall) -> Keys:
    return _named(call, _OBJECT_LOCK)


def existing_tag_keys(bucket: Any, stored: Any) -> Keys:
    return {f"s3:ExistingObjectTag/{key}": value for key, value in s3_state.tags_of(bucket, stored.arn).items()}


def _request_tags(tags: dict[str, str]) -> Keys:
    if not tags:
        return {}
    return {
        **{f"s3:RequestObjectTag/{key}": value for key, value in tags.items()},
        "s3:RequestObjectTagKeys": tuple(tags),
    }


def _named(call: ApiCall, names: dict[str, str]) -> Keys:
    return {key: str(call.params[name]) for key, name in names.items() if name in call.params}
