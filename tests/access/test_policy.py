"""Parsing: what is malformed is never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.access.policies import A_SESSION, A_USER, OBJECT, ROLE, document, outcome, policy, request, statement
from xacct_ml.access.model import Outcome, ResourcePolicyKind
from xacct_ml.access.policy import Policy

ALLOW = policy(statement())
ALLOW_ALL_BUCKET = policy(statement(Principal={"AWS": ROLE}))

UNREADABLE: list[Any] = [
    "{",
    "[]",
    '"x"',
    '{"Statement": [], "Statement": []}',
    [],
    {},
    {"Version": "2012-10-17"},
    {"Statement": "x"},
    {"Statement": [5]},
    document({"Action": "s3:*", "Resource": "*"}),
    document({"Effect": "allow", "Action": "s3:*", "Resource": "*"}),
    document({"Effect": ["Allow"], "Action": "s3:*", "Resource": "*"}),
]


@pytest.mark.parametrize("content", UNREADABLE)
def test_an_unreadable_document_may_allow_or_deny(content: Any) -> None:
    """Neither a grant nor nothing: with another allow beside it the request stays undetermined."""
    unreadable = Policy.parse(content, "broken")
    assert unreadable.defects
    assert outcome(request(), identity=(unreadable,)) is Outcome.UNDETERMINED
    assert outcome(request(), identity=(unreadable, ALLOW)) is Outcome.UNDETERMINED
    assert outcome(request(), identity=(ALLOW,), resource=unreadable) is Outcome.UNDETERMINED
    deny = policy(statement("Deny"))
    assert outcome(request(), identity=(unreadable, ALLOW, deny)) is Outcome.DENIED


DEFECTIVE: list[dict[str, Any]] = [
    {"Action": "s3:*", "NotAction": "s3:*", "Resource": "*"},
    {"Resource": "*"},
    {"Action": [], "Resource": "*"},
    {"Action": {"a": 1}, "Resource": "*"},
    {"Action": ["s3:GetObject", 5], "Resource": "*"},
    {"Action": "s3:*"},
    {"Action": "s3:*", "Resource": []},
    {"Action": "s3:*", "Resource": "*", "NotResource": "arn:aws:s3:::x"},
    {"Action": "s3:*", "Resource": "arn:aws:s3*:::data/*"},
    {"Action": "s3:*", "Resource": "*", "Conditions": {}},
    {"Action": "s3:*", "Resource": "*", "Sid": 5},
    {"Action": ["s3:*", "everything"], "Resource": "*"},
    {"NotAction": ["everything"], "Resource": "*"},
    {"Action": "s3:*", "NotResource": ["x"]},
    {"Action": "s3:*", "Resource": "*", "Principal": "*"},
    {"Action": "s3:*", "Resource": "*", "NotPrincipal": {"AWS": ROLE}},
]


ALLOW_IT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    ("content", "defects"),
    [
        ([], ["not a JSON object"]),
        ({}, ["no statements"]),
        ({**document(ALLOW_IT), "Extra": 1}, ["unknown element 'Extra'"]),
        ({"Version": "1", "Statement": ALLOW_IT}, ["unknown version '1'"]),
        (document(ALLOW_IT, 5), ["#2: the statement is not an object"]),  # type: ignore[arg-type]
        (document({**ALLOW_IT, "Extra": 1}), ["#1: unknown element 'Extra'"]),
        (document({**ALLOW_IT, "Sid": 5}), ["#1: Sid is not text"]),
        (document({**ALLOW_IT, "Effect": "allow"}), ["#1: Effect is 'allow'"]),
        (document({**ALLOW_IT, "Action": 5}), ["#1: no readable Action"]),
        (document({"Effect": "Allow", "Resource": "*"}), ["#1: no readable Action"]),
        (
            document({**ALLOW_IT, "NotAction": "s3:Put*"}),
            ["#1: Action and NotAction exclude each other", "#1: no readable Action"],
        ),
        (document({**ALLOW_IT, "Resource": []}), ["#1: no readable Resource"]),
        (document({**ALLOW_IT, "Action": "get"}), ["#1: 'get' is not an action"]),
        (document({**ALLOW_IT, "Resource": "b"}), ["#1: the resource 'b' is neither an ARN nor '*'"]),
        (document({**ALLOW_IT, "Principal": {"AWS": "me"}}), ["#1: 'me' is not a principal"]),
        (document({**ALLOW_IT, "Sid": "A", "Condition": 5}), ["A: Condition is not an object"]),
    ],
)
def test_a_defect_says_where_and_what(content: Any, defects: list[str]) -> None:
    """Words for a person: those of the document once, those of a statement by its name."""
    assert list(Policy.parse(content, "p").defects) == defects


def test_an_unreadable_document_is_its_first_statement() -> None:
    """So that a reason has something to name."""
    assert [one.sid for one in Policy.parse("{", "p").statements] == ["#1"]


@pytest.mark.parametrize("elements", DEFECTIVE)
def test_a_defective_statement_never_decides(elements: dict[str, Any]) -> None:
    """As an allow it grants nothing for certain, as a deny it is not overlooked."""
    allow = policy({"Effect": "Allow", **elements})
    deny = policy({"Effect": "Deny", **elements})
    assert outcome(request(), identity=(allow,)) is Outcome.UNDETERMINED
    assert outcome(request(), identity=(ALLOW, deny)) is Outcome.UNDETERMINED
    assert outcome(request(), identity=(allow, policy(statement("Deny")))) is Outcome.DENIED


@pytest.mark.parametrize("elements", [{"Action": "kms:*", "Resource": "*", "Sid": 5}, {"NotAction": "s3:*", "Foo": 1}])
def test_a_defective_statement_about_something_else_does_not_matter(elements: dict[str, Any]) -> None:
    """What certainly does not match stays out."""
    assert outcome(request(), identity=(ALLOW, policy({"Effect": "Deny", **elements}))) is Outcome.ALLOWED


@pytest.mark.parametrize("extra", [{"Version": "2012-10-18"}, {"Statements": []}, {"Version": None}])
def test_a_defective_document_holds_all_its_statements_open(extra: dict[str, Any]) -> None:
    """AWS would not have stored it."""
    defective = Policy.parse({**document(statement()), **extra}, "p")
    assert outcome(request(), identity=(defective,)) is Outcome.UNDETERMINED


def test_a_resource_policy_needs_a_principal() -> None:
    """Grammar: "required in resource-based policies"."""
    assert outcome(request(), resource=ALLOW) is Outcome.UNDETERMINED
    both = policy(statement(Principal="*", NotPrincipal={"AWS": ROLE}))
    assert outcome(request(), resource=both) is Outcome.UNDETERMINED
    deny = policy(statement("Deny"))
    assert outcome(request(), identity=(ALLOW,), resource=deny) is Outcome.UNDETERMINED


def test_one_principal_that_is_none_spoils_the_others() -> None:
    """AWS refuses the document ("Invalid principal in policy"), so that the good name in it grants nothing either."""
    assert outcome(request(), resource=policy(statement(Principal={"AWS": [ROLE, "nobody"]}))) is Outcome.UNDETERMINED


def test_a_trust_policy_has_no_resource() -> None:
    """IAM refuses a Resource there."""
    asked = request(action="sts:AssumeRole", resource=ROLE)
    trust = statement(action="sts:AssumeRole", resource=None, Principal={"AWS": A_SESSION.arn})
    kind = ResourcePolicyKind.TRUST
    assert outcome(asked, resource=policy(trust), resource_kind=kind) is Outcome.ALLOWED
    with_resource = policy({**trust, "Resource": "*"})
    assert outcome(asked, resource=with_resource, resource_kind=kind) is Outcome.UNDETERMINED


def test_the_forms_that_the_grammar_allows() -> None:
    """One statement without list, one action without list, JSON text, an Id, no statements, no version."""
    single = {"Version": "2012-10-17", "Id": "x", "Statement": statement(action=["s3:GetObject"])}
    for content in (single, json.dumps(single), {"Statement": [statement()]}):
        parsed = Policy.parse(content, "p")
        assert parsed.defects == ()
        assert outcome(request(), identity=(parsed,)) is Outcome.ALLOWED
    assert outcome(request(), identity=(Policy.parse({"Statement": []}, "p"),)) is Outcome.DENIED


def test_statements_without_sid_are_counted() -> None:
    """The fallback that StatementRef promises."""
    parsed = policy(statement(), statement(Sid="Named"), statement(Sid=""), statement(Sid=5))
    assert [one.sid for one in parsed.statements] == ["#1", "Named", "#3", "#4"]


HOME = "arn:aws:s3:::b/home/${aws:username}/*"
UNRESOLVED: list[Any] = [
    statement(NotResource=HOME, resource=None),
    statement(Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/x-${aws:username}"}}),
    statement(Condition={"StringNotEquals": {"k:absent": "${aws:username}"}}),
    statement(Condition={"StringEquals": {"aws:PrincipalAccount": ["111111111111", "${aws:username}"]}}),
    statement(resource=["*", HOME]),
]


@pytest.mark.parametrize("written", UNRESOLVED)
def test_a_variable_without_value_may_make_the_statement_invalid(written: dict[str, Any]) -> None:
    """ "this might cause the entire statement to be invalid": neither allow nor deny, under negation as elsewhere."""
    assert outcome(request(A_SESSION), identity=(policy(written),)) is Outcome.UNDETERMINED
    denied = policy({**written, "Effect": "Deny"})
    assert outcome(request(A_SESSION), identity=(denied, ALLOW)) is Outcome.UNDETERMINED
    assert outcome(request(A_USER), identity=(policy(written),)) is Outcome.ALLOWED


def test_a_statement_that_cannot_match_stays_without_a_say() -> None:
    """Whether it is invalid or does not match comes to the same."""
    assert outcome(request(A_SESSION), identity=(policy(statement(resource=HOME)),)) is Outcome.DENIED


ELEMENTS = ("Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition", "Sid")
WORDS = st.sampled_from(
    [
        *(
            "Allow",
            "Deny",
            "*",
            "s3:*",
            "s3:GetObject",
            OBJECT,
            "arn:x",
            "${",
            "${aws:username}",
            "",
            "1e999",
            "\ud800",
        ),
        *(
            "aws:SourceIp",
            "aws:userid",
            "StringLike",
            "Null",
            "ForAllValues:StringEquals",
            "NumericEquals",
            "IpAddress",
        ),
        *("DateLessThan", "Bool", "ArnLike", "AWS", "Service", "Statement", "Version", "2012-10-17", "x" * 3000),
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(ANYTHING | st.lists(st.dictionaries(st.sampled_from(ELEMENTS), ANYTHING, max_size=5), max_size=2))
def test_whatever_is_written_is_a_policy_that_decides(written: Any) -> None:
    """The accounts' policies are others': what cannot be read stays open, and nothing ends the command."""
    for whole in (written, {"Version": "2012-10-17", "Statement": written}):
        read = Policy.parse(whole, "theirs")
        assert outcome(request(), identity=(read,)) in Outcome
        assert outcome(request(), identity=(read,), resource=read) in Outcome
