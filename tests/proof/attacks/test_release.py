"""Releases: asked for by people, approved by people, written down by the judge."""

from __future__ import annotations

import pytest

from tests.configs import SHARED, TRAINING, approved_by_two, example
from tests.proof.changes import identity_of
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.attacks.release import RELEASES
from xacct_ml.proof.world import World
from xacct_ml.system.statements import allow

PLAIN = world(example())
TWO = world(approved_by_two())


def tried(given: World) -> dict[str, bool]:
    """What was tried, and whether it succeeds."""
    return {one.attack.what: not one.repelled for one in attack_all(given) if one.attack.group == RELEASES}


@pytest.mark.parametrize("given", [PLAIN, TWO], ids=["one approval", "two approvers"])
def test_every_attack_is_denied(given: World) -> None:
    assert tried(given)
    assert not any(tried(given).values())


def test_it_is_tried_by_roles_and_by_other_accounts() -> None:
    whats = tried(TWO)
    for who in (f"churn-judge of {SHARED}", f"churn-training of {TRAINING}", f"churn-0 of {TRAINING}"):
        assert f"{who} asks for one" in whats
        assert f"{who} answers Review" in whats
        assert f"{who} answers SecondReview" in whats
    assert f"churn-judge of {SHARED} says what serves" not in whats


@pytest.mark.parametrize(
    ("job", "policy", "action", "resource", "found"),
    [
        ("start", "start", "codepipeline:*", PLAIN.names.release_pipeline_arn, "churn-start of {}: codepipeline:Up"),
        ("start", "start", "codepipeline:*", f"{PLAIN.names.release_pipeline_arn}/*", "churn-start of {} answers Rev"),
        ("pipeline", "artifacts", "s3:PutObject", f"{PLAIN.names.bucket_arn}/*", "churn-pipeline of {} asks for one"),
    ],
)
def test_a_hole_is_found(job: str, policy: str, action: str, resource: str, found: str) -> None:
    """A right too many of a role of the shared account."""
    ref = identity_of(PLAIN.names.role_arn(SHARED, job), policy)
    document = PLAIN.policies.entries[ref]
    wider = {**document, "Statement": [*document["Statement"], allow("Hole", action, resource)]}
    holed = PLAIN.with_policies(PLAIN.policies.with_document(ref, wider))
    succeeding = [what for what, succeeds in tried(holed).items() if succeeds]
    assert any(what.startswith(found.format(SHARED)) for what in succeeding)
    assert not any("says what serve" in what for what in succeeding)
