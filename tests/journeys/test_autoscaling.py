"""An endpoint whose instances follow its requests: registered by the first deployment, kept by the next, gone with the
project."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import PRODUCTION, example
from tests.journeys.hops import asked_for, listed
from tests.journeys.project import Project, project
from tests.journeys.sources import serve, serve_run_1
from xacct_ml.engine.events import Deleted
from xacct_ml.operations.bootstrap import bootstrap, plan_project
from xacct_ml.operations.create_pipeline import create_pipeline
from xacct_ml.operations.teardown.deletion import teardown

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "max_depth": 4, "eval_metric": "auc"}
SCALING = {"min": 1, "max": 3, "target_invocations": 600}
RESOURCE = "endpoint/churn/variant/AllTraffic"


def client(made: Project, service: str) -> Any:
    return made.aws.administrator(PRODUCTION).client(service)


def instances(made: Project) -> int:
    described = client(made, "sagemaker").describe_endpoint(EndpointName=made.names.endpoint)
    return int(described["ProductionVariants"][0]["DesiredInstanceCount"])


def targets(made: Project) -> list[tuple[int, int]]:
    found = client(made, "application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
    return [(each["MinCapacity"], each["MaxCapacity"]) for each in found["ScalableTargets"]]


def alarms(made: Project) -> list[str]:
    found = client(made, "cloudwatch").describe_alarms()["MetricAlarms"]
    return [alarm["AlarmName"].rpartition("-Alarm")[0] for alarm in found if "TargetTracking" in alarm["AlarmName"]]


def test_a_map_without_it_ends_it() -> None:
    """Said before, done by create-pipeline; the endpoint serves on, with as many instances."""
    endpoint: dict[str, Any] = {"instance_type": "ml.m5.large", "instance_count": 1, "autoscaling": SCALING}
    with project(example(training={"hyperparameters": HYPERPARAMETERS}, endpoint=endpoint)) as made:
        serve_run_1(made)
        config = example(
            training={"hyperparameters": HYPERPARAMETERS}, endpoint={key: endpoint[key] for key in list(endpoint)[:2]}
        )
        plain = made.accounts
        bootstrap(config, plain).report.raise_failures()
        (note,) = (one for one in plan_project(config, plain).notes if "scalable target" in one)
        assert f"create-pipeline deletes them: scalable target {RESOURCE}" in note
        report = create_pipeline(config, plain, start=False).report
        report.raise_failures()
        assert [id_ for id_, outcome in report.outcomes.items() if isinstance(outcome, Deleted)] == [
            "production/scaling"
        ]
        assert (targets(made), alarms(made), instances(made)) == ([], [], 1)
        assert create_pipeline(config, plain, start=False).report.written == ()
        assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []


def test_it_is_registered_kept_and_ended() -> None:
    endpoint = {"instance_type": "ml.m5.large", "instance_count": 1, "autoscaling": SCALING}
    with project(example(training={"hyperparameters": HYPERPARAMETERS}, endpoint=endpoint)) as made:
        serve_run_1(made)
        assert (targets(made), instances(made)) == ([(1, 3)], 1)
        (policy,) = client(made, "application-autoscaling").describe_scaling_policies(ServiceNamespace="sagemaker")[
            "ScalingPolicies"
        ]
        tracking = policy["TargetTrackingScalingPolicyConfiguration"]
        assert (policy["ResourceId"], tracking["TargetValue"]) == (RESOURCE, 600.0)

        # Many requests: Application Auto Scaling has made it three.
        client(made, "sagemaker").update_endpoint_weights_and_capacities(
            EndpointName=made.names.endpoint,
            DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}],
        )
        before = made.runs()
        made.push(MaxDepth="3")
        serve(made, made.new_run(before))
        assert (targets(made), instances(made)) == ([(1, 3)], 3)
        assert alarms(made) == [f"TargetTracking-{RESOURCE}"] * 2

        hops, asked = listed(made.config), asked_for(made)
        assert asked - hops.keys() == set()
        # Only where the instances become others, as nothing here does.
        of_scaling = {hop: expected for hop, expected in hops.items() if "scal" in " ".join(hop[1:]).lower()}
        unasked = {hop[1] for hop, expected in of_scaling.items() if expected is not (hop in asked)}
        assert unasked == {"application-autoscaling:DeregisterScalableTarget"}
        assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []

        teardown(made.config, made.accounts, lambda _: None, delete_evidence=True).report.raise_failures()
        assert (targets(made), alarms(made)) == ([], [])
        assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []
