"""The topic: made once with its policy and subscriptions, put right, deleted; and one of others is looked at alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.configs import PRODUCTION, SHARED, example
from tests.operations.boto3_calls import asked_for
from tests.operator_calls import keep
from tests.resources.cloud import Cloud
from xacct_ml.engine.apply import destroy
from xacct_ml.engine.events import Absent, Deleted, KeptBack
from xacct_ml.errors import NotReady
from xacct_ml.operations.given_up import deletion, given_up
from xacct_ml.system.keys import Keys
from xacct_ml.system.notifications import topic_policy
from xacct_ml.system.system import things_by_id

TOPIC, ALARM = "shared/topic", "production/alarm/churn-churn-4xx"
IDS = ("shared/key", TOPIC, ALARM)
EMAILS = ("ann@example.com", "ml-team@example.com")
THEIRS = f"arn:aws:sns:us-east-1:{SHARED}:ml-events"


def clouded(**notifications: Any) -> Iterator[Cloud]:
    with mock_aws():
        made = Cloud(example(notifications=notifications))
        yield made
    keep("drivers", (action for call in made.calls for action in asked_for(call)))


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    yield from clouded(emails=EMAILS)


@pytest.fixture
def of_others() -> Iterator[Cloud]:
    yield from clouded(topic_arn=THEIRS)


def sns(cloud: Cloud) -> Any:
    return cloud.client(SHARED, "sns")


def subscribed(cloud: Cloud) -> list[str]:
    found = sns(cloud).list_subscriptions_by_topic(TopicArn=cloud.names.topic_arn())["Subscriptions"]
    return sorted(one["Endpoint"] for one in found)


def test_created_once(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources(*IDS))
    cloud.forget()
    assert cloud.apply(*cloud.resources(*IDS)).written == ()
    assert cloud.writes == []
    attributes = sns(cloud).get_topic_attributes(TopicArn=cloud.names.topic_arn())["Attributes"]
    assert json.loads(attributes["Policy"]) == topic_policy(cloud.names, "us-east-1")
    assert attributes["KmsMasterKeyId"] == cloud.observe("shared/key")["arn"]
    assert subscribed(cloud) == list(EMAILS)
    (alarm,) = cloud.client(PRODUCTION, "cloudwatch").describe_alarms(AlarmNames=["churn-churn-4xx"])["MetricAlarms"]
    assert alarm["AlarmActions"] == [cloud.names.topic_arn()]


def attribute(cloud: Cloud, name: str, value: str) -> None:
    sns(cloud).set_topic_attributes(TopicArn=cloud.names.topic_arn(), AttributeName=name, AttributeValue=value)


def unsubscribe(cloud: Cloud) -> None:
    found = sns(cloud).list_subscriptions_by_topic(TopicArn=cloud.names.topic_arn())["Subscriptions"]
    sns(cloud).unsubscribe(SubscriptionArn=found[0]["SubscriptionArn"])


def open_to_all(cloud: Cloud) -> None:
    statement = {"Sid": "x", "Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": "*"}
    attribute(cloud, "Policy", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


DRIFTS: dict[str, tuple[Callable[[Cloud], None], str]] = {
    "its policy": (open_to_all, "sns:SetTopicAttributes"),
    "no key": (lambda cloud: attribute(cloud, "KmsMasterKeyId", ""), "sns:SetTopicAttributes"),
    "somebody left": (unsubscribe, "sns:Subscribe"),
    "somebody came": (
        lambda cloud: sns(cloud).subscribe(
            TopicArn=cloud.names.topic_arn(), Protocol="email", Endpoint="eve@example.com"
        ),
        "sns:Unsubscribe",
    ),
    "a tag": (
        lambda cloud: sns(cloud).tag_resource(ResourceArn=cloud.names.topic_arn(), Tags=[{"Key": "x", "Value": "y"}]),
        "sns:UntagResource",
    ),
}


@pytest.mark.parametrize(("change", "write"), DRIFTS.values(), ids=DRIFTS)
def test_what_somebody_changed_is_put_right(cloud: Cloud, change: Callable[[Cloud], None], write: str) -> None:
    cloud.apply(*cloud.resources(*IDS))
    before = cloud.observe(TOPIC)
    change(cloud)
    assert cloud.observe(TOPIC) != before
    cloud.forget()
    cloud.apply(*cloud.resources(*IDS))
    assert cloud.writes == [write]
    assert cloud.observe(TOPIC) == before


def test_other_subscriptions_stay(cloud: Cloud) -> None:
    """A chat's or a queue's."""
    cloud.apply(*cloud.resources(*IDS))
    sns(cloud).subscribe(TopicArn=cloud.names.topic_arn(), Protocol="https", Endpoint="https://chat.example.com/hook")
    cloud.forget()
    assert cloud.apply(*cloud.resources(*IDS)).written == ()
    assert "https://chat.example.com/hook" in subscribed(cloud)


def test_an_alarm_that_tells_nobody_any_more_is_put_right(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources(*IDS))
    alarms = cloud.client(PRODUCTION, "cloudwatch")
    (alarm,) = alarms.describe_alarms(AlarmNames=["churn-churn-4xx"])["MetricAlarms"]
    kept = {name: alarm[name] for name in ("AlarmName", "Namespace", "MetricName", "Statistic", "Dimensions", "Period")}
    kept |= {name: alarm[name] for name in ("EvaluationPeriods", "Threshold", "ComparisonOperator", "TreatMissingData")}
    alarms.put_metric_alarm(**kept, AlarmDescription=alarm["AlarmDescription"])
    cloud.forget()
    cloud.apply(*cloud.resources(*IDS))
    assert cloud.writes == ["cloudwatch:PutMetricAlarm"]


def test_deleted_and_gone(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources(*IDS))
    assert isinstance(cloud.destroy(*cloud.resources(TOPIC)).outcomes[TOPIC], Deleted)
    assert isinstance(cloud.destroy(*cloud.resources(TOPIC)).outcomes[TOPIC], Absent)


def test_a_map_without_it_deletes_it_a_rule_last(cloud: Cloud) -> None:
    """By which the next attempt knows that something is left."""
    rules = [f"shared/rule/churn-{each}" for each in ("approval", "failure", "deployment")]
    cloud.apply(*cloud.resources(*IDS, *rules))
    plain = example()
    left = given_up(plain, cloud, cloud.clock)
    report = destroy(deletion(left), clock=cloud.clock)
    report.raise_failures()
    gone = [id_ for id_, outcome in report.outcomes.items() if isinstance(outcome, Deleted)]
    assert (set(gone), gone[-1]) == ({TOPIC, ALARM, *rules}, "shared/rule/churn-failure")
    assert given_up(plain, cloud, cloud.clock) == ()


def test_a_topic_of_others_must_be_there_and_let_us_in(of_others: Cloud) -> None:
    (failure,) = of_others.attempt(*of_others.resources(TOPIC)).failures
    assert isinstance(failure.error, NotReady)
    assert failure.error.message == f"there is no SNS topic ml-events in account {SHARED}"
    sns(of_others).create_topic(Name="ml-events")
    (failure,) = of_others.attempt(*of_others.resources(TOPIC)).failures
    assert "it has no AlarmsOfProductionPublish and no EventsPublish" in failure.error.message
    assert "topic-policy.json" in str(failure.error.next_step)


def test_a_topic_of_others_is_never_changed(of_others: Cloud) -> None:
    sns(of_others).create_topic(Name="ml-events")
    policy = dict(things_by_id(of_others.config, Keys.stand_ins(of_others.names))[TOPIC].policy)  # type: ignore[attr-defined]
    policy["Statement"] = [
        {"Sid": "mine", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish"},
        *policy["Statement"],
    ]
    sns(of_others).set_topic_attributes(TopicArn=THEIRS, AttributeName="Policy", AttributeValue=json.dumps(policy))
    of_others.forget()
    assert of_others.apply(*of_others.resources(TOPIC)).written == ()
    assert isinstance(of_others.destroy(*of_others.resources(TOPIC)).outcomes[TOPIC], KeptBack)
    assert of_others.writes == []
