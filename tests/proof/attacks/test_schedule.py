"""The schedule: its two roles start the pipeline and nothing else, and without the map's member nothing is there."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.configs import TRAINING, approved_by_two, example
from tests.proof.changes import identity_of
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import RepelledAttack, attack_all
from xacct_ml.proof.attacks.schedule import SCHEDULE
from xacct_ml.proof.prove import prove
from xacct_ml.proof.world import World

EXPRESSION = {"expression": "cron(0 6 ? * MON *)"}
SCHEDULED = world(approved_by_two(schedule=EXPRESSION))
PLAIN = world(approved_by_two())


def tried(given: World) -> list[RepelledAttack]:
    return [one for one in attack_all(given) if one.attack.group == SCHEDULE]


def planted(role: str, name: str, **changes: Any) -> World:
    """The world where the first statement of one of a role's policies is another."""
    ref = identity_of(role, name)
    document = copy.deepcopy(SCHEDULED.policies.entries[ref])
    document["Statement"][0] |= changes
    return SCHEDULED.with_policies(SCHEDULED.policies.with_document(ref, document))


def succeeding(given: World) -> set[str]:
    return {one.attack.what for one in tried(given) if not one.repelled}


def test_every_attack_is_denied() -> None:
    assert tried(SCHEDULED)
    assert succeeding(SCHEDULED) == set()


def test_every_hop_is_allowed() -> None:
    assert prove(SCHEDULED).holds
    assert prove(world(example(schedule=EXPRESSION))).holds


@pytest.mark.parametrize(
    "who",
    [
        f"churn-training of {TRAINING}",
        f"churn-0 of {TRAINING}",
        "ml-approver of 111111111111",
        "churn-judge of 111111111111",
        "churn-scheduler of 111111111111",
    ],
)
def test_it_is_tried_by_everybody_who_could_want_to(who: str) -> None:
    whats = {one.attack.what for one in tried(SCHEDULED)}
    assert {f"{who} starts the pipeline", f"{who} notes a run", f"{who}: scheduler:UpdateSchedule"} <= whats


def test_a_scheduler_that_may_call_anything_is_found() -> None:
    """A target may be any API's operation."""
    found = succeeding(planted(SCHEDULED.names.scheduler_role, "invoke", Action="*", Resource="*"))
    assert "churn-scheduler invokes churn-judge of 111111111111" in found
    assert "churn-scheduler of 111111111111 starts the pipeline" in found


def test_a_function_that_may_approve_is_found() -> None:
    role = SCHEDULED.names.schedule_function_role
    found = succeeding(planted(role, "run", Action="codepipeline:*", Resource=f"{SCHEDULED.names.pipeline_arn}*"))
    assert "churn-schedule-function: PutApprovalResult in Approve" in found
    assert "churn-schedule-function: codepipeline:UpdatePipeline" in found


def test_without_the_maps_member_nothing_is_there() -> None:
    assert tried(PLAIN) == []
    assert all("schedule" not in thing.id for thing in PLAIN.things)
    before = [(hop.stage, hop.what, hop.request) for hop in PLAIN.hops]
    assert [hop for hop in ((one.stage, one.what, one.request) for one in SCHEDULED.hops) if hop in before] == before
