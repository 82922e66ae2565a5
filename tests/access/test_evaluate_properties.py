"""What must hold for every policy and request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access.strategies import Case, cases, documents, statements
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Outcome, Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy

MANY = settings(max_examples=60, deadline=None)


def policy_set(case: Case) -> PolicySet:
    return PolicySet(
        identity=tuple(Policy.parse(document, f"identity {index}") for index, document in enumerate(case.identity)),
        boundary=Policy.parse(case.boundary, "boundary") if case.boundary else None,
        session=(Policy.parse(case.session, "session"),) if case.session else None,
        resource=Policy.parse(case.bucket, "bucket") if case.bucket else None,
        resource_kind=ResourcePolicyKind.BUCKET,
    )


def allowed(case: Case) -> bool:
    return decide(case.request, policy_set(case)).allowed


def changed(case: Case, **documents: Any) -> Case:
    return Case(**{**{name: getattr(case, name) for name in Case.__dataclass_fields__}, **documents})


@MANY
@given(cases(), statements(effect="Deny"), st.sampled_from(["identity", "boundary", "session"]))
def test_adding_a_deny_never_allows_more(case: Case, deny: dict[str, Any], layer: str) -> None:
    """In any layer of the identity side."""
    before = getattr(case, layer) or []
    documents = before if layer == "identity" else [before or {"Version": "2012-10-17", "Statement": []}]
    extended = [{**document, "Statement": [*document["Statement"], deny]} for document in documents]
    after = changed(case, **{layer: extended if layer == "identity" else extended[0]})
    assert allowed(case) or not allowed(after)


@pytest.mark.long
@MANY
@given(cases(), statements(with_principal=True, effect="Deny"))
def test_adding_a_deny_to_the_bucket_never_allows_more(case: Case, deny: dict[str, Any]) -> None:
    """Nor on the resource side."""
    before = case.bucket["Statement"] if case.bucket else []
    after = changed(case, bucket={"Version": "2012-10-17", "Statement": [*before, deny]})
    assert allowed(case) or not allowed(after)


@pytest.mark.long
@MANY
@given(cases(), st.data())
def test_removing_an_allow_never_allows_more(case: Case, data: st.DataObject) -> None:
    """Any statement that allows, from any document."""
    layer = data.draw(st.sampled_from(["identity", "boundary", "session", "bucket"]))
    documents = getattr(case, layer) or []
    documents = documents if layer == "identity" else [documents] if documents else []
    places = [
        (document, index)
        for document in documents
        for index, one in enumerate(document["Statement"])
        if one["Effect"] == "Allow"
    ]
    if not places:
        return
    document, index = data.draw(st.sampled_from(places))
    kept = {**document, "Statement": [one for at, one in enumerate(document["Statement"]) if at != index]}
    replaced = [kept if other is document else other for other in documents]
    after = changed(case, **{layer: replaced if layer == "identity" else replaced[0]})
    assert allowed(case) or not allowed(after)


@pytest.mark.long
@MANY
@given(cases(), documents(), st.sampled_from(["boundary", "session"]))
def test_boundary_and_session_policy_only_shrink(case: Case, limit: dict[str, Any], layer: str) -> None:
    """A limit that was not there never allows more."""
    without = changed(case, **{layer: None})
    assert allowed(without) or not allowed(changed(case, **{layer: limit}))


@pytest.mark.long
@MANY
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_statements_is_irrelevant(case: Case, random: Any) -> None:
    """In every document, and the order of the identity policies too."""

    def shuffled(document: dict[str, Any] | None) -> dict[str, Any] | None:
        return document and {**document, "Statement": random.sample(document["Statement"], len(document["Statement"]))}

    identity = random.sample([shuffled(document) for document in case.identity], len(case.identity))
    other = changed(
        case,
        identity=identity,
        boundary=shuffled(case.boundary),
        session=shuffled(case.session),
        bucket=shuffled(case.bucket),
    )
    assert decide(case.request, policy_set(case)).outcome is decide(other.request, policy_set(other)).outcome


@MANY
@given(cases())
def test_case_of_actions_and_keys_is_irrelevant(case: Case) -> None:
    """Actions and condition keys compare without case."""
    asked = case.request
    swapped = Request(
        asked.principal,
        asked.action.swapcase(),
        asked.resource,
        asked.resource_account,
        {key.swapcase(): value for key, value in asked.context.items()},
    )
    policies = policy_set(case)
    assert decide(asked, policies).outcome is decide(swapped, policies).outcome


@MANY
@given(cases())
def test_ifexists_differs_for_absent_keys_only(case: Case) -> None:
    """Where every key is present, the suffix changes nothing."""
    asked = case.request
    full = Request(
        asked.principal,
        asked.action,
        asked.resource,
        asked.resource_account,
        {
            "k:text": "a",
            "k:number": "2.5",
            "k:flag": "true",
            "aws:PrincipalArn": "arn:aws:iam::1:role/r",
            **asked.context,
        },
    )

    def plain(document: dict[str, Any] | None) -> dict[str, Any] | None:
        return document and {**document, "Statement": [without_suffix(one) for one in document["Statement"]]}

    def without_suffix(one: dict[str, Any]) -> dict[str, Any]:
        written = one.get("Condition", {})
        return {**one, "Condition": {name.removesuffix("IfExists"): keys for name, keys in written.items()}}

    context = {key.lower(): value for key, value in full.context.items()}
    full = Request(full.principal, full.action, full.resource, full.resource_account, context)
    other = changed(
        case,
        request=full,
        identity=[plain(document) for document in case.identity],
        boundary=plain(case.boundary),
        session=plain(case.session),
        bucket=plain(case.bucket),
    )
    assert decide(full, policy_set(changed(case, request=full))).outcome is decide(full, policy_set(other)).outcome


@MANY
@given(cases(), st.sampled_from(["identity", "boundary", "session", "bucket"]))
def test_an_unknown_element_never_settles_in_favour(case: Case, layer: str) -> None:
    """A document that AWS would refuse allows nothing that it did not allow before."""
    documents = getattr(case, layer)
    if not documents:
        return
    broken = [{**one, "Extra": 1} for one in documents] if layer == "identity" else {**documents, "Extra": 1}
    after = decide(case.request, policy_set(changed(case, **{layer: broken})))
    assert allowed(case) or after.outcome is not Outcome.ALLOWED
