"""The failed action of a run, with the words of what it worked with."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import SHARED, TRAINING, example
from tests.operations.runs.pipelines import codepipeline, detail, execution
from xacct_ml.errors import CredentialsError, XacctError
from xacct_ml.operations.runs.failure import FailedAction, failed_action
from xacct_ml.system.names import Names

CONFIG = example()
NAMES = Names(CONFIG)
EXECUTION = NAMES.execution_arn("churn-1")
STATE = {
    "pipelineName": "churn",
    "stageStates": [
        {"stageName": stage, "actionStates": [{"actionName": action}]}
        for stage, action in (("Workflow", "TrainingStack"), ("Train", "StateMachine"))
    ],
}


def failed(stage: str, action: str, message: str | None, external: str | None = None) -> dict[str, Any]:
    found = detail(stage, action, "Failed", message)
    found["output"]["executionResult"]["externalExecutionId"] = external
    return found


def accounts(*details: dict[str, Any], runs: tuple[dict[str, Any], ...] = (), **clients: FakeClient) -> FakeAccounts:
    pipeline = codepipeline(
        get_pipeline_state=STATE,
        list_pipeline_executions={"pipelineExecutionSummaries": runs or (execution("run-1", "Failed"),)},
        list_action_executions={"actionExecutionDetails": list(details)},
    )
    return FakeAccounts(
        {(SHARED, "codepipeline"): pipeline, **{(TRAINING, name): client for name, client in clients.items()}}
    )


def found(there: FakeAccounts, run: str | None = None) -> FailedAction:
    action = failed_action(CONFIG, there, run)
    assert action is not None
    return action


def test_a_state_machine_and_its_training_job_have_their_own_words() -> None:
    """After the action's; what is said twice is said once."""
    there = accounts(
        failed("Train", "StateMachine", "it failed", EXECUTION),
        stepfunctions=FakeClient(describe_execution={"error": "S3.S3Exception", "cause": "Access Denied"}),
        sagemaker=FakeClient(describe_training_job={"FailureReason": "it failed"}),
    )
    assert found(there) == FailedAction(
        execution="run-1",
        stage="Train",
        action="StateMachine",
        messages=("it failed", "S3.S3Exception: Access Denied"),
        job="churn-1",
        pipeline="churn",
    )


def test_what_cannot_be_read_is_left_out() -> None:
    """The action's own message remains."""
    there = accounts(
        failed("Train", "StateMachine", "it failed", EXECUTION),
        stepfunctions=FakeClient(describe_execution=refused("DescribeExecution", "AccessDeniedException")),
        sagemaker=FakeClient(describe_training_job=refused("DescribeTrainingJob", "ValidationException")),
    )
    assert found(there).messages == ("it failed",)


@pytest.mark.parametrize(
    "problem", [CredentialsError("AssumeRole is denied"), EndpointConnectionError(endpoint_url="x")]
)
@pytest.mark.parametrize("action", ["Train/StateMachine", "Workflow/TrainingStack"])
def test_who_cannot_enter_the_training_account_is_told_what_the_pipeline_says(problem: Exception, action: str) -> None:
    """Whether a client is refused or its first call."""
    there = accounts(
        failed(*action.split("/"), "it failed", EXECUTION if action.startswith("Train") else None),
        stepfunctions=FakeClient(describe_execution=problem),
        sagemaker=FakeClient(describe_training_job=problem),
        cloudformation=FakeClient(describe_stack_events=problem),
    )
    assert found(there).messages == ("it failed",)
    closed = Closed(there.clients)
    assert found(closed).messages == ("it failed",)


class Closed(FakeAccounts):
    """Of the shared account alone."""

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        if account_id != SHARED:
            raise CredentialsError(f"no role of account {account_id}")
        return super().client(account_id, service, region)


def test_a_stack_tells_which_resource_failed_in_its_last_operation() -> None:
    """Not those of an operation before."""

    def event(kind: str, status: str, reason: str = "") -> dict[str, str]:
        return {"ResourceType": kind, "ResourceStatus": status, "ResourceStatusReason": reason}

    stack, machine = "AWS::CloudFormation::Stack", "AWS::StepFunctions::StateMachine"
    events = [
        event(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update"),
        event(machine, "UPDATE_FAILED", "not authorized"),
        event(stack, "UPDATE_IN_PROGRESS"),
        event(machine, "CREATE_FAILED", "long ago"),
    ]
    there = accounts(
        failed("Workflow", "TrainingStack", None),
        cloudformation=FakeClient(describe_stack_events={"StackEvents": events}),
    )
    assert found(there).messages == ("not authorized",)


def test_the_newest_run_that_failed() -> None:
    """Newer ones that did not are passed over; a run that is named is taken as it is."""
    runs = (execution("run-3"), execution("run-2", "Failed"), execution("run-1", "Failed"))
    details = failed("Train", "StateMachine", "it failed")
    assert found(accounts(details, runs=runs)).execution == "run-2"
    assert found(accounts(details, runs=runs), "run-1").execution == "run-1"


def test_no_failure() -> None:
    """Neither of the runs, nor of an action of the run that was named."""
    assert failed_action(CONFIG, accounts(runs=(execution("run-1"),))) is None
    with pytest.raises(XacctError, match="run-1 has no failed action: it is InProgress"):
        failed_action(CONFIG, accounts(runs=(execution("run-1"),)), "run-1")
