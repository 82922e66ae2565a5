"""Condition blocks: absent keys, several values, IfExists, set operators, Null, and what is malformed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.policies import outcome, policy, request, seen, statement, with_condition
from xacct_ml.access.conditions import ConditionBlock
from xacct_ml.access.context import RequestContext
from xacct_ml.access.model import Outcome
from xacct_ml.access.operators import OPERATORS
from xacct_ml.access.truth import MAYBE, NO, YES, Truth
from xacct_ml.tables.multivalued_keys import MULTIVALUED

KEY = "k:x"

# operator family -> (policy value, matching request value, other request value)
SAMPLES = {
    "String": ("a", "a", "b"),
    "Numeric": ("1", "1", "2"),
    "Date": ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
    "Bool": ("true", "true", "false"),
    "Binary": ("YQ==", "YQ==", "Yg=="),
    "Ip": ("10.0.0.0/8", "10.0.0.1", "11.0.0.1"),
    "NotIp": ("10.0.0.0/8", "10.0.0.1", "11.0.0.1"),
    "Arn": ("arn:aws:s3:::a", "arn:aws:s3:::a", "arn:aws:s3:::b"),
}
ORDERINGS = [name for name in OPERATORS if "Less" in name or "Greater" in name]
EQUALITIES = [name for name in OPERATORS if name not in ORDERINGS]


def sample(operator: str) -> tuple[str, str, str]:
    return next(values for family, values in SAMPLES.items() if operator.startswith(family))


def held(operator: str, written: Any, *values: str | tuple[str, ...]) -> Truth:
    """The block ``{operator: {KEY: written}}`` on a request with at most one value or tuple for KEY."""
    block = ConditionBlock.parse({operator: {KEY: written}}, variables=True)
    return block.evaluate(on(*values))


def on(*values: str | tuple[str, ...]) -> RequestContext:
    return seen(**({"k__x": values[0]} if values else {}))


def sure(expected: bool) -> Truth:
    return YES if expected else NO


@pytest.mark.parametrize("operator", EQUALITIES)
class TestEveryEqualityOperator:
    """All operators that ask for equality or its opposite."""

    def test_one_value(self, operator: str) -> None:
        """Match and mismatch, plain and as a set of one."""
        written, same, other = sample(operator)
        negated = OPERATORS[operator].negated
        for prefix in ("", "ForAllValues:", "ForAnyValue:"):
            assert held(prefix + operator, written, same) is sure(not negated)
            assert held(prefix + operator, written, (other,)) is sure(negated)
            assert held(f"{prefix}{operator}IfExists", written, other) is sure(negated)

    def test_several_values_in_the_policy(self, operator: str) -> None:
        """*or*, and *nor* for negated operators."""
        written, same, other = sample(operator)
        negated = OPERATORS[operator].negated
        assert held(operator, [written, written], same) is sure(not negated)
        assert held(operator, [other if "Ip" not in operator else "12.0.0.0/8", written], same) is sure(not negated)

    def test_absent_key(self, operator: str) -> None:
        """Positive operators fail and negated ones hold; IfExists and ForAllValues hold; ForAnyValue does not allow."""
        written, _, _ = sample(operator)
        negated = OPERATORS[operator].negated
        assert held(operator, written) is sure(negated)
        assert held(f"{operator}IfExists", written) is YES
        assert held(f"ForAllValues:{operator}", written) is YES
        assert held(f"ForAllValues:{operator}IfExists", written) is YES
        assert held(f"ForAnyValue:{operator}", written) is (MAYBE if negated else NO)
        assert held(f"ForAnyValue:{operator}IfExists", written) is MAYBE

    def test_empty_set(self, operator: str) -> None:
        """ "Empty list": ForAllValues returns true, ForAnyValue returns false."""
        written, _, _ = sample(operator)
        negated = OPERATORS[operator].negated
        assert held(f"ForAllValues:{operator}", written, ()) is YES
        assert held(f"ForAnyValue:{operator}", written, ()) is (MAYBE if negated else NO)
        assert held(operator, written, ()) is sure(negated)
        assert held(f"{operator}IfExists", written, ()) is (YES if negated else MAYBE)

    def test_set_operators_on_several_values(self, operator: str) -> None:
        """All, some and none of the request's values match."""
        written, same, other = sample(operator)
        negated = OPERATORS[operator].negated
        assert held(f"ForAllValues:{operator}", written, (same, same)) is sure(not negated)
        assert held(f"ForAllValues:{operator}", written, (same, other)) is NO
        assert held(f"ForAllValues:{operator}", written, (other, other)) is sure(negated)
        assert held(f"ForAnyValue:{operator}", written, (same, same)) is sure(not negated)
        assert held(f"ForAnyValue:{operator}", written, (same, other)) is YES
        assert held(f"ForAnyValue:{operator}", written, (other, other)) is sure(negated)

    def test_several_values_without_set_operator(self, operator: str) -> None:
        """ "Multivalued condition keys require condition set operators": a match stays open, none is none."""
        written, same, other = sample(operator)
        assert held(operator, written, (same, other)) is MAYBE
        assert held(operator, written, (same, same)) is MAYBE
        assert held(operator, written, (other, other)) is (MAYBE if OPERATORS[operator].negated else NO)
        assert held(f"{operator}IfExists", written, (other, other)) is (MAYBE if OPERATORS[operator].negated else NO)


@pytest.mark.parametrize("operator", ORDERINGS)
def test_orderings_treat_absent_keys_like_positive_operators(operator: str) -> None:
    """Less and greater, on numbers and dates."""
    written, _, _ = sample(operator)
    assert held(operator, written) is NO
    assert held(f"{operator}IfExists", written) is YES
    assert held(f"ForAllValues:{operator}", written) is YES
    assert held(f"ForAnyValue:{operator}", written) is NO


@pytest.mark.parametrize(
    ("written", "values", "expected"),
    [
        ("true", (), YES),
        ("false", (), NO),
        ("true", ("x",), NO),
        ("false", ("x",), YES),
        (True, (), YES),
        (False, (("x", "y"),), YES),
        ("true", ((),), YES),
        ("false", ("",), MAYBE),
        ("maybe", ("x",), MAYBE),
        (["true", "false"], ("x",), MAYBE),
    ],
)
def test_null_asks_for_the_key(written: Any, values: tuple[Any, ...], expected: Truth) -> None:
    """Conditions_Null: true is absent, false is present and not null."""
    assert held("Null", written, *values) is expected


@pytest.mark.parametrize(
    ("values", "denied"),
    [(("key1:legal",), False), (("key1:hr", "key1:personnel"), False), (("key2:audit",), True), (None, True)],
)
def test_the_documented_example_of_forallvalues(values: tuple[str, ...] | None, denied: bool) -> None:
    """reference_policies_condition_examples-multi-valued-context-keys, first table."""
    block = ConditionBlock.parse({"ForAllValues:StringNotLike": {"aws:TagKeys": "key1*"}}, variables=True)
    context = {"aws__TagKeys": values} if values else {}
    assert block.evaluate(seen(**context)) is sure(denied)


@pytest.mark.parametrize(
    ("requested", "allowed"),
    [(("Message", "Tags"), True), (("ID", "Message", "Tags"), True), (("ID", "UserName"), False)],
)
def test_the_documented_attributes_of_a_table(requested: tuple[str, ...], allowed: bool) -> None:
    """reference_policies_multi-value-conditions: only ID, Message and Tags may be asked for."""
    block = ConditionBlock.parse(
        {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["ID", "Message", "Tags"]}}, variables=True
    )
    assert block.evaluate(seen(dynamodb__Attributes=requested)) is sure(allowed)


def test_the_documented_forbidden_attributes() -> None:
    """The same page: ForAnyValue denies a request with one forbidden attribute."""
    block = ConditionBlock.parse(
        {"ForAnyValue:StringEquals": {"dynamodb:Attributes": ["ID", "PostDateTime"]}}, variables=True
    )
    assert block.evaluate(seen(dynamodb__Attributes=("UserName", "Message", "PostDateTime"))) is YES
    assert block.evaluate(seen(dynamodb__Attributes=("UserName",))) is NO


def test_an_empty_text_is_open_under_set_operators() -> None:
    """ "…or if the key values resolve to a null data set, such as an empty string"."""
    assert held("ForAllValues:StringEquals", "a", "") is MAYBE
    assert held("ForAllValues:StringEquals", "", "") is YES
    assert held("ForAnyValue:StringEquals", "", "") is MAYBE
    assert held("ForAnyValue:StringEquals", "a", "") is NO


def test_keys_and_operators_hold_together() -> None:
    """*and* over keys and over operators; one that fails settles it, whatever stays open."""
    both = {"StringEquals": {"k:x": "a", "k:y": "b"}, "Bool": {"k:z": "true"}}
    block = ConditionBlock.parse(both, variables=True)
    assert block.evaluate(seen(k__x="a", k__y="b", k__z="true")) is YES
    assert block.evaluate(seen(k__x="a", k__y="c", k__z="true")) is NO
    assert block.evaluate(seen(k__x="a", k__y="b", k__z="false")) is NO
    unknown = ConditionBlock.parse({"StringSounds": {"k:x": "a"}, "StringEquals": {"k:y": "b"}}, variables=True)
    assert unknown.evaluate(seen(k__x="a", k__y="b")) is MAYBE
    assert unknown.evaluate(seen(k__x="a", k__y="c")) is NO


def test_key_names_compare_without_case() -> None:
    """reference_policies_elements_condition: aws:SourceIP is AWS:SourceIp; values keep their case."""
    block = ConditionBlock.parse({"StringEquals": {"AWS:PrincipalTag/Team": "red"}}, variables=True)
    assert block.evaluate(seen(**{"aws__principaltag/team": "red"})) is YES
    assert block.evaluate(seen(**{"aws__principaltag/team": "Red"})) is NO


def test_a_key_given_twice_with_different_values_stays_open() -> None:
    """Tags whose names differ in case only: "only one value matches", and which one is not said."""
    allow = with_condition("StringEquals", "aws:ResourceTag/EC2", "test1")
    twice = request(context={"aws:ResourceTag/ec2": "test1", "aws:ResourceTag/EC2": "test2"})
    assert outcome(twice, identity=(allow,)) is Outcome.UNDETERMINED
    same = request(context={"aws:ResourceTag/ec2": "test1", "aws:ResourceTag/EC2": "test1"})
    assert outcome(same, identity=(allow,)) is Outcome.ALLOWED


@pytest.mark.parametrize(
    "element",
    [
        "x",
        {"StringEquals": "x"},
        {"StringEquals": {"k:x": None}},
        {"StringEquals": {"k:x": []}},
        {"StringEquals": {"k:x": {"a": 1}}},
        {"stringequals": {"k:x": "a"}},
        {"ForSomeValues:StringEquals": {"k:x": "a"}},
        {":StringEquals": {"k:x": "a"}},
        {"NullIfExists": {"k:x": "true"}},
        {"ForAnyValue:Null": {"k:x": "true"}},
        {"NumericEquals": {"k:x": "one"}},
        {"StringEquals": {"k:x": "a", "K:X": "a"}},
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_malformed_condition_never_decides(element: Any, effect: str) -> None:
    """It may hold or not: an allow is not an allow, a deny is not nothing."""
    malformed = policy(statement(effect, Condition=element))
    others = (policy(statement()),) if effect == "Deny" else ()
    asked = request(context={"k:x": "a"})
    assert malformed.defects
    assert outcome(asked, identity=(malformed, *others)) is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("element", "defect"),
    [
        ("x", "Condition is not an object"),
        ({"StringEquals": "x"}, "StringEquals does not map keys to values"),
        ({"StringEquals": {"k:x": None}}, "StringEquals k:x: None is not a value"),
        ({"StringEquals": {"k:x": []}}, "StringEquals k:x: no value"),
        ({"Null": {"k:x": None}}, "Null k:x: None is not a value"),
        ({"Null": {"k:x": ["true", None]}}, "Null k:x: None is not a value"),
        ({"Null": {"k:x": "maybe"}}, "Null k:x: Null asks for true or false"),
        ({"StringSounds": {"k:x": "a"}}, "StringSounds k:x: unknown operator"),
        ({"NumericEquals": {"k:x": "one"}}, "NumericEquals k:x: 'one' is not a number"),
        ({"StringEquals": {1: "a"}}, "StringEquals 1: the key is repeated or not text"),
    ],
)
def test_a_malformed_condition_says_what_is_wrong_and_stays_open(element: Any, defect: str) -> None:
    """By itself, not only by the statement that it stands in. It never raises."""
    block = ConditionBlock.parse(element, variables=True)
    assert block.defects == (defect,)
    assert block.evaluate(on("b")) is (NO if element == {"StringEquals": {1: "a"}} else MAYBE)


def test_null_is_open_for_a_key_that_aws_fills_and_we_do_not_know() -> None:
    """aws:ResourceOrgID is in the requests on what an organization owns."""
    for written in ("true", "false"):
        block = ConditionBlock.parse({"Null": {"aws:ResourceOrgID": written}}, variables=True)
        assert block.evaluate(on()) is MAYBE


def test_a_value_that_matches_for_certain_outweighs_an_open_one_before_it() -> None:
    """*or* over the policy's values, in any order."""
    for written in (["${k:absent}", "a"], ["a", "${k:absent}"]):
        assert held("StringLike", written, "a") is YES
    assert held("StringLike", "${k:absent}", "a") is MAYBE


def test_the_undecided_conditions_are_those_that_stay_open() -> None:
    """Not those that hold or fail."""
    written = {"k:x": "a", "aws:ResourceOrgID": "1", "k:y": "b"}
    block = ConditionBlock.parse({"StringEquals": written}, variables=True)
    undecided = block.undecided(seen(k__x="a", k__y="c"))
    assert [condition.text for condition in undecided] == ["StringEquals aws:ResourceOrgID"]


def test_values_may_be_json_numbers_and_booleans() -> None:
    """Grammar: "Quotation marks are optional for numeric and Boolean values"."""
    assert held("NumericEquals", 10, "10") is YES
    assert held("Bool", True, "true") is YES
    assert held("StringEquals", [True, 5], "5") is YES


@pytest.mark.parametrize("key", sorted(MULTIVALUED))
def test_a_multivalued_key_needs_a_set_operator(key: str) -> None:
    """With one value, too: only a positive operator that nothing matches fails for certain."""

    def of(operator: str, *values: str) -> Truth:
        block = ConditionBlock.parse({operator: {key: "cost"}}, variables=True)
        return block.evaluate(RequestContext(request(context={key: values} if values else {})))

    assert of("StringEquals", "cost") is MAYBE
    assert of("StringEquals", "other") is NO
    assert of("StringNotLike", "other") is MAYBE
    assert of("StringNotLike", "cost") is MAYBE
    assert of("ForAnyValue:StringEquals", "cost") is YES
    unknown = key in ("aws:principalorgpaths", "aws:resourceorgpaths")  # no request says it
    assert of("StringEquals") is (MAYBE if unknown else NO)
    assert of("StringNotEquals") is MAYBE
    assert of("StringEqualsIfExists") is MAYBE


@pytest.mark.parametrize(("action", "expected"), [("events:PutEvents", YES), ("events:PutRule", MAYBE)])
def test_an_event_has_one_source(action: str, expected: Truth) -> None:
    """EventBridge's own policy of a bus compares it with plain StringEquals; a rule's pattern may name several."""
    block = ConditionBlock.parse({"StringEquals": {"events:source": "mine"}}, variables=True)
    context = RequestContext(request(action=action, context={"events:source": "mine"}))
    assert block.evaluate(context) is expected
