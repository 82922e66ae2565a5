"""What an AWS error message says about a refusal: who, what, on what, and which kind of policy AWS blames.

Forms and sources: the detailed sentence, IAM User Guide, "Troubleshoot access denied error messages" [D]; S3's bare
"Access Denied" across accounts, S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors" [D]; KMS on a
ciphertext, KMS API Reference, Decrypt, and its sentence in S3's errors, re:Post [C]; CodePipeline's AssumeRole, aws-
cdk #10068, #13139 and terraform-provider-aws #13103 [C]; CodePipeline on a bucket, CodePipeline User Guide,
troubleshooting [D]; Step Functions' managed rule and unassumable role, terraform-provider-aws's retries [U];
SageMaker on model data, roles and training data, SageMaker Developer Guide, troubleshooting of inference and
training [D]; CodePipeline on an artifact and on a connection, reports of its users [C]; CloudFormation on an
artifact, aws-cdk #3765, #5183 [C]; Lambda's unassumable role, terraform-provider-aws's retries [C]; CloudFormation's
role, CloudFormation User Guide, troubleshooting [D]."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xacct_ml.arn import Arn, is_arn

ASSUME_ROLE = "sts:AssumeRole"
LONGEST_MESSAGE = 64 << 10
"""Characters of a message that are read: far more than AWS says of one refusal."""
OUTSIDE = ("service control policy", "resource control policy", "VPC endpoint policy")
"""Policies that AWS may blame and that no account of the map shows."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """``actions`` are those that may have been refused, most likely first; empty where the message tells nothing but
    that something was. ``resource`` is an ARN or, where only bucket and key are said, an ``s3://`` URI. ``principal``
    is an ARN as the message has it, ``service`` a service principal; without both anyone may have asked. ``blamed`` is
    AWS's name for a kind of policy; ``explicit`` says that one denied."""

    form: str
    actions: tuple[str, ...] = ()
    principal: str | None = None
    service: str | None = None
    resource: str | None = None
    blamed: str | None = None
    explicit: bool = False

    @property
    def names_who(self) -> bool:
        return self.principal is not None or self.service is not None

    @property
    def outside(self) -> bool:
        """Whether AWS blames a policy that is neither in the accounts' roles nor in our documents."""
        return self.blamed is not None and any(name.lower() in self.blamed.lower() for name in OUTSIDE)

    @property
    def beyond_rights(self) -> bool:
        """Whether no right that is given beside it makes up for what AWS blames: a denial, or a policy that limits."""
        limits = ("permissions boundary", "session policy")
        return self.blamed is not None and (self.explicit or self.outside or self.blamed.startswith(limits))


def parse(message: str) -> tuple[Refusal, ...]:
    """What the message refuses, the surest reading alone; several where it leaves open who failed. Empty where it is
    about no refusal that is known."""
    text = " ".join(message[:LONGEST_MESSAGE].split())
    return next((refusals for form in _FORMS if (refusals := form.read(text))), ())


def arn_of_uri(uri: str, partition: str) -> str:
    """The ARN of what an ``s3://`` URI names; an ARN stays as it is."""
    return f"arn:{partition}:s3:::{uri.removeprefix(_S3_URI)}" if uri.startswith(_S3_URI) else uri


def role_of(arn: str) -> tuple[str, str] | None:
    """Account and role name of a role's or a session's ARN."""
    match = re.fullmatch(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):(?:assumed-role/([^/]+)/.+|role/(?:.+/)?([^/]+))", arn)
    return (match[1], match[2] or match[3]) if match else None


def session_of(arn: str) -> str | None:
    """The session's name in an assumed role's ARN."""
    match = re.fullmatch(r"arn:[\w-]+:sts::\d{12}:assumed-role/[^/]+/(.+)", arn)
    return match[1] if match else None


# -- the forms ---------------------------------------------------------------------------------------------------------

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

_S3_URI = "s3://"
_NAMED = r"[^\s'\"/]{1,255}"
_KEY = r"[^\s'\"]{1,1024}?"
_ARN = r"(?<![\w:/.-])arn:[\w-]+:[^\s\"',;]{1,2048}+"
"""Begins where a word does and has an end, so that a search takes no longer than the text is long. IAM's ARNs have
2,048 characters at most (API reference, arnType) [B]."""


def _bare(text: str | None) -> str | None:
    """Without the punctuation of the sentence around it."""
    return None if text is None else text.rstrip(".,;:)]}'\"")


def _one(resource: str | None) -> str | None:
    """The resource where its ARN is told: some services name all that the action might have been about (``key/*``), or
    a bare name."""
    known = resource is not None and is_arn(resource) and not set(resource) & set("*?")
    return resource if known else None


@dataclass(frozen=True, slots=True)
class _Form:
    """What is refused in a sentence of this form. The groups of ``pattern`` are named as the members of Refusal that
    they fill; ``name``, ``actions`` and ``service`` (who asks) are what the sentence leaves unsaid."""

    pattern: str
    name: str
    actions: str = ASSUME_ROLE
    service: str | None = None
    flags: int = 0

    def read(self, text: str) -> tuple[Refusal, ...]:
        match = re.search(self.pattern, text, self.flags)
        return () if match is None else self._refusals(match.groupdict())

    def _refusals(self, said: Mapping[str, str | None]) -> tuple[Refusal, ...]:
        principal, resource = _bare(said.get("principal")), _bare(said.get("resource"))
        return (
            Refusal(
                self.name,
                (said.get("action") or "",) if "action" in said else tuple(self.actions.split()),
                principal,
                said.get("service") or (self.service if principal is None else None),
                _one(resource),
                said.get("denying") or said.get("silent"),
                explicit=said.get("denying") is not None,
            ),
        )


class _Operation(_Form):
    """Botocore names the operation alone."""

    def _refusals(self, said: Mapping[str, str | None]) -> tuple[Refusal, ...]:
        operation = said["operation"] or ""
        return (Refusal(f"{operation} refused", _OPERATIONS.get(operation, (f"*:{operation}",))),)


class _Objects(_Form):
    """S3 is named with the object, KMS is not; whoever asked is not."""

    def _refusals(self, said: Mapping[str, str | None]) -> tuple[Refusal, ...]:
        bucket, key = _bare(said["bucket"]), _bare(said.get("key"))
        uri = f"{_S3_URI}{bucket}" + (f"/{key}" if key else "")
        return tuple(
            Refusal(self.name, (action,), resource=uri if action.startswith("s3:") else None)
            for action in self.actions.split()
        )


class _Data(_Form):
    """SageMaker's role may not be assumable, or not be allowed to read."""

    def _refusals(self, said: Mapping[str, str | None]) -> tuple[Refusal, ...]:
        # A role that is not named is none of the project's: anyone (None) would be the operator as well.
        role = said.get("principal") or ""
        role = role if role_of(role) else ""
        path = (_bare(said["uri"]) or "").removeprefix("s3://")
        objects = _one(f"arn:{Arn.parse(role).partition}:s3:::{path}") if role else None
        first, *others = self.actions.split()
        return (
            Refusal(self.name, (first,), role, resource=objects if first == "s3:GetObject" else None),
            *(Refusal(self.name, (action,), role) for action in others),
            *((Refusal(self.name, (ASSUME_ROLE,), service=self.service, resource=_one(role)),) if role else ()),
        )


_SAGEMAKER, _CLOUDFORMATION = "sagemaker.amazonaws.com", "cloudformation.amazonaws.com"
_CODEPIPELINE, _LAMBDA = "codepipeline.amazonaws.com", "lambda.amazonaws.com"
_ASSUMING = rf"is not authorized to perform (?:sts:)?AssumeRole on role:? (?P<resource>{_ARN})"
_FORMS = (
    _Form(
        r"[Uu]ser: (?P<principal>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
        r"(?: on (?:the )?(?:resource: \"?(?P<resource>[^\s\"]+)\"?|resource associated with this ciphertext"
        r"|this resource))?"
        r"(?:,? because no (?P<silent>[\w -]+?) allows the | with an explicit deny in an? (?P<denying>[\w -]+))?",
        "the detailed sentence",
    ),
    _Form(rf"(?:(?P<principal>{_ARN})|(?<!\w)\w+) {_ASSUMING}", "AssumeRole refused", service=_CODEPIPELINE),
    _Form(
        rf"(?P<principal>{_ARN})['\"]? is not authorized to create managed-rule",
        "Step Functions' managed rule",
        "events:PutRule events:PutTargets events:DescribeRule",
    ),
    _Form(
        r"Neither the global service principal (?P<service>[\w.-]+),? nor the regional one",
        "a role that Step Functions cannot assume",
    ),
    _Form(
        r"role defined for the function cannot be assumed by Lambda",
        "a role that Lambda cannot assume",
        service=_LAMBDA,
    ),
    _Form(
        rf"[Rr]ole (?P<resource>{_ARN}) is invalid or cannot be assumed",
        "a role that CloudFormation cannot assume",
        service=_CLOUDFORMATION,
    ),
    _Objects(
        rf"Unable to access the artifact with Amazon S3 object key '(?P<key>{_KEY})' located in the Amazon S3 artifact "
        rf"bucket '(?P<bucket>{_NAMED})'",
        "CodePipeline cannot read an artifact",
        "s3:GetObject s3:GetObjectVersion kms:Decrypt",
    ),
    _Objects(
        rf"have permission to GetObject for (?P<bucket>{_NAMED})/(?P<key>{_KEY})\. S3 Error Code: AccessDenied",
        "S3 denies an object to CloudFormation",
        "s3:GetObject s3:GetObjectVersion kms:Decrypt",
    ),
    _Objects(
        rf"permissions required to access the Amazon S3 bucket named (?P<bucket>{_NAMED})\.",
        "CodePipeline's source cannot use the bucket",
        "s3:PutObject s3:PutObjectAcl s3:GetBucketAcl s3:GetBucketLocation s3:GetBucketVersioning kms:GenerateDataKey",
    ),
    _Form(
        rf"Unable to use Connection: (?P<resource>{_ARN}) ?\.? The provided role does not have sufficient permissions",
        "CodePipeline cannot use the connection",
        "codestar-connections:UseConnection codeconnections:UseConnection",
    ),
    _Data(
        r"Could not access model data at (?P<uri>s3://\S+)(?:.*?(?P<principal>arn:[\w-]+:iam::\d{12}:role/[^\s\"']{1,600}))?",
        "SageMaker cannot read the model",
        "s3:GetObject kms:Decrypt",
        _SAGEMAKER,
    ),
    _Data(
        r"No S3 objects found under S3 URL \"(?P<uri>s3://[^\"]+)\".{0,4096}?role \"(?P<principal>arn:[^\"]+)\"",
        "SageMaker sees no training data",
        "s3:ListBucket s3:GetObject kms:Decrypt",
        _SAGEMAKER,
    ),
    _Form(
        rf"Could not assume role \"?'?(?P<resource>{_ARN})", "a role that SageMaker cannot assume", service=_SAGEMAKER
    ),
    _Form(
        r"[Cc]iphertext refer\w*(?: to)? an? (?:customer master key|KMS key|key)\b",
        "KMS on a ciphertext",
        "kms:Decrypt",
    ),
    _Operation(
        r"\((?:AccessDenied\w*|AuthorizationError|403|Forbidden)\) when calling the (?P<operation>\w+) operation", ""
    ),
    _Form(
        r"\bAccess ?Denied\b|\b403 Forbidden\b|\(403\)", "S3's bare 'Access Denied'", "s3:* kms:*", flags=re.IGNORECASE
    ),
)
