"""Whether two approvals are of two people hangs on a trust that is not the project's: what is said of it, and when."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import APPROVER, SHARED, approved_by_two, example
from xacct_ml.operations.approvers_trust import look
from xacct_ml.operations.operator_policies import policies

BOUND = {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}


def said(answer: Any) -> str | None:
    accounts = FakeAccounts({(SHARED, "iam"): FakeClient(get_role=answer)})
    return look(approved_by_two(), accounts)


def role(**condition: Any) -> dict[str, Any]:
    statement = {"Sid": "People", "Effect": "Allow", "Principal": {"AWS": SHARED}, "Action": "sts:AssumeRole"}
    return {"Role": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{**statement, **condition}]}}}


def test_a_bound_name_needs_no_word() -> None:
    """Two names are two people."""
    assert said(role(Condition=BOUND)) is None


def test_a_free_name_is_said_with_the_statement_and_the_condition_that_binds_it() -> None:
    text = said(role())
    assert text is not None
    assert f"the trust of {APPROVER} does not bind them (statement People): one person can approve as two" in text
    assert '"Condition": {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}' in text


def test_what_cannot_be_read_is_not_taken_for_bound() -> None:
    """Nor is a role that is not there."""
    assert "is not known: iam:GetRole was denied" in str(said(refused("GetRole", "AccessDenied")))
    assert f"there is no role {APPROVER} yet" in str(said(refused("GetRole", "NoSuchEntity")))
    with pytest.raises(ClientError, match="ServiceFailure"):
        said(refused("GetRole", "ServiceFailure"))


def test_one_approval_asks_nobody_for_a_name() -> None:
    """No call is made."""
    one = approved_by_two(approvals=1)
    assert look(one, FakeAccounts({})) is None
    assert look(example(), FakeAccounts({})) is None


def test_operators_may_read_that_trust_only_where_it_matters() -> None:
    def asked(config: Any) -> Any:
        statements = policies(config)[SHARED]["roles"]["Statement"]
        return next(one["Resource"] for one in statements if one["Sid"] == "FindRoles")

    assert APPROVER in asked(approved_by_two())
    assert APPROVER not in asked(approved_by_two(approvals=1))
