"""The scaling of an endpoint's variant, kept as the map has it, against a small Application Auto Scaling."""

from __future__ import annotations

from typing import Any

import pytest

from tests.payload.deploying import OTHER_DIGEST, Function, client_error, failure
from xacct_ml.payload.autoscale import METRIC, Scaling
from xacct_ml.payload.job import JobFailed

SETTINGS = {"min": 2, "max": 6, "target": 600, "policy": "churn-invocations"}
RESOURCE = "endpoint/churn/variant/AllTraffic"
NOT_FOUND = client_error("ObjectNotFoundException", "No scalable target registered")


class FakeScaling:
    """Keeps targets and policies; ``refusals`` are raised, one by one, by the operations of these names."""

    def __init__(self, **refusals: list[Exception]) -> None:
        self.targets: dict[str, tuple[int, int]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.refusals = refusals
        self.calls: list[str] = []

    def _asked(self, name: str) -> None:
        self.calls.append(name)
        if self.refusals.get(name):
            raise self.refusals[name].pop(0)

    def describe_scalable_targets(self, *, ResourceIds: list[str], **_: str) -> dict[str, Any]:  # noqa: N803
        found = [self.targets[each] for each in ResourceIds if each in self.targets]
        return {"ScalableTargets": [{"MinCapacity": low, "MaxCapacity": high} for low, high in found]}

    def describe_scaling_policies(self, *, PolicyNames: list[str], **_: str) -> dict[str, Any]:  # noqa: N803
        return {"ScalingPolicies": [self.policies[name] for name in PolicyNames if name in self.policies]}

    def register_scalable_target(self, *, ResourceId: str, MinCapacity: int, MaxCapacity: int, **_: str) -> None:  # noqa: N803
        self._asked("register")
        self.targets[ResourceId] = (MinCapacity, MaxCapacity)

    def put_scaling_policy(self, *, PolicyName: str, **asked: Any) -> None:  # noqa: N803
        self._asked("policy")
        self.policies[PolicyName] = asked

    def deregister_scalable_target(self, *, ResourceId: str, **_: str) -> None:  # noqa: N803
        self._asked("deregister")
        del self.targets[ResourceId]


def scaling(client: FakeScaling, **changes: Any) -> Scaling:
    return Scaling({**SETTINGS, **changes}, "churn", "AllTraffic", client)


def test_it_is_registered_once_and_followed_by_the_map() -> None:
    client = FakeScaling()
    assert scaling(client).ensure()
    assert scaling(client).ensure()
    assert (client.targets, client.calls) == ({RESOURCE: (2, 6)}, ["register", "policy"])
    tracking = client.policies["churn-invocations"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracking == {"TargetValue": 600.0, "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC}}
    assert scaling(client, max=8, target=100).ensure()
    assert (client.targets[RESOURCE], client.calls[2:]) == ((2, 8), ["register", "policy"])


def test_a_policy_of_another_metric_under_the_name_is_replaced() -> None:
    client = FakeScaling()
    client.policies["churn-invocations"] = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 600.0}}
    assert scaling(client).ensure()
    assert client.calls == ["register", "policy"]


def test_what_was_registered_a_moment_ago_may_not_be_there_yet() -> None:
    client = FakeScaling(policy=[NOT_FOUND])
    assert not scaling(client).ensure()
    assert scaling(client).ensure()


def test_what_is_refused_is_said_beside_what_serves() -> None:
    denied = client_error("AccessDeniedException", "not authorized to perform: iam:CreateServiceLinkedRole")
    with pytest.raises(JobFailed, match=r"serves what was approved, .*CreateServiceLinkedRole.*Retry the stage"):
        scaling(FakeScaling(register=[denied])).ensure()


def test_nothing_is_left_to_end_where_nothing_is_registered() -> None:
    scaling(FakeScaling(deregister=[NOT_FOUND])).release()
    with pytest.raises(type(NOT_FOUND)):
        scaling(FakeScaling(deregister=[client_error("InternalServiceException", "no")])).release()


def test_nothing_is_scaled_where_the_map_does_not_say_so() -> None:
    def make_client(service: str) -> Any:
        raise AssertionError(service)

    assert Scaling.of({}, "AllTraffic", make_client) is None


# -- in a deployment ---------------------------------------------------------------------------------------------------
def scaled(client: FakeScaling, **environment: str) -> Function:
    function = Function(environment)
    function.deployment.endpoint.scaling = scaling(client, min=1)
    return function


def test_a_deployment_keeps_as_many_instances_as_run() -> None:
    client = FakeScaling()
    function = scaled(client)
    function.deploy()
    assert client.calls == ["register", "policy"]
    function.deploy(OTHER_DIGEST)
    (update,) = function.sagemaker.updates
    assert update["RetainAllVariantProperties"] is True
    assert "DeploymentConfig" in update
    assert client.calls == ["register", "policy"]


def test_for_instances_of_another_type_scaling_ends_and_begins_again() -> None:
    """SageMaker refuses the update otherwise."""
    client = FakeScaling()
    function = scaled(client)
    function.deploy()
    function.deployment.endpoint.variant = {"InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
    function.deploy()
    (update,) = function.sagemaker.updates
    assert "RetainAllVariantProperties" not in update
    assert client.calls == ["register", "policy", "deregister", "register"]
    assert client.targets == {RESOURCE: (1, 6)}


def test_the_action_waits_until_scaling_is_registered_and_fails_where_it_cannot_be() -> None:
    client = FakeScaling(policy=[NOT_FOUND])
    function = scaled(client)
    waiting = function.deploy()
    assert "continuationToken" in waiting
    assert "outputVariables" in function.invoke(waiting)
    denied = scaled(FakeScaling(register=[client_error("AccessDeniedException", "denied")]))
    assert "auto scaling was not set" in failure(denied.deploy())[1]
    assert "outputVariables" in denied.invoke()  # the stage retried: nothing is deployed anew
    assert denied.sagemaker.calls.count("create_endpoint") == 1
