"""What each AWS service accepts for one value of the account map: pure rules, each with its source.

Rules here may be narrower than AWS's, never wider; where they are narrower, the reason is given. A test compares those
tagged [B] with the service's model."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path


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
            return f"has {len(value)} characters; allowed: {self.length}"
        if not re.fullmatch(self.pattern, value, re.ASCII):
            return f"{value!r} has another form; allowed: {self.allowed}"
        return None

    @property
    def length(self) -> str:
        """How many characters, in words."""
        return f"{self.minimum} to {self.maximum}" if self.minimum < self.maximum else str(self.minimum)


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


_TEXTS = tomllib.loads(Path(__file__).with_name("data").joinpath("text_rules.toml").read_text("utf-8"))


def _text(name: str) -> TextRule:
    rule = _TEXTS[name]
    return TextRule(rule["allowed"], rule["form"], *rule["characters"])


ACCOUNT_ID = _text("ACCOUNT_ID")
PROJECT = _text("PROJECT")
TARGET_NAME = _text("TARGET_NAME")
ROLE_NAME = _text("ROLE_NAME")
ROLE_NAME_PREFIX = _text("ROLE_NAME_PREFIX")
ROLE_PATH = _text("ROLE_PATH")
POLICY_NAME = _text("POLICY_NAME")
EXTERNAL_ID = _text("EXTERNAL_ID")
PROFILE = _text("PROFILE")
BUCKET_NAME = _text("BUCKET_NAME")
DATA_PREFIX = _text("DATA_PREFIX")
PIPELINE_NAME = _text("PIPELINE_NAME")
REPOSITORY_NAME = _text("REPOSITORY_NAME")
FULL_REPOSITORY_NAME = _text("FULL_REPOSITORY_NAME")
TRIGGER_PATH = _text("TRIGGER_PATH")
ENDPOINT_NAME = _text("ENDPOINT_NAME")
MODEL_PACKAGE_GROUP = _text("MODEL_PACKAGE_GROUP")
INSTANCE_TYPE = _text("INSTANCE_TYPE")
GATE_METRIC = _text("GATE_METRIC")
HYPERPARAMETER_VALUE = _text("HYPERPARAMETER_VALUE")

# A wave's name becomes part of two CodePipeline stage names (100, [A-Za-z0-9.@\-_]+ [B]).
WAVE_NAME = TARGET_NAME

RESERVED_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")
MAXIMUM_TRIGGER_PATHS = 8  # CodePipeline GitFilePathFilterCriteria [B]
MAXIMUM_HYPERPARAMETERS = 100  # SageMaker CreateTrainingJob HyperParameters [B]

INSTANCE_COUNT = WholeNumberRule(1, 100, "instances")  # the minimum [B]; the maximum is a quota, 100 assumed [U]
VOLUME_GB = WholeNumberRule(1, 16384, "GB")  # the minimum [B]; the maximum is that of a gp2 volume [D]
MAXIMUM_RUNTIME_SECONDS = WholeNumberRule(1, 6 * 24 * 3600, "seconds, because CodePipeline waits for 7 days")
"""SageMaker takes 28 days (StoppingCondition), but a pipeline's Step Functions action waits for seven alone
(CodePipeline User Guide, action-reference-StepFunctions) [D]: the job, its start and its upload have to fit in."""
SERVERLESS_MEMORY_MB = WholeNumberRule(1024, 6144, "MB", step=1024)  # SageMaker ServerlessConfig [B]
SERVERLESS_CONCURRENCY = WholeNumberRule(1, 200, "invocations at a time")  # SageMaker ServerlessConfig [B]
SCALED_INVOCATIONS = WholeNumberRule(1, 1_000_000, "invocations a minute of each instance")
"""A target's value is positive (PutScalingPolicy) [D]; a million assumed [U]."""
CANARY_PERCENT = WholeNumberRule(
    1, 50, "percent of the new instances"
)  # SageMaker TrafficRoutingConfig, CanarySize [B]
LINEAR_PERCENT = WholeNumberRule(10, 50, "percent of the new instances at a time")  # LinearStepSize [B]
ROLLOUT_WAIT_SECONDS = WholeNumberRule(180, 3600, "seconds")
"""The maximum is WaitIntervalInSeconds's [B]; in less time no alarm of two minutes hears of the new model."""
LONGEST_ROLLOUT_SECONDS = 7 * 3600
"""Of MaximumExecutionTimeoutInSeconds's eight hours [B]; one is for the new instances."""
MINIMUM_REQUESTS = WholeNumberRule(0, 1_000_000_000, "requests")
LATENCY_MS = WholeNumberRule(1, 60_000, "milliseconds, in which a model must answer")  # InvokeEndpoint [B]
CAPTURE_PERCENT = WholeNumberRule(1, 100, "percent of the requests")  # SamplingPercentage [B]; 0 would capture nothing
CAPTURE_DAYS = WholeNumberRule(1, 36500, "days")  # S3 lifecycle, positive [D]; a hundred years assumed [U]
DELETION_WINDOW_DAYS = WholeNumberRule(7, 30, "days")  # KMS ScheduleKeyDeletion [D]; botocore's model says 1 to 365
NONCURRENT_VERSION_DAYS = WholeNumberRule(1, 36500, "days")  # S3 lifecycle, positive [D]; a hundred years assumed [U]

# CloudWatch Logs PutRetentionPolicy retentionInDays [B].
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

MAXIMUM_PRODUCTION_TARGETS = 50  # CodePipeline: 50 actions in a stage (user guide "Limits") [D]

# Fifty tags on a resource (IAM, SageMaker [B]); two are ours, one Step Functions adds to a training job it starts [C].
MAXIMUM_TAGS = 47
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
    reference, Amazon S3 [D]); of its formats CloudFormation's artifacts are zips."""
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
