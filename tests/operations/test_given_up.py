"""What a map gives up is named by its marker and deleted; what it has, or never had, is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.configs import PRODUCTION, example
from tests.resources.cloud import Cloud
from tests.waved import waved
from xacct_ml.engine.apply import destroy
from xacct_ml.operations.given_up import deletion, given_up
from xacct_ml.resources.blueprint import pipeline_resources

BATCH = {"bucket": "churn-files"}
ROLE = "production/role/batch"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud(example(batch=BATCH))


@pytest.mark.long
def test_the_role_for_files_goes_where_the_map_has_no_batch(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources("shared/key", ROLE))
    assert given_up(cloud.config, cloud, cloud.clock) == ()
    left = given_up(example(), cloud, cloud.clock)
    assert [resource.id for resource in left] == [ROLE]
    destroy(deletion(left), clock=cloud.clock).raise_failures()
    roles = cloud.client(PRODUCTION, "iam").list_roles()["Roles"]
    assert "churn-batch" not in {role["RoleName"] for role in roles}
    assert given_up(example(), cloud, cloud.clock) == ()


def test_it_goes_where_another_target_predicts_files() -> None:
    """And that target's stays."""
    with mock_aws():
        cloud = Cloud(waved(batch=BATCH))
        cloud.apply(*cloud.resources("shared/key", "canary/role/batch"))
        moved = waved(batch={**BATCH, "target": "web"})
        assert [resource.id for resource in given_up(moved, cloud, cloud.clock)] == ["canary/role/batch"]


def test_somebody_elses_role_of_that_name_is_left_alone(cloud: Cloud) -> None:
    iam = cloud.client(PRODUCTION, "iam")
    iam.create_role(RoleName="churn-batch", AssumeRolePolicyDocument="{}")
    assert given_up(example(), cloud, cloud.clock) == ()


def test_the_alarms_of_a_rollout_go_with_it() -> None:
    """The one on server errors stays."""
    with mock_aws():
        cloud = Cloud(example(endpoint={"instance_count": 2, "rollout": {}}))
        alarms = [f"production/alarm/churn-churn-{kind}" for kind in ("5xx", "latency", "model-errors")]
        cloud.apply(*cloud.resources(*alarms))
        plain = example(endpoint={"instance_count": 2})
        left = given_up(plain, cloud, cloud.clock)
        assert sorted(resource.id for resource in left) == alarms[1:]
        destroy(deletion(left), clock=cloud.clock).raise_failures()
        assert given_up(plain, cloud, cloud.clock) == ()


def test_the_alarms_of_a_schedule_go_with_it() -> None:
    """Also where the map gives up at once who was told; and nobody looks for alarms who never had both."""
    told: dict[str, Any] = {"notifications": {"emails": ("ml-team@example.com",)}}
    alarms = [f"shared/alarm/churn-schedule-{each}" for each in ("call", "function")]
    with mock_aws():
        cloud = Cloud(example(schedule={"expression": "rate(1 day)"}, **told))
        cloud.apply(*cloud.resources(*alarms, "shared/schedule-group"))
        assert {one.id for one in given_up(example(**told), cloud, cloud.clock)} >= set(alarms)
        assert not {one.id for one in given_up(example(), cloud, cloud.clock)} & set(alarms)
        rule = next(one for one in pipeline_resources(cloud.config, cloud) if one.id == "shared/rule/churn-failure")
        rule.create(rule.desired({}), {})
        left = given_up(example(), cloud, cloud.clock)
        assert {one.id for one in left} >= set(alarms)
        order = list(destroy(deletion(left), clock=cloud.clock).outcomes)
        assert max(map(order.index, alarms)) < min(map(order.index, ("shared/schedule-group", rule.id)))
        assert given_up(example(), cloud, cloud.clock) == ()
