"""Stand for what differs from run to run: ids, digests and the objects that carry them in their keys."""

from xacct_ml.config.model import ProductionTarget
from xacct_ml.system.names import Names

UNRELATED = "0unrelated"
"""No name of the project can begin so: project names begin with a letter."""

DATASET = "0123456789abcdef"
STACK_ID = "00000000-0000-0000-0000-000000000000"
EXECUTION = "execution"
TIME = "20261130T050000Z"
DIGEST = "0123456789abcdef" * 4
DEPLOYED = "20260101T000000Z"


def artifact_key(names: Names) -> str:
    return f"{names.artifact_prefix}/Source/artifact.zip"


def job_name(names: Names) -> str:
    """Of a training job and of the state machine's execution that runs it."""
    return f"{names.job_prefix}-{STACK_ID}"


def captured_key(names: Names) -> str:
    """Of a file of captured requests."""
    return f"{names.capture_prefix}2026/03/01/12/30-00-000-{STACK_ID}.jsonl"


def scoring_name(names: Names) -> str:
    """Of a batch transform and its model."""
    return f"{names.scoring_prefix}{DATASET}"


def batch_name(names: Names) -> str:
    """Of a batch transform that predicts files, and of its model."""
    return f"{names.batch_prefix}{DATASET}"


def smoke_config(names: Names, target: ProductionTarget) -> str:
    """The ARN of a temporary endpoint's configuration."""
    return names.target_arn(target, "sagemaker", f"endpoint-config/{names.smoke_prefix}{DATASET[:12]}")


def stack_arn(names: Names) -> str:
    return names.arn("cloudformation", names.training, f"stack/{names.stack}/{STACK_ID}")
