"""ValidateStateMachineDefinition says what CreateStateMachine refuses, and makes nothing."""

from __future__ import annotations

import json
from typing import Any

from tests.configs import TRAINING
from xacct_ml.emulator.server import EmbeddedAws


def definition(**parameters: Any) -> str:
    get = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Parameters": parameters, "End": True}
    return json.dumps({"StartAt": "Get", "States": {"Get": get}})


def test_a_parameter_that_the_integration_does_not_know(aws: EmbeddedAws) -> None:
    """With its place."""
    stepfunctions = aws.administrator(TRAINING).client("stepfunctions")
    valid = stepfunctions.validate_state_machine_definition(definition=definition(Bucket="b", Key="k"))
    assert (valid["result"], valid["diagnostics"]) == ("OK", [])
    wrong = stepfunctions.validate_state_machine_definition(definition=definition(Bucket="b", Key="k", Nothing="x"))
    assert wrong["result"] == "FAIL"
    (found,) = wrong["diagnostics"]
    assert found["severity"] == "ERROR"
    assert found["code"] == "SCHEMA_VALIDATION_FAILED"
    assert "/States/Get/Parameters" in found["location"]
    assert stepfunctions.validate_state_machine_definition(definition="{")["result"] == "FAIL"
    assert stepfunctions.list_state_machines()["stateMachines"] == []
