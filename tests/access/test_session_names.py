"""Trust policies that bind the name of a session to who assumes the role, and such that do not."""

from __future__ import annotations

from typing import Any

import pytest

from xacct_ml.access.session_names import freely_named

ROOT = {"AWS": "arn:aws:iam::111111111111:root"}
ANN = {"AWS": "arn:aws:iam::111111111111:user/ann"}


def statement(condition: object = None, principal: object = ROOT, **more: Any) -> dict[str, Any]:
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **conditions, **more}


def named(value: object, operator: str = "StringEquals", key: str = "sts:RoleSessionName") -> dict[str, Any]:
    return {operator: {key: value}}


@pytest.mark.parametrize(
    "bound",
    [
        statement(named("${aws:username}")),
        statement(named("${aws:username}", "StringLike")),
        statement(named(["${AWS:UserName}"], "stringequals", "STS:roleSessionName")),
        statement(named("${aws:PrincipalTag/Email}"), {"AWS": "arn:aws:iam::111111111111:role/sso"}),
        statement(named("*:${sts:RoleSessionName}", "StringLike", "aws:userid")),
        statement(named("${accounts.google.com:sub}"), Action=["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]),
        statement(named("ann"), ANN),
        statement(None, {"Federated": "arn:aws:iam::111111111111:saml-provider/x"}, Action="sts:AssumeRoleWithSAML"),
        statement(Action="sts:TagSession"),
        statement(Effect="Deny"),
    ],
    ids=str,
)
def test_a_bound_name(bound: dict[str, Any]) -> None:
    """One person, one name; or the name is the identity provider's."""
    assert freely_named({"Statement": [bound]}) == ()
    assert freely_named({"Statement": bound}) == ()


@pytest.mark.parametrize(
    "free",
    [
        statement(),
        statement(principal="*"),
        statement(named("ann"), {"AWS": "arn:aws"}),
        statement(Action="sts:*"),
        statement(Action=["sts:TagSession", "sts:Assume*"]),
        {"Effect": "Allow", "Principal": ROOT, "NotAction": "sts:TagSession"},
        statement(Action="sts:AssumeRoleWithWebIdentity"),
        statement({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        statement(named("${aws:username}-*", "StringLike")),
        statement(named("*", "StringLike")),
        statement(named(["${aws:username}", "ann"])),
        statement(named("${aws:username}", "StringNotEquals")),
        statement(named("${aws:username}", "StringEqualsIgnoreCase")),
        statement(named("${sts:RoleSessionName}")),
        statement(named("${aws:RequestTag/name}")),
        statement(named("${aws:SourceIdentity}")),
        statement(named("*${sts:RoleSessionName}*", "StringLike", "aws:userid")),
        statement(named("ann")),
        statement(named("ann"), {"AWS": [*ANN.values(), "arn:aws:iam::111111111111:user/bob"]}),
        statement(named("ann"), {"AWS": "111111111111"}),
        statement(named("ann"), "*"),
        statement(named("ann"), {**ANN, "Service": "lambda.amazonaws.com"}),
        statement(named("ann*", "StringLike"), ANN),
        statement(named("${aws:username}", key="aws:PrincipalTag/name")),
        statement(named("*:${sts:RoleSessionName}", "StringLike", "aws:PrincipalTag/name")),
        statement(named("*:${sts:RoleSessionName}", "StringEquals", "aws:userid")),
    ],
    ids=str,
)
def test_a_name_that_is_chosen(free: dict[str, Any]) -> None:
    """By a wildcard, a second value, a variable that the caller sets, a name that several may take."""
    assert freely_named({"Statement": [free]}) == ("#1",)


def test_the_statement_is_named() -> None:
    """By its Sid, else by its place."""
    bound = statement(named("${aws:username}"))
    assert freely_named({"Statement": [bound, statement(Sid="Anybody"), statement()]}) == ("Anybody", "#3")
