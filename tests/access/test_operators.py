"""Every condition operator: a value that matches, one that does not, and one that cannot be decided."""

from __future__ import annotations

import pytest

from tests.access.policies import seen
from xacct_ml.access.operators import OPERATORS
from xacct_ml.access.truth import MAYBE, NO, YES, Truth
from xacct_ml.access.variables import MalformedText

ROLE_ARN = "arn:aws:iam::1:role/a"
JULY = "2024-07-01T12:00:00Z"
JULY_EPOCH = "1719835200"

# operator, value in the policy, value in the request, whether the *un-negated* comparison matches
COMPARISONS = [
    ("StringEquals", "Ab", "Ab", YES),
    ("StringEquals", "Ab", "ab", NO),
    ("StringEquals", "a*", "ab", NO),
    ("StringEquals", "", "", YES),
    ("StringEqualsIgnoreCase", "Ab", "aB", YES),
    ("StringEqualsIgnoreCase", "Ab", "abc", NO),
    ("StringEqualsIgnoreCase", "A*", "abc", NO),
    ("StringLike", "a*c?", "abbbcd", YES),
    ("StringLike", "a*", "Ab", NO),
    ("StringLike", "a", "ab", NO),
    ("StringLike", "a*", "a\nb", YES),
    ("StringLike", "", "", YES),
    ("NumericEquals", "10", "10.0", YES),
    ("NumericEquals", "10", "11", NO),
    ("NumericEquals", "10", "ten", MAYBE),
    ("NumericLessThan", "10", "9.99", YES),
    ("NumericLessThan", "10", "10", NO),
    ("NumericLessThan", "10", "9e1", MAYBE),
    ("NumericLessThanEquals", "10", "10", YES),
    ("NumericLessThanEquals", "10", "10.1", NO),
    ("NumericGreaterThan", "-1", "0", YES),
    ("NumericGreaterThan", "10", "10", NO),
    ("NumericGreaterThanEquals", "10", "10", YES),
    ("NumericGreaterThanEquals", "10", "9", NO),
    ("DateEquals", JULY, "2024-07-01T14:00:00+02:00", YES),
    ("DateEquals", JULY, JULY_EPOCH, YES),
    ("DateEquals", JULY_EPOCH, "2024-07-01T12:00Z", YES),
    ("DateEquals", JULY, "2024-07-01T12:00:01Z", NO),
    ("DateEquals", JULY, "yesterday", MAYBE),
    ("DateEquals", JULY, "2024-07-01", MAYBE),
    ("DateEquals", "2024-07-01", JULY, MAYBE),
    ("DateLessThan", JULY, "2024", MAYBE),
    ("DateLessThan", JULY, "2024-07-01T11:59:59.5Z", YES),
    ("DateLessThan", JULY, JULY, NO),
    ("DateLessThanEquals", JULY, JULY, YES),
    ("DateLessThanEquals", JULY, "2024-07-01T12:00:01Z", NO),
    ("DateGreaterThan", JULY, "2024-07-01T12:00:01Z", YES),
    ("DateGreaterThan", JULY, JULY, NO),
    ("DateGreaterThanEquals", JULY, JULY, YES),
    ("DateGreaterThanEquals", JULY, "2024-06-30T12:00:00Z", NO),
    ("Bool", "true", "true", YES),
    ("Bool", "true", "false", NO),
    ("Bool", "True", "true", MAYBE),
    ("Bool", "true", "yes", MAYBE),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", YES),
    ("BinaryEquals", "QmluYXJ5", "T3RoZXI=", NO),
    ("BinaryEquals", "QmluYXJ5", "Binary", MAYBE),
    ("IpAddress", "203.0.113.0/24", "203.0.113.7", YES),
    ("IpAddress", "203.0.113.0/24", "203.0.114.7", NO),
    ("IpAddress", "203.0.113.7", "203.0.113.7", YES),
    ("IpAddress", "203.0.113.7", "203.0.113.8", NO),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678:9::1", YES),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", NO),
    ("IpAddress", "203.0.113.0/24", "2001:db8::1", NO),
    ("IpAddress", "203.0.113.0/24", "::ffff:203.0.113.7", MAYBE),
    ("IpAddress", "203.0.113.0/24", "::ffff:198.51.100.7", NO),
    ("IpAddress", "203.0.113.9/24", "203.0.113.7", MAYBE),
    ("IpAddress", "203.0.113.0/24", "localhost", MAYBE),
    ("ArnEquals", "arn:aws:iam::*:role/a", ROLE_ARN, YES),
    ("ArnEquals", "arn:aws:iam::1:role/b", ROLE_ARN, NO),
    ("ArnLike", "arn:aws:iam::1:*", ROLE_ARN, YES),
    ("ArnLike", "arn:aws:iam::1:Role/a", ROLE_ARN, NO),
    ("ArnLike", "arn:aws:iam::1:role/a", "role", NO),
    ("ArnLike", "arn:aws:sqs:*:1:q", "arn:aws:sqs:us-east-2:2:1:q", NO),
    ("ArnLike", "arn:aws:sqs:us-east-2:*:q", "arn:aws:sqs:us-east-2:2:1:q", NO),
    ("ArnLike", "arn:aws:logs:us-east-2:1:*:end", "arn:aws:logs:us-east-2:1:log-group:a:end", YES),
]

NEGATED = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}


@pytest.mark.parametrize(("operator", "written", "value", "expected"), COMPARISONS)
def test_operators_compare_as_documented(operator: str, written: str, value: str, expected: Truth) -> None:
    """reference_policies_elements_condition_operators, table by table."""
    assert OPERATORS[operator].build(written, True)(value, seen()) is expected
    assert not OPERATORS[operator].negated


def test_negated_operators_ask_for_the_opposite_of_their_twin() -> None:
    """Each Not-operator compares like its twin; nothing else is negated."""
    assert {name for name, operator in OPERATORS.items() if operator.negated} == set(NEGATED.values())
    for positive, negative in NEGATED.items():
        samples = [case for case in COMPARISONS if case[0] == positive]
        for _, written, value, expected in samples:
            assert OPERATORS[negative].build(written, True)(value, seen()) is expected


def test_every_operator_was_tried() -> None:
    """The table above leaves no operator out."""
    assert {case[0] for case in COMPARISONS} | set(NEGATED.values()) == set(OPERATORS)


@pytest.mark.parametrize(
    ("operator", "written"),
    [
        ("NumericEquals", "ten"),
        ("NumericLessThan", "nan"),
        ("DateEquals", "tomorrow"),
        ("Bool", "1"),
        ("BinaryEquals", "not base64!"),
        ("BinaryEquals", "QmluYX!J5"),
        ("IpAddress", "203.0.113"),
        ("IpAddress", "203.0.113.0/33"),
        ("IpAddress", "203.0.113.0/255.255.255.0"),
        ("ArnLike", "*"),
        ("ArnEquals", "111111111111"),
        ("StringLike", "${aws:username"),
    ],
)
def test_values_of_the_wrong_type_are_refused(operator: str, written: str) -> None:
    """A policy value that cannot be read as the operator's type has no meaning."""
    with pytest.raises(MalformedText):
        OPERATORS[operator].build(written, True)
