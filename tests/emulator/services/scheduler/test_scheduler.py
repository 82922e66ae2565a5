"""EventBridge Scheduler: what it refuses, and what is invoked when the clock is set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.configs import SHARED, TRAINING, example
from tests.emulator.rights import Roles, allow, error_of, policy
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.scheduler import moto_patches as scheduler
from xacct_ml.emulator.services.scheduler.ticking import Looks
from xacct_ml.operations.embedded import embedded

FUNCTION = f"arn:aws:lambda:us-east-1:{SHARED}:function:none"
EVERY_HOUR = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}}
NEVER = Pace(schedule_poll=3600)


class SetClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


CLOCK = SetClock()


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    """Nobody looks at the clock but the tests."""
    with embedded(example(), pace=NEVER, clock=CLOCK, notices=lambda _: None) as running:
        yield running


@pytest.fixture
def client(aws: EmbeddedAws) -> Any:
    return aws.administrator(SHARED).client("scheduler")


Make = Callable[..., str]


@pytest.fixture
def make(aws: EmbeddedAws, client: Any, roles: Roles, unique: str) -> Make:
    """A schedule in a group of its own; its name."""
    group = f"arn:aws:scheduler:us-east-1:{SHARED}:schedule-group/{unique}"
    trust = policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceArn": group, "aws:SourceAccount": SHARED}},
        }
    )

    def made(expression: str, zone: str = "UTC", rights: Any = None, **more: Any) -> str:
        rights = rights or allow("lambda:InvokeFunction", resource=FUNCTION)
        role = roles.create(f"{unique}-scheduler", rights)
        iam = aws.administrator(SHARED).client("iam")
        iam.update_assume_role_policy(RoleName=f"{unique}-scheduler", PolicyDocument=trust)
        client.create_schedule_group(Name=unique)
        client.create_schedule(
            Name=unique,
            GroupName=unique,
            ScheduleExpression=expression,
            ScheduleExpressionTimezone=zone,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": FUNCTION, "RoleArn": role, "Input": json.dumps({"time": "<aws.scheduler.scheduled-time>"})},
            **more,
        )
        return unique

    return made


def invoked(name: str) -> list[scheduler.Invocation]:
    return [one for one in scheduler.invocations(SHARED, "us-east-1") if one.schedule_arn.endswith(f"/{name}")]


def later(looks: Looks, **time: int) -> None:
    CLOCK.now += timedelta(**time)
    looks.look()


def test_what_is_due_is_invoked_as_the_role(aws: EmbeddedAws, make: Make) -> None:
    name, looks = make("cron(0 6 ? * MON *)", "Europe/Berlin"), Looks(aws.runtime)
    looks.look()
    later(looks, hours=10)
    assert invoked(name) == []
    later(looks, days=14)
    times = [one.time for one in invoked(name)]
    assert times == [time for time in times if (time.weekday(), time.hour) == (0, 5)]
    assert len(times) == 2
    # There is no such function: that it was called is all that is wanted.
    assert {one.error and one.error[0] for one in invoked(name)} == {"ResourceNotFoundException"}


def test_a_rate_is_due_at_once_and_then_by_the_rate(aws: EmbeddedAws, make: Make) -> None:
    name, looks = make("rate(6 hours)"), Looks(aws.runtime)
    looks.look()
    assert len(invoked(name)) == 1
    later(looks, hours=5)
    assert len(invoked(name)) == 1
    later(looks, hours=8)
    assert len(invoked(name)) == 3


def test_a_disabled_schedule_rests(aws: EmbeddedAws, make: Make) -> None:
    name, looks = make("rate(1 hour)", State="DISABLED"), Looks(aws.runtime)
    looks.look()
    later(looks, hours=3)
    assert invoked(name) == []


def test_a_role_without_the_right_invokes_nothing(aws: EmbeddedAws, make: Make) -> None:
    name, looks = make("rate(1 hour)", rights=allow("lambda:ListFunctions", resource="*")), Looks(aws.runtime)
    looks.look()
    (one,) = invoked(name)
    assert one.error is not None
    assert one.error[0] == "AccessDeniedException"


@pytest.mark.parametrize("expression", ["cron(0 6 * * * *)", "cron(0 6 * *)", "rate(5)", "daily"])
def test_expressions_are_looked_at(make: Make, expression: str) -> None:
    with pytest.raises(ClientError, match="Invalid Schedule Expression"):
        make(expression)


def test_a_role_that_does_not_let_it_in_is_refused(client: Any, roles: Roles, unique: str) -> None:
    target = {"Arn": FUNCTION, "RoleArn": roles.create(f"{unique}-closed")}
    code, message, _ = error_of(client.create_schedule, Name=unique, Target=target, **EVERY_HOUR)
    assert code == "ValidationException"
    assert "must allow AWS EventBridge Scheduler to assume the role" in message


def test_groups_are_there_once_and_go_with_their_tags(client: Any, unique: str) -> None:
    arn = client.create_schedule_group(Name=unique, Tags=[{"Key": "a", "Value": "b"}])["ScheduleGroupArn"]
    with pytest.raises(client.exceptions.ConflictException):
        client.create_schedule_group(Name=unique)
    client.delete_schedule_group(Name=unique)
    for look in (
        lambda: client.get_schedule_group(Name=unique),
        lambda: client.delete_schedule_group(Name=unique),
        lambda: client.list_tags_for_resource(ResourceArn=arn),
        lambda: client.get_schedule(GroupName=unique, Name="none"),
    ):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            look()
    client.create_schedule_group(Name=unique)
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == []


def test_calls_are_decided(roles: Roles, unique: str) -> None:
    """On the very schedule and group; a role that is given to it is passed."""
    mine = allow("scheduler:*", resource=f"arn:aws:scheduler:us-east-1:{TRAINING}:schedule/default/mine")
    client = roles.session(unique, mine, account=TRAINING).client("scheduler")
    given = {**EVERY_HOUR, "Target": {"Arn": FUNCTION, "RoleArn": f"arn:aws:iam::{TRAINING}:role/{unique}"}}
    refused = (
        error_of(client.create_schedule, Name="other", **given),
        error_of(client.create_schedule, Name="mine", **given),
        error_of(client.create_schedule_group, Name="group"),
        error_of(client.list_schedules),
    )
    assert {code for code, *_ in refused} == {"AccessDeniedException"}
    assert "iam:PassRole" in refused[1][1]
    assert error_of(client.get_schedule, Name="mine")[0] == "ResourceNotFoundException"


def test_a_call_that_fails_is_counted_for_its_group(aws: EmbeddedAws, make: Make) -> None:
    """An alarm on it goes off, and is calm again."""
    name, looks = make("rate(6 hours)"), Looks(aws.runtime)
    cloudwatch = aws.administrator(SHARED).client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/Scheduler",
        MetricName="InvocationDroppedCount",
        Dimensions=[{"Name": "ScheduleGroup", "Value": name}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=0.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    looks.look()
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert (alarm["StateValue"], alarm["StateReason"]) == ("OK", "it has not happened since")
