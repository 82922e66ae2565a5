"""Hops and documents agree with AWS's own list of actions; the seed's void rights are found."""

from __future__ import annotations

import pytest

from tests.proof.changes import KEY_POLICY, NAMES, POLICIES, WORLD, changed, identity_of
from tests.proof.maps import MAPS
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.reference import contradictions
from xacct_ml.system.statements import Document, allow


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_nothing_contradicts_the_reference(config: Config) -> None:
    """Every action exists, on a resource type that it has, with condition keys that it fills."""
    assert contradictions(world(config)) == ()


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (allow("B6", ["kms:ReEncrypt"], ["*"]), "kms:ReEncrypt is no action"),
        (
            allow("B7", ["codecommit:GitPull"], [NAMES.object_arn("*")]),
            "codecommit:GitPull acts on nothing that the statement covers",
        ),
        (
            allow("Wrong", ["codepipeline:PutJobSuccessResult"], [NAMES.pipeline_arn]),
            "codepipeline:PutJobSuccessResult acts on nothing that the statement covers",
        ),
        (
            allow("Key", ["s3:GetObject"], [NAMES.object_arn("data/*")], {"StringLike": {"s3:prefix": "data/*"}}),
            "s3:GetObject never carries s3:prefix",
        ),
    ],
    ids=lambda given: given.get("Sid") if isinstance(given, dict) else "",
)
def test_a_void_right_is_found(statement: Document, why: str) -> None:
    """An action that does not exist, has another resource or another condition key."""
    given = WORLD.with_policies(POLICIES.with_statement(identity_of(NAMES.pipeline_role, "actions"), statement))
    assert [found.why for found in contradictions(given)] == [why]


def test_a_key_policy_cannot_grant_what_has_no_key() -> None:
    """``kms:ListAliases`` knows no key: only an identity policy can grant it."""
    given = changed(KEY_POLICY, "KeyAdministration", lambda one: one.update(Action=["kms:ListAliases"]))
    (found,) = contradictions(given)
    assert found.why == "kms:ListAliases acts on nothing that the statement covers"
