"""Which contexts are worth deciding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.access.conditions import ConditionBlock
from xacct_ml.access.context import RequestContext
from xacct_ml.access.model import Principal, Request
from xacct_ml.access.truth import NO, YES
from xacct_ml.proof.matrix.contexts import condition_values, contexts

TEXT = st.text(alphabet="abc/-*", min_size=1, max_size=8)


def truth(condition: dict[str, object], context: dict[str, str]) -> int:
    request = Request(Principal.service("s3.amazonaws.com"), "s3:GetObject", "*", "", context)
    return ConditionBlock.parse(condition, variables=True).evaluate(RequestContext(request))


def test_without_conditions_there_is_one_empty_context() -> None:
    """Nothing to vary."""
    assert list(contexts([{"Effect": "Allow"}])) == [{}]


def test_every_combination_of_named_other_and_absent_values() -> None:
    """Two keys with three values each; what follows from the principal is left out."""
    statement = {
        "Condition": {
            "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "aws:PrincipalArn": "x"},
            "StringLike": {"s3:prefix": "data/*"},
        }
    }
    found = list(contexts([statement]))
    assert len(found) == 9
    assert {"kms:viaservice": "s3.us-east-1.amazonaws.com", "s3:prefix": "data/any"} in found
    assert {} in found


def test_a_key_that_every_request_carries_is_never_absent() -> None:
    """``aws:SecureTransport`` is always sent, so it is true or false."""
    values = condition_values([{"Condition": {"Bool": {"aws:SecureTransport": "false"}}}])
    assert values == {"aws:securetransport": ("true", "false")}


@given(st.sampled_from(["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"]), TEXT)
def test_the_values_tell_the_condition_apart(operator: str, value: str) -> None:
    """Some context meets any condition on texts and some does not, whatever the value (but for ``*`` alone)."""
    condition: dict[str, object] = {operator: {"s3:prefix": value}}
    truths = {truth(condition, dict(context)) for context in contexts([{"Condition": condition}])}
    assert truths == {YES, NO}


@given(st.sampled_from(["ArnEquals", "ArnLike", "ArnNotLike"]), st.sampled_from(["*", "stateMachine:x", "a/*"]))
def test_arn_conditions_are_told_apart_too(operator: str, resource: str) -> None:
    """With an ARN of a foreign account as the other value."""
    condition: dict[str, object] = {operator: {"aws:SourceArn": f"arn:aws:states:us-east-1:111111111111:{resource}"}}
    truths = {truth(condition, dict(context)) for context in contexts([{"Condition": condition}])}
    assert truths == {YES, NO}
