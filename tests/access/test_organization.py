"""Policies of an organization: whom they limit, and that they only take away."""

from __future__ import annotations

import pytest

from tests.access.policies import (
    A_ROOT,
    A_SESSION,
    A_USER,
    KEY,
    OTHER,
    OURS,
    ROLE,
    Statement,
    policy,
    request,
    statement,
)
from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.model import Decision, Layer, Outcome, Principal, Request
from xacct_ml.access.organization import Organization
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import authorize

ALL = statement(action="*", Sid="All")
NO_READ = statement("Deny", "s3:GetObject", Sid="NoRead")
BY_ANYBODY = statement("Deny", "s3:GetObject", Principal="*", Sid="NoRead")
LINKED = f"arn:aws:iam::{OURS}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForX"
OPEN = statement(Principal="*", action="*", Sid="Open")
TRUST = statement(Principal={"AWS": OURS}, action="sts:AssumeRole", resource=None)


def named(name: str, *statements: Statement) -> Policy:
    return policy(*statements, name=name)


def decided(organization: Organization, asked: Request) -> Decision:
    """Everybody may do everything at home, and the bucket and the key are open."""
    everything = (named("admin", ALL),)
    roles = {arn: RolePolicies(named("trust", TRUST), everything) for arn in (ROLE, LINKED)}
    store = DocumentStore(
        roles,
        {"arn:aws:s3:::data": named("bucket", OPEN), KEY: named("key", OPEN)},
        {A_USER.arn: everything, f"arn:aws:iam::{OTHER}:role/theirs": everything},
        organization,
    )
    return authorize(asked, store)


def outcome(organization: Organization, asked: Request) -> Outcome:
    return decided(organization, asked).outcome


def by_service(*levels: tuple[Policy, ...], management: str | None = None) -> Organization:
    return Organization({OURS: levels}, {}, management)


def by_resource(*policies: Policy, management: str | None = None) -> Organization:
    return Organization({}, {OURS: policies}, management)


@pytest.mark.parametrize("principal", [A_SESSION, A_USER, A_ROOT], ids=lambda one: one.kind.value)
def test_a_denial_holds_for_everybody_of_the_account(principal: Principal) -> None:
    """ "Including the root user"; and it is named."""
    found = decided(by_service((named("full", ALL), named("no-read", NO_READ))), request(principal))
    assert found.outcome is Outcome.DENIED
    assert [(one.layer, str(one)) for one in found.statements] == [(Layer.SERVICE_CONTROL, "no-read › NoRead")]
    assert found.reason.startswith("service control policy no-read › NoRead denies s3:GetObject")


def test_what_allows_everything_changes_nothing() -> None:
    """The decision is the same, word for word: a service control policy grants nothing."""
    limited = by_service((named("full", ALL),), (named("full", ALL),))
    for asked in (request(), request(A_ROOT), request(action="kms:Decrypt", resource=KEY)):
        assert decided(limited, asked) == decided(Organization(), asked)


def test_every_level_has_to_allow_and_any_of_its_policies_may() -> None:
    """orgs_manage_policies_scps_evaluation."""
    reads, writes = (named(f"may-{one}", statement(action=f"s3:{one}")) for one in ("GetObject", "PutObject"))
    assert outcome(by_service((reads, writes)), request()) is Outcome.ALLOWED
    assert outcome(by_service((reads,), (reads, writes)), request()) is Outcome.ALLOWED
    found = decided(by_service((named("full", ALL),), (writes,)), request())
    assert found.missing == (Layer.SERVICE_CONTROL,)
    assert found.reason.startswith("no statement of the service control policies 'full', 'may-PutObject' allows")
    assert outcome(by_service(()), request()) is Outcome.DENIED


def test_whom_service_control_does_not_limit() -> None:
    """The management account, service-linked roles, services, and principals of other accounts."""
    none = (named("no-read", NO_READ),)
    theirs = Principal.session(f"arn:aws:iam::{OTHER}:role/theirs", "run-1")
    assert outcome(by_service(none), request()) is Outcome.DENIED
    assert outcome(by_service(none, management=OURS), request()) is Outcome.ALLOWED
    assert outcome(by_service(none, management=OTHER), request()) is Outcome.DENIED
    assert outcome(by_service(none), request(Principal.role(LINKED))) is Outcome.ALLOWED
    assert outcome(by_service(none), request(theirs)) is Outcome.ALLOWED


def test_resource_control_limits_whoever_asks() -> None:
    """Principals of other accounts and the root user too; never the resources of others."""
    limited = by_resource(named("no-read", BY_ANYBODY))
    theirs = Principal.session(f"arn:aws:iam::{OTHER}:role/theirs", "run-1")
    for principal in (A_SESSION, A_ROOT, theirs):
        found = decided(limited, request(principal))
        assert found.outcome is Outcome.DENIED
        assert found.statements[0].layer is Layer.RESOURCE_CONTROL
    assert outcome(limited, request(owner=OTHER)) is Outcome.ALLOWED
    assert outcome(by_resource(named("no-read", BY_ANYBODY), management=OURS), request()) is Outcome.ALLOWED
    assert outcome(limited, request(Principal.role(LINKED))) is Outcome.ALLOWED


def test_only_its_denials_count() -> None:
    """RCPFullAWSAccess is attached everywhere and cannot be taken away."""
    other = named("other", statement("Deny", "kms:Decrypt", Principal="*"))
    assert outcome(by_resource(other), request()) is Outcome.ALLOWED
    full = named("RCPFullAWSAccess", statement(action="*", Principal="*"))
    assert decided(by_resource(full), request()) == decided(Organization(), request())


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("kms:Decrypt", KEY, Outcome.DENIED),
        ("kms:RetireGrant", KEY, Outcome.ALLOWED),
        ("s3:ListAllMyBuckets", "*", Outcome.ALLOWED),
        ("sagemaker:CreateTrainingJob", f"arn:aws:sagemaker:eu-west-1:{OURS}:training-job/x", Outcome.ALLOWED),
        ("sts:AssumeRole", ROLE, Outcome.DENIED),
        ("sts:AssumeRole", LINKED, Outcome.ALLOWED),
    ],
)
def test_what_resource_control_knows(action: str, resource: str, expected: Outcome) -> None:
    """Services of its list, actions with a resource, not RetireGrant, and no service-linked role."""
    limited = by_resource(named("none", statement("Deny", "*", Principal="*")))
    assert outcome(limited, request(action=action, resource=resource)) is expected


SERVICES = (
    *("codecommit", "codepipeline", "dynamodb", "ecr", "events", "kms"),
    *("logs", "s3", "secretsmanager", "sqs", "sts"),
)


@pytest.mark.parametrize("service", SERVICES)
def test_services_that_resource_control_knows(service: str) -> None:
    """Organizations User Guide, orgs_manage_policies_rcps, "AWS services that support RCPs"."""
    limited = by_resource(named("none", statement("Deny", "*", Principal="*")))
    asked = request(action=f"{service}:GetThing", resource=f"arn:aws:{service}:us-east-1:{OURS}:thing/x")
    assert limited.limiting_resource(asked) == limited.resource_control[OURS]


def test_what_cannot_be_decided_stays_open() -> None:
    """Whether the account is of an organization is in no request."""
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}
    perimeter = by_resource(named("perimeter", {**BY_ANYBODY, "Condition": condition}))
    found = decided(perimeter, request())
    assert found.outcome is Outcome.UNDETERMINED
    assert (
        "resource control policy perimeter › NoRead may match: the condition 'StringNotEquals aws:PrincipalOrgID'"
        in (found.reason)
    )
    known = {"aws:PrincipalOrgID": "o-1"}
    assert outcome(perimeter, request(context=known)) is Outcome.ALLOWED
    unsure = by_service((named("full", ALL), named("maybe", {**NO_READ, "Condition": condition})))
    assert outcome(unsure, request()) is Outcome.UNDETERMINED
    assert outcome(by_service((named("maybe", {**ALL, "Condition": condition}),)), request()) is Outcome.UNDETERMINED
