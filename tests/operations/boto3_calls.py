"""The calls of AWS that stand in a module's source, and the IAM actions that AWS asks for them.

A call is a method of a client: of a name that is the service's (``kms.create_key``), of ``client("kms")``, or its name
as a text, as ``get_paginator`` takes it. What AWS asks is the operation's own name but for those in :data:`ASKED`
(Service Authorization Reference, and each service's guide to its permissions) [D]."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

import xacct_ml

PRODUCT = Path(xacct_ml.__file__).parent
CALLING = ("operations", "resources")
"""The packages that call AWS."""

_NAMED = {"functions": "lambda", "runtime": "sagemaker-runtime"}
"""Names of clients that cannot be those of their services, which are words of Python or none."""
_PREFIX = {
    "accessanalyzer": "access-analyzer",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
    "stepfunctions": "states",
}
_TRANSFER = {"upload_fileobj": "PutObject"}
"""boto3's own, which makes other calls."""

ASKED: Mapping[str, tuple[str, ...]] = {
    # Who makes an upload may abort it; its parts also decrypt (S3 User Guide, mpuoverview).
    "s3:CompleteMultipartUpload": ("s3:PutObject", "kms:Decrypt"),
    "s3:CreateMultipartUpload": ("s3:PutObject", "kms:GenerateDataKey"),
    "s3:CreateBucket": ("s3:CreateBucket", "s3:PutBucketOwnershipControls", "s3:TagResource"),
    "s3:DeleteBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:DeleteBucketOwnershipControls": ("s3:PutBucketOwnershipControls",),
    "s3:DeleteBucketTagging": ("s3:PutBucketTagging",),
    "s3:DeleteObject": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "s3:DeleteObjects": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "s3:DeletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetBucketNotificationConfiguration": ("s3:GetBucketNotification",),
    "s3:GetObject": ("s3:GetObject", "kms:Decrypt"),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:PutBucketNotificationConfiguration": ("s3:PutBucketNotification",),
    "s3:PutObject": ("s3:PutObject", "kms:GenerateDataKey"),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    # An upload in parts also decrypts (S3 User Guide, mpuoverview).
    "s3:UploadPartCopy": ("s3:PutObject", "kms:Decrypt"),
    "s3:UploadFileobj": ("s3:PutObject", "kms:GenerateDataKey", "kms:Decrypt"),
    # Made with tags, or with a role.
    "cloudformation:CreateStack": ("cloudformation:CreateStack", "cloudformation:TagResource", "iam:PassRole"),
    "cloudformation:DeleteStack": ("cloudformation:DeleteStack", "iam:PassRole"),
    "cloudwatch:PutMetricAlarm": ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
    "codecommit:CreateRepository": ("codecommit:CreateRepository", "codecommit:TagResource"),
    "codepipeline:CreatePipeline": ("codepipeline:CreatePipeline", "codepipeline:TagResource", "iam:PassRole"),
    "codepipeline:UpdatePipeline": ("codepipeline:UpdatePipeline", "iam:PassRole"),
    "events:PutRule": ("events:PutRule", "events:TagResource"),
    "events:PutTargets": ("events:PutTargets", "iam:PassRole"),
    "iam:CreateRole": ("iam:CreateRole", "iam:TagRole"),
    "kms:CreateKey": ("kms:CreateKey", "kms:TagResource"),
    "lambda:CreateFunction": ("lambda:CreateFunction", "lambda:TagResource", "iam:PassRole"),
    "lambda:GetFunction": ("lambda:GetFunction", "lambda:ListTags"),
    "lambda:UpdateFunctionConfiguration": ("lambda:UpdateFunctionConfiguration", "iam:PassRole"),
    "logs:CreateLogGroup": ("logs:CreateLogGroup", "logs:TagResource"),
    "sagemaker:CreateModel": ("sagemaker:CreateModel", "sagemaker:AddTags", "iam:PassRole"),
    "sagemaker:CreateTransformJob": ("sagemaker:CreateTransformJob", "sagemaker:AddTags"),
    "scheduler:CreateSchedule": ("scheduler:CreateSchedule", "iam:PassRole"),
    "scheduler:CreateScheduleGroup": ("scheduler:CreateScheduleGroup", "scheduler:TagResource"),
    # Of an encrypted topic (SNS Developer Guide, sns-key-management).
    "sns:Publish": ("sns:Publish", "kms:GenerateDataKey", "kms:Decrypt"),
    "sns:CreateTopic": ("sns:CreateTopic", "sns:TagResource"),
    "scheduler:UpdateSchedule": ("scheduler:UpdateSchedule", "iam:PassRole"),
    # Who gives a connection to a pipeline passes it; with the prefix that its ARN has.
    "codeconnections:GetConnection": (
        "codeconnections:GetConnection",
        "codeconnections:PassConnection",
        "codestar-connections:GetConnection",
        "codestar-connections:PassConnection",
    ),
}


@dataclass(frozen=True, slots=True)
class Call:
    file: Path
    line: int
    actions: tuple[str, ...]
    """What AWS asks the caller for."""


@cache
def services() -> frozenset[str]:
    """Every service of AWS of which a module makes a client, or tags something."""
    return services_of(file for package in CALLING for file in (PRODUCT / package).rglob("*.py"))


def services_of(files: Iterable[Path]) -> frozenset[str]:
    """Those of these modules, and those of connections."""
    known = botocore.session.get_session().get_available_services()
    named = {text for file in files for text in _clients(ast.parse(file.read_text()))}
    return (frozenset(named & set(known)) | OF_CONNECTIONS) - WITHOUT_RIGHTS


OF_CONNECTIONS = frozenset({"codeconnections", "codestar-connections"})
"""Their clients are made for whichever of the two a connection's ARN names."""
WITHOUT_RIGHTS = frozenset({"sts"})
"""GetCallerIdentity needs none (IAM User Guide, reference_policies_iam-condition-keys) [D]."""


def _clients(tree: ast.AST) -> Iterator[str]:
    """The texts that name a client's service: ``client("kms")``, ``client(account, "kms")``, ``Tagging("kms", …)``."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="client") | ast.Name(id="Tagging"), args=arguments):
                yield from (
                    one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )


@cache
def _methods(service: str) -> Mapping[str, str]:
    """Method of the service's client to operation."""
    model = botocore.session.get_session().get_service_model(service)
    extra = {"upload_fileobj": "UploadFileobj"} if service == "s3" else {}
    return {xform_name(name): name for name in model.operation_names} | extra


def calls(file: Path) -> Iterator[Call]:
    """Every call in a module, as far as its source tells."""
    tree = ast.parse(file.read_text())
    used = {service for node in ast.walk(tree) if (service := _service(node))}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=value, attr=method) if (service := _service(value)) and method in _methods(
                service
            ):
                yield Call(file, node.lineno, _asked(service, method))
            case ast.Attribute(attr="get_connection"):  # of the service that the connection's ARN names
                yield Call(file, node.lineno, _asked("codeconnections", "get_connection"))
            case ast.Call(
                func=ast.Name(id="Tagging"), args=[ast.Constant(value=str() as service), *_], keywords=keywords
            ):
                named = {each.arg: each.value.value for each in keywords if isinstance(each.value, ast.Constant)}
                for part, usual in (("add", "tag_resource"), ("remove", "untag_resource")):
                    yield Call(file, node.lineno, _asked(service, str(named.get(part, usual))))
            case ast.Constant(value=str() as text):
                for service in used:
                    if text in _methods(service):
                        yield Call(file, node.lineno, _asked(service, text))


def _asked(service: str, method: str) -> tuple[str, ...]:
    return asked_for(f"{service}:{_methods(service)[method]}")


def asked_for(operation: str) -> tuple[str, ...]:
    """The actions of an operation such as ``logs:CreateLogGroup``, with boto3's name of the service."""
    service, name = operation.split(":")
    action = f"{_PREFIX.get(service, service)}:{name}"
    return ASKED.get(action, (action,))


def _service(node: ast.AST) -> str | None:
    """The service of which an expression is a client."""
    match node:
        case ast.Name(id=name) if name in services() or name in _NAMED:
            return _NAMED.get(name, name)
        case ast.Call(func=ast.Attribute(attr="client"), args=[*_, ast.Constant(value=str() as name)]) if (
            name in services()
        ):
            return name
        case ast.Call(func=ast.Attribute(attr="client"), args=[_, ast.Constant(value=str() as name), *_]) if (
            name in services()
        ):
            return name
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) | ast.Attribute(attr=name) if (
            name.strip("_") in services()
        ):
            return name.strip("_")
    return None


def rights(file: Path) -> Iterator[tuple[int, str]]:
    """The actions that a module's ``Rights(…)`` name, each with its line."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="Rights"), args=[_, ast.Constant(value=str() as calls), *_]):
                service, names = calls.split(": ")
                yield from ((node.lineno, f"{service}:{name}") for name in names.split())
            case ast.Call(
                func=ast.Name(id="Rights"), args=[_, ast.JoinedStr(values=[_, ast.Constant(value=text)]), *_]
            ):
                for service in ("codeconnections", "codestar-connections"):
                    yield node.lineno, f"{service}:{str(text).removeprefix(': ')}"
            case ast.Call(func=ast.Name(id="pass_role")):
                yield node.lineno, "iam:PassRole"
