"""Who is told of what: only the project's rules and alarms publish, in every region; nothing is there without it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.configs import SHARED, approved_by_two, example, ireland
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import RepelledAttack, attack_all
from xacct_ml.proof.attacks.notifications import NOTIFICATIONS
from xacct_ml.proof.policies import DocumentKind
from xacct_ml.proof.prove import prove
from xacct_ml.proof.world import World, key_ref
from xacct_ml.system.thing import Alarm

EMAILS = {"emails": ("ml-team@example.com",)}
TOLD = world(approved_by_two(notifications=EMAILS))


def succeeding(given: World) -> set[str]:
    tried: list[RepelledAttack] = [one for one in attack_all(given) if one.attack.group == NOTIFICATIONS]
    assert tried
    return {one.attack.what for one in tried if not one.repelled}


@pytest.mark.parametrize(
    "given",
    [
        TOLD,
        world(ireland(notifications=EMAILS)),
        world(example(notifications=EMAILS, endpoint={"serverless": {}})),
        world(example(notifications=EMAILS, endpoint={"instance_count": 2, "rollout": {}})),
        world(example(notifications={"topic_arn": f"arn:aws:sns:us-east-1:{SHARED}:ml-events"})),
    ],
    ids=["two approvers", "another region", "serverless", "rollout", "a topic of others"],
)
def test_every_hop_is_allowed_and_every_attack_denied(given: World) -> None:
    assert prove(given).holds
    assert succeeding(given) == set()


def planted(sid: str, **changes: Any) -> World:
    (ref,) = (ref for ref in TOLD.policies.entries if ref.kind is DocumentKind.TOPIC)
    document = copy.deepcopy(TOLD.policies.entries[ref])
    (statement,) = (one for one in document["Statement"] if one["Sid"] == sid)
    statement |= changes
    return TOLD.with_policies(TOLD.policies.with_document(ref, document))


def test_a_topic_that_any_alarm_may_tell_is_found() -> None:
    found = succeeding(planted("AlarmsOfProductionPublish", Condition={}))
    assert "cloudwatch.amazonaws.com publishes for a foreign account in us-east-1" in found


def test_a_topic_that_any_rule_may_tell_is_found() -> None:
    found = succeeding(planted("EventsPublish", Condition={}))
    assert "events.amazonaws.com publishes for another rule in us-east-1" in found
    assert "events.amazonaws.com publishes for a foreign account (naming only the account) in us-east-1" in found


def test_a_key_that_services_may_use_for_anything_is_found() -> None:
    ref = key_ref(TOLD.names, TOLD.keys, TOLD.names.region)
    document = copy.deepcopy(TOLD.policies.entries[ref])
    (statement,) = (one for one in document["Statement"] if one["Sid"] == "NotificationsThroughSns")
    del statement["Condition"]
    found = succeeding(TOLD.with_policies(TOLD.policies.with_document(ref, document)))
    assert "events.amazonaws.com: kms:Decrypt for an object in us-east-1" in found


def test_alarms_that_only_tell_roll_nothing_back() -> None:
    """A rise of refused requests is no reason to take a deployment back."""
    alarms = {thing.name: thing for thing in TOLD.things if isinstance(thing, Alarm)}
    assert set(alarms) == {"churn-churn-4xx", "churn-churn-5xx"}
    (function,) = (thing for thing in TOLD.things if thing.id == "production/function")
    assert "4xx" not in function.environment["ALARMS"]  # type: ignore[attr-defined]


def test_without_the_maps_member_nothing_is_there() -> None:
    plain = world(approved_by_two())
    assert all("topic" not in thing.id and "4xx" not in thing.id for thing in plain.things)
    assert all(thing.actions == () for thing in plain.things if isinstance(thing, Alarm))
    assert not [one for one in attack_all(plain) if one.attack.group == NOTIFICATIONS]
