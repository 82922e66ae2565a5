"""Application Auto Scaling of the embedded AWS: what it registers, refuses and forgets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import TRAINING
from tests.emulator.rights import error_of
from xacct_ml.emulator.server import EmbeddedAws

NAMED = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}


@pytest.fixture
def scaling(aws: EmbeddedAws) -> Any:
    return aws.administrator(TRAINING).client("application-autoscaling")


def test_what_is_not_there_is_neither_registered_nor_forgotten(scaling: Any) -> None:
    """Each in the API's own error."""
    resource = {"ResourceId": "endpoint/none/variant/AllTraffic", **NAMED}
    code, message, _ = error_of(scaling.register_scalable_target, MinCapacity=1, MaxCapacity=2, **resource)
    assert (code, message.partition(" for ")[0]) == ("ValidationException", "No scalable resource found")
    assert error_of(scaling.deregister_scalable_target, **resource)[0] == "ObjectNotFoundException"
    policy = {"PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
    assert error_of(scaling.put_scaling_policy, **policy, **resource)[0] == "ObjectNotFoundException"
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []


def test_nothing_but_variants_is_known(scaling: Any) -> None:
    other = {"ServiceNamespace": "dynamodb", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
    code, message, _ = error_of(
        scaling.register_scalable_target, ResourceId="table/t", MinCapacity=1, MaxCapacity=2, **other
    )
    assert (code, message) == (
        "ValidationException",
        "Unsupported service namespace, resource type or scalable dimension",
    )
