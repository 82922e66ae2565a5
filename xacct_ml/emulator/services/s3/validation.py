"""What S3 refuses in a request's parameters, whoever asks.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/s3.yaml [C]); rules of names and
tags: S3 user guide, "Bucket naming rules" and "Object tagging" [D]."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.s3 import upload_check
from xacct_ml.tables.regions import REGIONS

_BUCKET_NAME = re.compile(r"(?!xn--)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_TAG = re.compile(r"[\w\s+\-=.:/@]*")
_VERSION = re.compile(r"null|[A-Za-z0-9._]{32}")
"""A version's id, or that of an object from before versioning."""

AT_HOME = "us-east-1"
"""The region whose buckets S3 has named by their path since its beginnings."""

_OLD_EUROPE = "EU"
"""eu-west-1, as ``LocationConstraint`` had it first (S3 API reference, CreateBucket [D])."""

_ACCOUNT_DIGITS = 12
_OWNERSHIPS = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")
_MAX_TAGS = {"object": 10, "bucket": 50}


def check(call: ApiCall) -> None:
    """:raises ServiceError: InvalidBucketName, InvalidTag, InvalidArgument …"""
    for parameter in ("ExpectedBucketOwner", "ExpectedSourceBucketOwner"):
        owner = call.params.get(parameter)
        if owner is not None and not (len(owner) == _ACCOUNT_DIGITS and owner.isdigit()):
            raise ServiceError(
                "InvalidBucketOwnerAWSAccountID",
                f"The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]",
                400,
            )
    version = call.params.get("VersionId")
    if version is not None and not _VERSION.fullmatch(str(version)):
        raise _argument("Invalid version id specified")
    if call.params.get("EncodingType") not in (None, "url"):
        raise _argument("Invalid Encoding Method specified in Request")
    upload_check.check_parameters(call)
    if call.operation == "CreateBucket" and call.region == AT_HOME:
        _check_constraint(call.params)
    if (found := _CHECKS.get(call.operation)) is not None:
        found(call.params)


def _argument(message: str) -> ServiceError:
    return ServiceError("InvalidArgument", message, 400)


def _tag(message: str) -> ServiceError:
    return ServiceError("InvalidTag", message, 400)


def _malformed() -> ServiceError:
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    return ServiceError("MalformedXML", message, 400)


# -- buckets -----------------------------------------------------------------------------------------------------------
def _create_bucket(params: Mapping[str, Any]) -> None:
    if not _BUCKET_NAME.fullmatch(str(params["Bucket"])):
        raise ServiceError("InvalidBucketName", "The specified bucket is not valid.", 400)
    ownership = params.get("ObjectOwnership")
    if ownership is not None and ownership not in _OWNERSHIPS:
        raise _argument(f"Invalid x-amz-object-ownership header: {ownership}")
    tags = (params.get("CreateBucketConfiguration") or {}).get("Tags") or ()
    _check_tags(
        tags,
        'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from '
        "your tag keys and try again.",
        "bucket",
    )


def _check_constraint(params: Mapping[str, Any]) -> None:
    """Buckets of any region are made from here; that of no region is refused otherwise than elsewhere."""
    constraint = (params.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
    if constraint not in (None, _OLD_EUROPE, *REGIONS):
        message = "The specified location-constraint is not valid"
        raise ServiceError("InvalidLocationConstraint", message, 400)


def _put_bucket_tagging(params: Mapping[str, Any]) -> None:
    _check_tags(_tag_set(params), "System tags cannot be added/updated by requester", "bucket")


def _put_object_tagging(params: Mapping[str, Any]) -> None:
    _check_tags(_tag_set(params), "Your TagKey cannot be prefixed with aws:", "object")


def _tag_set(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return (params.get("Tagging") or {}).get("TagSet") or []


def _check_tags(tags: Iterable[Mapping[str, Any]], reserved: str, of: str) -> None:
    keys = [str(tag.get("Key", "")) for tag in tags]
    for tag in tags:
        key, value = str(tag.get("Key", "")), str(tag.get("Value", ""))
        if key.startswith("aws:"):
            raise _tag(reserved)
        if not 1 <= len(key) <= 128 or not _TAG.fullmatch(key):
            raise _tag("The TagKey you have provided is invalid")
        if len(value) > 256 or not _TAG.fullmatch(value):
            raise _tag("The TagValue you have provided is invalid")
    if len(set(keys)) < len(keys):
        raise _tag("Cannot provide multiple Tags with the same key")
    if len(keys) > _MAX_TAGS[of]:
        raise ServiceError("BadRequest", f"{of.capitalize()} tags cannot be greater than {_MAX_TAGS[of]}", 400)


def _put_bucket_encryption(params: Mapping[str, Any]) -> None:
    for rule in (params.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or ():
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if default.get("KMSMasterKeyID") and not str(default.get("SSEAlgorithm")).startswith("aws:kms"):
            message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
            raise _argument(message)


def _put_bucket_versioning(params: Mapping[str, Any]) -> None:
    status = (params.get("VersioningConfiguration") or {}).get("Status")
    if status is None:
        message = "The Versioning element must be specified"
        raise ServiceError("IllegalVersioningConfigurationException", message, 400)
    if status not in ("Enabled", "Suspended"):
        raise _malformed()


def _put_ownership(params: Mapping[str, Any]) -> None:
    rules = (params.get("OwnershipControls") or {}).get("Rules") or []
    if len(rules) != 1 or rules[0].get("ObjectOwnership") not in _OWNERSHIPS:
        raise _malformed()


def _put_lifecycle(params: Mapping[str, Any]) -> None:
    smallest = params.get("TransitionDefaultMinimumObjectSize")
    if smallest not in (None, "all_storage_classes_128K", "varies_by_storage_class"):
        raise ServiceError("InvalidRequest", f"Invalid TransitionDefaultMinimumObjectSize found: {smallest}", 400)
    for rule in (params.get("LifecycleConfiguration") or {}).get("Rules") or ():
        _check_rule(rule)
        for action in [rule.get("Expiration") or {}, *(rule.get("Transitions") or ())]:
            _check_days(action)
            date = action.get("Date")
            if isinstance(date, datetime) and date.astimezone(UTC).time() != datetime.min.time():
                raise _argument("'Date' must be at midnight GMT")


def _check_rule(rule: Mapping[str, Any]) -> None:
    chosen, expiration = rule.get("Filter"), rule.get("Expiration") or {}
    if (chosen is None) == ("Prefix" not in rule) or len(chosen or {}) > 1:
        raise _malformed()
    if "ExpiredObjectDeleteMarker" in expiration and len(expiration) > 1:
        raise _malformed()
    keys = [tag.get("Key") for tag in ((chosen or {}).get("And") or {}).get("Tags") or ()]
    if len(set(keys)) < len(keys):
        raise ServiceError("InvalidRequest", "Duplicate Tag Keys are not allowed.", 400)


def _check_days(action: Mapping[str, Any]) -> None:
    days = action.get("Days")
    if days is not None and days < 1 and "StorageClass" not in action:
        raise _argument("'Days' for Expiration action must be a positive integer")


def _put_notification(params: Mapping[str, Any]) -> None:
    given = params.get("NotificationConfiguration") or {}
    for kind in ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations"):
        for each in given.get(kind) or ():
            for rule in ((each.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ():
                if str(rule.get("Name")).lower() not in ("prefix", "suffix"):
                    raise _argument("filter rule name must be either prefix or suffix")


def _list_buckets(params: Mapping[str, Any]) -> None:
    region = params.get("BucketRegion")
    if region is not None and region not in REGIONS:
        raise _argument(f"Argument value {region} is not a valid AWS Region")


def _list_versions(params: Mapping[str, Any]) -> None:
    if params.get("VersionIdMarker") and not params.get("KeyMarker"):
        raise _argument("A version-id marker cannot be specified without a key marker.")


# -- objects -----------------------------------------------------------------------------------------------------------
def _upload(params: Mapping[str, Any]) -> None:
    pairs = parse_qsl(str(params.get("Tagging") or ""), keep_blank_values=True)
    if len({key for key, _ in pairs}) < len(pairs):
        raise _argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
            "name duplicates."
        )
    tags = [{"Key": key, "Value": value} for key, value in pairs]
    _check_tags(tags, "Your TagKey cannot be prefixed with aws:", "object")


def _put_object(params: Mapping[str, Any]) -> None:
    _upload(params)
    if ("ObjectLockMode" in params) != ("ObjectLockRetainUntilDate" in params):
        raise _argument("x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied")


def _put_retention(params: Mapping[str, Any]) -> None:
    until = (params.get("Retention") or {}).get("RetainUntilDate")
    if isinstance(until, datetime) and until.astimezone(UTC) <= datetime.now(UTC):
        raise _argument("The retain until date must be in the future!")


def _delete_objects(params: Mapping[str, Any]) -> None:
    if not 1 <= len((params.get("Delete") or {}).get("Objects") or ()) <= 1000:
        raise _malformed()


def _get_object(params: Mapping[str, Any]) -> None:
    if "Range" in params and "PartNumber" in params:
        message = "Cannot specify both Range header and partNumber query parameter"
        raise ServiceError("InvalidRequest", message, 400)


def _copy(params: Mapping[str, Any]) -> None:
    _upload(params)
    if "/" not in unquote(str(params.get("CopySource", ""))).lstrip("/"):
        raise _argument("Invalid copy source object key")
    onto_itself = unquote(str(params.get("CopySource", ""))).lstrip("/") == f"{params['Bucket']}/{params['Key']}"
    replaced = params.get("MetadataDirective") == "REPLACE"
    if onto_itself and not replaced and not any(params.get(name) for name in _CHANGES):
        message = (
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
        raise ServiceError("InvalidRequest", message, 400)


_CHANGES = ("ServerSideEncryption", "SSECustomerAlgorithm", "StorageClass", "WebsiteRedirectLocation")

_CHECKS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "CopyObject": _copy,
    "CreateBucket": _create_bucket,
    "CreateMultipartUpload": _upload,
    "DeleteObjects": _delete_objects,
    "GetObject": _get_object,
    "ListBuckets": _list_buckets,
    "ListObjectVersions": _list_versions,
    "PutBucketNotificationConfiguration": _put_notification,
    "PutBucketEncryption": _put_bucket_encryption,
    "PutBucketLifecycleConfiguration": _put_lifecycle,
    "PutBucketOwnershipControls": _put_ownership,
    "PutBucketTagging": _put_bucket_tagging,
    "PutBucketVersioning": _put_bucket_versioning,
    "PutObject": _put_object,
    "PutObjectRetention": _put_retention,
    "PutObjectTagging": _put_object_tagging,
}
