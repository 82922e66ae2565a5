"""Whom Principal and NotPrincipal mean."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.policies import (
    A_ROLE,
    A_ROOT,
    A_SERVICE,
    A_SESSION,
    A_USER,
    ANYBODY,
    OTHER_ROOT,
    OURS,
    ROLE,
    ROOT,
    SESSION,
    USER,
)
from xacct_ml.access.model import Principal
from xacct_ml.access.principals import Grant, Naming, PrincipalElement
from xacct_ml.access.truth import MAYBE, NO, YES, Truth

ANYONE, ACCOUNT, BY_ROLE, DIRECT = Grant.ANYONE, Grant.ACCOUNT, Grant.ROLE, Grant.DIRECT


@pytest.mark.parametrize(
    ("element", "principal", "expected"),
    [
        ("*", ANYBODY, [(ANYONE, YES)]),
        ("*", A_SESSION, [(ANYONE, YES)]),
        ({"AWS": "*"}, ANYBODY, [(ANYONE, YES)]),
        ("*", A_SERVICE, [(ANYONE, MAYBE)]),
        ({"AWS": OURS}, A_SESSION, [(ACCOUNT, YES)]),
        ({"AWS": ROOT}, A_USER, [(ACCOUNT, YES)]),
        ({"AWS": ["999999999999", ROOT]}, A_ROLE, [(ACCOUNT, YES)]),
        ({"AWS": OTHER_ROOT}, A_USER, []),
        ({"AWS": ROOT}, A_ROOT, [(DIRECT, YES)]),
        ({"AWS": ROOT}, ANYBODY, []),
        ({"AWS": ROOT}, A_SERVICE, []),
        ({"AWS": f"arn:aws-cn:iam::{OURS}:root"}, A_USER, []),
        ({"AWS": ROLE}, A_ROLE, [(BY_ROLE, YES)]),
        ({"AWS": ROLE}, A_SESSION, [(BY_ROLE, YES)]),
        ({"AWS": ROLE.replace("/team", "")}, A_SESSION, []),
        ({"AWS": ROLE.replace("trainer", "Trainer")}, A_SESSION, []),
        ({"AWS": SESSION}, A_SESSION, [(DIRECT, YES)]),
        ({"AWS": SESSION}, Principal.session(ROLE, "run-2"), []),
        ({"AWS": SESSION}, A_ROLE, [(DIRECT, MAYBE)]),
        ({"AWS": [ROLE, SESSION]}, A_SESSION, [(BY_ROLE, YES), (DIRECT, YES)]),
        ({"AWS": USER}, A_USER, [(DIRECT, YES)]),
        ({"AWS": USER}, A_SESSION, []),
        ({"AWS": "AROATRAINER"}, A_SESSION, [(BY_ROLE, YES)]),
        ({"AWS": SESSION.replace("trainer/run-1", "run-1/s")}, A_SESSION, []),
        ({"AWS": SESSION.replace("trainer", "carlos")}, A_USER, []),
        ({"AWS": "AROATRAINER"}, Principal.session(ROLE, "run-1", "AROATRAINER:run-1"), [(BY_ROLE, YES)]),
        ({"AWS": "AROATRAINER"}, Principal.session(ROLE, "s", "AROAOTHER"), []),
        ({"AWS": "AROATRAINER"}, Principal.role(ROLE), [(BY_ROLE, MAYBE)]),
        ({"AWS": "AROATRAINER"}, Principal.user(USER), []),
        ({"AWS": "AIDACARLOS"}, A_USER, [(DIRECT, YES)]),
        ({"AWS": "AIDACARLOS"}, Principal.user(USER), [(DIRECT, MAYBE)]),
        ({"AWS": ["AROATRAINER", "AIDACARLOS"]}, Principal.user(USER), [(DIRECT, MAYBE)]),
        ({"AWS": "AIDACARLOS"}, A_ROOT, []),
        ({"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}, A_SERVICE, [(DIRECT, YES)]),
        ({"Service": "states.amazonaws.com.cn"}, A_SERVICE, []),
        ({"Service": "*"}, A_SERVICE, [(DIRECT, MAYBE)]),
        ({"Service": "state?.amazonaws.com"}, A_SERVICE, [(DIRECT, MAYBE)]),
        ({"Service": "*"}, A_SESSION, []),
        ({"AWS": f"arn:aws:iam::{OURS}:role/*"}, A_SESSION, [(DIRECT, MAYBE)]),
        ({"AWS": f"arn:aws:iam::{OURS}:role/team/train?r"}, A_SESSION, [(DIRECT, MAYBE)]),
        ({"AWS": "arn:aws:iam::999999999999:role/*"}, A_SESSION, []),
        ({"AWS": f"arn:aws:iam::{OURS}:role/*"}, A_USER, []),
        ({"Federated": "accounts.google.com"}, A_SESSION, []),
        ({"CanonicalUser": "79a59df9"}, A_SESSION, []),
        ({"AWS": 111111111111}, A_SESSION, [(DIRECT, MAYBE)]),
        ({"Users": USER}, A_USER, [(DIRECT, MAYBE)]),
        ({"AWS": []}, A_USER, [(DIRECT, MAYBE)]),
        ({}, A_USER, [(DIRECT, MAYBE)]),
        (USER, A_USER, [(DIRECT, MAYBE)]),
    ],
)
def test_an_allow_names_principals(element: Any, principal: Principal, expected: list[Naming]) -> None:
    """reference_policies_elements_principal: "You cannot use a wildcard to match part of a principal name or ARN"."""
    assert PrincipalElement(element, negated=False).allows(principal) == expected


@pytest.mark.parametrize(
    ("element", "principal", "expected"),
    [
        ("*", A_SERVICE, YES),
        ({"AWS": "*"}, ANYBODY, YES),
        ({"AWS": ROOT}, A_SESSION, YES),
        ({"AWS": ROLE}, A_SESSION, YES),
        ({"AWS": SESSION}, A_ROLE, MAYBE),
        ({"AWS": USER}, A_SESSION, NO),
        ({"CanonicalUser": "79a59df9"}, A_SESSION, MAYBE),
        ({"CanonicalUser": "79a59df9"}, A_SERVICE, NO),
        ({"CanonicalUser": "79a59df9", "AWS": ROLE}, A_SESSION, YES),
        ({"Federated": "accounts.google.com"}, A_SESSION, NO),
        ({"AWS": f"arn:aws:iam::{OURS}:user/*"}, A_USER, MAYBE),
    ],
)
def test_a_deny_hits_whom_it_may_mean(element: Any, principal: Principal, expected: Truth) -> None:
    """A deny that might hit is open."""
    assert PrincipalElement(element, negated=False).denies(principal, has_boundary=False) is expected


@pytest.mark.parametrize(
    ("spared", "principal", "denied"),
    [
        ([USER, ROOT], A_USER, NO),
        ([USER], A_USER, MAYBE),
        ([ROOT], A_USER, MAYBE),
        ([OTHER_ROOT], A_USER, YES),
        ([SESSION, ROLE, ROOT], A_SESSION, NO),
        ([ROLE, ROOT], A_SESSION, MAYBE),
        ([ROLE], A_SESSION, MAYBE),
        ([SESSION, ROLE], A_SESSION, MAYBE),
        ([SESSION, ROOT], A_SESSION, MAYBE),
        ([SESSION, ROLE, ROOT], A_ROLE, MAYBE),
        ([SESSION, ROLE, ROOT], Principal.session(ROLE, "run-2"), MAYBE),
        ([ROLE, ROOT], A_USER, MAYBE),
        ([USER, ROOT], ANYBODY, YES),
        ([USER, ROOT], A_SERVICE, YES),
        ([ROOT], A_ROOT, NO),
    ],
)
def test_notprincipal_spares_only_who_is_fully_named(spared: list[str], principal: Principal, denied: Truth) -> None:
    """reference_policies_elements_notprincipal: its examples name account and user, or account, role and session."""
    element = PrincipalElement({"AWS": spared}, negated=True)
    assert element.denies(principal, has_boundary=False) is denied


def test_notprincipal_spares_services_by_name() -> None:
    """They have no account that would have to be named too."""
    element = PrincipalElement({"Service": "states.amazonaws.com"}, negated=True)
    assert element.denies(A_SERVICE, has_boundary=False) is NO
    assert element.denies(Principal.service("s3.amazonaws.com"), has_boundary=False) is YES


@pytest.mark.parametrize("principal", [ANYBODY, A_USER, A_SESSION, A_ROOT, A_SERVICE])
def test_everyone_but_everyone_is_nobody(principal: Principal) -> None:
    """NotPrincipal with the star."""
    assert PrincipalElement("*", negated=True).denies(principal, has_boundary=False) is NO


@pytest.mark.parametrize(
    ("element", "negated", "defects"),
    [
        (USER, False, ["Principal is neither '*' nor an object of names"]),
        ({"AWS": USER, "Users": USER}, False, ["'Users' is not a type of principals with names"]),
        ({"AWS": [USER, 5]}, False, ["the principal 5 is not text"]),
        ({"AWS": f"arn:aws:iam::{OURS}:user/*"}, False, [f"'arn:aws:iam::{OURS}:user/*' is not a principal"]),
        ({"Service": "*"}, False, ["the service '*' has a wildcard"]),
        ("*", True, ["NotPrincipal '*' names everyone"]),
        ({"AWS": "*"}, True, ["NotPrincipal '*' names everyone"]),
        ({"AWS": ["*", USER], "Service": "s3.amazonaws.com", "Federated": "x", "CanonicalUser": "y"}, False, []),
        ({"AWS": [USER, ROOT]}, True, []),
    ],
)
def test_what_aws_would_refuse_is_a_defect(element: Any, negated: bool, defects: list[str]) -> None:
    """Each in words for a person."""
    assert PrincipalElement(element, negated=negated).defects == defects


def test_a_boundary_voids_the_sparing() -> None:
    """access_policies_boundaries: "will always deny any IAM principal that has a permissions boundary"."""
    element = PrincipalElement({"AWS": [USER, ROOT]}, negated=True)
    assert element.denies(A_USER, has_boundary=True) is YES


def test_notprincipal_with_allow_grants_nothing_for_certain() -> None:
    """The current page: "Using it with Effect: Allow is not supported"; older ones: everyone else."""
    element = PrincipalElement({"AWS": [USER, ROOT]}, negated=True)
    assert element.allows(A_USER) == []
    assert element.allows(A_SESSION) == [(ANYONE, MAYBE)]
    assert element.allows(ANYBODY) == [(ANYONE, MAYBE)]
