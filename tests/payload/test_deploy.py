"""The Lambda function against a small SageMaker that changes state when asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.payload.deploying import (
    OTHER_DIGEST,
    PARAMETERS,
    SERVERLESS,
    FakeSageMaker,
    Function,
    client_error,
    failure,
    pipelines,
)
from tests.payload.pipeline import DIGEST, JOB, RUN
from xacct_ml.payload import deploy, deployment
from xacct_ml.payload.approved import Approved


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
    assert model["PrimaryContainer"]["ModelDataUrl"] == (f"s3://churn-bucket/judged/{DIGEST}/model.tar.gz")
    assert model["Tags"] == [{"Key": "xacct-ml:project", "Value": "churn"}]


def test_second_model_updates_the_endpoint_blue_green_with_alarms() -> None:
    """Another model replaces the first under deployment guardrails."""
    function = Function()
    before = function.deploy()
    after = function.deploy(OTHER_DIGEST)
    assert after["outputVariables"] != before["outputVariables"]
    (update,) = function.sagemaker.updates
    rollback = update["DeploymentConfig"]["AutoRollbackConfiguration"]
    assert rollback == {"Alarms": [{"AlarmName": "churn-churn-5xx"}]}
    routing = update["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["WaitIntervalInSeconds"] > 120  # the alarm's two minutes, and the metric's way


def test_serverless_endpoint_is_updated_without_guardrails() -> None:
    """Deployment guardrails do not cover serverless variants."""
    function = Function(SERVERLESS)
    function.deploy()
    function.deploy(OTHER_DIGEST)
    assert "DeploymentConfig" not in function.sagemaker.updates[0]


def test_only_a_model_on_instances_is_without_network() -> None:
    """Serverless Inference has no network isolation, and takes no model that asks for it; the two are two models."""
    models = []
    for function, isolated in ((Function(), True), (Function(SERVERLESS), False)):
        function.deploy()
        ((name, model),) = function.sagemaker.models.items()
        assert model["EnableNetworkIsolation"] is isolated
        models.append(name)
    assert len(set(models)) == 2


def test_a_model_of_that_name_with_a_network_is_another() -> None:
    """Somebody made it: it is not taken."""
    function = Function()
    function.deploy()
    ((name, model),) = function.sagemaker.models.items()
    model["EnableNetworkIsolation"] = False
    function.sagemaker.endpoint = None
    assert failure(function.invoke())[1].startswith(f"model {name} exists with")


@pytest.mark.parametrize(("trained_by", "deployed"), [("1.7-1", True), ("3.2-0", False), (None, True)])
def test_a_model_is_served_by_the_image_that_trained_it(trained_by: str | None, deployed: bool) -> None:
    """The map may have another one by the time somebody approves; a run of an earlier release does not say."""
    function = Function()
    parameters = {**PARAMETERS, "modelDigest": DIGEST}
    version = {} if trained_by is None else {"ContainerVersion": trained_by}
    function.pipeline.add("Judge/Evaluation", variables={"TrainingJob": JOB, "ModelDigest": DIGEST, **version})
    function.pipeline.add("Approve/Review", "Succeeded", by="arn:aws:iam::111111111111:user/ann")
    function.pipeline.add("Deploy/production", "InProgress", parameters=parameters)
    reply = function.answer(parameters)
    assert ("continuationToken" in reply) == deployed
    if not deployed:
        kind, message = failure(reply)
        assert (kind, "the model is of image 3.2-0, and the map has 1.7-1 since" in message) == (
            "ConfigurationError",
            True,
        )
        assert function.sagemaker.calls == []


def test_an_endpoint_on_instances_is_not_made_serverless() -> None:
    """SageMaker cannot; nothing is made or changed, and the reason names what can be done."""
    function = Function(SERVERLESS)
    function.sagemaker.endpoint = {
        "EndpointStatus": "InService",
        "EndpointConfigName": "earlier",
        "ProductionVariants": [{"VariantName": "AllTraffic", "CurrentInstanceCount": 1}],
    }
    kind, message = failure(function.invoke())
    assert kind == "ConfigurationError"
    assert "endpoint churn runs on instances" in message
    assert "endpoint.name" in message
    assert function.sagemaker.calls == []


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
    waiting = function.invoke(model=OTHER_DIGEST)
    function.sagemaker.settle("InService", "Alarm churn-churn-5xx was breached")
    kind, message = failure(function.invoke(waiting, OTHER_DIGEST))
    assert kind == "JobFailed"
    assert "rolled the update back" in message
    assert "Alarm churn-churn-5xx was breached" in message


def test_what_another_deployment_replaced_was_not_rolled_back() -> None:
    """The other pipeline's ended last. The next step is in the message."""
    function = Function()
    function.deploy()
    waiting = function.invoke(model=OTHER_DIGEST)
    function.sagemaker.pending["churn"] = "churn-third"
    function.sagemaker.settle()
    function.clock.now += deployment.ROLLBACK_GRACE_SECONDS
    kind, message = failure(function.invoke(waiting, OTHER_DIGEST))
    assert kind == "JobFailed"
    assert message.startswith("another deployment replaced this one: churn serves churn-third, neither churn-")
    assert message.endswith("if this model should serve after all: xacct-ml deploy")


def test_an_old_reading_right_after_the_update_is_not_taken_for_a_rollback() -> None:
    """InService with the old configuration and no new reason may be stale for a minute, then it counts."""
    function = Function()
    function.deploy()
    waiting = function.invoke(model=OTHER_DIGEST)
    assert function.sagemaker.endpoint is not None
    function.sagemaker.endpoint["EndpointStatus"] = "InService"
    still = function.invoke(waiting, OTHER_DIGEST)
    assert "continuationToken" in still
    function.clock.now += deployment.ROLLBACK_GRACE_SECONDS
    assert "rolled the update back" in failure(function.invoke(still, OTHER_DIGEST))[1]


def test_another_change_under_way_is_waited_for_before_updating() -> None:
    """Someone else's update finishes first, then this one starts."""
    function = Function()
    function.deploy()
    assert function.sagemaker.endpoint is not None
    function.sagemaker.endpoint["EndpointStatus"] = "SystemUpdating"
    waiting = function.invoke(model=OTHER_DIGEST)
    assert function.sagemaker.updates == []
    function.sagemaker.endpoint["EndpointStatus"] = "InService"
    function.invoke(waiting, OTHER_DIGEST)
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
    function.clock.now += deployment.GIVE_UP_AFTER_SECONDS + 1
    assert "not InService within 2 hours" in failure(function.invoke(waiting))[1]


def changed_nothing(function: Function, parameters: dict[str, str]) -> tuple[str, str]:
    """The failure of an invocation that must not touch the endpoint."""
    answer = failure(function.answer(parameters))
    assert function.sagemaker.calls == []
    return answer


def test_an_invocation_by_hand_changes_nothing() -> None:
    """No action of the run is in progress with these parameters: whatever the event says, nothing is deployed."""
    function = Function()
    kind, message = changed_nothing(function, PARAMETERS)
    assert (kind, message) == ("ConfigurationError", f"pipeline churn has no run {RUN}")
    function.judged()
    function.pipeline.add("Deploy/production", "Succeeded", parameters=PARAMETERS)
    assert "is Succeeded, not InProgress" in changed_nothing(function, PARAMETERS)[1]


def test_another_models_digest_in_the_event_is_refused() -> None:
    """The event must say what the action was started with."""
    function = Function()
    parameters = function.judged()
    assert "other UserParameters" in changed_nothing(function, {**parameters, "modelDigest": OTHER_DIGEST})[1]


def test_what_was_not_judged_is_not_deployed() -> None:
    """Somebody who changes the pipeline's definition cannot name a model of their own: the judge's word counts."""
    function = Function()
    function.judged()
    forged = {**PARAMETERS, "modelDigest": OTHER_DIGEST}
    function.pipeline.add("Deploy/production", "InProgress", parameters=forged)
    assert "judged another model" in changed_nothing(function, forged)[1]


@pytest.mark.parametrize("status", ["Failed", "InProgress", "Abandoned"])
def test_without_the_approval_nothing_is_deployed(status: str) -> None:
    """A rejected run's model stays where it is."""
    function = Function()
    parameters = function.judged(approval=status)
    assert f"Approve/Review of run {RUN} is {status}" in changed_nothing(function, parameters)[1]


def test_a_stage_that_is_rolled_back_deploys_nothing_and_says_what_to_do() -> None:
    """RollbackStage begins a run with that stage's actions only."""
    function = Function()
    parameters = function.judged()
    for name in ("Judge/Evaluation", "Approve/Review"):
        function.pipeline.remove(name)
    reason = changed_nothing(function, parameters)[1]
    assert "was not started, not Succeeded. A roll-back of a stage is a run of its own" in reason
    assert "xacct-ml rollback" in reason


def test_one_person_may_approve_every_wave() -> None:
    """Two people are asked for within one stage."""
    function = Function({"PIPELINES": pipelines("Approve-canary/Review", "Approve-rest/Review")})
    parameters = function.judged()
    for stage in ("Approve-canary", "Approve-rest"):
        function.pipeline.add(f"{stage}/Review", by="arn:aws:iam::111111111111:user/ann")
    assert "continuationToken" in function.answer(parameters)


@pytest.mark.parametrize(
    ("second", "enough"),
    [("arn:aws:iam::111111111111:user/bob", True), ("arn:aws:iam::111111111111:user/ann", False), ("", False)],
)
def test_two_approvals_are_of_two_people(second: str, enough: bool) -> None:
    """CodePipeline tells who answered each of them."""
    function = Function({"PIPELINES": pipelines("Approve/Review", "Approve/SecondReview")})
    parameters = function.judged()
    function.pipeline.add("Approve/SecondReview", by=second)
    answer = function.answer(parameters)
    assert ("continuationToken" in answer) is enough
    if not enough:
        assert failure(answer)[0] == "PermissionError"
        assert "2 different people" in failure(answer)[1]
        assert function.sagemaker.calls == []


def test_the_newest_execution_of_a_retried_action_counts() -> None:
    """The judge failed first and passed when it was retried."""
    function = Function()
    function.pipeline.add("Judge/Evaluation", "Failed")
    assert "continuationToken" in function.invoke()


def test_the_newest_execution_is_the_one_that_began_last() -> None:
    """In whichever order they are listed: an approval that was asked again, and rejected, is none."""
    function = Function()
    parameters = function.judged()
    function.pipeline.add("Approve/Review", "Failed")
    function.pipeline.actions.insert(0, function.pipeline.actions.pop())
    assert "is Failed, not Succeeded" in failure(function.answer(parameters))[1]
    assert function.sagemaker.calls == []


def test_a_run_with_more_action_executions_than_are_read_changes_nothing() -> None:
    """Those that are not read could say otherwise."""
    function = Function()
    parameters = function.judged()
    for _ in range(30):
        function.pipeline.add("Workflow/Stack", "Failed")
    assert "more action executions than are read" in failure(function.answer(parameters))[1]
    assert function.sagemaker.calls == []


@pytest.mark.parametrize(
    "parameters", ["", "not json", "{}", "[]", "null", '{"pipelineExecutionId": 1}', "[" * 100_000]
)
def test_unexpected_user_parameters_are_a_configuration_error(parameters: str) -> None:
    """Whatever stands in UserParameters, the pipeline hears of it."""
    data = {"actionConfiguration": {"configuration": {"UserParameters": parameters}}}
    function = Function()
    assert failure(deploy.answered(function.approvals, function.deployment, data))[0] == "ConfigurationError"


def test_an_existing_model_with_other_data_is_not_used() -> None:
    """A model of the wanted name that holds something else is a failure, not a silent success."""
    function = Function()
    name = function.deployment.endpoint.model_name(Approved(JOB, DIGEST))
    function.sagemaker.models[name] = {
        "PrimaryContainer": {"Image": "other", "ModelDataUrl": "s3://elsewhere/model.tar.gz"}
    }
    assert f"model {name} exists with" in failure(function.invoke())[1]


def test_denied_calls_are_permission_errors_with_awss_message() -> None:
    """AccessDenied reaches the pipeline as PermissionError."""

    class Denied(FakeSageMaker):
        def create_model(self, **_: Any) -> None:
            raise client_error("AccessDeniedException", "not authorized to perform: sagemaker:CreateModel")

    function = Function()
    function.deployment.endpoint.sagemaker = Denied()
    kind, message = failure(function.invoke())
    assert kind == "PermissionError"
    assert "sagemaker:CreateModel" in message


CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 50,
    "DestinationS3Uri": "s3://b/captured",
    "KmsKeyId": "k",
}


def test_what_is_captured_is_a_part_of_the_configuration() -> None:
    """Another percentage is another configuration of the same model; without capture the name is what it always was."""
    plain, half, all_ = (
        Function(),
        Function({"CAPTURE": json.dumps(CAPTURE)}),
        Function({"CAPTURE": json.dumps({**CAPTURE, "InitialSamplingPercentage": 100})}),
    )
    answers = [function.deploy()["outputVariables"] for function in (plain, half, all_)]
    assert len({answer["ModelName"] for answer in answers}) == 1
    assert len({answer["EndpointConfigName"] for answer in answers}) == 3
    (config,) = half.sagemaker.configs.values()
    assert config["DataCaptureConfig"] == CAPTURE
    (config,) = plain.sagemaker.configs.values()
    assert "DataCaptureConfig" not in config


def test_a_configuration_of_that_name_that_captures_elsewhere_is_not_served() -> None:
    """Somebody made it; members that the service adds are no difference."""
    function = Function({"CAPTURE": json.dumps(CAPTURE)})
    function.deploy()
    ((name, config),) = function.sagemaker.configs.items()
    function.sagemaker.endpoint = None
    config["DataCaptureConfig"] = {**CAPTURE, "CaptureOptions": []}
    assert "continuationToken" in function.invoke()
    function.sagemaker.endpoint = None
    config["DataCaptureConfig"] = {**CAPTURE, "DestinationS3Uri": "s3://somewhere-else"}
    assert "exists with other settings" in failure(function.invoke())[1]
    assert name in function.sagemaker.configs
