"""Policy variables, their defaults and escapes."""

from __future__ import annotations

import pytest

from tests.access.policies import (
    A_ROLE,
    A_SESSION,
    A_USER,
    OBJECT,
    outcome,
    policy,
    request,
    seen,
    statement,
    with_condition,
)
from xacct_ml.access.match import Pattern, Shape
from xacct_ml.access.model import Outcome
from xacct_ml.access.truth import MAYBE, NO, YES, Truth
from xacct_ml.access.variables import MalformedText, tokenise

HOME = "arn:aws:s3:::b/home/${aws:username}/*"


def matched(pattern: str, value: str, **context: object) -> Truth:
    return Pattern(pattern, Shape.TEXT, variables=True).match(value, seen(A_USER, **context))


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("home/${aws:username}/*", "home/carlos/a", YES),
        ("home/${AWS:UserName}/*", "home/carlos/a", YES),
        ("home/${aws:username}/*", "home/berta/a", NO),
        ("${aws:PrincipalTag/team}-x", "red-x", MAYBE),
        ("${aws:PrincipalTag/team}-x", "red-y", NO),
        ("${aws:PrincipalTag/team}-x", "-x", MAYBE),
        ("${aws:PrincipalTag/team}-x", "a:b-x", MAYBE),
        ("Home/${aws:username}", "Home/carlos", YES),
        ("Home/${aws:username}", "home/carlos", NO),
        ("b-${aws:PrincipalTag/team, 'company-wide'}", "b-company-wide", YES),
        ("b-${aws:PrincipalTag/team, 'company-wide'}", "b-red", NO),
        ("b-${aws:PrincipalTag/team, ''}", "b-", YES),
        ("a${*}b", "a*b", YES),
        ("a${*}b", "axb", NO),
        ("a${?}b", "a?b", YES),
        ("a${?}b", "axb", NO),
        ("a${$}{b}", "a${b}", YES),
        ("a$b", "a$b", YES),
        ("a${~}b", "a~b", MAYBE),
    ],
)
def test_variables_take_the_requests_value(pattern: str, value: str, expected: Truth) -> None:
    """reference_policies_variables: values, defaults ("company-wide") and special characters."""
    assert matched(pattern, value) is expected


def test_a_value_wins_over_the_default() -> None:
    """The page's bucket for the team yellow."""
    pattern = "b-${aws:PrincipalTag/team, 'company-wide'}"
    assert matched(pattern, "b-yellow", **{"aws__PrincipalTag/team": "yellow"}) is YES
    assert matched(pattern, "b-company-wide", **{"aws__PrincipalTag/team": "yellow"}) is NO


@pytest.mark.parametrize("value", ["", ("red", "blue"), ()])
def test_an_empty_or_multivalued_key_is_no_value(value: object) -> None:
    """ "You can't use a multivalued condition key as a variable"; an empty one is "effectively null"."""
    assert matched("${aws:PrincipalTag/team}-x", "red-x", **{"aws__PrincipalTag/team": value}) in (MAYBE, NO)
    assert matched("${aws:PrincipalTag/team}-x", "red-x", **{"aws__PrincipalTag/team": value}) is MAYBE


def test_a_value_that_aws_alone_knows_is_no_value() -> None:
    """The aws:userid of a role whose session is not there yet."""
    pattern = Pattern("${aws:userid}-x", Shape.TEXT, variables=True)
    assert pattern.match("AROATRAINER:run-1-x", seen(A_ROLE)) is MAYBE


def test_wildcards_inside_a_value_do_not_grant() -> None:
    """A tag with the value * must not open every bucket: that reading stays a maybe."""
    assert matched("b-${aws:PrincipalTag/team}", "b-red", **{"aws__PrincipalTag/team": "*"}) is MAYBE
    assert matched("b-${aws:PrincipalTag/team}", "b-*", **{"aws__PrincipalTag/team": "*"}) is YES
    equals = Pattern("b-${aws:PrincipalTag/team}", Shape.TEXT, variables=True, wildcards=False)
    assert equals.match("b-red", seen(**{"aws__PrincipalTag/team": "*"})) is NO


@pytest.mark.parametrize(
    "text", ["${", "${}", "${aws:username", "${a b}", "${aws:username,'x'}", "${a, x}", "${a${b}}"]
)
def test_malformed_variables_are_refused(text: str) -> None:
    """What is neither a name, a name with default nor a special character has no meaning."""
    with pytest.raises(MalformedText):
        tokenise(text, wildcards=True, variables=True)


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_older_policies_have_no_variables(version: str | None) -> None:
    """reference_policies_elements_version: there the text is literal, so the star in it is a wildcard."""
    allow = policy(statement(resource=HOME), version=version)
    assert outcome(request(A_USER, resource="arn:aws:s3:::b/home/carlos/x"), identity=(allow,)) is Outcome.DENIED
    literal = request(A_USER, resource="arn:aws:s3:::b/home/${aws:username}/x")
    assert outcome(literal, identity=(allow,)) is Outcome.ALLOWED


@pytest.mark.parametrize(("prefix", "expected"), [("${aws:username}", Outcome.ALLOWED), ("x", Outcome.DENIED)])
def test_nor_have_their_conditions(prefix: str, expected: Outcome) -> None:
    """A role has no aws:username, which keeps nothing open where the text is literal."""
    allow = with_condition("StringEquals", "s3:prefix", "${aws:username}", version="2008-10-17")
    assert outcome(request(A_ROLE, context={"s3:prefix": prefix}), identity=(allow,)) is expected


def test_a_home_directory_is_its_owners_alone() -> None:
    """The page's first example."""
    allow = policy(statement(resource=HOME))
    assert outcome(request(A_USER, resource="arn:aws:s3:::b/home/carlos/x"), identity=(allow,)) is Outcome.ALLOWED
    assert outcome(request(A_USER, resource="arn:aws:s3:::b/home/berta/x"), identity=(allow,)) is Outcome.DENIED


def test_an_unresolved_variable_leaves_the_request_open_only_where_it_could_matter() -> None:
    """A role has no aws:username: another bucket is denied all the same, a home is undetermined."""
    allow = policy(statement(resource=HOME))
    assert outcome(request(A_ROLE, resource="arn:aws:s3:::b/home/x/y"), identity=(allow,)) is Outcome.UNDETERMINED
    assert outcome(request(A_ROLE, resource="arn:aws:s3:::c/home/x/y"), identity=(allow,)) is Outcome.DENIED


def test_an_unresolved_variable_in_a_deny_never_allows() -> None:
    """The deny may hit."""
    deny = statement("Deny", NotResource="arn:aws:s3:::data/${aws:PrincipalTag/team}/*", resource=None)
    assert outcome(request(), identity=(policy(statement(), deny),)) is Outcome.UNDETERMINED


def test_conditions_take_variables_for_text_and_arns_only() -> None:
    """ "You can't use a policy variable with other operators, such as Numeric, Date, Boolean, …"."""
    context = {"aws:PrincipalTag/team": "red", "s3:prefix": "red/x", "k:n": "1"}
    asked = request(A_SESSION, resource=OBJECT, context=context)
    like = with_condition("StringLike", "s3:prefix", "${aws:PrincipalTag/team}/*")
    assert outcome(asked, identity=(like,)) is Outcome.ALLOWED
    number = with_condition("NumericEquals", "k:n", "${k:n}")
    assert outcome(asked, identity=(number,)) is Outcome.UNDETERMINED


def test_ignoring_case_covers_the_variables_value() -> None:
    """StringEqualsIgnoreCase compares the substituted text."""
    allow = with_condition("StringEqualsIgnoreCase", "s3:prefix", "Home-${aws:PrincipalTag/team}")
    asked = request(context={"aws:PrincipalTag/team": "RED", "s3:prefix": "home-Red"})
    assert outcome(asked, identity=(allow,)) is Outcome.ALLOWED
    without_value = request(context={"s3:prefix": "home-Red"})
    assert outcome(without_value, identity=(allow,)) is Outcome.UNDETERMINED
