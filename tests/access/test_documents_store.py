"""Which documents speak on a request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.access.policies import (
    A_ROLE,
    A_ROOT,
    A_SERVICE,
    A_SESSION,
    A_USER,
    ANYBODY,
    BUCKET,
    KEY,
    OBJECT,
    OTHER,
    OURS,
    ROLE,
    USER,
    policy,
    request,
    statement,
)
from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.model import Outcome, Principal, ResourcePolicyKind
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import PolicyStore, authorize

TRUST = policy(statement(action="sts:AssumeRole", resource=None, Principal={"AWS": USER}), name="trust")
IDENTITY = policy(statement(action="s3:GetObject"), name="identity")
BOUNDARY = policy(statement(action="s3:*"), name="boundary")
KEY_POLICY = policy(statement(action="kms:*", Principal={"AWS": ROLE}), name="key")
BUCKET_POLICY = policy(statement(Principal={"AWS": USER}), name="bucket")
BUS, BUS_POLICY = f"arn:aws:events:us-east-1:{OURS}:event-bus/default", policy(statement(Principal="*"), name="bus")
STORE = DocumentStore(
    roles={ROLE: RolePolicies(TRUST, (IDENTITY,), BOUNDARY)},
    resources={KEY: KEY_POLICY, BUCKET: BUCKET_POLICY, BUS: BUS_POLICY},
    principals={USER: (BOUNDARY,)},
)


@pytest.mark.parametrize(
    ("principal", "identity", "boundary"),
    [
        (A_ROLE, (IDENTITY,), BOUNDARY),
        (A_SESSION, (IDENTITY,), BOUNDARY),
        (A_USER, (BOUNDARY,), None),
        (A_ROOT, (), None),
        (A_SERVICE, (), None),
        (ANYBODY, (), None),
        (Principal.role(f"arn:aws:iam::{OURS}:role/stranger"), (), None),
    ],
)
def test_the_identity_side_follows_the_principal(
    principal: Principal, identity: tuple[Policy, ...], boundary: Policy | None
) -> None:
    """A session speaks with its role's policies."""
    policies = STORE.policies_for(request(principal))
    assert (policies.identity, policies.boundary, policies.session) == (identity, boundary, None)


@pytest.mark.parametrize("principal", [A_SERVICE, ANYBODY])
def test_services_and_anonymous_callers_have_no_identity_policies(principal: Principal) -> None:
    """Not even those of a principal that is called like them."""
    store = STORE.with_principal(principal.arn, (IDENTITY,))
    assert store.policies_for(request(principal)).identity == ()


@pytest.mark.parametrize(
    ("action", "resource", "kind", "document"),
    [
        ("s3:GetObject", OBJECT, ResourcePolicyKind.BUCKET, BUCKET_POLICY),
        ("s3:ListBucket", BUCKET, ResourcePolicyKind.BUCKET, BUCKET_POLICY),
        ("s3:GetObject", "arn:aws:s3:::data2/x", ResourcePolicyKind.BUCKET, None),
        ("kms:Decrypt", KEY, ResourcePolicyKind.KEY, KEY_POLICY),
        ("kms:Decrypt", KEY + "x", ResourcePolicyKind.KEY, None),
        ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{OURS}:alias/x", ResourcePolicyKind.NONE, None),
        ("sts:AssumeRole", ROLE, ResourcePolicyKind.TRUST, TRUST),
        ("STS:TagSession", ROLE, ResourcePolicyKind.TRUST, TRUST),
        ("sts:SetSourceIdentity", ROLE, ResourcePolicyKind.TRUST, TRUST),
        ("sts:AssumeRole", ROLE + "x", ResourcePolicyKind.TRUST, None),
        ("iam:PassRole", ROLE, ResourcePolicyKind.NONE, None),
        ("sts:AssumeRole", USER, ResourcePolicyKind.NONE, None),
        ("s3:ListAllMyBuckets", "*", ResourcePolicyKind.NONE, None),
        ("events:PutEvents", BUS, ResourcePolicyKind.BUCKET, BUS_POLICY),
        ("events:PutRule", BUS.replace("event-bus", "rule"), ResourcePolicyKind.NONE, None),
        ("states:StartExecution", f"arn:aws:states:r:{OURS}:stateMachine:m", ResourcePolicyKind.NONE, None),
    ],
)
def test_the_resource_side_follows_resource_and_action(
    action: str, resource: str, kind: ResourcePolicyKind, document: Policy | None
) -> None:
    """An object is guarded by its bucket's policy; a role's trust policy speaks on being assumed only."""
    policies = STORE.policies_for(request(action=action, resource=resource))
    assert (policies.resource_kind, policies.resource) == (kind, document)


def test_a_bucket_of_the_name_in_another_account_has_its_own_policy() -> None:
    """Its ARN says nothing of the account."""
    theirs = policy(statement(Principal="*"), name="theirs")
    store = replace(STORE, elsewhere={(BUCKET, OTHER): theirs})
    for resource in (BUCKET, OBJECT):
        asked = request(action="s3:GetObject", resource=resource)
        assert store.policies_for(asked).resource == BUCKET_POLICY
        assert store.policies_for(replace(asked, resource_account=OTHER)).resource == theirs
    near = replace(request(action="s3:GetObject", resource="arn:aws:s3:::data2/x"), resource_account=OTHER)
    assert store.policies_for(near).resource is None


def test_authorize_decides_with_the_stores_policies() -> None:
    """The whole way, through the protocol."""
    store: PolicyStore = STORE
    assert authorize(request(A_USER), store).allowed
    assert authorize(request(action="kms:Decrypt", resource=KEY), store).outcome is Outcome.DENIED
    assert authorize(request(A_USER, "sts:AssumeRole", ROLE), store).allowed


def test_one_document_is_replaced_or_removed() -> None:
    """The derived store differs in that entry alone; the original stays as it was."""
    asked = request(A_ROLE)
    assert authorize(asked, STORE).allowed
    without_identity = STORE.with_role(ROLE, RolePolicies(TRUST))
    assert authorize(asked, without_identity).outcome is Outcome.DENIED
    assert authorize(asked, STORE.with_role(ROLE, None)).outcome is Outcome.DENIED
    denying = policy(statement("Deny", Principal="*"))
    assert authorize(asked, STORE.with_resource(BUCKET, denying)).outcome is Outcome.DENIED
    assert authorize(asked, STORE.with_resource(BUCKET, None)).allowed
    assert STORE.with_resource(KEY, None).resources == {BUCKET: BUCKET_POLICY, BUS: BUS_POLICY}
    assert STORE.with_principal(USER, None).principals == {}
    assert STORE.with_resource(KEY, None).roles is STORE.roles
    assert authorize(asked, STORE).allowed
