"""Every part of every document is needed, and what is not needed is found."""

from __future__ import annotations

import copy
from functools import cache

import pytest

from tests.proof.changes import BUCKET_POLICY, KEY_ARN, KEY_POLICY, NAMES, POLICIES, WORLD, changed, identity_of
from tests.proof.maps import MAPS
from xacct_ml.operations.policies import world
from xacct_ml.proof.matrix.variants import Element, removals
from xacct_ml.proof.minimality.justified import JUSTIFIED
from xacct_ml.proof.minimality.minimality import Minimality, minimality
from xacct_ml.proof.world import World
from xacct_ml.system.names import Names
from xacct_ml.system.statements import allow, policy

pytestmark = pytest.mark.long


@cache
def report_of(name: str) -> Minimality:
    return minimality(world(MAPS[name]))


@pytest.mark.parametrize("name", MAPS)
def test_nothing_in_the_documents_is_unneeded(name: str) -> None:
    """Each of some 250 parts breaks a hop or opens an attack, but for a justified dozen."""
    report = report_of(name)
    assert [str(removal) for removal in report.unneeded] == []
    assert report.holds
    assert report.checked > 200
    keys = 1 + len(Names(MAPS[name]).other_regions)
    assert len(report.justified) <= len(JUSTIFIED) * keys
    assert all(needed.because.startswith("opens" if needed.removal.widens else "breaks") for needed in report.needed)


def test_every_justification_is_used_by_some_map() -> None:
    """Otherwise it would only hide a fault to come."""
    used = {
        entry
        for name, config in MAPS.items()
        for part in report_of(name).justified
        for entry in JUSTIFIED
        if entry.covers(part.removal, Names(config))
    }
    assert used == set(JUSTIFIED)


def test_every_part_is_taken_out() -> None:
    """Statements, actions, resources, principals, conditions and their values, each once."""
    parts = list(removals(POLICIES))
    assert {removal.element for removal in parts} == set(Element)
    assert len({str(removal) for removal in parts}) == len(parts)
    statements = sum(len(document["Statement"]) for document in POLICIES.entries.values())
    assert sum(removal.element is Element.STATEMENT for removal in parts) == statements


def test_an_unneeded_right_is_found() -> None:
    """An action, a resource and a whole statement too many."""
    ref = identity_of(NAMES.training_role, "data")
    more_actions = changed(ref, "ReadData", lambda one: one.update(Action=["s3:GetObject", "s3:GetObjectTagging"]))
    more_resources = changed(
        ref, "ReadData", lambda one: one.update(Resource=[one["Resource"], NAMES.object_arn("private/*")])
    )
    more_statements = WORLD.with_policies(POLICIES.with_statement(ref, allow("Decrypt", ["kms:ReEncryptFrom"], ["*"])))
    for given, part in (
        (more_actions, "s3:GetObjectTagging"),
        (more_resources, NAMES.object_arn("private/*")),
        (more_statements, "Decrypt"),
    ):
        assert [removal.part for removal in minimality(given).unneeded] == [part]


def test_a_right_that_only_an_operators_policy_asks_for_is_not_needed() -> None:
    """The operator's own policy is no witness of what the operator does."""
    surplus = policy(allow("Surplus", ["kms:ReplicateKey"], [KEY_ARN]))
    operators = {**WORLD.operators, NAMES.shared: {**WORLD.operators[NAMES.shared], "surplus": surplus}}
    given = World.of_map(WORLD.config, operators)
    document = copy.deepcopy(given.policies.entries[KEY_POLICY])
    (administration,) = (one for one in document["Statement"] if one["Sid"] == "KeyAdministration")
    administration["Action"].append("kms:ReplicateKey")
    found = minimality(given.with_policies(given.policies.with_document(KEY_POLICY, document)))
    assert [removal.part for removal in found.unneeded] == ["kms:ReplicateKey"]


def test_a_useless_guard_is_found() -> None:
    """A deny that denies nothing which any attack would do, and a condition that restricts nothing."""
    deny = {
        "Sid": "DenyNobody",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObjectTorrent",
        "Resource": NAMES.object_arn("*"),
    }
    report = minimality(WORLD.with_policies(POLICIES.with_statement(BUCKET_POLICY, deny)))
    assert [removal.sid for removal in report.unneeded] == ["DenyNobody"]
    given = changed(
        BUCKET_POLICY,
        "EndpointReadsModels",
        lambda one: one["Condition"].update(StringLike={"aws:RequestedRegion": "*"}),
    )
    assert [removal.part for removal in minimality(given).unneeded] == ["StringLike aws:RequestedRegion"]


def test_each_side_is_judged_with_the_other_open() -> None:
    """The key policy and the roles' policies bind use of the key to S3 alike: each counts as needed by itself, with
    the attack that it alone would let through."""
    because = {
        needed.removal.ref.kind.value: needed.because
        for needed in report_of("example").needed
        if needed.removal.part == "StringEquals kms:ViaService"
    }
    assert set(because) == {"identity policy", "key policy"}
    assert all(reason.endswith(("past S3", "through another service")) for reason in because.values())


def test_a_guard_that_only_the_other_side_has_is_still_a_gap_here() -> None:
    """Without the key policy's own binding to S3, its other conditions are judged against an open identity side."""
    given = changed(KEY_POLICY, "ReadThroughS3", lambda one: one["Condition"].pop("StringEquals"))
    parts = {str(needed.removal) for needed in minimality(given).needed}
    assert not any("ReadThroughS3" in part and "kms:ViaService" in part for part in parts)
    assert any("ReadThroughS3" in part and "aws:PrincipalArn" in part for part in parts)
