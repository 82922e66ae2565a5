"""The schedule and its group: made once, put right, deleted; and what an earlier map had is deleted with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.configs import SHARED, example
from tests.operations.boto3_calls import asked_for
from tests.operator_calls import keep
from tests.resources.cloud import Cloud
from xacct_ml.engine.apply import destroy
from xacct_ml.engine.events import Absent, Deleted
from xacct_ml.engine.resource import NotOurs
from xacct_ml.operations.given_up import deletion, given_up
from xacct_ml.system.names import PIPELINE_TAG

GROUP, SCHEDULE = "shared/schedule-group", "shared/schedule"
IDS = (GROUP, "shared/role/scheduler", SCHEDULE)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        cloud = Cloud(example(schedule={"expression": "cron(0 6 ? * MON *)", "timezone": "Europe/Berlin"}))
        yield cloud
    keep("drivers", (action for call in cloud.calls for action in asked_for(call)))


def scheduler(cloud: Cloud) -> Any:
    return cloud.client(SHARED, "scheduler")


def there(cloud: Cloud) -> dict[str, Any]:
    found: dict[str, Any] = scheduler(cloud).get_schedule(GroupName="churn", Name="churn-retraining")
    return found


def update(cloud: Cloud, **changes: Any) -> None:
    members = "Name GroupName ScheduleExpression ScheduleExpressionTimezone FlexibleTimeWindow Target State Description"
    found = there(cloud)
    scheduler(cloud).update_schedule(**{name: found[name] for name in members.split()} | changes)


def test_created_once(cloud: Cloud) -> None:
    assert SCHEDULE in cloud.apply(*cloud.resources(*IDS)).written
    cloud.forget()
    assert cloud.apply(*cloud.resources(*IDS)).written == ()
    assert cloud.writes == []
    found = there(cloud)
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"]) == (
        "cron(0 6 ? * MON *)",
        "Europe/Berlin",
    )
    assert found["Target"]["RoleArn"] == cloud.names.scheduler_role


LATER = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
DRIFTS: dict[str, Callable[[Cloud], None]] = {
    "another time": lambda cloud: update(cloud, ScheduleExpression="rate(1 minute)"),
    "another zone": lambda cloud: update(cloud, ScheduleExpressionTimezone="UTC"),
    "some time later": lambda cloud: update(cloud, FlexibleTimeWindow=LATER),
    "disabled": lambda cloud: update(cloud, State="DISABLED"),
    "an end": lambda cloud: update(cloud, EndDate=2_000_000_000),
    "a beginning": lambda cloud: update(cloud, StartDate=2_000_000_000),
    "another input": lambda cloud: update(cloud, Target={**there(cloud)["Target"], "Input": "{}"}),
    "described otherwise": lambda cloud: update(cloud, Description="x"),
}


@pytest.mark.parametrize("change", DRIFTS.values(), ids=DRIFTS)
def test_what_somebody_changed_is_put_right(cloud: Cloud, change: Callable[[Cloud], None]) -> None:
    cloud.apply(*cloud.resources(*IDS))
    before = cloud.observe(SCHEDULE)
    change(cloud)
    assert cloud.observe(SCHEDULE) != before
    cloud.forget()
    cloud.apply(*cloud.resources(*IDS))
    assert cloud.writes == ["scheduler:UpdateSchedule"]
    assert cloud.observe(SCHEDULE) == before


def test_tags_of_the_group_are_put_right(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources(GROUP))
    scheduler(cloud).tag_resource(ResourceArn=cloud.names.schedule_group_arn, Tags=[{"Key": "x", "Value": "y"}])
    cloud.forget()
    cloud.apply(*cloud.resources(GROUP))
    assert cloud.writes == ["scheduler:UntagResource"]
    assert cloud.observe(GROUP)["tags"] == cloud.names.tags


def test_a_group_and_a_schedule_of_another_pipeline_are_left_alone(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources(*IDS))
    other = [{"Key": PIPELINE_TAG, "Value": "arn:aws:codepipeline:us-east-1:999999999999:churn"}]
    scheduler(cloud).tag_resource(ResourceArn=cloud.names.schedule_group_arn, Tags=other)
    cloud.forget()
    failures = cloud.attempt(*cloud.resources(GROUP, SCHEDULE)).failures
    assert isinstance(failures[0].error, NotOurs)
    with pytest.raises(NotOurs):
        cloud.observe(SCHEDULE)
    assert cloud.writes == []


def test_deleted_and_gone(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources(*IDS))
    outcomes = cloud.destroy(*cloud.resources(*IDS)).outcomes
    assert all(isinstance(outcomes[id_], Deleted) for id_ in IDS)
    outcomes = cloud.destroy(*cloud.resources(*IDS)).outcomes
    assert all(isinstance(outcomes[id_], Absent) for id_ in IDS)


def test_a_map_without_it_deletes_it_the_group_last(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources(*IDS))
    left = given_up(example(), cloud, cloud.clock)
    report = destroy(deletion(left), clock=cloud.clock)
    report.raise_failures()
    assert {id_ for id_, outcome in report.outcomes.items() if isinstance(outcome, Deleted)} == set(IDS)
    assert list(report.outcomes)[-1] == GROUP
    assert given_up(example(), cloud, cloud.clock) == ()


def test_nothing_is_given_up_of_a_map_that_has_it_or_that_never_had(cloud: Cloud) -> None:
    assert given_up(example(), cloud, cloud.clock) == ()
    cloud.apply(*cloud.resources(*IDS))
    assert given_up(cloud.config, cloud, cloud.clock) == ()


def test_somebody_elses_group_of_that_name_is_left_alone(cloud: Cloud) -> None:
    scheduler(cloud).create_schedule_group(Name="churn")
    assert given_up(example(), cloud, cloud.clock) == ()
