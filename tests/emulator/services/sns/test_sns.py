"""SNS: who may publish to a topic, and what the subscribers of a pipeline's events and of alarms are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of, policy
from tests.emulator.services.codepipeline.pipelines import eventually
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.events.transforming import transformed
from xacct_ml.emulator.services.sns import moto_patches as sns

EVENT = {"detail": {"execution-id": "run-1", "stage": "Train", "execution-result": {"summary": 'says "no"'}}}


@pytest.fixture
def client(aws: EmbeddedAws) -> Any:
    return aws.administrator(SHARED).client("sns")


def topic(client: Any, name: str, *statements: dict[str, Any], **attributes: str) -> str:
    """Its policy has these statements alone, each on the topic."""
    arn: str = client.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    on_it = [{**statement, "Resource": arn} for statement in statements]
    if on_it:
        client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy(*on_it))
    client.subscribe(TopicArn=arn, Protocol="email", Endpoint="ann@example.com")
    return arn


def told(arn: str) -> list[sns.Notification]:
    return [one for one in sns.notifications(SHARED, "us-east-1") if one.topic_arn == arn]


def publishing(service: str, **conditions: Any) -> dict[str, Any]:
    return allow("sns:Publish", principal={"Service": service}, **conditions)


def ruled(aws: EmbeddedAws, name: str, arn: str, **target: Any) -> None:
    """A rule of the shared account that tells the topic of the events of a detail type."""
    events = aws.administrator(SHARED).client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"detail-type": [name]}))
    events.put_targets(Rule=name, Targets=[{"Id": "topic", "Arn": arn, **target}])
    events.put_events(Entries=[{"Source": "mine", "DetailType": name, "Detail": json.dumps({"run": "run-1"})}])


def test_a_rule_tells_a_topic_that_lets_eventbridge_in(aws: EmbeddedAws, client: Any, unique: str) -> None:
    arn = topic(client, unique, publishing("events.amazonaws.com"))
    transformer = {"InputPathsMap": {"run": "$.detail.run"}, "InputTemplate": '"run <run> waits"'}
    ruled(aws, unique, arn, InputTransformer=transformer)
    (one,) = eventually(lambda: told(arn))
    assert (one.message, one.told, one.error) == ("run run-1 waits", ("ann@example.com",), None)


def test_a_topic_without_a_statement_is_not_told(aws: EmbeddedAws, client: Any, unique: str) -> None:
    arn = topic(client, unique, publishing("cloudwatch.amazonaws.com"))
    ruled(aws, unique, arn)
    (one,) = eventually(lambda: told(arn))
    assert "sns:Publish" in (one.error or "")


@pytest.mark.parametrize("lets", [True, False])
def test_an_encrypted_topic_needs_the_key_too(aws: EmbeddedAws, client: Any, unique: str, lets: bool) -> None:
    kms = aws.administrator(SHARED).client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    arn = topic(client, unique, publishing("events.amazonaws.com"), KmsMasterKeyId=key)
    root = allow("kms:*", resource="*", principal={"AWS": f"arn:aws:iam::{SHARED}:root"})
    context = {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": arn if lets else f"{arn}x"}}
    use = allow("kms:Decrypt", "kms:GenerateDataKey", resource="*", principal={"Service": sns.EVENTS}, **context)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(root, use))
    ruled(aws, unique, arn)
    (one,) = eventually(lambda: told(arn))
    assert (one.error is None) is lets
    assert lets or f"kms:GenerateDataKey on {key}" in str(one.error)


def test_an_alarm_of_another_account_tells_the_topic_that_names_it(aws: EmbeddedAws, client: Any, unique: str) -> None:
    alarm = f"arn:aws:cloudwatch:us-east-1:{PRODUCTION}:alarm:{unique}"
    arn = topic(client, unique, publishing("cloudwatch.amazonaws.com", ArnLike={"aws:SourceArn": alarm}))
    for account in (PRODUCTION, TRAINING):
        cloudwatch = aws.administrator(account).client("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=unique,
            AlarmDescription="too many",
            Namespace="N",
            MetricName="M",
            Statistic="Average",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[arn],
        )
        for state in ("OK", "ALARM", "ALARM"):
            cloudwatch.set_alarm_state(AlarmName=unique, StateValue=state, StateReason="test")
    first, second = told(arn)
    assert (first.message, first.error) == (f"ALARM: {unique}: too many", None)
    assert "sns:Publish" in str(second.error)


def test_calls_are_decided_on_the_topic(roles: Roles, unique: str) -> None:
    arn = f"arn:aws:sns:us-east-1:{SHARED}:{unique}"
    mine = roles.session(unique, allow("sns:*", resource=arn)).client("sns")
    assert mine.create_topic(Name=unique, Tags=[{"Key": "a", "Value": "b"}])["TopicArn"] == arn
    subscription = mine.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@b.c")["SubscriptionArn"]
    assert mine.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    mine.unsubscribe(SubscriptionArn=subscription)
    for call, given in (
        (mine.create_topic, {"Name": f"{unique}x"}),
        (mine.publish, {"TopicArn": f"{arn}x", "Message": "m"}),
        (mine.list_topics, {}),
    ):
        assert error_of(call, **given)[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("template", "text"),
    [('"run <run> in <stage>"', "run run-1 in Train"), ('"<why>!"', 'says "no"!'), ('"<missing> <nobody-knows>"', " ")],
)
def test_templates(template: str, text: str) -> None:
    paths = {
        "run": "$.detail.execution-id",
        "stage": "$.detail.stage",
        "why": "$.detail.execution-result.summary",
        "missing": "$.detail.nothing.at-all",
    }
    assert transformed({"InputPathsMap": paths, "InputTemplate": template}, EVENT) == text


@pytest.mark.parametrize("lets", [True, False])
def test_a_person_who_publishes_to_an_encrypted_topic_needs_the_key_too(
    aws: EmbeddedAws, client: Any, roles: Roles, unique: str, lets: bool
) -> None:
    kms = aws.administrator(SHARED).client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    arn = topic(client, unique, KmsMasterKeyId=key)
    through = {"StringEquals": {"kms:ViaService": f"{'sns' if lets else 's3'}.us-east-1.amazonaws.com"}}
    use = allow("kms:Decrypt", "kms:GenerateDataKey", resource=key, **through)
    mine = roles.session(unique, allow("sns:Publish", resource=arn), use).client("sns")
    if lets:
        assert mine.publish(TopicArn=arn, Message="m")["MessageId"]
    else:
        assert error_of(mine.publish, TopicArn=arn, Message="m")[0] == "KMSAccessDenied"
