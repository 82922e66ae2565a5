"""The Step Functions action."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.services.codepipeline.declarations import action
from tests.emulator.services.codepipeline.fakes import FakeClient, FakeContext, context
from xacct_ml.emulator.services.codepipeline.actions import stepfunctions_invoke
from xacct_ml.emulator.services.codepipeline.artifacts import file_in, zipped
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed

MACHINE, EXECUTION = "arn:aws:states:eu-west-1:222222222222:stateMachine:m", "arn:execution"


def invoke(states: FakeClient, configuration: dict[str, str], **more: Any) -> FakeContext:
    given = {"StateMachineArn": MACHINE, **configuration}
    clients = {name: more.pop(name) for name in ("s3",) if name in more}
    archives = more.pop("archives", None)
    declared = action("Run", "Invoke", "StepFunctions", configuration=given, **more)
    return context(declared, archives=archives, stepfunctions=states, **clients)


def states(*seen: dict[str, Any]) -> FakeClient:
    return FakeClient(
        describe_state_machine={"type": "STANDARD"},
        start_execution={"executionArn": EXECUTION},
        describe_execution=list(seen),
    )


def test_it_starts_under_prefix_and_action_execution_and_polls_to_the_end() -> None:
    """Both ARNs become variables."""
    client = states({"status": "RUNNING"}, {"status": "SUCCEEDED", "output": "{}"})
    made = invoke(client, {"ExecutionNamePrefix": "churn", "Input": '{"a":1}'})
    outcome = stepfunctions_invoke.run(made)
    assert outcome.variables == {"StateMachineArn": MACHINE, "ExecutionArn": EXECUTION}
    started = client.parameters("start_execution")
    assert started == {"stateMachineArn": MACHINE, "name": f"churn-{made.execution.id}", "input": '{"a":1}'}
    assert made.host.pauses == [0.5]


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_an_execution_that_did_not_succeed_fails_the_action_with_error_and_cause(status: str) -> None:
    """So that a reader of the pipeline sees why."""
    made = invoke(states({"status": status, "error": "GateMissed", "cause": "auc 0.7 < 0.8"}), {})
    with pytest.raises(ActionFailed) as caught:
        stepfunctions_invoke.run(made)
    assert caught.value.code == "JobFailed"
    for part in (EXECUTION, status, "GateMissed", "auc 0.7 < 0.8"):
        assert part in caught.value.message


def test_without_input_it_is_an_empty_object_and_bad_input_starts_nothing() -> None:
    """Input is JSON."""
    client = states({"status": "SUCCEEDED"})
    stepfunctions_invoke.run(invoke(client, {}))
    assert client.parameters("start_execution")["input"] == "{}"
    with pytest.raises(ActionFailed, match="not JSON"):
        stepfunctions_invoke.run(invoke(states(), {"Input": "{"}))


def test_a_file_can_be_the_input_and_the_output_an_artifact() -> None:
    """InputType FilePath reads the input artifact; the execution's output is zipped."""
    client, s3 = states({"status": "SUCCEEDED", "output": '{"b":2}'}), FakeClient(put_object={})
    archives = {"Code": zipped({"input.json": (b'{"a":1}', False)})}
    given = {"InputType": "FilePath", "Input": "input.json"}
    made = invoke(client, given, inputs=["Code"], outputs=["Result"], archives=archives, s3=s3)
    (artifact,) = stepfunctions_invoke.run(made).artifacts
    assert client.parameters("start_execution")["input"] == '{"a":1}'
    stored = s3.parameters("put_object")
    assert (stored["Key"], stored["SSEKMSKeyId"]) == (artifact.key, made.store.key_id)
    assert file_in(stored["Body"], "Result", "output.json") == '{"b":2}'
