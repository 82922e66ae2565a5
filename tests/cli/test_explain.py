"""``explain``: what a person reads, what JSON says, and where the policies come from."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED, TRAINING, example
from tests.operations.runs.pipelines import accounts as pipeline_accounts
from tests.operations.runs.pipelines import codepipeline, detail, execution, state
from xacct_ml.cli.main import main
from xacct_ml.system.names import Names

NAMES = Names(example())
DELETES = (
    f"An error occurred (AccessDenied) when calling the DeleteObject operation: User: arn:aws:sts::{TRAINING}:"
    f"assumed-role/churn-training/SageMaker is not authorized to perform: s3:DeleteObject on resource: "
    f'"{NAMES.object_arn("models/x")}" because no identity-based policy allows the s3:DeleteObject action'
)
READS = f"User: {NAMES.training_role} is not authorized to perform: s3:GetObject on resource: "


def services() -> FakeServices:
    """No credentials for the shared account: the map alone decides."""
    return FakeServices(FakeAccounts({}, wrong=SHARED))


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["explain", *words, "--output", "json"], services())
    return code, json.loads(capsys.readouterr().out)


def test_a_denied_request_with_what_mends_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Which role, which call, which document, and the statement to paste; and that the map decided, and why."""
    assert main(["explain", DELETES], services()) == 0
    captured = capsys.readouterr()
    assert f"the policies in the accounts were not read: the credentials for {SHARED} have expired" in captured.err
    assert "Decided by the map's policies." in captured.out
    assert "No hop of the pipeline asks for this" in captured.out
    assert "principal  arn:aws:sts::222222222222:assumed-role/churn-training/SageMaker" in captured.out
    assert "action     s3:DeleteObject" in captured.out
    assert "denied: no statement of the identity policies 'churn-training/data'" in captured.out
    assert f"paste into the bucket policy of {SHARED}:" in captured.out
    assert '"Action": "s3:DeleteObject"' in captured.out


def test_accounts_that_cannot_be_read_leave_the_map(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the reason is: it is said."""
    kms = FakeClient(describe_key=refused("DescribeKey", "AccessDeniedException", "not you"))
    assert main(["explain", DELETES], FakeServices(FakeAccounts({(SHARED, "kms"): kms}))) == 0
    captured = capsys.readouterr()
    assert "the policies in the accounts were not read: " in captured.err
    assert "Decided by the map's policies." in captured.out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The same for programs."""
    code, document = explained(capsys, DELETES)
    result = document["result"]
    assert (code, document["ok"], result["decided_by"], result["failed_action"]) == (0, True, "map", None)
    assert result["refusals"][0]["blamed"] == "identity-based policy"
    (finding,) = result["denied"]
    assert (finding["hop"], finding["outcome"], finding["missing"]) == (
        None,
        "denied",
        ["identity policy", "resource policy"],
    )
    assert [remedy["change"] for remedy in finding["remedies"]] == ["add", "add"]


def test_what_the_documents_allow_has_other_causes(capsys: pytest.CaptureFixture[str]) -> None:
    """They are listed, and the command says by its exit code that it found nothing."""
    assert main(["explain", READS + NAMES.object_arn("data/0123456789abcdef/train/train.csv")], services()) == 1
    captured = capsys.readouterr()
    assert "✓ identity policy churn-training/data › ReadData and" in captured.out
    assert "xacct-ml verify --live" in captured.out
    assert "a service control policy" in captured.out
    assert "error: the map's policies deny none of the requests that the message may mean" in captured.err


def test_a_policy_of_the_organization_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """No document of this project can mend it."""
    resource = NAMES.object_arn("data/0123456789abcdef/train/train.csv")
    words = f"{READS}{resource} with an explicit deny in a service control policy"
    code, document = explained(capsys, words)
    assert (code, document["result"]["outside"]) == (1, "service control policy")
    main(["explain", words], services())
    assert "AWS blames a service control policy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("blamed", "step"),
    [
        ("with an explicit deny in a service control policy", "the organization's service control policies"),
        (
            "because no permissions boundary allows the iam:CreateRole action",
            "in the permissions boundary of arn:aws:sts",
        ),
        ("with an explicit deny in a session policy", "without the policy that narrows it"),
        ("with an explicit deny in an identity-based policy", "take the denial of iam:CreateRole out of the policies"),
    ],
)
def test_what_no_right_makes_up_for_offers_none(capsys: pytest.CaptureFixture[str], blamed: str, step: str) -> None:
    """An operator has its rights: it is told by which policy AWS denies, and not the rights again."""
    operator = f"arn:aws:sts::{NAMES.training}:assumed-role/xacct-ml-operator/xacct-ml"
    words = f"User: {operator} is not authorized to perform: iam:CreateRole on resource: {NAMES.training_role} {blamed}"
    assert main(["explain", words], services()) == 1
    captured = capsys.readouterr()
    assert "the operator needs this" not in captured.out
    assert step in captured.err


def test_another_failure_is_said_to_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Not every failure is a refusal, nor known."""
    assert main(["explain", "The moon was missed"], services()) == 1
    captured = capsys.readouterr()
    assert "This is in none of the forms that are known; no refusal by a policy is among it." in captured.out
    assert "error: nothing of what is known to go wrong says this" in captured.err


def test_a_failure_of_another_kind_is_told_with_its_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    """No policy has to do with it: neither findings nor a JSON of the service's, and success."""
    job = {"TrainingJobName": "churn-1", "FailureReason": "AlgorithmError: , exit code: 1", "Padding": "x" * 3000}
    assert main(["explain", f"The execution failed. Cause: {json.dumps(job)}"], services()) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines() == [
        "  AlgorithmError: , exit code: 1",
        "Kind of failure: algorithm or data.",
        "next: xacct-ml logs shows what the job printed; when it is mended: xacct-ml start",
    ]


def test_a_refusal_that_names_nobody_blames_no_operator(capsys: pytest.CaptureFixture[str]) -> None:
    """CloudFormation's words on one artifact: what the accounts allow is no finding."""
    message = (
        "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for "
        f"{NAMES.bucket}/churn/Template/AbC. S3 Error Code: AccessDenied. S3 Error Message: Access Denied"
    )
    assert main(["explain", message], services()) == 1
    printed = capsys.readouterr().out
    assert "operator" not in printed
    assert "The map's policies allow all that the message can mean." in printed


def test_a_strangers_request(capsys: pytest.CaptureFixture[str]) -> None:
    """Meant to be denied: nothing to paste is offered."""
    message = (
        "User: arn:aws:sts::333333333333:assumed-role/Admin/me is not authorized to perform: s3:GetObject on "
        f'resource: "{NAMES.object_arn("data/x")}"'
    )
    assert main(["explain", message], services()) == 0
    output = capsys.readouterr().out
    assert "It was sent by none of the project's roles." in output
    assert "The documents are meant to keep it out." in output
    assert "paste" not in output


def test_an_operators_request(capsys: pytest.CaptureFixture[str]) -> None:
    """The statement of the operator policies that render writes."""
    message = (
        f"User: arn:aws:sts::{TRAINING}:assumed-role/xacct-ml-operator/xacct-ml is not authorized to perform: "
        f"iam:CreateRole on resource: {NAMES.training_role}"
    )
    assert main(["explain", message], services()) == 0
    output = capsys.readouterr().out
    assert "the operator needs this, as render writes it: identity policy 'roles' of role xacct-ml-operator" in output
    assert '"Sid": "WriteRoles"' in output


def test_the_message_from_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Messages have quotes and line ends that a shell mangles."""
    given = sys.stdin
    sys.stdin = io.StringIO(DELETES.replace(" is not", "\n  is not"))
    try:
        assert main(["explain", "-"], services()) == 0
    finally:
        sys.stdin = given
    assert "action     s3:DeleteObject" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["  "], [DELETES, "--execution", "run-1"]])
def test_input_that_makes_no_sense(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to explain, or two things."""
    assert main(["explain", *words], services()) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_without_a_message_credentials_are_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """The failed run is in the shared account."""
    assert main(["explain"], services()) == 4
    assert "have expired" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["333333333333", TRAINING])
def test_the_failed_action_of_the_newest_run_that_failed(capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    """Its stage narrows what a bare refusal can mean; the map decides where another account cannot be entered."""
    pipeline = codepipeline(
        get_pipeline_state=state(waiting=None),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-2"), execution("run-1", "Failed")]},
        list_action_executions={"actionExecutionDetails": [detail("Train", "StateMachine", "Failed", DELETES)]},
    )
    there = pipeline_accounts(pipeline)
    there.wrong = wrong
    assert main(["explain"], FakeServices(there)) == 0
    output = capsys.readouterr().out
    assert output.startswith("Run run-1 failed at Train/StateMachine:\n  An error occurred (AccessDenied)")
    assert "Decided by the map's policies." in output
    assert "action     s3:DeleteObject" in output


def test_no_run_failed(capsys: pytest.CaptureFixture[str]) -> None:
    """And by the map nothing keeps runs from starting."""
    pipeline = codepipeline(
        get_pipeline_state=state(waiting=None),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", "Succeeded")]},
    )
    there = pipeline_accounts(pipeline)
    there.wrong = "333333333333"
    assert main(["explain"], FakeServices(there)) == 1
    assert "error: no run of the pipeline failed" in capsys.readouterr().err
