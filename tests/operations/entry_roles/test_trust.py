"""Who may assume the roles, as the evaluator decides it, and what is no answer to that."""

from __future__ import annotations

import pytest

from tests.configs import APPROVER, SHARED, approved_by_two, example
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Principal, Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy
from xacct_ml.access.session_names import freely_named
from xacct_ml.errors import InputError
from xacct_ml.operations.entry_roles import trust
from xacct_ml.operations.entry_roles.every import Said
from xacct_ml.operations.entry_roles.people import Trusted, approvers, operators
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, policy

OTHERS = "999999999999"
PEOPLE = f"arn:aws:iam::{OTHERS}:role/people"
SSO = f"arn:aws:iam::{OTHERS}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_ML_0123456789abcdef"
SSO_WITHOUT = f"arn:aws:iam::{OTHERS}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_ML_*"


def named() -> Said:
    return Said(trusted=Trusted(PEOPLE, SSO_WITHOUT))


def enters(document: Document, who: str, **context: str) -> bool:
    """Whether a trust policy lets a session of the role ``who`` in; their own account lets them ask."""
    given = {key.replace("_", ":"): value for key, value in context.items()}
    role = f"arn:aws:iam::{SHARED}:role/xacct-ml-operator"
    request = Request(Principal.session(who, "ann"), "sts:AssumeRole", role, SHARED, given)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    own = Policy.parse({"Version": "2012-10-17", "Statement": [everything]}, "own")
    known = PolicySet((own,), None, None, Policy.parse(document, "trust"), ResourcePolicyKind.TRUST)
    return decide(request, known).allowed


def test_exactly_who_is_named_enters() -> None:
    document = policy(trust.statement("Enter", PEOPLE))
    assert enters(document, PEOPLE)
    assert not enters(document, f"{PEOPLE}-more")
    assert not enters(document, f"arn:aws:iam::{SHARED}:role/people")


def test_a_permission_set_enters_whatever_its_role_is_called() -> None:
    document = policy(trust.statement("Enter", SSO_WITHOUT))
    assert enters(document, SSO)
    assert not enters(document, SSO.replace("_ML_", "_Other_"))
    assert not enters(document, f"arn:aws:iam::{OTHERS}:role/AWSReservedSSO_ML_0123456789abcdef")


def test_an_external_id_is_asked_for() -> None:
    document = policy(trust.statement("Enter", PEOPLE, trust.asking("ours")))
    assert enters(document, PEOPLE, sts_ExternalId="ours")
    assert not enters(document, PEOPLE)


def test_where_nobody_is_named_nobody_enters() -> None:
    """IAM would not even take the document."""
    assert not enters(policy(trust.statement("Enter", None)), PEOPLE)


@pytest.mark.parametrize("who", [None, PEOPLE, SSO_WITHOUT, f"arn:aws:iam::{OTHERS}:user/ann"])
def test_two_approvals_are_of_two_people(who: str | None) -> None:
    """By the tool's own judgement, which warns of other trust policies."""
    (role,) = approvers(approved_by_two(), Trusted(approvers=who))
    assert role.arn == APPROVER
    assert freely_named(role.trust) == ()


def test_what_makes_keys_goes_when_there_are_keys() -> None:
    """And only then; a map's own key needs none."""
    config = example()
    of_shared = next(operators(config, Keys.stand_ins(Names(config)), Trusted()))
    assert of_shared.temporary == ("first-run",)
    own = f"arn:aws:kms:us-east-1:{SHARED}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    later = next(operators(config, Keys.of({"us-east-1": own}), Trusted()))
    assert (later.temporary, "first-run" in later.policies) == ((), False)
    assert own in str(later.policies["key"])


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("*", "is no user, role or account"),
        ("arn:aws:iam::*:root", "is no user, role or account"),
        (f"arn:aws:iam::{OTHERS}:role/*", "would trust whatever is made under such a name"),
        (f"arn:aws:sts::{OTHERS}:assumed-role/people/ann", "is one session"),
        (f"arn:aws:iam::{OTHERS}:group/people", "is no user, role or account"),
    ],
)
def test_what_nobody_should_trust(arn: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        trust.checked(arn, "--trusted")


@pytest.mark.parametrize(
    "arn", [PEOPLE, SSO_WITHOUT, f"arn:aws-cn:iam::{OTHERS}:root", f"arn:aws:iam::{OTHERS}:user/a/b"]
)
def test_what_may_be_trusted(arn: str) -> None:
    assert trust.checked(arn, "--trusted") == arn
