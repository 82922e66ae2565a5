"""What kind of failure ended a run, and where its log is."""

from __future__ import annotations

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.foreign import ForeignTextError, document
from xacct_ml.operations.runs.diagnosis import diagnose
from xacct_ml.operations.runs.failure import FailedAction

CONFIG = example()


def test_what_lies_behind_says_more_than_the_action() -> None:
    """The job's own reason, not the pipeline's."""
    messages = (
        "The execution failed",
        "States.TaskFailed",
        "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different one.",
    )
    found = diagnose(CONFIG, FailedAction("run-1", "Train", "StateMachine", messages, job="churn-1"))
    assert (found.kind, found.sentence) == (
        "capacity",
        "CapacityError: Unable to provision requested ML compute capacity.",
    )
    assert "retry --execution run-1" in found.next_step
    assert found.log == f"log group /aws/sagemaker/TrainingJobs of account {TRAINING}, streams churn-1/"


def test_a_quota_names_account_and_region() -> None:
    """Where to ask for more."""
    said = (
        "The account-level service limit 'ml.m5.large for training job usage' is 0 Instances, with current utilization "
        "of 0 Instances and a request delta of 1 Instances. Please contact AWS support."
    )
    found = diagnose(CONFIG, FailedAction("run-1", "Train", "StateMachine", (said,), job="churn-1"))
    assert found.kind == "quota"
    assert f"in account {TRAINING} and region us-east-1" in found.next_step


def test_the_judges_quota_is_that_of_its_batch_transforms() -> None:
    """In the training account; a transform that failed for another reason names its log."""
    said = (
        "the batch transform of the candidate (churn-scoring-0123456789abcdef) gets no instance: The account-level "
        "service limit 'ml.m5.large for transform job usage' is 0 Instances, with current utilization of 0 Instances "
        "and a request delta of 1 Instances. Please contact AWS support. (Service: SageMaker)"
    )
    found = diagnose(CONFIG, FailedAction("run-1", "Judge", "Evaluation", (said,)))
    assert found.kind == "quota"
    assert found.sentence.startswith("The account-level service limit 'ml.m5.large for transform job usage' is 0")
    assert f"in account {TRAINING} and region us-east-1" in found.next_step
    said = (
        "the batch transform of the live model (churn-scoring-0123456789abcdef) failed: AlgorithmError: See job logs "
        "for more information. Its log is in /aws/sagemaker/TransformJobs of the training account. Then: xacct-ml retry"
    )
    found = diagnose(CONFIG, FailedAction("run-1", "Judge", "Evaluation", (said,)))
    assert found.sentence == said.partition(". Its")[0]
    assert "/aws/sagemaker/TransformJobs" in found.next_step
    assert found.next_step.endswith("xacct-ml retry --execution run-1")


def test_a_refusal_is_a_right() -> None:
    """Whichever form it has; a vague reason of the job beside it does not hide it."""
    messages = (
        "User: arn:aws:iam::222222222222:role/churn-training is not authorized to perform: s3:GetObject on resource: x",
        "ClientError: Data download failed",
    )
    found = diagnose(CONFIG, FailedAction("run-1", "Train", "StateMachine", messages, job="churn-1"))
    assert found.kind == "right"
    assert "is not authorized to perform: s3:GetObject" in found.sentence
    assert found.next_step == (
        "xacct-ml bootstrap puts back what the accounts lack (xacct-ml explain says what); then: "
        "xacct-ml retry --execution run-1"
    )
    assert found.cause == f"role churn-training of account {TRAINING} may not s3:GetObject"


@pytest.mark.parametrize(
    ("stage", "action", "of", "log"),
    [
        ("Check", "Check", "judge", f"log group /aws/lambda/churn-judge of account {SHARED}"),
        ("Judge", "Judge", "judge", f"log group /aws/lambda/churn-judge of account {SHARED}"),
        ("Deploy", "Live", "judge", f"log group /aws/lambda/churn-judge of account {SHARED}"),
        ("Deploy", "production", "deploy", f"log group /aws/lambda/churn-deploy of account {PRODUCTION}"),
        ("Workflow", "TrainingStack", "stack", f"events of stack churn-training in account {TRAINING}"),
    ],
)
def test_where_more_is(stage: str, action: str, of: str, log: str) -> None:
    """By the stage that failed: the place, and the command that shows it: what to do where no kind is known."""
    found = diagnose(CONFIG, FailedAction("run-1", stage, action, ("it failed",)))
    command = f"xacct-ml logs run-1 --of {of}"
    assert (found.kind, found.log, found.logs) == ("unknown", log, command)
    assert found.next_step == f"{command}; when it is mended: xacct-ml retry --execution run-1"


def test_where_nothing_was_printed() -> None:
    """A source has no log."""
    found = diagnose(CONFIG, FailedAction("run-1", "Source", "Source", ("it failed",)))
    assert (found.kind, found.log, found.logs) == ("unknown", None, None)
    assert found.next_step.startswith("xacct-ml explain")


def test_a_kind_whose_reason_is_in_the_log_has_the_command_that_shows_it() -> None:
    """Exactly as it is to be typed."""
    said = "AlgorithmError: , exit code: 1"
    found = diagnose(CONFIG, FailedAction("run-1", "Train", "StateMachine", (said,), job="churn-1"))
    assert found.next_step.startswith("xacct-ml logs run-1 --of training shows what the job printed")


def test_an_endpoints_failure_is_in_the_endpoints_log() -> None:
    said = "SageMaker rolled the update back: churn serves a, not b: no reason given"
    found = diagnose(CONFIG, FailedAction("run-1", "Deploy", "production", (said,)))
    assert (found.kind, found.log) == ("endpoint", f"log group /aws/sagemaker/Endpoints/churn of account {PRODUCTION}")
    assert found.next_step.startswith("xacct-ml logs run-1 --of endpoint shows what the container printed")


def test_a_failed_smoke_test_is_in_the_temporary_endpoints_log() -> None:
    said = "the smoke test failed: the temporary endpoint churn-smoke-0 is Failed: no image. churn serves churn-old"
    found = diagnose(CONFIG, FailedAction("run-1", "Deploy", "production", (said,)))
    assert (found.kind, found.logs) == ("smoke test", "xacct-ml logs run-1 --of smoke")
    assert found.next_step.startswith("what serves is unchanged; xacct-ml logs run-1 --of smoke shows")


@pytest.mark.parametrize("text", [b"{", b"\xff", b"[" * 5_000, b'{"a": 1e999}'])
def test_a_configuration_that_cannot_be_read_is_corrected_on_the_branch(text: bytes) -> None:
    """Whatever is wrong with it, in the words of whoever reads it: a retry would read the same commit."""
    with pytest.raises(ForeignTextError) as caught:
        document(text)
    found = diagnose(CONFIG, FailedAction("run-1", "Check", "Configuration", (f"configuration.json {caught.value}",)))
    assert found.kind == "configuration"
    assert found.next_step.startswith("correct the file on the branch and push it")


def test_the_cause_of_a_refusal_is_one_clause() -> None:
    """Of the readings that AWS leaves open, those of the role; AWS's own sentence is kept beside it."""
    role = f"arn:aws:iam::{TRAINING}:role/churn-training"
    said = (
        'ClientError: Data download failed:No S3 objects found under S3 URL "s3://b/data/x/train.manifest" given in '
        f'input data source. Please ensure that the role "{role}" has "s3:ListBucket" permissions on bucket "b".'
    )
    found = diagnose(CONFIG, FailedAction("run-1", "Train", "StateMachine", (said,), job="churn-1"))
    assert (
        found.cause == f"role churn-training of account {TRAINING} may not s3:ListBucket, s3:GetObject or kms:Decrypt"
    )
    assert found.sentence.startswith("ClientError: Data download failed")


def test_what_no_right_mends_is_left_to_explain() -> None:
    """A denial from outside the accounts, and a role that bootstrap does not make."""
    denied = "User: {} is not authorized to perform: s3:GetObject on resource: x with an explicit deny in a {}"
    ours, others = (f"arn:aws:iam::{TRAINING}:role/{name}" for name in ("churn-training", "admin"))
    for who, policy in ((ours, "service control policy"), (others, "identity-based policy")):
        said = denied.format(who, policy)
        found = diagnose(CONFIG, FailedAction("run-1", "Train", "StateMachine", (said,), job="churn-1"))
        assert found.next_step.startswith("xacct-ml explain; when it is mended")
        assert found.cause.endswith(f"may not s3:GetObject: {policy} denies it")


def test_a_rejection_is_no_failure_to_mend() -> None:
    """Who said no and why, without the digest behind it; a retry would ask the same again."""
    said = f"Rejected by arn:aws:sts::{SHARED}:assumed-role/op/ann: too old [record sha256:{'0' * 64}]"
    found = diagnose(CONFIG, FailedAction("run-1", "Approve", "Review", (said,)))
    assert (found.kind, found.cause) == ("rejected", f"Rejected by arn:aws:sts::{SHARED}:assumed-role/op/ann: too old")
    assert found.next_step.startswith("xacct-ml start begins another run")
    assert found.logs is None


@pytest.mark.parametrize(
    "said",
    [
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the "
        "provided role.",
        f"Function not found: arn:aws:lambda:us-east-1:{SHARED}:function:churn-judge (Error Code: ResourceNotFound)",
    ],
)
def test_what_somebody_deleted_is_made_again(said: str) -> None:
    """A role that a service was to assume, and a function."""
    found = diagnose(CONFIG, FailedAction("run-1", "Workflow", "TrainingStack", (said,)))
    assert found.next_step.startswith("xacct-ml bootstrap ")
    assert found.next_step.endswith("xacct-ml retry --execution run-1")
