"""What an earlier map made of an endpoint and this one does not: ended where it would go on, named where it is data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.configs import PRODUCTION, example
from tests.resources.cloud import Cloud
from xacct_ml.operations.former_capture import former_capture, place_of, way_out
from xacct_ml.operations.former_scaling import former_scaling
from xacct_ml.operations.given_up import given_up
from xacct_ml.system.names import Names

VARIANT = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/churn/variant/AllTraffic"}
COUNT = {**VARIANT, "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud(example())


def scaled(cloud: Cloud, policy: str) -> Any:
    """The endpoint, scaled by a policy of that name; the client."""
    client = cloud.client(PRODUCTION, "application-autoscaling")
    client.register_scalable_target(**COUNT, MinCapacity=1, MaxCapacity=3)
    client.put_scaling_policy(
        **COUNT,
        PolicyName=policy,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 600.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        },
    )
    return client


def test_an_endpoint_is_scaled_no_more_where_the_map_scales_nothing(cloud: Cloud) -> None:
    """moto leaves the policies of what is deregistered: tests/journeys/test_autoscaling.py sees to the rest."""
    client = scaled(cloud, "churn-invocations")
    (left,) = given_up(cloud.config, cloud, cloud.clock)
    assert (left.id, left.kind) == ("production/scaling", "scalable target")
    kept = example(endpoint={"autoscaling": {"min": 1, "max": 3, "target_invocations": 600}})
    assert former_scaling(kept, cloud, cloud.clock) == ()
    left.delete({}, {})
    assert client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []


def test_who_scales_it_by_another_policy_goes_on(cloud: Cloud) -> None:
    scaled(cloud, "by-hand")
    assert given_up(cloud.config, cloud, cloud.clock) == ()


def test_a_bucket_of_captured_requests_is_named_and_left(cloud: Cloud) -> None:
    names = Names(cloud.config)
    assert former_capture(cloud.config, cloud) == ()
    cloud.client(PRODUCTION, "s3").create_bucket(Bucket=names.capture_bucket(names.production[0]))
    (target,) = former_capture(cloud.config, cloud)
    assert place_of(names, target) == f"bucket churn-capture-{PRODUCTION}-us-east-1 and key alias/churn-capture"
    assert f"--bucket churn-capture-{PRODUCTION}-us-east-1" in way_out(names, target)
    assert former_capture(example(endpoint={"capture": {}}), cloud) == ()
