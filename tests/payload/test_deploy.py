"""The Lambda function against a small SageMaker that changes state when asked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from xacct_ml.payload import deploy

EXECUTION_PREFIX = "arn:aws:states:us-east-1:222222222222:execution:churn-training:churn-"
EXECUTION = EXECUTION_PREFIX + "0a1b2c3d-0000-0000-0000-000000000000"
OTHER_EXECUTION = EXECUTION_PREFIX + "ffffffff-0000-0000-0000-000000000000"

ENVIRONMENT = {
    "ENDPOINT_NAME": "churn",
    "NAME_PREFIX": "churn",
    "MODEL_LOCATION": "s3://churn-bucket/models",
    "EXECUTION_PREFIX": EXECUTION_PREFIX,
    "IMAGE": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    "ENDPOINT_ROLE_ARN": "arn:aws:iam::333333333333:role/churn-endpoint",
    "VARIANT": '{"InstanceType":"ml.m5.large","InitialInstanceCount":1}',
    "ALARMS": '["churn-churn-5xx"]',
    "TAGS": '{"xacct-ml:project":"churn"}',
}


def client_error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


class FakeSageMaker:
    """Keeps models, configurations and one endpoint; a change lasts until ``settle`` is called."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, Any]] = {}
        self.configs: dict[str, dict[str, Any]] = {}
        self.endpoint: dict[str, Any] | None = None
        self.pending: str | None = None
        self.calls: list[str] = []
        self.updates: list[dict[str, Any]] = []

    def settle(self, status: str = "InService", reason: str | None = None) -> None:
        assert self.endpoint is not None
        assert self.pending is not None
        if status == "InService" and reason is None:
            self.endpoint["EndpointConfigName"] = self.pending
        self.endpoint["EndpointStatus"] = status
        if reason:
            self.endpoint["FailureReason"] = reason
        self.pending = None

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        if self.endpoint is None:
            raise client_error("ValidationException", f'Could not find endpoint "{EndpointName}".')
        return dict(self.endpoint)

    def create_model(self, **arguments: Any) -> None:
        self.calls.append("create_model")
        if arguments["ModelName"] in self.models:
            raise client_error("ValidationException", "Cannot create already existing model")
        self.models[arguments["ModelName"]] = arguments

    def describe_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803
        return self.models[ModelName]

    def create_endpoint_config(self, **arguments: Any) -> None:
        self.calls.append("create_endpoint_config")
        if arguments["EndpointConfigName"] in self.configs:
            raise client_error("ValidationException", "Cannot create already existing endpoint configuration")
        self.configs[arguments["EndpointConfigName"]] = arguments

    def describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803
        return self.configs[EndpointConfigName]

    def create_endpoint(self, **arguments: Any) -> None:
        self.calls.append("create_endpoint")
        self.pending = arguments["EndpointConfigName"]
        self.endpoint = {"EndpointStatus": "Creating", "EndpointConfigName": arguments["EndpointConfigName"]}

    def update_endpoint(self, **arguments: Any) -> None:
        self.calls.append("update_endpoint")
        assert self.endpoint is not None
        self.updates.append(arguments)
        self.pending = arguments["EndpointConfigName"]
        self.endpoint["EndpointStatus"] = "Updating"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Function:
    """The function as the pipeline drives it: each reply's continuation token goes into the next invocation."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.sagemaker = FakeSageMaker()
        self.clock = Clock()
        self.deployment = deploy.Deployment({**ENVIRONMENT, **(environment or {})}, self.sagemaker, self.clock)

    def invoke(self, reply: dict[str, Any] | None = None, execution: str = EXECUTION) -> dict[str, Any]:
        user_parameters = json.dumps({"executionArn": execution, "pipelineExecutionId": "e", "commit": "c"})
        data: dict[str, Any] = {"actionConfiguration": {"configuration": {"UserParameters": user_parameters}}}
        if reply is not None:
            data["continuationToken"] = reply["continuationToken"]
        return deploy.answered(self.deployment, data)

    def deploy(self, execution: str = EXECUTION) -> dict[str, Any]:
        waiting = self.invoke(execution=execution)
        self.sagemaker.settle()
        return self.invoke(waiting, execution)


def failure(reply: dict[str, Any]) -> tuple[str, str]:
    return reply["failureDetails"]["type"], reply["failureDetails"]["message"]


def test_first_deployment_creates_everything_and_succeeds_in_service() -> None:
    """No endpoint: model, configuration and endpoint are made; success comes only once it is InService."""
    function = Function()
    first = function.invoke()
    assert function.sagemaker.calls == ["create_model", "create_endpoint_config", "create_endpoint"]
    again = function.invoke(first)
    assert "continuationToken" in again
    function.sagemaker.settle()
    done = function.invoke(again)
    assert done["outputVariables"]["EndpointName"] == "churn"
    assert done["outputVariables"]["EndpointConfigName"] in function.sagemaker.configs
    model = function.sagemaker.models[done["outputVariables"]["ModelName"]]
    assert model["PrimaryContainer"]["ModelDataUrl"] == (
        "s3://churn-bucket/models/churn-0a1b2c3d-0000-0000-0000-000000000000/output/model.tar.gz"
    )
    assert model["Tags"] == [{"Key": "xacct-ml:project", "Value": "churn"}]


def test_second_model_updates_the_endpoint_blue_green_with_alarms() -> None:
    """Another training job's model replaces the first under deployment guardrails."""
    function = Function()
    before = function.deploy()
    after = function.deploy(OTHER_EXECUTION)
    assert after["outputVariables"] != before["outputVariables"]
    (update,) = function.sagemaker.updates
    rollback = update["DeploymentConfig"]["AutoRollbackConfiguration"]
    assert rollback == {"Alarms": [{"AlarmName": "churn-churn-5xx"}]}


def test_serverless_endpoint_is_updated_without_guardrails() -> None:
    """Deployment guardrails do not cover serverless variants."""
    function = Function({"VARIANT": '{"ServerlessConfig":{"MemorySizeInMB":2048,"MaxConcurrency":5}}', "ALARMS": "[]"})
    function.deploy()
    function.deploy(OTHER_EXECUTION)
    assert "DeploymentConfig" not in function.sagemaker.updates[0]


def test_the_same_model_again_changes_nothing() -> None:
    """A repeated job finds the endpoint as wanted."""
    function = Function()
    first = function.deploy()
    calls = list(function.sagemaker.calls)
    assert function.invoke() == first
    assert function.sagemaker.calls == calls


def test_duplicate_delivery_while_creating_waits_and_succeeds() -> None:
    """Lambda may deliver an event twice: the second one waits for the change of the first."""
    function = Function()
    function.invoke()
    duplicate = function.invoke()
    assert function.sagemaker.calls.count("create_endpoint") == 1
    function.sagemaker.settle()
    assert "outputVariables" in function.invoke(duplicate)


def test_a_rolled_back_update_is_a_failure_although_in_service() -> None:
    """InService with the old configuration is not success: the reason is reported."""
    function = Function()
    function.deploy()
    waiting = function.invoke(execution=OTHER_EXECUTION)
    function.sagemaker.settle("InService", "Alarm churn-churn-5xx was breached")
    kind, message = failure(function.invoke(waiting, OTHER_EXECUTION))
    assert kind == "JobFailed"
    assert "rolled the update back" in message
    assert "Alarm churn-churn-5xx was breached" in message


def test_an_old_reading_right_after_the_update_is_not_taken_for_a_rollback() -> None:
    """InService with the old configuration and no new reason may be stale for a minute, then it counts."""
    function = Function()
    function.deploy()
    waiting = function.invoke(execution=OTHER_EXECUTION)
    assert function.sagemaker.endpoint is not None
    function.sagemaker.endpoint["EndpointStatus"] = "InService"
    still = function.invoke(waiting, OTHER_EXECUTION)
    assert "continuationToken" in still
    function.clock.now += deploy.ROLLBACK_GRACE_SECONDS
    assert "rolled the update back" in failure(function.invoke(still, OTHER_EXECUTION))[1]


def test_another_change_under_way_is_waited_for_before_updating() -> None:
    """Someone else's update finishes first, then this one starts."""
    function = Function()
    function.deploy()
    assert function.sagemaker.endpoint is not None
    function.sagemaker.endpoint["EndpointStatus"] = "SystemUpdating"
    waiting = function.invoke(execution=OTHER_EXECUTION)
    assert function.sagemaker.updates == []
    function.sagemaker.endpoint["EndpointStatus"] = "InService"
    function.invoke(waiting, OTHER_EXECUTION)
    assert len(function.sagemaker.updates) == 1


@pytest.mark.parametrize("status", ["Failed", "OutOfService", "Deleting", "UpdateRollbackFailed"])
def test_an_endpoint_that_cannot_be_updated_fails_with_its_reason(status: str) -> None:
    """The endpoint's own reason reaches the pipeline; nothing is changed."""
    function = Function()
    function.sagemaker.endpoint = {"EndpointStatus": status, "EndpointConfigName": "x", "FailureReason": "no capacity"}
    kind, message = failure(function.invoke())
    assert (kind, status in message, "no capacity" in message) == ("JobFailed", True, True)
    assert function.sagemaker.calls == []


def test_a_creation_that_fails_is_reported() -> None:
    """Creating turns to Failed: the job fails with SageMaker's reason and what to do."""
    function = Function()
    waiting = function.invoke()
    function.sagemaker.settle("Failed", "Failed to download model data")
    message = failure(function.invoke(waiting))[1]
    assert "Failed to download model data" in message
    assert "delete it and retry" in message


def test_a_deployment_that_never_ends_is_given_up() -> None:
    """Two hours of Creating end in a failure, not in a day of polling."""
    function = Function()
    waiting = function.invoke()
    function.clock.now += deploy.GIVE_UP_AFTER_SECONDS + 1
    assert "not InService within 2 hours" in failure(function.invoke(waiting))[1]


def test_an_execution_of_another_project_is_refused() -> None:
    """Who edits the pipeline cannot point the function at another state machine's model."""
    foreign = "arn:aws:states:us-east-1:999999999999:execution:churn-training:churn-1"
    kind, message = failure(Function().invoke(execution=foreign))
    assert kind == "ConfigurationError"
    assert foreign in message


@pytest.mark.parametrize("parameters", ["", "not json", "{}", "[]", "null"])
def test_unexpected_user_parameters_are_a_configuration_error(parameters: str) -> None:
    """Whatever stands in UserParameters, the pipeline hears of it."""
    data = {"actionConfiguration": {"configuration": {"UserParameters": parameters}}}
    assert failure(deploy.answered(Function().deployment, data))[0] == "ConfigurationError"


def test_an_existing_model_with_other_data_is_not_used() -> None:
    """A model of the wanted name that holds something else is a failure, not a silent success."""
    function = Function()
    name = function.deployment.model_name(EXECUTION.rsplit(":", 1)[1])
    function.sagemaker.models[name] = {
        "PrimaryContainer": {"Image": "other", "ModelDataUrl": "s3://elsewhere/model.tar.gz"}
    }
    assert f"model {name} exists with" in failure(function.invoke())[1]


def test_denied_calls_are_permission_errors_with_awss_message() -> None:
    """AccessDenied reaches the pipeline as PermissionError."""

    class Denied(FakeSageMaker):
        def create_model(self, **_: Any) -> None:
            raise client_error("AccessDeniedException", "not authorized to perform: sagemaker:CreateModel")

    deployment = deploy.Deployment(ENVIRONMENT, Denied(), Clock())
    data = {"actionConfiguration": {"configuration": {"UserParameters": json.dumps({"executionArn": EXECUTION})}}}
    kind, message = failure(deploy.answered(deployment, data))
    assert kind == "PermissionError"
    assert "sagemaker:CreateModel" in message
