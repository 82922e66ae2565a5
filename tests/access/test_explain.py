"""What a decision tells: reason, statements and missing layers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.policies import (
    A_ROOT,
    A_SERVICE,
    ANYBODY,
    KEY,
    OBJECT,
    OTHER,
    OURS,
    ROLE,
    ROOT,
    SESSION,
    Statement,
    policy,
    request,
    statement,
)
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Layer, Outcome, Request, ResourcePolicyKind, StatementRef
from xacct_ml.access.policy import Policy

BUCKET, KMS, TRUST = ResourcePolicyKind.BUCKET, ResourcePolicyKind.KEY, ResourcePolicyKind.TRUST
ALLOW = policy(statement(action="*"), name="allow")
SILENT = policy(statement(action="ec2:*"), name="silent")
DENY = policy(statement("Deny", action="*"), name="deny")


def granting(principal: Any) -> Policy:
    return policy(statement(action="*", Principal=principal), name="resource")


def test_an_allow_names_each_granting_side() -> None:
    """Identity, boundary, session policy and resource policy, each with its statement."""
    decision = decide(request(owner=OTHER), PolicySet((ALLOW,), ALLOW, (ALLOW,), granting({"AWS": OURS}), BUCKET))
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


ASKED = f"s3:GetObject on {OBJECT} to {SESSION}"


def test_the_reason_of_an_allow() -> None:
    """Every statement that grants, or why none has to."""
    both = decide(request(owner=OTHER), PolicySet((ALLOW,), resource=granting({"AWS": OURS}), resource_kind=BUCKET))
    assert both.reason == f"identity policy allow › #1 and resource policy resource › #1 allows {ASKED}"
    limited = decide(request(), PolicySet((ALLOW,), ALLOW, (ALLOW,)))
    assert limited.reason == (
        f"identity policy allow › #1 and permissions boundary allow › #1 and session policy allow › #1 allows {ASKED}"
    )
    public = decide(request(ANYBODY), PolicySet(resource=granting("*"), resource_kind=BUCKET))
    assert public.reason == f"resource policy resource › #1 allows s3:GetObject on {OBJECT} to an anonymous caller"
    root = decide(request(A_ROOT), PolicySet())
    assert root.reason == f"full access of the root user allows s3:GetObject on {OBJECT} to {ROOT}"


@pytest.mark.parametrize(
    ("layers", "silent"),
    [
        ({}, "any identity policy (there is none) and none of any resource policy (there is none)"),
        (
            {"identity": (SILENT,), "resource": granting({"AWS": OTHER}), "resource_kind": BUCKET},
            "the identity policy 'silent' and none of the resource policy 'resource'",
        ),
        (
            {"identity": (SILENT, SILENT), "resource": granting({"AWS": OURS}), "resource_kind": BUCKET},
            "the identity policies 'silent', 'silent'",
        ),
        (
            {"identity": (ALLOW,), "boundary": SILENT, "resource": granting({"AWS": OURS}), "resource_kind": BUCKET},
            "the permissions boundary 'silent'",
        ),
        (
            {"identity": (ALLOW,), "session": (), "resource": granting({"AWS": OURS}), "resource_kind": BUCKET},
            "any session policy (there is none)",
        ),
        (
            {"identity": (ALLOW,), "session": (SILENT,), "resource": granting({"AWS": OURS}), "resource_kind": BUCKET},
            "the session policy 'silent'",
        ),
        ({"identity": (ALLOW,), "resource_kind": BUCKET}, "any resource policy (there is none)"),
        ({"identity": (ALLOW,), "resource_kind": KMS}, "any key policy (there is none)"),
        ({"identity": (ALLOW,), "resource_kind": TRUST}, "any trust policy (there is none)"),
    ],
)
def test_the_reason_of_an_implicit_deny(layers: Any, silent: str) -> None:
    """Every layer that had to allow and did not, with the documents it has."""
    asked = request(action="kms:Decrypt", resource=KEY, owner=OTHER)
    decision = decide(asked, PolicySet(**layers))
    assert decision.reason == f"no statement of {silent} allows kms:Decrypt on {KEY} to {SESSION}"


def test_the_reason_of_an_explicit_deny() -> None:
    """The statement that denies, by the kind of its document."""
    assert decide(request(), PolicySet((DENY,))).reason == f"identity policy deny › #1 denies {ASKED}"
    key_policy = policy(statement("Deny", "*", Principal="*", Sid="No"), name="kms key")
    denied = decide(request(), PolicySet(resource=key_policy, resource_kind=KMS))
    assert denied.reason == f"key policy kms key › No denies {ASKED}"


@pytest.mark.parametrize(
    ("asked", "kind", "why"),
    [
        (request(A_ROOT, "sts:AssumeRole", ROLE), TRUST, "the root user of an account cannot assume a role"),
        (request(ANYBODY, "kms:Decrypt", KEY), KMS, "kms:Decrypt needs a signed request"),
        (
            request(action="kms:EnableKey", resource=KEY, owner=OTHER),
            KMS,
            "kms:EnableKey has no effect across accounts",
        ),
    ],
)
def test_the_reason_of_what_no_policy_can_allow(asked: Request, kind: ResourcePolicyKind, why: str) -> None:
    """No document is to blame, and no layer is missing."""
    everything = policy(statement(action="*", Principal="*", resource=None if kind is TRUST else "*"))
    decision = decide(asked, PolicySet((ALLOW,), resource=everything, resource_kind=kind))
    assert (decision.outcome, decision.reason) == (Outcome.DENIED, why)
    assert (decision.statements, decision.missing) == ((), ())


NOT_CLEAR = "undetermined: identity policy p › #1 may match: "
NOT_CLEAR_THERE = "undetermined: resource policy p › #1 may match: "
ODD: Any = {"StringSounds": {"k:x": "a"}}
OWNER: Any = {"StringEquals": {"s3:prefix": "", "aws:ResourceOrgID": "o-1"}}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (statement(Condition=ODD), "StringSounds k:x: unknown operator"),
        (statement(Principal="*"), "an identity policy cannot have a Principal"),
        (
            statement(Condition=OWNER),
            "the condition 'StringEquals aws:ResourceOrgID' cannot be decided from this request",
        ),
        (
            statement(resource="arn:aws:s3:::data/${aws:username}/*"),
            "the policy variable '${aws:username}' has no value in this request",
        ),
        (statement(resource=None), "it has no Resource"),
    ],
)
def test_the_reason_of_an_open_statement(written: Statement, why: str) -> None:
    """The first thing that cannot be decided in it."""
    decision = decide(request(context={"s3:prefix": ""}), PolicySet((policy(written, name="p"),)))
    assert decision.reason == NOT_CLEAR + why


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (statement(), "it has no Principal"),
        (
            statement(Principal="*"),
            "whether it means states.amazonaws.com, or has its place in this policy, cannot be decided",
        ),
    ],
)
def test_the_reason_of_an_open_statement_of_a_resource(written: Statement, why: str) -> None:
    """There the principal may be the open question."""
    policies = PolicySet(resource=policy(written, name="p"), resource_kind=BUCKET)
    assert decide(request(A_SERVICE), policies).reason == NOT_CLEAR_THERE + why


def test_the_reason_where_the_statements_are_clear() -> None:
    """How the layers limit one another may be what is not."""
    limited = decide(request(), PolicySet(boundary=SILENT, resource=granting("*"), resource_kind=BUCKET))
    assert limited.reason == ("undetermined: AWS does not document how boundary and session policies limit this grant")


def test_an_open_deny_is_what_an_undetermined_decision_blames() -> None:
    """Not the open allow beside it."""
    odd = {"StringSounds": {"k:x": "a"}}
    mixed = policy(statement(Condition=odd, Sid="A"), statement(), statement("Deny", Condition=odd, Sid="D"), name="p")
    decision = decide(request(), PolicySet(identity=(mixed,)))
    assert decision.outcome is Outcome.UNDETERMINED
    assert "p › D" in decision.reason


def test_an_open_deny_of_a_resource_is_blamed() -> None:
    """The one that may hit, not one for somebody else or about something else before it."""
    odd = {"StringSounds": {"k:x": "a"}}
    resource = policy(
        statement("Deny", Principal={"AWS": OTHER}, Sid="Clear"),
        statement("Deny", Principal={"AWS": OTHER}, Condition=odd, Sid="Others"),
        statement("Deny", "ec2:*", Principal="*", Condition=odd, Sid="Elsewhere"),
        statement("Deny", Principal="*", Condition=odd, Sid="Open"),
        name="p",
    )
    decision = decide(request(), PolicySet((ALLOW,), resource=resource, resource_kind=BUCKET))
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.reason.startswith("undetermined: resource policy p › Open may match: ")


def test_whom_a_grant_without_principal_means_nothing_limits() -> None:
    """It may mean the very session: a boundary that is silent is not what is missing."""
    decision = decide(request(), PolicySet(boundary=SILENT, resource=policy(statement()), resource_kind=BUCKET))
    assert (decision.outcome, decision.missing) == (Outcome.UNDETERMINED, (Layer.RESOURCE,))


def test_an_open_grant_of_a_resource_is_blamed() -> None:
    """The one that may name the principal, not one that names it for certain and lacks the identity side."""
    odd = {"StringSounds": {"k:x": "a"}}
    resource = policy(
        statement(Principal={"AWS": ROOT}, Sid="Clear"),
        statement(Principal={"AWS": ROLE}, Condition=odd, Sid="Open"),
        name="p",
    )
    decision = decide(request(), PolicySet(resource=resource, resource_kind=BUCKET))
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.reason.startswith("undetermined: resource policy p › Open may match: ")


def test_not_principal_says_what_to_write_instead() -> None:
    """reference_policies_elements_notprincipal: "We recommend using the aws:PrincipalArn context key"."""
    spared = policy(statement("Deny", "s3:*", NotPrincipal={"AWS": ROLE}), statement(Principal="*"), name="b")
    reason = decide(request(), PolicySet(resource=spared, resource_kind=BUCKET)).reason
    assert "write Principal '*' and the condition ArnNotEquals aws:PrincipalArn" in reason
