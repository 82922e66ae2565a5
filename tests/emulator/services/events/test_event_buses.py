"""Event buses with policies: who may put events where, and how far they go."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of, policy, statement
from tests.emulator.services.codepipeline.pipelines import eventually
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.events import moto_patches as events

BUS = f"arn:aws:events:us-east-1:{SHARED}:event-bus/default"
ROOT = f"arn:aws:iam::{TRAINING}:root"


@pytest.fixture
def shared(aws: EmbeddedAws) -> Any:
    """The shared account's EventBridge, whose bus has no policy (again)."""
    client = aws.administrator(SHARED).client("events")
    client.remove_permission(RemoveAllPermissions=True)
    return client


def named(sid: str, made: dict[str, Any]) -> dict[str, Any]:
    return {"Sid": sid, **made}


def opened(sid: str = "open", **conditions: Any) -> dict[str, Any]:
    return named(sid, allow("events:PutEvents", resource=BUS, principal={"AWS": ROOT}, **conditions))


def event(name: str, bus: str = BUS) -> dict[str, str]:
    return {"Source": "mine", "DetailType": name, "Detail": "{}", "EventBusName": bus}


class Listener:
    """A rule of an account for events of a detail type, with a target that records what it was given."""

    def __init__(self, aws: EmbeddedAws, account: str, name: str, target: dict[str, str]) -> None:
        self.account = account
        client = aws.administrator(account).client("events")
        self.arn: str = client.put_rule(Name=name, EventPattern=json.dumps({"detail-type": [name]}))["RuleArn"]
        client.put_targets(Rule=name, Targets=[{"Id": "target", **target}])

    @property
    def heard(self) -> list[events.Delivery]:
        return [one for one in events.deliveries(self.account, "us-east-1") if one.rule_arn == self.arn]


def recorder(aws: EmbeddedAws, roles: Roles, account: str, name: str) -> Listener:
    """Its target does not exist: that it was called is all that is wanted."""
    role = roles.create(f"{name}-nobody", account=account)
    machine = f"arn:aws:states:us-east-1:{account}:stateMachine:none"
    return Listener(aws, account, name, {"Arn": machine, "RoleArn": role})


def test_a_policy_replaces_the_whole_one_and_keeps_its_conditions(shared: Any) -> None:
    """Unlike a permission by parameters, which is added; one statement can be taken out."""
    shared.put_permission(StatementId="theirs", Action="events:PutEvents", Principal=TRAINING)
    shared.put_permission(StatementId="others", Action="events:PutEvents", Principal=PRODUCTION)
    statements = json.loads(shared.describe_event_bus()["Policy"])["Statement"]
    assert [one["Sid"] for one in statements] == ["theirs", "others"]
    narrowed = opened("mine", StringEquals={"events:source": "mine"})
    shared.put_permission(Policy=policy(narrowed, opened("second")))
    assert json.loads(shared.describe_event_bus()["Policy"])["Statement"] == [narrowed, opened("second")]
    shared.remove_permission(StatementId="mine")
    assert json.loads(shared.describe_event_bus()["Policy"])["Statement"] == [opened("second")]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "ValidationException"),
        (policy(allow("events:PutEvents", resource=BUS, principal={"AWS": ROOT})), "ValidationException"),
        (policy(opened("same"), opened("same")), "ValidationException"),
        (policy(opened("long", StringEquals={"events:source": "x" * 10_240})), "PolicyLengthExceededException"),
    ],
    ids=["no JSON", "no Sid", "a Sid twice", "too long"],
)
def test_what_is_no_policy_is_refused(shared: Any, document: str, code: str) -> None:
    """And the bus keeps the one it had."""
    shared.put_permission(Policy=policy(opened()))
    assert error_of(shared.put_permission, Policy=document)[0] == code
    assert "open" in shared.describe_event_bus()["Policy"]


def test_another_account_needs_the_policy_and_arrives_with_its_own_name(
    aws: EmbeddedAws, roles: Roles, shared: Any, unique: str
) -> None:
    """Its administrator is refused before, and by a deny; the event's account is the sender's."""
    client = aws.administrator(TRAINING).client("events")
    listener = recorder(aws, roles, SHARED, unique)
    assert error_of(client.put_events, Entries=[event(unique)])[0] == "AccessDeniedException"
    shared.put_permission(Policy=policy(opened()))
    assert client.put_events(Entries=[event(unique)])["FailedEntryCount"] == 0
    (heard,) = eventually(lambda: listener.heard)
    assert (heard.event["account"], heard.event["source"]) == (TRAINING, "mine")
    closed = named("no", statement("Deny", "events:PutEvents", resource=BUS, principal="*"))
    shared.put_permission(Policy=policy(opened(), closed))
    assert error_of(client.put_events, Entries=[event(unique)])[0] == "AccessDeniedException"


def test_an_incomplete_entry_fails_and_arrives_nowhere(
    aws: EmbeddedAws, roles: Roles, shared: Any, unique: str
) -> None:
    """Beside one that arrives."""
    shared.put_permission(Policy=policy(opened()))
    listener = recorder(aws, roles, SHARED, unique)
    client = aws.administrator(TRAINING).client("events")
    bad = {**event(unique), "Detail": "{"}
    answer = client.put_events(Entries=[bad, event(unique)])
    assert (answer["FailedEntryCount"], answer["Entries"][0]["ErrorCode"]) == (1, "MalformedDetail")
    assert [one.event["id"] for one in eventually(lambda: listener.heard)] == [answer["Entries"][1]["EventId"]]


@pytest.mark.parametrize("defect", [None, "trust", "right", "bus", "other event"])
def test_a_rule_forwards_as_its_targets_role(
    aws: EmbeddedAws, roles: Roles, shared: Any, unique: str, defect: str | None
) -> None:
    """The role's trust and right, and the bus's policy with the event's own source and type: all must agree."""
    service = "lambda.amazonaws.com" if defect == "trust" else "events.amazonaws.com"
    iam = aws.administrator(TRAINING).client("iam")
    trust = policy(allow("sts:AssumeRole", principal={"Service": service}))
    role = iam.create_role(RoleName=unique, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    right = allow("events:PutEvents", resource="*" if defect != "right" else f"{BUS}-other")
    iam.put_role_policy(RoleName=unique, PolicyName="rights", PolicyDocument=policy(right))
    conditions = {"ArnEquals": {"aws:PrincipalArn": role}, "StringEquals": {"events:detail-type": unique}}
    if defect == "other event":
        conditions["StringEquals"] = {"events:detail-type": "another"}
    if defect != "bus":
        shared.put_permission(Policy=policy(opened(**conditions)))
    listener = recorder(aws, roles, SHARED, unique)
    forward = Listener(aws, TRAINING, unique, {"Arn": BUS, "RoleArn": role})
    aws.administrator(TRAINING).client("events").put_events(Entries=[event(unique, "default")])
    (sent,) = eventually(lambda: forward.heard)
    if defect is None:
        assert [one.event["id"] for one in eventually(lambda: listener.heard)] == [sent.event["id"]]
    else:
        assert sent.error is not None
        assert listener.heard == []


def test_without_a_role_the_account_is_asked_for(aws: EmbeddedAws, roles: Roles, shared: Any, unique: str) -> None:
    """A policy that wants a role refuses it, one for the account lets it in."""
    listener = recorder(aws, roles, SHARED, unique)
    forward = Listener(aws, TRAINING, unique, {"Arn": BUS})
    client = aws.administrator(TRAINING).client("events")
    shared.put_permission(Policy=policy(opened(ArnEquals={"aws:PrincipalArn": f"arn:aws:iam::{TRAINING}:role/x"})))
    client.put_events(Entries=[event(unique, "default")])
    assert eventually(lambda: forward.heard)[0].error is not None
    shared.put_permission(Policy=policy(opened()))
    client.put_events(Entries=[event(unique, "default")])
    assert len(eventually(lambda: listener.heard)) == 1


def test_there_is_no_third_hop(aws: EmbeddedAws, roles: Roles, shared: Any, unique: str) -> None:
    """An event that came from another account is not sent on to one more."""
    shared.put_permission(Policy=policy(opened()))
    third = aws.administrator(PRODUCTION).client("events")
    bus = BUS.replace(SHARED, PRODUCTION)
    root = {"AWS": f"arn:aws:iam::{SHARED}:root"}
    third.put_permission(Policy=policy(named("a", allow("events:PutEvents", resource=bus, principal=root))))
    on = Listener(aws, SHARED, unique, {"Arn": bus})
    last, beside = recorder(aws, roles, PRODUCTION, unique), recorder(aws, roles, SHARED, f"{unique}-x")
    training = aws.administrator(TRAINING).client("events")
    training.put_events(Entries=[event(unique), event(f"{unique}-x")])
    eventually(lambda: beside.heard)
    assert (on.heard, last.heard) == ([], [])
    shared.put_events(Entries=[event(unique, "default")])
    assert len(eventually(lambda: last.heard)) == 1
