"""Principals by their ARNs, and the words that reasons, logs and reports use."""

from __future__ import annotations

import pytest

from tests.access.policies import OURS, ROLE, ROOT, SESSION, USER
from xacct_ml.access.model import Layer, Outcome, Principal, PrincipalKind, ResourcePolicyKind

IN_CHINA = f"arn:aws-cn:iam::{OURS}:role/odd:path/trainer"


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (Principal.role(ROLE), (PrincipalKind.ROLE, ROLE, OURS, ROLE)),
        (Principal.session(ROLE, "run-1"), (PrincipalKind.SESSION, SESSION, OURS, ROLE)),
        (
            Principal.session(IN_CHINA, "s"),
            (PrincipalKind.SESSION, f"arn:aws-cn:sts::{OURS}:assumed-role/trainer/s", OURS, IN_CHINA),
        ),
        (Principal.user(USER), (PrincipalKind.USER, USER, OURS, None)),
        (Principal.root(OURS), (PrincipalKind.ROOT, ROOT, OURS, None)),
        (Principal.service("s3.amazonaws.com"), (PrincipalKind.SERVICE, "s3.amazonaws.com", "", None)),
        (Principal.anonymous(), (PrincipalKind.ANONYMOUS, "*", "", None)),
    ],
)
def test_who_a_principal_is(principal: Principal, expected: tuple[PrincipalKind, str, str, str | None]) -> None:
    """IAM User Guide, reference_identifiers: a session's ARN leaves out the role's path, even one with colons."""
    assert (principal.kind, principal.arn, principal.account, principal.role_arn) == expected


def test_words_for_people() -> None:
    """They stand in reasons, in the request log, in the names of stored policies and in JSON results."""
    assert [one.value for one in Outcome] == ["allowed", "denied", "undetermined"]
    assert [one.value for one in Layer] == [
        "identity policy",
        "permissions boundary",
        "session policy",
        "resource policy",
        "service control policy",
        "resource control policy",
    ]
    assert [one.value for one in ResourcePolicyKind] == ["none", "bucket", "key", "trust"]
