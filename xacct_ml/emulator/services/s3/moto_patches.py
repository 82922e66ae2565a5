"""S3, repaired: encryption as S3 settles it, what S3 refuses, one event per completed object.

Repaired: encryption of an upload with a header other than the bucket's default; defaults of a new bucket; the expected
owner; bucket policies that are malformed; moto's own reading of bucket policies; the EventBridge configuration that is
put but never reported; two events for one multipart upload."""

import re
import time
from collections.abc import Callable
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3 import notifications
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response

from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import policy_documents as documents
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.kms import moto_state as kms_state
from xacct_ml.emulator.services.s3 import (
    moto_answers,
    moto_content,
    moto_existence,
    moto_multipart,
    moto_routes,
    upload_check,
    validation,
)
from xacct_ml.emulator.services.s3 import moto_state as s3_state

ObjectCreated = Callable[[str, str, str, str, int, str | None, str, str], None]
"""account, region, bucket, key, size in bytes, version id, ETag, reason (``PutObject``, ``CompleteMultipartUpload``
…)."""

on_object_created: list[ObjectCreated] = []
"""Called exactly once per completed object of a bucket that has EventBridge enabled; ``account`` owns the bucket."""

_REASONS = {
    S3NotificationEvent.OBJECT_CREATED_PUT_EVENT: "PutObject",
    S3NotificationEvent.OBJECT_CREATED_POST_EVENT: "POST Object",
    S3NotificationEvent.OBJECT_CREATED_COPY_EVENT: "CopyObject",
    S3NotificationEvent.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT: "CompleteMultipartUpload",
}
"""``detail.reason`` (S3 user guide, "EventBridge event message structure") [D]."""

_ENCRYPTED_BY_S3 = {
    "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
}


_SENDS_FROM = "xacct_ml_sends_from"

_PUBLIC_ACCESS_BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


_ANYWHERE = frozenset({"CreateBucket", "GetBucketLocation"})
"""Calls that name a bucket and are answered in every region."""


# -- before moto serves a call -----------------------------------------------------------------------------------------
def precheck(call: ApiCall) -> None:
    """:raises ServiceError: the bucket is in another region than the caller asks ("UsingRouting": 301 and the region,
    which clients follow), or belongs to another account than the caller expects ("bucket-owner-condition") [D]; or a
    parameter is none that S3 takes, or it is not clear what is asked"""
    moto_routes.require_one(call)
    validation.check(call)
    there = s3_state.region(str(call.params.get("Bucket", "")))
    if there is not None and there != call.region and call.operation not in _ANYWHERE:
        message = "The bucket you are attempting to access must be addressed using the specified endpoint."
        raise ServiceError("PermanentRedirect", message, 301, {"x-amz-bucket-region": there})
    expectations = [("ExpectedBucketOwner", str(call.params.get("Bucket", "")))]
    source = str(call.params.get("CopySource", "")).lstrip("/").partition("/")[0]
    expectations.append(("ExpectedSourceBucketOwner", source))
    for parameter, name in expectations:
        expected, owner = call.params.get(parameter), s3_state.owner(name)
        if expected is not None and owner is not None and expected != owner:
            raise ServiceError("AccessDenied", "Access Denied", 403)


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: the key cannot be used, the upload is not the object's, or the bucket policy is not one"""
    upload_check.check_content(call)
    moto_existence.check(call)
    for request in asked:
        if request.by == "s3":
            kms_state.require_usable_by_s3(request.resource, call.region)
    _require_upload(call)
    if call.operation == "PutBucketPolicy":
        text = call.params.get("Policy", b"")
        text = text.decode() if isinstance(text, bytes) else str(text)
        if (problem := documents.bucket_policy_problem(text, str(call.params["Bucket"]))) is not None:
            raise ServiceError("MalformedPolicy", problem, 400)


def _require_upload(call: ApiCall) -> None:
    """Rights on one object are none on another's upload (S3 API reference, NoSuchUpload [D])."""
    named, bucket = call.params.get("UploadId"), s3_state.bucket(str(call.params.get("Bucket", "")))
    if named is None or bucket is None:
        return
    upload = s3_state.upload(bucket, str(named))
    if upload is None or upload.key_name != call.params["Key"]:
        message = (
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
            "completed."
        )
        raise ServiceError("NoSuchUpload", message, 404)


def serving_account(call: ApiCall) -> str | None:
    """The bucket's account; moto files parts and tags under the account that serves."""
    if call.operation == "CreateBucket":
        return call.account
    return s3_state.owner(str(call.params.get("Bucket", "")))


# -- repairs -----------------------------------------------------------------------------------------------------------
def _with_aws_defaults(create: Callable[..., Any]) -> Callable[..., Any]:
    """New buckets: SSE-S3, BucketOwnerEnforced, public access blocked (since 2023) [D]."""

    def create_bucket(self: Any, *args: Any, **kwargs: Any) -> Any:
        made = create(self, *args, **kwargs)
        made.encryption = _ENCRYPTED_BY_S3
        self.put_public_access_block(made.name, dict.fromkeys(_PUBLIC_ACCESS_BLOCKED, "true"))
        made.ownership_rule = "BucketOwnerEnforced"
        return made

    return create_bucket


def _tagged(create: Callable[..., Any]) -> Callable[..., Any]:
    """moto ignores ``CreateBucketConfiguration.Tags`` (S3 API reference, CreateBucket [D])."""

    def create_bucket(self: Any, *args: Any, **kwargs: Any) -> Any:
        bucket = create(self, *args, **kwargs)
        call = dispatch.served_call.get(None)
        if call is not None and call.operation == "CreateBucket":
            given = (call.params.get("CreateBucketConfiguration") or {}).get("Tags") or ()
            if given:
                self.put_bucket_tagging(bucket.name, {tag["Key"]: tag["Value"] for tag in given})
        return bucket

    return create_bucket


def _settled(put: Callable[..., Any]) -> Callable[..., Any]:
    """Store an object with the encryption that S3 would give it, and without moto's extra event for a multipart
    upload."""

    def put_object(self: Any, bucket_name: str, key_name: str, value: bytes, **kwargs: Any) -> Any:
        call = dispatch.served_call.get(None)
        bucket = self.get_bucket(bucket_name)
        completing = call is not None and call.operation == "CompleteMultipartUpload"
        if completing:
            kwargs["disable_notification"] = True
        encryption = _encryption(bucket, call, kwargs.get("multipart") if completing else None)
        stored = put(self, bucket_name, key_name, value, **kwargs)
        if encryption is not None:
            stored.encryption = encryption.algorithm
            stored.kms_key_id = encryption.key_arn
            stored.bucket_key_enabled = encryption.bucket_key
        return stored

    return put_object


def _encryption(bucket: Any, call: ApiCall | None, multipart: Any) -> s3_state.Encryption | None:
    if call is None or call.service != "s3":
        return None
    if multipart is not None:
        return s3_state.encryption_of_multipart(bucket, multipart, call)
    encryption = s3_state.encryption_of_call(bucket, call)
    if encryption.kms and encryption.key_arn is None:
        raise ServiceError("KMS.NotFoundException", "The alias of the KMS key is not found.", 400)
    return encryption


def _settling(create: Callable[..., Any]) -> Callable[..., Any]:
    """Remember a multipart upload's encryption from its start: later requests carry no such header."""

    def create_multipart_upload(self: Any, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
        upload = create(self, bucket_name, *args, **kwargs)
        encryption = _encryption(self.get_bucket(bucket_name), dispatch.served_call.get(None), None)
        if encryption is not None:
            setattr(upload, s3_state.SETTLED, encryption)
        return upload

    return create_multipart_upload


def _to_event_bridge(account_id: str, bucket: Any, event_name: S3NotificationEvent, key: Any) -> None:
    reason = _REASONS.get(event_name)
    if reason is None:  # no rule here is about anything but new objects
        return
    if time.monotonic() < getattr(bucket, _SENDS_FROM, 0.0):
        runtime.current().notices(f"EventBridge is not told of {bucket.name}/{key.name}: it was only just enabled")
        return
    version = None if key.version_id == "null" else key.version_id
    etag = key.etag.replace('"', "")
    for listener in tuple(on_object_created):
        listener(account_id, bucket.region_name, bucket.name, key.name, key.size, version, etag, reason)


def _sending_later(configure: Callable[..., Any]) -> Callable[..., Any]:
    """What a bucket stores just after its events were sent to EventBridge for the first time is not told."""

    def set_notification_configuration(self: Any, config: Any) -> Any:
        before = getattr(self.notification_configuration, "event_bridge", None)
        answer = configure(self, config)
        if before is None and getattr(self.notification_configuration, "event_bridge", None) is not None:
            setattr(self, _SENDS_FROM, time.monotonic() + runtime.current().pace.event_bridge_start)
        return answer

    return set_notification_configuration


def _reporting_event_bridge(get: Callable[..., Any]) -> Callable[..., Any]:
    def get_bucket_notification(self: Any) -> Any:
        status, headers, body = get(self)
        configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if configuration is None or configuration.event_bridge is None:
            return status, headers, body
        element = "<EventBridgeConfiguration></EventBridgeConfiguration>"
        text = body.decode() if isinstance(body, bytes) else str(body)
        if "</NotificationConfiguration>" in text:
            text = text.replace("</NotificationConfiguration>", f"{element}</NotificationConfiguration>")
        else:
            text = re.sub(
                r"<NotificationConfiguration([^>]*?)\s*/>",
                rf"<NotificationConfiguration\1>{element}</NotificationConfiguration>",
                text,
            )
        return status, headers, text

    return get_bucket_notification


def _permitted(self: Any, action: str, resource: str) -> PermissionResult:  # noqa: ARG001 - moto's signature
    return PermissionResult.PERMITTED


def install() -> None:
    moto_content.install()
    moto_answers.install()
    dispatch.prechecks["s3"] = precheck
    dispatch.checks["s3"] = check
    dispatch.anonymous_owners["s3"] = lambda params: s3_state.owner(params.get("Bucket", ""))
    documents.principal_deleted.append(s3_state.forget_principal)
    dispatch.serving_accounts["s3"] = serving_account

    # moto denies by any Deny statement, whatever its conditions and principals; the gate has decided already
    FakeBucket.get_permission = _permitted

    FakeBucket.set_notification_configuration = _sending_later(FakeBucket.set_notification_configuration)
    moto_multipart.install()
    S3Backend.create_bucket = _tagged(_with_aws_defaults(S3Backend.create_bucket))
    S3Backend.put_object = _settled(S3Backend.put_object)
    S3Backend.create_multipart_upload = _settling(S3Backend.create_multipart_upload)
    S3Backend.delete_bucket_encryption = lambda self, name: setattr(
        self.get_bucket(name), "encryption", _ENCRYPTED_BY_S3
    )
    S3Response.get_bucket_notification = _reporting_event_bridge(S3Response.get_bucket_notification)
    notifications._send_event_bridge_message = _to_event_bridge
