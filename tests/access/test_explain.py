"""What a decision tells: reason, statements and missing layers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.policies import KEY, OTHER, OURS, ROLE, SESSION, policy, request, statement
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Layer, Outcome, ResourcePolicyKind, StatementRef
from xacct_ml.access.policy import Policy

BUCKET, KMS = ResourcePolicyKind.BUCKET, ResourcePolicyKind.KEY
ALLOW = policy(statement(action="*"), name="allow")
SILENT = policy(statement(action="ec2:*"), name="silent")
DENY = policy(statement("Deny", action="*"), name="deny")


def granting(principal: Any) -> Policy:
    return policy(statement(action="*", Principal=principal), name="resource")


def test_an_allow_names_each_granting_side() -> None:
    """Identity, boundary, session policy and resource policy, each with its statement."""
    decision = decide(
        request(owner=OTHER),
        PolicySet((ALLOW,), ALLOW, (ALLOW,), granting({"AWS": OURS}), BUCKET),
    )
    assert decision.allowed
    assert decision.statements == (
        StatementRef(Layer.IDENTITY, "allow", "#1"),
        StatementRef(Layer.BOUNDARY, "allow", "#1"),
        StatementRef(Layer.SESSION, "allow", "#1"),
        StatementRef(Layer.RESOURCE, "resource", "#1"),
    )
    assert "identity policy allow › #1" in decision.reason


@pytest.mark.parametrize(
    ("layers", "missing"),
    [
        ({}, (Layer.IDENTITY, Layer.RESOURCE)),
        ({"identity": (ALLOW,)}, (Layer.RESOURCE,)),
        ({"identity": (ALLOW,), "boundary": SILENT}, (Layer.BOUNDARY, Layer.RESOURCE)),
        ({"resource": granting({"AWS": OURS})}, (Layer.IDENTITY,)),
        ({"identity": (ALLOW,), "session": (SILENT,), "resource": granting({"AWS": OURS})}, (Layer.SESSION,)),
    ],
)
def test_a_denial_across_accounts_names_what_is_missing(layers: Any, missing: tuple[Layer, ...]) -> None:
    """Every layer that had to allow and did not."""
    decision = decide(request(owner=OTHER), PolicySet(**layers, resource_kind=BUCKET))
    assert (decision.outcome, decision.missing, decision.statements) == (Outcome.DENIED, missing, ())


@pytest.mark.parametrize(
    ("layers", "missing"),
    [
        ({"resource": granting({"AWS": OTHER})}, (Layer.RESOURCE,)),
        ({"identity": (ALLOW,)}, (Layer.RESOURCE,)),
        ({"resource": granting({"AWS": OURS})}, (Layer.IDENTITY,)),
        ({"resource": granting({"AWS": ROLE}), "boundary": SILENT}, (Layer.BOUNDARY,)),
    ],
)
def test_a_denial_by_a_key_names_the_nearest_way(layers: Any, missing: tuple[Layer, ...]) -> None:
    """The key policy first; the identity side once it delegates."""
    decision = decide(request(action="kms:Decrypt", resource=KEY), PolicySet(**layers, resource_kind=KMS))
    assert (decision.outcome, decision.missing) == (Outcome.DENIED, missing)


def test_reasons_are_one_line_for_a_person() -> None:
    """Each names action, resource, principal and document."""
    key_policy = policy(statement(action="kms:Encrypt", Principal="*"), name="kms key")
    silent = decide(request(action="kms:Decrypt", resource=KEY), PolicySet(resource=key_policy, resource_kind=KMS))
    assert silent.reason == f"no statement of the key policy 'kms key' allows kms:Decrypt on {KEY} to {SESSION}"
    denied = decide(request(), PolicySet(identity=(DENY,)))
    assert denied.reason.startswith("identity policy deny › #1 denies s3:GetObject on ")
    odd = policy(statement(Condition={"StringSounds": {"k:x": "a"}}), name="odd")
    undetermined = decide(request(), PolicySet(identity=(odd,)))
    assert undetermined.reason == "undetermined: identity policy odd › #1 may match: StringSounds k:x: unknown operator"
    home = policy(statement(resource="arn:aws:s3:::data/${aws:username}/*"), name="home")
    assert "whether its Resource covers" in decide(request(), PolicySet(identity=(home,))).reason
    limited = decide(request(), PolicySet(boundary=SILENT, resource=granting("*"), resource_kind=BUCKET))
    assert "does not document" in limited.reason


def test_an_open_deny_is_what_an_undetermined_decision_blames() -> None:
    """Not the open allow beside it."""
    odd = {"StringSounds": {"k:x": "a"}}
    mixed = policy(statement(Condition=odd, Sid="A"), statement(), statement("Deny", Condition=odd, Sid="D"), name="p")
    decision = decide(request(), PolicySet(identity=(mixed,)))
    assert decision.outcome is Outcome.UNDETERMINED
    assert "p › D" in decision.reason
