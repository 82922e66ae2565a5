"""The Lambda function: waits for its role, one write at a time, failures with Lambda's reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.aws.client_errors import client_error
from tests.configs import PRODUCTION
from tests.resources.cloud import Cloud
from xacct_ml.errors import AwsCallFailed

ROLE, ID = "production/role/deploy-function", "production/function"


class Scripted:
    """moto's Lambda, but the next calls of an operation raise these errors, and these are the next configurations."""

    def __init__(self, functions: Any) -> None:
        self._functions = functions
        self.errors: dict[str, list[Exception]] = {}
        self.configurations: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            if self.errors.get(name):
                raise self.errors[name].pop()
            return getattr(self._functions, name)(**request)

        return call

    def get_function_configuration(self, **request: Any) -> Any:
        if self.configurations:
            return self.configurations.pop(0)
        return self._functions.get_function_configuration(**request)


@pytest.fixture
def functions(cloud: Cloud) -> Scripted:
    """With its role in place."""
    cloud.apply(*cloud.resources(ROLE))
    scripted = Scripted(cloud.client(PRODUCTION, "lambda"))
    cloud.replaced["lambda"] = scripted
    cloud.forget()
    return scripted


def test_a_role_that_cannot_be_assumed_yet_is_waited_for(cloud: Cloud, functions: Scripted) -> None:
    """Lambda says so for five to thirty seconds after a role's creation."""
    not_yet = client_error(
        "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."
    )
    functions.errors["create_function"] = [not_yet] * 4
    cloud.apply(*cloud.resources(ID))
    assert cloud.clock.now() == 1 + 2 + 4 + 8


def test_nothing_is_written_while_lambda_is_busy(cloud: Cloud, functions: Scripted) -> None:
    """Creation is over when the function is active."""
    functions.configurations = [{"State": "Pending"}, {"State": "Active", "LastUpdateStatus": "InProgress"}]
    cloud.apply(*cloud.resources(ID))
    assert functions.configurations == []
    assert cloud.writes == ["lambda:CreateFunction", "lambda:PutFunctionEventInvokeConfig"]


def test_a_failed_function_says_why(cloud: Cloud, functions: Scripted) -> None:
    """Lambda's reason, not a timeout."""
    functions.configurations = [{"State": "Failed", "StateReason": "no such key", "StateReasonCode": "DisabledKMSKey"}]
    (failure,) = cloud.attempt(*cloud.resources(ID)).failures
    assert isinstance(failure.error, AwsCallFailed)
    assert "no such key" in failure.error.message
    assert failure.error.code == "DisabledKMSKey"


def test_code_and_settings_are_two_writes_with_a_wait_between(cloud: Cloud, functions: Scripted) -> None:
    """Lambda refuses the second while the first is in progress."""
    cloud.apply(*cloud.resources(ID))
    (function,) = cloud.resources(ID)
    changed = replace(function, thing=replace(function.thing, package=b"PK new", timeout=60))
    functions.errors["update_function_configuration"] = [
        client_error("ResourceConflictException", "An update is in progress for resource")
    ]
    cloud.forget()
    cloud.apply(changed)
    assert cloud.writes == ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"]
    first, last = (cloud.calls.index(call) for call in cloud.writes)
    assert "lambda:GetFunctionConfiguration" in cloud.calls[first:last]


def test_events_are_not_retried_and_not_kept(cloud: Cloud, functions: Scripted) -> None:
    """A second try would report a second result for the same job."""
    cloud.apply(*cloud.resources(ID))
    events = functions.get_function_event_invoke_config(FunctionName="churn-deploy")
    assert events["MaximumRetryAttempts"] == 0
    assert events["MaximumEventAgeInSeconds"] <= 600
