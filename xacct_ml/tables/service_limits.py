"""What each AWS service accepts for one value of the account map: pure rules, each with its source.

Rules here may be narrower than AWS's, never wider; where they are narrower, the reason is given. A test compares those
tagged [B] with the service's model.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class TextRule:
    """A text of ``minimum``..``maximum`` characters that matches ``pattern`` in full; ``allowed`` says so in words."""

    allowed: str
    pattern: str
    minimum: int
    maximum: int

    def fault(self, value: str) -> str | None:
        """Why the value is refused, or None."""
        if not self.minimum <= len(value) <= self.maximum:
            return f"has {len(value)} characters; allowed: {self.minimum} to {self.maximum}"
        if not re.fullmatch(self.pattern, value, re.ASCII):
            return f"{value!r} has another form; allowed: {self.allowed}"
        return None


@dataclass(frozen=True)
class WholeNumberRule:
    """A whole number from ``minimum`` to ``maximum``, a multiple of ``step``."""

    minimum: int
    maximum: int
    unit: str
    step: int = 1

    def fault(self, value: int) -> str | None:
        """Why the value is refused, or None."""
        if self.minimum <= value <= self.maximum and value % self.step == 0:
            return None
        steps = f" in steps of {self.step}" if self.step > 1 else ""
        return f"{value} is out of range; allowed: {self.minimum} to {self.maximum} {self.unit}{steps}"


# AWS account id: twelve digits (every API with an AccountId) [B].
ACCOUNT_ID = TextRule("twelve digits", r"[0-9]{12}", 12, 12)

# The project's name begins every other name. Twenty characters leave room for `<project>-<UUID>` as a training-job name
# (63 [B]) and `<prefix><project>-deploy-function` as a role name (64 [B]); lower case because S3 bucket names are [D].
PROJECT = TextRule(
    "lower-case letters, digits and single hyphens, beginning with a letter", r"[a-z][a-z0-9]*(-[a-z0-9]+)*", 1, 20
)

# A production target's name becomes part of a CodePipeline action name (100, [A-Za-z0-9.@\-_]+ [B]).
TARGET_NAME = TextRule("lower-case letters, digits and hyphens, beginning with a letter", r"[a-z][a-z0-9-]*", 1, 20)

# A wave's name becomes part of two CodePipeline stage names (100, [A-Za-z0-9.@\-_]+ [B]).
WAVE_NAME = TARGET_NAME

# IAM CreateRole RoleName [B].
ROLE_NAME = TextRule("letters, digits and _+=,.@-", r"[\w+=,.@-]+", 1, 64)

# A prefix may be empty; the whole role name is checked besides.
ROLE_NAME_PREFIX = TextRule("letters, digits and _+=,.@-", r"[\w+=,.@-]*", 0, 64)

# IAM CreateRole Path [B], with the characters of IAM's policyPathType [B]: `*` or `?` would be wildcards in policies.
ROLE_PATH = TextRule(
    "/ or /part/part/ of letters, digits and .,+@=_-, with a slash at both ends", r"/([A-Za-z0-9.,+@=_-]+/)*", 1, 512
)

# IAM CreatePolicy Path and PolicyName together [B].
POLICY_NAME = TextRule(
    "the name of a managed policy, with its path where it has one, such as boundaries/developer",
    r"/?([A-Za-z0-9.,+@=_-]+/)*[\w+=,.@-]{1,128}",
    1,
    512,
)

# STS AssumeRole ExternalId [B].
EXTERNAL_ID = TextRule("letters, digits and _+=,.@:/-", r"[\w+=,.@:/-]+", 2, 1224)

# A section name of the AWS configuration file; brackets end it [D]. The length is an assumption [U].
PROFILE = TextRule("a profile's name, without brackets, quotes or #", r"[^\[\]\s\"'#-][^\[\]\"'#]*", 1, 128)

# S3 "General purpose buckets naming rules" [D]; without dots, with which TLS to the virtual-hosted name fails [D].
BUCKET_NAME = TextRule(
    "lower-case letters, digits and hyphens, beginning and ending with a letter or digit (no dots: TLS fails on them)",
    r"[a-z0-9][a-z0-9-]*[a-z0-9]",
    3,
    63,
)
RESERVED_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")

# S3 object keys go up to 1,024 bytes [D]; 128 leave room for what follows the prefix and keep policies small. Only
# characters that need no quoting ("Creating object key names" [D]): `*`, `?` and `$` mean something in policies.
DATA_PREFIX = TextRule(
    "parts of letters, digits and ._=- with single slashes between them, none at the ends",
    r"[A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*",
    1,
    128,
)

# CodePipeline CreatePipeline name [B].
PIPELINE_NAME = TextRule("letters, digits and .@-_", r"[A-Za-z0-9.@_-]+", 1, 100)

# CodeCommit CreateRepository repositoryName [B]; the model's \w is taken as ASCII.
REPOSITORY_NAME = TextRule("letters, digits and ._-", r"[\w.-]+", 1, 100)

# CodePipeline's CodeStarSourceConnection, FullRepositoryId: owner and name [D]; GitLab has groups within groups [D].
FULL_REPOSITORY_NAME = TextRule(
    "owner and name with a slash between them, of letters, digits and ._-, such as my-org/churn",
    r"[\w.-]+(/[\w.-]+)+",
    3,
    255,
)

# CodePipeline GitFilePathFilterCriteria: patterns and how many of them [B].
TRIGGER_PATH = TextRule("a glob pattern of printable characters, such as training/**", r"[\x21-\x7e]+", 1, 255)
MAXIMUM_TRIGGER_PATHS = 8

# SageMaker CreateEndpoint EndpointName [B]; lower case because SageMaker lower-cases it in ARNs, which policies match
# with case [U].
ENDPOINT_NAME = TextRule("lower-case letters, digits and inner hyphens", r"[a-z0-9](-*[a-z0-9])*", 1, 63)

# SageMaker TrainingInstanceType and ProductionVariantInstanceType are lists that grow [B]: only their form is checked.
INSTANCE_TYPE = TextRule("an instance type such as ml.m5.large", r"ml\.[a-z][a-z0-9-]*\.[a-z0-9]+", 1, 64)

# The gate's metric: SageMaker MetricName has up to 255 characters [B]; it is written into JSON and state input.
GATE_METRIC = TextRule("validation:<metric>, such as validation:auc", r"validation:[A-Za-z0-9@._-]+", 1, 255)

# SageMaker HyperParameterValue [B], narrowed to what can be spliced into JSON without quoting.
HYPERPARAMETER_VALUE = TextRule("letters, digits, spaces and _.:,@()[]{}+-", r"[A-Za-z0-9_.:,@()\[\]{}+ -]*", 0, 2500)
MAXIMUM_HYPERPARAMETERS = 100  # SageMaker CreateTrainingJob HyperParameters [B]

INSTANCE_COUNT = WholeNumberRule(1, 100, "instances")  # the minimum [B]; the maximum is a quota, 100 assumed [U]
VOLUME_GB = WholeNumberRule(1, 16384, "GB")  # the minimum [B]; the maximum is that of a gp2 volume [D]
MAXIMUM_RUNTIME_SECONDS = WholeNumberRule(1, 28 * 24 * 3600, "seconds")  # SageMaker StoppingCondition, 28 days [D]
SERVERLESS_MEMORY_MB = WholeNumberRule(1024, 6144, "MB", step=1024)  # SageMaker ServerlessConfig [B]
SERVERLESS_CONCURRENCY = WholeNumberRule(1, 200, "invocations at a time")  # SageMaker ServerlessConfig [B]
DELETION_WINDOW_DAYS = WholeNumberRule(7, 30, "days")  # KMS ScheduleKeyDeletion [D]; botocore's model says 1 to 365
NONCURRENT_VERSION_DAYS = WholeNumberRule(1, 36500, "days")  # S3 lifecycle, positive [D]; a hundred years assumed [U]

# CloudWatch Logs PutRetentionPolicy retentionInDays [B].
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

MAXIMUM_PRODUCTION_TARGETS = 50  # CodePipeline: 50 actions in a stage (user guide "Limits") [D]

# Fifty tags on a resource (IAM, SageMaker [B]); one is ours, one Step Functions adds to the training job it starts [C].
MAXIMUM_TAGS = 48
RESERVED_TAG_PREFIXES = ("aws:", "xacct-ml:")
_TAG_KEY_LENGTH = 128
_TAG_VALUE_LENGTH = 256
_TAG_CHARACTERS = "letters, digits, spaces and _.:/=+-@"


def bucket_name_fault(name: str) -> str | None:
    """Why S3 refuses a bucket name ("General purpose buckets naming rules" [D]), or None."""
    fault = BUCKET_NAME.fault(name)
    if fault:
        return fault
    for prefix in RESERVED_BUCKET_PREFIXES:
        if name.startswith(prefix):
            return f"{name!r} begins with {prefix!r}, which S3 reserves"
    for suffix in RESERVED_BUCKET_SUFFIXES:
        if name.endswith(suffix):
            return f"{name!r} ends with {suffix!r}, which S3 reserves"
    return None


def branch_fault(name: str) -> str | None:
    """Why git refuses a branch name (git-check-ref-format), or CodeCommit its length (256 [B]), or None."""
    if not 1 <= len(name) <= 256:
        return f"has {len(name)} characters; allowed: 1 to 256"
    if name.startswith("refs/"):
        return f"{name!r} is a full reference; give the branch's short name, such as {name.rpartition('/')[2]!r}"
    parts = name.split("/")
    wrong = (
        re.search(r"[^\x21-\x7e]|[~^:?*\[\\]|\.\.|@\{", name)
        or any(part in ("", ".") or part.startswith(".") or part.endswith(".lock") for part in parts)
        or name.endswith(".")
        or name.startswith("-")
        or name in ("@", "HEAD")
    )
    if wrong:
        return f"{name!r} is not a git branch name; allowed: ASCII without spaces, .., @{{ and ~^:?*[\\, such as main"
    return None


def data_prefix_fault(prefix: str) -> str | None:
    """Why a prefix of object keys is refused, or None."""
    fault = DATA_PREFIX.fault(prefix)
    if fault:
        return fault
    if any(part in (".", "..") for part in prefix.split("/")):
        return f"{prefix!r} has a part . or .., which clients resolve"
    return None


def source_key_fault(key: str) -> str | None:
    """Why the key of a source object is refused, or None. CodePipeline tells an archive by its ending (action
    reference, Amazon S3 [D]); of its formats CloudFormation's artifacts are zips.
    """
    if not key.endswith(".zip"):
        return f"{key!r} does not end with .zip: the source action reads a zip"
    return data_prefix_fault(key)


def tag_key_fault(key: str) -> str | None:
    """Why a tag's key is refused by one of the services that get it (IAM's pattern [B] is the narrowest), or None."""
    if not 1 <= len(key) <= _TAG_KEY_LENGTH:
        return f"the tag's key has {len(key)} characters; allowed: 1 to {_TAG_KEY_LENGTH}"
    for prefix in RESERVED_TAG_PREFIXES:
        if key.lower().startswith(prefix):
            return f"the tag's key begins with {prefix!r}, which is reserved"
    if not _has_tag_characters(key):
        return f"the tag's key {key!r} has other characters; allowed: {_TAG_CHARACTERS}"
    return None


def tag_value_fault(value: str) -> str | None:
    """Why a tag's value is refused, or None. CloudFormation, unlike the others, takes no empty value [B]."""
    if not 1 <= len(value) <= _TAG_VALUE_LENGTH:
        return f"the tag's value has {len(value)} characters; allowed: 1 to {_TAG_VALUE_LENGTH}"
    if not _has_tag_characters(value):
        return f"the tag's value {value!r} has other characters; allowed: {_TAG_CHARACTERS}"
    return None


def _has_tag_characters(text: str) -> bool:
    """Unicode letters, separators and numbers, and ``_.:/=+-@``: IAM's ``[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]`` [B]."""
    return all(unicodedata.category(character)[0] in "LZN" or character in "_.:/=+-@" for character in text)
