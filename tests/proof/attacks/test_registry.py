"""The Model Registry: nobody but the release sets Approved, and nothing of it is there without the map's member."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.configs import APPROVER, PRODUCTION, TRAINING, approved_by_two, example
from tests.proof.changes import identity_of
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import RepelledAttack, attack_all, attacks
from xacct_ml.proof.attacks.registry import REGISTRY
from xacct_ml.proof.prove import prove
from xacct_ml.proof.world import World

REGISTERED = world(approved_by_two(registry={"model_package_group": "churn-models"}))
PLAIN = world(approved_by_two())


def tried(given: World) -> list[RepelledAttack]:
    return [one for one in attack_all(given) if one.attack.group == REGISTRY]


def planted(role: str, sid: str, change: Callable[[dict[str, Any]], None]) -> World:
    """The world where a statement of a role's ``registry`` policy is another."""
    ref = identity_of(role, "registry")
    document = copy.deepcopy(REGISTERED.policies.entries[ref])
    (statement,) = (one for one in document["Statement"] if one["Sid"] == sid)
    change(statement)
    return REGISTERED.with_policies(REGISTERED.policies.with_document(ref, document))


def test_every_attack_is_denied() -> None:
    assert [one.attack.what for one in tried(REGISTERED) if not one.repelled] == []


@pytest.mark.parametrize(
    "who",
    [
        APPROVER.rpartition("/")[2],
        "xacct-ml-operator of 111111111111",
        f"churn-training of {TRAINING}",
        f"churn-state-machine of {TRAINING}",
        f"churn-cloudformation of {TRAINING}",
        f"churn-0 of {TRAINING}",
        f"churn-0 of {PRODUCTION}",
        f"churn-deploy-function of {PRODUCTION}",
        "churn-judge of 111111111111",
        "churn-pipeline of 111111111111",
    ],
)
def test_it_is_tried_by_everybody_who_could_want_to(who: str) -> None:
    """What a pushed template runs as is among them."""
    assert any(
        one.attack.what.startswith(who) and "UpdateModelPackage, approved" in one.attack.what
        for one in tried(REGISTERED)
    )


def without_condition(statement: dict[str, Any]) -> None:
    del statement["Condition"]


def if_sent(statement: dict[str, Any]) -> None:
    statement["Condition"] = {"StringEqualsIfExists": statement["Condition"]["StringEquals"]}


@pytest.mark.parametrize("change", [without_condition, if_sent])
def test_without_its_condition_a_hole_is_found(change: Callable[[dict[str, Any]], None]) -> None:
    names = REGISTERED.names
    for role, sid, what in (
        (names.judge_role, "Register", "churn-judge of 111111111111: sagemaker:CreateModelPackage"),
        (names.registry_role, "Release", "churn-registry of 111111111111: sagemaker:UpdateModelPackage"),
    ):
        allowed = [one.attack.what for one in tried(planted(role, sid, change)) if not one.repelled]
        assert allowed
        assert all(each.startswith(what) for each in allowed)


def test_a_judge_that_may_update_is_found() -> None:
    def updates(statement: dict[str, Any]) -> None:
        statement["Action"] = "sagemaker:*"
        del statement["Condition"]

    allowed = [
        one.attack.what for one in tried(planted(REGISTERED.names.judge_role, "Register", updates)) if not one.repelled
    ]
    assert "churn-judge of 111111111111: sagemaker:UpdateModelPackage, approved" in allowed


def test_without_the_maps_member_nothing_is_there() -> None:
    """No thing, no hop, no attack more or less; with it, what is added and nothing else."""
    assert tried(PLAIN) == []
    assert all("registry" not in thing.id and "model-package" not in thing.id for thing in PLAIN.things)
    before = [(hop.stage, hop.what, hop.request) for hop in PLAIN.hops]
    after = [(hop.stage, hop.what, hop.request) for hop in REGISTERED.hops]
    assert [hop for hop in after if hop in before] == before
    added = {
        action for _, _, request in after if (action := request.action).startswith("sagemaker:") and "Package" in action
    }
    assert added == {f"sagemaker:{each}ModelPackage" for each in ("Create", "Describe", "Update")}
    assert {one.what for one in attacks(PLAIN)} <= {one.what for one in attacks(REGISTERED)}


def test_every_hop_is_allowed() -> None:
    assert prove(REGISTERED).holds
    assert prove(world(example(registry={"model_package_group": "churn-models"}))).holds
