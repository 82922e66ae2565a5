"""The definition and the template, validated."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.cli.fakes import FakeClient, refused
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import workflow
from xacct_ml.operations.doctor.check import State


def test_what_step_functions_says() -> None:
    """Each diagnostic with its place."""
    definition, _ = checks(workflow)
    valid = FakeClient(validate_state_machine_definition={"result": "OK", "diagnostics": []})
    assert look(definition, stepfunctions=valid).state is State.OK
    assert valid.calls[0][1] == {"definition": '{"StartAt": "A"}', "severity": "ERROR"}
    said = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": "no X", "location": "/States/Train"}
    found = workflow.judge({"result": "FAIL", "diagnostics": [said]})
    assert (found.state, found.sentence) == (State.FAILED, "SCHEMA_VALIDATION_FAILED: no X at /States/Train")


def test_what_cloudformation_says() -> None:
    _, template = checks(workflow)
    assert look(template, cloudformation=FakeClient(validate_template={})).state is State.OK
    wrong = FakeClient(validate_template=refused("ValidateTemplate", "ValidationError", "Template format error"))
    assert look(template, cloudformation=wrong).sentence == "Template format error"
    with pytest.raises(ClientError):
        look(template, cloudformation=FakeClient(validate_template=refused("ValidateTemplate", "AccessDenied")))
