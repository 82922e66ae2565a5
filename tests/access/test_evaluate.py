"""How the layers and accounts work together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.access.policies import (
    A_ROLE,
    A_ROOT,
    A_SERVICE,
    A_SESSION,
    A_USER,
    ANYBODY,
    KEY,
    OTHER,
    OTHER_ROOT,
    OURS,
    ROLE,
    ROOT,
    SESSION,
    USER,
    outcome,
    policy,
    request,
    statement,
)
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Layer, Outcome, Principal, ResourcePolicyKind
from xacct_ml.access.policy import Policy

FUNCTION = f"arn:aws:lambda:eu-west-1:{OURS}:function:f"
ALLOWED, DENIED, OPEN = Outcome.ALLOWED, Outcome.DENIED, Outcome.UNDETERMINED
BUCKET, KMS, TRUST, NONE = (
    ResourcePolicyKind.BUCKET,
    ResourcePolicyKind.KEY,
    ResourcePolicyKind.TRUST,
    ResourcePolicyKind.NONE,
)

USE_ACROSS_ACCOUNTS = (
    *("CreateGrant", "ListGrants", "RetireGrant", "RevokeGrant"),
    *("DescribeKey", "GetKeyRotationStatus", "GetPublicKey"),
    *("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "DeriveSharedSecret"),
    *("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
    *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
    *("GenerateMac", "VerifyMac", "Sign", "Verify"),
)
"""KMS Developer Guide, "Allowing users in other accounts to use a KMS key"."""

ALLOW = policy(statement(action="*"), name="allow")
SILENT = policy(statement(action="ec2:*"), name="silent")
ODD: Any = {"StringSounds": {"k:x": "a"}}
"""A condition that cannot be decided."""


def granting(principal: Any, effect: str = "Allow", *, trust: bool = False) -> Policy:
    return policy(statement(effect, action="*", resource=None if trust else "*", Principal=principal), name="resource")


class TestOneAccount:
    """ "Policy evaluation for requests within a single account"."""

    def test_nothing_is_allowed_by_default(self) -> None:
        """The implicit deny."""
        assert outcome(request()) is DENIED
        assert outcome(request(), identity=(SILENT,)) is DENIED

    @pytest.mark.parametrize("principal", [A_ROLE, A_SESSION, A_USER])
    def test_an_identity_policy_suffices(self, principal: Principal) -> None:
        """With or without a resource policy that is silent."""
        assert outcome(request(principal), identity=(SILENT, ALLOW)) is ALLOWED
        assert outcome(request(principal), identity=(ALLOW,), resource=granting({"AWS": OTHER})) is ALLOWED

    @pytest.mark.parametrize(
        ("principal", "named"),
        [(A_ROLE, ROLE), (A_SESSION, ROLE), (A_SESSION, SESSION), (A_USER, USER), (A_SESSION, "*"), (A_USER, "*")],
    )
    def test_a_resource_policy_that_names_the_principal_suffices(self, principal: Principal, named: str) -> None:
        """ "You only need an explicit allow for the principal in either"."""
        assert outcome(request(principal), resource=granting({"AWS": named})) is ALLOWED

    @pytest.mark.parametrize("named", [OURS, ROOT])
    def test_naming_the_account_only_delegates(self, named: str) -> None:
        """ "This delegates authority to the account"."""
        assert outcome(request(), resource=granting({"AWS": named})) is DENIED
        assert outcome(request(), resource=granting({"AWS": named}), identity=(ALLOW,)) is ALLOWED

    @pytest.mark.parametrize("layer", ["identity", "boundary", "session", "resource"])
    @pytest.mark.parametrize("principal", [A_ROLE, A_SESSION, A_USER])
    def test_an_explicit_deny_wins_from_every_layer(self, layer: str, principal: Principal) -> None:
        """Whatever else allows."""
        layers: dict[str, Any] = {
            "identity": (ALLOW,),
            "boundary": ALLOW,
            "session": (ALLOW,),
            "resource": granting("*"),
        }
        assert outcome(request(principal), **layers) is ALLOWED
        document = policy(statement(action="*"), statement("Deny", action="*", Sid="No"), name="denying")
        layers[layer] = {
            "identity": (ALLOW, document),
            "boundary": document,
            "session": (document,),
            "resource": policy(
                statement(action="*", Principal="*"),
                statement("Deny", action="*", Principal="*", Sid="No"),
                name="denying",
            ),
        }[layer]
        decision = decide(request(principal), PolicySet(**layers, resource_kind=BUCKET))
        assert decision.outcome is DENIED
        assert [(ref.document, ref.sid) for ref in decision.statements] == [("denying", "No")]

    @pytest.mark.parametrize("limit", ["boundary", "session"])
    def test_limits_shrink_identity_policies(self, limit: str) -> None:
        """The effective permissions are the intersection."""
        silent: Any = SILENT if limit == "boundary" else (SILENT,)
        allow: Any = ALLOW if limit == "boundary" else (ALLOW,)
        assert outcome(request(), identity=(ALLOW,), **{limit: silent}) is DENIED
        assert outcome(request(), identity=(ALLOW,), **{limit: allow}) is ALLOWED
        assert outcome(request(), **{limit: allow}) is DENIED

    @pytest.mark.parametrize(
        ("principal", "named", "limit", "expected"),
        [
            (A_SESSION, ROLE, "boundary", DENIED),
            (A_SESSION, ROLE, "session", DENIED),
            (A_SESSION, SESSION, "boundary", ALLOWED),
            (A_SESSION, SESSION, "session", ALLOWED),
            (A_USER, USER, "boundary", ALLOWED),
            (A_USER, USER, "session", DENIED),
            (A_SESSION, "*", "boundary", OPEN),
            (A_SESSION, "*", "session", OPEN),
            (A_USER, "*", "boundary", OPEN),
            (A_SESSION, ROOT, "boundary", DENIED),
        ],
    )
    def test_which_resource_grants_the_limits_shrink(
        self, principal: Principal, named: str, limit: str, expected: Outcome
    ) -> None:
        """The page's list: role ARN limited, session ARN and user ARN not; a session policy also limits a user ARN."""
        silent: Any = SILENT if limit == "boundary" else (SILENT,)
        resource = granting({"AWS": named})
        assert outcome(request(principal), resource=resource, **{limit: silent}) is expected
        allow: Any = ALLOW if limit == "boundary" else (ALLOW,)
        unlimited = DENIED if named == ROOT else ALLOWED
        assert outcome(request(principal), resource=resource, **{limit: allow}) is unlimited

    def test_a_boundary_makes_notprincipal_deny_whom_it_spares(self) -> None:
        """access_policies_boundaries: "will always deny any IAM principal that has a permissions boundary policy"."""
        deny = policy(statement("Deny", NotPrincipal={"AWS": [USER, ROOT]}))
        assert outcome(request(A_USER), identity=(ALLOW,), resource=deny) is ALLOWED
        assert outcome(request(A_USER), identity=(ALLOW,), boundary=ALLOW, resource=deny) is DENIED

    def test_several_session_policies(self) -> None:
        """All allow, some allow, none are given."""
        assert outcome(request(), identity=(ALLOW,), session=(ALLOW, ALLOW)) is ALLOWED
        assert outcome(request(), identity=(ALLOW,), session=(ALLOW, SILENT)) is OPEN
        assert outcome(request(), identity=(ALLOW,), session=()) is DENIED

    def test_the_root_user(self) -> None:
        """ "…with the exception of the AWS account root user, which has full access", resource denies apart."""
        assert outcome(request(A_ROOT)) is ALLOWED
        assert outcome(request(A_ROOT), resource=granting("*", "Deny")) is DENIED


class TestTwoAccounts:
    """ "Cross-account policy evaluation logic": both sides."""

    @pytest.mark.parametrize("named", ["*", OURS, ROOT, ROLE, SESSION])
    def test_both_sides_must_allow(self, named: str) -> None:
        """However the resource policy names the principal."""
        asked = request(owner=OTHER)
        assert outcome(asked, identity=(ALLOW,), resource=granting({"AWS": named})) is ALLOWED
        assert outcome(asked, identity=(ALLOW,)) is DENIED
        assert outcome(asked, resource=granting({"AWS": named})) is DENIED
        assert outcome(asked, identity=(SILENT,), resource=granting({"AWS": named})) is DENIED
        assert outcome(asked, identity=(ALLOW,), resource=granting({"AWS": OTHER_ROOT})) is DENIED

    @pytest.mark.parametrize("named", [ROLE, SESSION])
    def test_limits_hold_for_every_grant(self, named: str) -> None:
        """The identity side must allow by itself, boundary and session policy included."""
        asked = request(owner=OTHER)
        resource = granting({"AWS": named})
        assert outcome(asked, identity=(ALLOW,), boundary=SILENT, resource=resource) is DENIED
        assert outcome(asked, identity=(ALLOW,), session=(SILENT,), resource=resource) is DENIED

    def test_no_resource_policy_is_no_access(self) -> None:
        """Also where the resource cannot have one."""
        assert outcome(request(owner=OTHER, action="iam:PassRole"), identity=(ALLOW,), resource_kind=NONE) is DENIED

    def test_an_unknown_owner_counts_as_another_account(self) -> None:
        """The stricter rule."""
        assert outcome(request(owner=""), identity=(ALLOW,)) is DENIED

    def test_the_root_user_of_another_account(self) -> None:
        """Full access at home only."""
        asked = request(Principal.root(OTHER))
        assert outcome(asked) is DENIED
        assert outcome(asked, resource=granting({"AWS": OTHER})) is ALLOWED


class TestKeys:
    """KMS Developer Guide, key policies."""

    def asked(self, principal: Principal = A_SESSION, action: str = "kms:Decrypt", owner: str = OURS) -> Any:
        return request(principal, action, KEY, owner)

    def test_identity_policies_alone_never_suffice(self) -> None:
        """ "No AWS principal has any permissions to a KMS key unless that permission is provided explicitly"."""
        assert outcome(self.asked(), identity=(ALLOW,), resource_kind=KMS) is DENIED
        assert outcome(self.asked(), identity=(ALLOW,), resource=granting({"AWS": OTHER}), resource_kind=KMS) is DENIED

    def test_the_account_delegates(self) -> None:
        """The default key policy enables IAM policies."""
        delegating = granting({"AWS": ROOT})
        assert outcome(self.asked(), resource=delegating, resource_kind=KMS) is DENIED
        assert outcome(self.asked(), identity=(ALLOW,), resource=delegating, resource_kind=KMS) is ALLOWED
        limited = outcome(self.asked(), identity=(ALLOW,), boundary=SILENT, resource=delegating, resource_kind=KMS)
        assert limited is DENIED

    @pytest.mark.parametrize("named", [ROLE, SESSION, "*"])
    def test_naming_the_principal_suffices(self, named: str) -> None:
        """The key policy alone can control access."""
        assert outcome(self.asked(), resource=granting({"AWS": named}), resource_kind=KMS) is ALLOWED

    def test_the_root_user_needs_the_key_policy(self) -> None:
        """Keys are the exception to its full access."""
        assert outcome(self.asked(A_ROOT), resource_kind=KMS) is DENIED
        assert outcome(self.asked(A_ROOT), resource=granting({"AWS": ROLE}), resource_kind=KMS) is DENIED
        assert outcome(self.asked(A_ROOT), resource=granting({"AWS": ROOT}), resource_kind=KMS) is ALLOWED

    def test_across_accounts(self) -> None:
        """ "Neither the key policy nor the IAM policy alone is sufficient"."""
        asked = self.asked(owner=OTHER)
        assert outcome(asked, identity=(ALLOW,), resource=granting({"AWS": OURS}), resource_kind=KMS) is ALLOWED
        assert outcome(asked, identity=(ALLOW,), resource=granting({"AWS": OTHER}), resource_kind=KMS) is DENIED
        assert outcome(asked, resource=granting({"AWS": ROLE}), resource_kind=KMS) is DENIED

    @pytest.mark.parametrize("action", USE_ACROSS_ACCOUNTS)
    def test_every_use_crosses_accounts(self, action: str) -> None:
        """The operations that the guide lists, ReEncrypt by its two actions."""
        layers: dict[str, Any] = {"identity": (ALLOW,), "resource": granting({"AWS": OURS}), "resource_kind": KMS}
        assert outcome(self.asked(action=f"kms:{action}", owner=OTHER), **layers) is ALLOWED

    @pytest.mark.parametrize("action", ["kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:EnableKey"])
    def test_administration_never_crosses_accounts(self, action: str) -> None:
        """ "Cross-account permission is effective only for the following operations"."""
        layers: dict[str, Any] = {"identity": (ALLOW,), "resource": granting({"AWS": OURS}), "resource_kind": KMS}
        assert outcome(self.asked(action=action, owner=OTHER), **layers) is DENIED
        assert outcome(self.asked(action=action), **layers) is ALLOWED

    def test_services_are_of_no_account(self) -> None:
        """What other accounts cannot do is no matter of theirs."""
        layers: dict[str, Any] = {"resource": granting({"Service": "states.amazonaws.com"}), "resource_kind": KMS}
        assert outcome(self.asked(A_SERVICE, "kms:EnableKey"), **layers) is ALLOWED


class TestTrust:
    """Role trust policies."""

    TARGET = f"arn:aws:iam::{OURS}:role/target"

    def asked(self, principal: Principal = A_SESSION, action: str = "sts:AssumeRole", owner: str = OURS) -> Any:
        return request(principal, action, self.TARGET, owner)

    def decide(self, asked: Any, named: Any, **layers: Any) -> Outcome:
        return outcome(asked, resource=granting(named, trust=True), resource_kind=TRUST, **layers)

    def test_the_trust_policy_must_allow(self) -> None:
        """An identity policy alone does not."""
        assert outcome(self.asked(), identity=(ALLOW,), resource_kind=TRUST) is DENIED
        assert self.decide(self.asked(), {"AWS": OTHER}, identity=(ALLOW,)) is DENIED

    def test_naming_the_principal_suffices_in_one_account(self) -> None:
        """STS AssumeRole: "…or add the user as a principal directly in the role's trust policy"."""
        assert self.decide(self.asked(), {"AWS": ROLE}) is ALLOWED
        assert self.decide(self.asked(A_USER), {"AWS": USER}) is ALLOWED
        assert self.decide(self.asked(), "*") is ALLOWED

    def test_naming_the_account_needs_the_identity_side(self) -> None:
        """In one account and across accounts."""
        for owner in (OURS, OTHER):
            assert self.decide(self.asked(owner=owner), {"AWS": ROOT}) is DENIED
            assert self.decide(self.asked(owner=owner), {"AWS": ROOT}, identity=(ALLOW,)) is ALLOWED
        assert self.decide(self.asked(owner=OTHER), {"AWS": ROLE}) is DENIED

    def test_services_need_the_trust_policy_only(self) -> None:
        """They have no identity policies."""
        assert self.decide(self.asked(A_SERVICE), {"Service": "states.amazonaws.com"}) is ALLOWED
        assert self.decide(self.asked(A_SERVICE), {"Service": "lambda.amazonaws.com"}) is DENIED
        assert self.decide(self.asked(A_SERVICE), {"AWS": "*"}) is OPEN

    @pytest.mark.parametrize("principal", [A_ROOT, Principal.root(OTHER)])
    def test_root_users_cannot_assume_roles(self, principal: Principal) -> None:
        """STS API Reference, AssumeRole."""
        assert self.decide(self.asked(principal), "*", identity=(ALLOW,)) is DENIED
        assert self.decide(self.asked(principal), {"AWS": principal.account}) is DENIED
        assert outcome(self.asked(principal)) is DENIED
        assert self.decide(self.asked(principal, "sts:TagSession"), "*", identity=(ALLOW,)) is DENIED

    def test_a_trust_policy_needs_a_principal(self) -> None:
        """Without one it may mean anybody, as an allow and as a deny."""
        nobody = policy(statement("Allow", "*", None))
        assert outcome(self.asked(), resource=nobody, resource_kind=TRUST) is OPEN
        both = policy(statement("Deny", "*", None), statement("Allow", "*", None, Principal="*"))
        assert outcome(self.asked(), resource=both, resource_kind=TRUST) is OPEN

    def test_notprincipal_is_not_for_trust_policies(self) -> None:
        """ "You cannot use the NotPrincipal element in … an IAM role trust policy"."""
        trust = policy(
            statement("Deny", "*", None, NotPrincipal={"AWS": OTHER}), statement("Allow", "*", None, Principal="*")
        )
        assert outcome(self.asked(), resource=trust, resource_kind=TRUST) is OPEN


class TestCallersWithoutAccount:
    """Services and anonymous callers: only the resource policy speaks."""

    def test_services(self) -> None:
        """By name, never by identity policies."""
        asked = request(A_SERVICE)
        assert outcome(asked, resource=granting({"Service": "states.amazonaws.com"})) is ALLOWED
        assert outcome(asked, resource=granting({"Service": "s3.amazonaws.com"}), identity=(ALLOW,)) is DENIED
        assert outcome(asked, identity=(ALLOW,)) is DENIED
        assert outcome(asked, resource=granting({"AWS": [OURS, ROLE]})) is DENIED

    def test_denies_for_everyone_hit_services(self) -> None:
        """A deny for * leaves nobody out."""
        both = policy(
            statement(Principal={"Service": "states.amazonaws.com"}),
            statement("Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        )
        assert outcome(request(A_SERVICE, context={"aws:SecureTransport": "true"}), resource=both) is ALLOWED
        assert outcome(request(A_SERVICE, context={"aws:SecureTransport": "false"}), resource=both) is DENIED

    def test_anonymous_callers(self) -> None:
        """Public buckets, but no keys and no roles."""
        assert outcome(request(ANYBODY), resource=granting("*")) is ALLOWED
        assert outcome(request(ANYBODY), resource=granting({"AWS": OURS})) is DENIED
        assert outcome(request(ANYBODY), identity=(ALLOW,)) is DENIED
        assert outcome(request(ANYBODY, "kms:Decrypt", KEY), resource=granting("*"), resource_kind=KMS) is DENIED


class TestOpenStatements:
    """What cannot be decided counts where it could matter, and nowhere else."""

    def test_a_misplaced_statement_about_something_else_does_not_matter(self) -> None:
        """A Principal in an identity policy, none in a resource policy, NotPrincipal in a trust policy."""
        elsewhere = policy(statement("Deny", action="ec2:*", Principal="*"))
        assert outcome(request(), identity=(ALLOW, elsewhere)) is ALLOWED
        without_principal = policy(statement("Deny", action="ec2:*"))
        assert outcome(request(), identity=(ALLOW,), resource=without_principal) is ALLOWED
        trust = policy(
            statement("Deny", "sts:TagSession", None, NotPrincipal={"AWS": OTHER}),
            statement("Allow", "*", None, Principal={"AWS": ROLE}),
        )
        asked = request(action="sts:AssumeRole", resource=ROLE)
        assert outcome(asked, resource=trust, resource_kind=TRUST) is ALLOWED

    @pytest.mark.parametrize("layer", ["identity", "resource"])
    def test_a_deny_that_is_open_does_not_allow(self, layer: str) -> None:
        """Whether it denies or not, nothing allows."""
        deny = policy(statement("Deny", Condition=ODD, **({"Principal": "*"} if layer == "resource" else {})))
        assert outcome(request(), **{layer: deny if layer == "resource" else (deny,)}) is DENIED

    def test_an_allow_that_is_open_does_not_hide_one_that_is_not(self) -> None:
        """In whichever order, in identity and in resource policies."""
        certain, odd = {"Sid": "Certain"}, {"Sid": "Odd", "Condition": ODD}
        for elements in ([certain, odd], [odd, certain]):
            identity = policy(*(statement(**one) for one in elements))
            decision = decide(request(), PolicySet(identity=(identity,)))
            assert (decision.outcome, [ref.sid for ref in decision.statements]) == (ALLOWED, ["Certain"])
            resource = policy(*(statement(**one, Principal={"AWS": ROLE}) for one in elements))
            decision = decide(request(), PolicySet(resource=resource, resource_kind=BUCKET))
            assert (decision.outcome, [ref.sid for ref in decision.statements]) == (ALLOWED, ["Certain"])
        for open_to, certain_to in (("*", ROLE), (ROLE, "*")):
            resource = policy(
                statement(Principal={"AWS": open_to}, Condition=ODD), statement(Principal={"AWS": certain_to})
            )
            assert outcome(request(owner=OTHER), identity=(ALLOW,), resource=resource) is ALLOWED

    def test_the_open_statement_is_blamed_not_the_clear_one_before_it(self) -> None:
        """A clear allow is no reason for doubt."""
        boundary = policy(statement(Condition=ODD), name="boundary")
        decision = decide(request(), PolicySet((ALLOW,), boundary))
        assert decision.outcome is OPEN
        assert decision.reason.startswith("undetermined: permissions boundary boundary › #1 may match")
        assert decision.missing == (Layer.BOUNDARY,)

    def test_session_policies_that_disagree_are_what_is_missing(self) -> None:
        """The layer, as for a session policy that does not allow."""
        decision = decide(request(), PolicySet((ALLOW,), session=(ALLOW, SILENT)))
        assert (decision.outcome, decision.missing) == (OPEN, (Layer.SESSION,))


def test_both_sides_are_named_where_both_allow() -> None:
    """In one account either is enough; a boundary beside a grant that it does not limit is not named."""
    resource = granting({"AWS": SESSION})
    both = decide(request(), PolicySet((ALLOW,), resource=resource, resource_kind=BUCKET))
    assert [ref.document for ref in both.statements] == ["allow", "resource"]
    limited = decide(request(), PolicySet((ALLOW,), ALLOW, resource=resource, resource_kind=BUCKET))
    assert [(ref.layer, ref.document) for ref in limited.statements] == [
        (Layer.IDENTITY, "allow"),
        (Layer.BOUNDARY, "allow"),
        (Layer.RESOURCE, "resource"),
    ]
    alone = decide(request(), PolicySet((), ALLOW, resource=resource, resource_kind=BUCKET))
    assert [ref.document for ref in alone.statements] == ["resource"]
    without = decide(request(), PolicySet((ALLOW,), ALLOW, resource=granting({"AWS": OTHER}), resource_kind=BUCKET))
    assert [ref.layer for ref in without.statements] == [Layer.IDENTITY, Layer.BOUNDARY]


def test_the_first_of_several_statements_is_named() -> None:
    """One is enough, and it is always the same."""
    both = policy(statement(Sid="First"), statement(Sid="Second"))
    assert [ref.sid for ref in decide(request(), PolicySet((both, both))).statements] == ["First"]
    resource = policy(statement(Sid="First", Principal="*"), statement(Sid="Second", Principal="*"))
    decision = decide(request(ANYBODY), PolicySet(resource=resource, resource_kind=BUCKET))
    assert [ref.sid for ref in decision.statements] == ["First"]
    denying = policy(statement("Deny", Sid="First"), statement("Deny", Sid="Second"))
    assert [ref.sid for ref in decide(request(), PolicySet((denying,))).statements] == ["First"]


def test_a_resource_policy_needs_its_kind() -> None:
    """Which rule it follows is not guessed."""
    with pytest.raises(ValueError, match="resource_kind"):
        PolicySet(resource=ALLOW)


def test_the_owner_is_a_condition_key_of_s3_and_otherwise_only_where_it_is_given() -> None:
    """aws:ResourceAccount is documented for most actions only."""
    allow = policy(statement(action="*", resource="*", Condition={"StringEquals": {"aws:ResourceAccount": OURS}}))
    alias = request(action="kms:ListAliases", resource="*")
    assert outcome(request(), identity=(allow,)) is ALLOWED
    assert outcome(replace(alias, action="s3:ListAllMyBuckets"), identity=(allow,)) is OPEN
    assert outcome(alias, identity=(allow,)) is OPEN
    group = replace(alias, action="logs:PutLogEvents", resource=f"arn:aws:logs:us-east-1:{OURS}:log-group:g")
    assert outcome(group, identity=(allow,)) is OPEN

    assert outcome(replace(alias, action="lambda:InvokeFunction", resource=FUNCTION), identity=(allow,)) is OPEN
    assert outcome(replace(alias, context={"aws:ResourceAccount": OURS}), identity=(allow,)) is ALLOWED
    theirs = policy(statement(Principal="*"))
    elsewhere = request(owner=OTHER)
    assert outcome(elsewhere, identity=(allow,), resource=theirs) is DENIED
    said = replace(elsewhere, context={"aws:ResourceAccount": OURS})
    assert outcome(said, identity=(allow,), resource=theirs) is ALLOWED


@pytest.mark.parametrize(("principal", "expected"), [(A_ROLE, OPEN), (A_SERVICE, DENIED)])
def test_a_service_is_of_no_organization(principal: Principal, expected: Outcome) -> None:
    """aws:PrincipalOrgID is in the requests of principals of accounts that belong to one (IAM User Guide,
    reference_policies_condition-keys): of an account it is not known."""
    bucket = policy(statement(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))
    assert outcome(request(principal), resource=bucket) is expected


def test_a_principal_in_an_identity_policy_leaves_open_only_what_the_statement_is_about() -> None:
    """Another resource, or a condition that fails, is silent as in every statement."""
    there = policy(statement(resource="arn:aws:s3:::other/*", Principal="*"))
    failing = policy(statement(Principal="*", Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}}))
    for one in (there, failing):
        assert outcome(request(), identity=(one,)) is DENIED
