"""What an AWS error message says about a refusal: who, what, on what, and which kind of policy AWS blames.

Forms and sources: the detailed sentence, IAM User Guide, "Troubleshoot access denied error messages" [D]; S3's bare
"Access Denied" across accounts, S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors" [D]; KMS on a
ciphertext, KMS API Reference, Decrypt, and its sentence in S3's errors, re:Post [C]; CodePipeline's AssumeRole, aws-cdk
#10068, #13139 and terraform-provider-aws #13103 [C]; CodePipeline on a bucket, CodePipeline User Guide, troubleshooting
[D]; Step Functions' managed rule and unassumable role, terraform-provider-aws's retries [U]; SageMaker on model data,
roles and training data, SageMaker Developer Guide, troubleshooting of inference and training [D]; Lambda's unassumable
role, terraform-provider-aws's retries [C]; CloudFormation's role, CloudFormation User Guide, troubleshooting [D].
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from xacct_ml.arn import Arn

ASSUME_ROLE = "sts:AssumeRole"
OUTSIDE = ("service control policy", "resource control policy", "VPC endpoint policy")
"""Policies that AWS may blame and that no account of the map shows."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """``actions`` are those that may have been refused, most likely first; empty where the message tells nothing but
    that something was. ``principal`` is an ARN as the message has it, ``service`` a service principal; without both
    anyone may have asked. ``blamed`` is AWS's name for a kind of policy; ``explicit`` says that one denied.
    """

    form: str
    actions: tuple[str, ...] = ()
    principal: str | None = None
    service: str | None = None
    resource: str | None = None
    blamed: str | None = None
    explicit: bool = False

    @property
    def outside(self) -> bool:
        """Whether AWS blames a policy that is neither in the accounts' roles nor in our documents."""
        return self.blamed is not None and any(name.lower() in self.blamed.lower() for name in OUTSIDE)


def parse(message: str) -> tuple[Refusal, ...]:
    """What the message refuses, the surest reading alone; several where it leaves open who failed. Empty where it is
    about no refusal that is known.
    """
    text = " ".join(message.split())
    for pattern, read in _FORMS:
        if match := pattern.search(text):
            return read(match)
    return ()


def role_of(arn: str) -> tuple[str, str] | None:
    """Account and role name of a role's or a session's ARN."""
    match = re.fullmatch(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):(?:assumed-role/([^/]+)/.+|role/(?:.+/)?([^/]+))", arn)
    return (match[1], match[2] or match[3]) if match else None


def session_of(arn: str) -> str | None:
    """The session's name in an assumed role's ARN."""
    match = re.fullmatch(r"arn:[\w-]+:sts::\d{12}:assumed-role/[^/]+/(.+)", arn)
    return match[1] if match else None


# -- the forms ---------------------------------------------------------------------------------------------------------

_ARN = r"arn:[\w-]+:[^\s\"',;]+"


def _bare(text: str) -> str:
    return text.rstrip(".,;:)]}'\"")


def _sentence(match: re.Match[str]) -> tuple[Refusal, ...]:
    resource = match["resource"]
    return (
        Refusal(
            "the detailed sentence",
            (match["action"],),
            principal=_bare(match["who"]),
            resource=None if resource in (None, "*") else _bare(resource),
            blamed=match["denying"] or match["silent"],
            explicit=match["denying"] is not None,
        ),
    )


def _assume(match: re.Match[str]) -> tuple[Refusal, ...]:
    who, role = match["who"], _bare(match["role"])
    if who.startswith("arn:"):
        return (Refusal("AssumeRole refused", (ASSUME_ROLE,), principal=who, resource=role),)
    return (Refusal("AssumeRole refused", (ASSUME_ROLE,), service="codepipeline.amazonaws.com", resource=role),)


def _managed_rule(match: re.Match[str]) -> tuple[Refusal, ...]:
    actions = ("events:PutRule", "events:PutTargets", "events:DescribeRule")
    return (Refusal("Step Functions' managed rule", actions, principal=_bare(match["role"])),)


def _states_role(match: re.Match[str]) -> tuple[Refusal, ...]:
    return (Refusal("a role that Step Functions cannot assume", (ASSUME_ROLE,), service=match["service"]),)


def _lambda_role(_: re.Match[str]) -> tuple[Refusal, ...]:
    return (Refusal("a role that Lambda cannot assume", (ASSUME_ROLE,), service="lambda.amazonaws.com"),)


def _cloudformation_role(match: re.Match[str]) -> tuple[Refusal, ...]:
    service = "cloudformation.amazonaws.com"
    return (
        Refusal(
            "a role that CloudFormation cannot assume", (ASSUME_ROLE,), service=service, resource=_bare(match["role"])
        ),
    )


def _sagemaker_role(match: re.Match[str]) -> tuple[Refusal, ...]:
    service = "sagemaker.amazonaws.com"
    return (
        Refusal("a role that SageMaker cannot assume", (ASSUME_ROLE,), service=service, resource=_bare(match["role"])),
    )


def _model_data(match: re.Match[str]) -> tuple[Refusal, ...]:
    return _sagemaker_reads("SageMaker cannot read the model", match, ("s3:GetObject", "kms:Decrypt"))


def _training_data(match: re.Match[str]) -> tuple[Refusal, ...]:
    return _sagemaker_reads("SageMaker sees no training data", match, ("s3:ListBucket", "s3:GetObject", "kms:Decrypt"))


def _sagemaker_reads(form: str, match: re.Match[str], actions: tuple[str, ...]) -> tuple[Refusal, ...]:
    """The role may not be assumable, or not be allowed to read."""
    uri = urlsplit(_bare(match["uri"]))
    role = match["role"]
    objects = f"arn:{Arn.parse(role).partition}:s3:::{uri.netloc}{uri.path}" if role else None
    first, *others = actions
    return (
        Refusal(form, (first,), principal=role, resource=objects if first == "s3:GetObject" else None),
        *(Refusal(form, (action,), principal=role) for action in others),
        *((Refusal(form, (ASSUME_ROLE,), service="sagemaker.amazonaws.com", resource=role),) if role else ()),
    )


def _ciphertext(_: re.Match[str]) -> tuple[Refusal, ...]:
    return (Refusal("KMS on a ciphertext", ("kms:Decrypt",)),)


_OPERATIONS = {
    "AbortMultipartUpload": ("s3:AbortMultipartUpload",),
    "CompleteMultipartUpload": ("s3:PutObject", "kms:Decrypt"),
    "CreateMultipartUpload": ("s3:PutObject", "kms:GenerateDataKey", "kms:Decrypt"),
    "GetObject": ("s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt"),
    "HeadBucket": ("s3:ListBucket",),
    "HeadObject": ("s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt", "s3:ListBucket"),
    "ListObjects": ("s3:ListBucket",),
    "ListObjectsV2": ("s3:ListBucket",),
    "PutObject": ("s3:PutObject", "kms:GenerateDataKey"),
    "UploadPart": ("s3:PutObject", "kms:GenerateDataKey", "kms:Decrypt"),
}
"""S3's operations and the rights that each needs on an encrypted bucket (S3 User Guide, using-with-s3-policy-actions,
UsingKMSEncryption, mpuoverview) [D]."""

_S3 = ("s3:*", "kms:*")


def _operation(match: re.Match[str]) -> tuple[Refusal, ...]:
    operation = match["operation"]
    return (Refusal(f"{operation} refused", _OPERATIONS.get(operation, (f"*:{operation}",))),)


def _s3(_: re.Match[str]) -> tuple[Refusal, ...]:
    return (Refusal("S3's bare 'Access Denied'", _S3),)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[Refusal, ...]]], ...] = (
    (
        re.compile(
            r"[Uu]ser: (?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
            r"(?: on (?:the )?(?:resource: \"?(?P<resource>[^\s\"]+)\"?|resource associated with this ciphertext"
            r"|this resource))?"
            r"(?:,? because no (?P<silent>[\w -]+?) allows the | with an explicit deny in an? (?P<denying>[\w -]+))?"
        ),
        _sentence,
    ),
    (
        re.compile(rf"(?P<who>{_ARN}|\w+) is not authorized to perform (?:sts:)?AssumeRole on role:? (?P<role>{_ARN})"),
        _assume,
    ),
    (re.compile(rf"(?P<role>{_ARN})['\"]? is not authorized to create managed-rule"), _managed_rule),
    (re.compile(r"Neither the global service principal (?P<service>[\w.-]+),? nor the regional one"), _states_role),
    (re.compile(r"role defined for the function cannot be assumed by Lambda"), _lambda_role),
    (re.compile(rf"[Rr]ole (?P<role>{_ARN}) is invalid or cannot be assumed"), _cloudformation_role),
    (
        re.compile(
            r"Could not access model data at (?P<uri>s3://\S+).*?(?P<role>arn:[\w-]+:iam::\d{12}:role/[^\s\"']+)"
        ),
        _model_data,
    ),
    (re.compile(r"Could not access model data at (?P<uri>s3://\S+)(?P<role>)"), _model_data),
    (
        re.compile(r"No S3 objects found under S3 URL \"(?P<uri>s3://[^\"]+)\".*?role \"(?P<role>arn:[^\"]+)\""),
        _training_data,
    ),
    (re.compile(rf"Could not assume role \"?'?(?P<role>{_ARN})"), _sagemaker_role),
    (re.compile(r"[Cc]iphertext refer\w*(?: to)? an? (?:customer master key|KMS key|key)\b"), _ciphertext),
    (
        re.compile(
            r"\((?:AccessDenied\w*|AuthorizationError|403|Forbidden)\) when calling the (?P<operation>\w+) operation"
        ),
        _operation,
    ),
    (re.compile(r"\bAccess ?Denied\b|\b403 Forbidden\b|\(403\)", re.IGNORECASE), _s3),
)
