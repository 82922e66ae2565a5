"""Two other evaluators judge the real one: a naive one on random cases, and moto's where moto is right."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access.naive_evaluator import is_allowed
from tests.access.policies import A_USER, OURS
from tests.access.strategies import ACTIONS, RESOURCES, Case, cases
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Outcome, PrincipalKind, Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy


def decided(case: Case) -> Outcome:
    policies = PolicySet(
        identity=tuple(Policy.parse(document, "identity") for document in case.identity),
        boundary=Policy.parse(case.boundary, "boundary") if case.boundary else None,
        session=(Policy.parse(case.session, "session"),) if case.session else None,
        resource=Policy.parse(case.bucket, "bucket") if case.bucket else None,
        resource_kind=ResourcePolicyKind.BUCKET,
    )
    return decide(case.request, policies).outcome


def judged(case: Case) -> bool:
    asked = case.request
    caller = {"kind": asked.principal.kind.value, "arn": asked.principal.arn, "account": asked.principal.account}
    if asked.principal.role_arn:
        caller["role"] = asked.principal.role_arn
    context = {key: value for key, value in asked.context.items() if isinstance(value, str)}
    return is_allowed(
        caller,
        asked.action,
        asked.resource,
        asked.resource_account,
        context,
        case.identity,
        case.boundary,
        case.session,
        case.bucket,
    )


def open_by_design(case: Case) -> bool:
    """Left open on purpose: grants to ``*`` beside a limit or for services, and whether an empty value is null."""
    if "" in case.request.context.values() and "'Null" in repr(case):
        return True
    statements = case.bucket["Statement"] if case.bucket else []
    to_anyone = any(one["Effect"] == "Allow" and one["Principal"] in ("*", {"AWS": "*"}) for one in statements)
    limited = case.boundary is not None or case.session is not None
    return to_anyone and (limited or case.request.principal.kind is PrincipalKind.SERVICE)


@settings(max_examples=600, deadline=None)
@given(cases())
def test_the_naive_evaluator_agrees(case: Case) -> None:
    """Never allowed where the judge denies; undetermined only where that is meant."""
    ours = decided(case)
    if ours is Outcome.UNDETERMINED:
        assert open_by_design(case)
    else:
        assert (ours is Outcome.ALLOWED) is judged(case)


plain_statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Resource": st.sampled_from(["*", "arn:aws:s3:::b/*", "arn:aws:s3:::*/a", "arn:aws:s3:::c/a/x"]),
    }
)
plain_actions = st.lists(
    st.sampled_from(["*", "s3:*", "s3:Get*", "s3:PutObject", "kms:Decrypt"]), min_size=1, max_size=2
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(plain_statements, st.sampled_from(["Action", "NotAction"]), plain_actions), max_size=4),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
)
def test_moto_agrees_on_plain_identity_policies(
    parts: list[tuple[dict[str, Any], str, list[str]]], action: str, resource: str
) -> None:
    """moto 5.2.5 is right on Action, NotAction and Resource with matching case and without conditions."""
    access_control = pytest.importorskip("moto.iam.access_control")
    document = {
        "Version": "2012-10-17",
        "Statement": [{**rest, element: patterns} for rest, element, patterns in parts],
    }
    judge = access_control.IAMPolicy({"policy_document": json.dumps(document)})
    verdict = judge.is_action_permitted(action, resource)
    ours = decide(Request(A_USER, action, resource, OURS), PolicySet((Policy.parse(document, "plain"),)))
    assert ours.allowed is (verdict is access_control.PermissionResult.PERMITTED)
