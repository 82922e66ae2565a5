"""How far actions and resources of a policy reach."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access.policies import OURS, seen
from xacct_ml.access.match import ActionMatcher, Pattern, ResourceMatcher, Shape, wildcards
from xacct_ml.access.model import Principal
from xacct_ml.access.principals import PrincipalElement
from xacct_ml.access.truth import MAYBE, NO, YES, Truth
from xacct_ml.access.variables import MalformedText


@pytest.mark.parametrize(
    ("patterns", "action", "expected"),
    [
        (["s3:GetObject"], "s3:getobject", YES),
        (["S3:GETOBJECT"], "s3:getobject", YES),
        (["s3:GetObject"], "s3:getobjecttagging", NO),
        (["s3:Get*"], "s3:getobject", YES),
        (["s3:*Object"], "s3:getobject", YES),
        (["s3:?etObject"], "s3:getobject", YES),
        (["s3:?GetObject"], "s3:getobject", NO),
        (["s3:*"], "s3-object-lambda:getobject", NO),
        (["iam:*AccessKey*"], "iam:createaccesskey", YES),
        (["*"], "kms:decrypt", YES),
        (["*:*"], "kms:decrypt", YES),
        (["kms:Encrypt", "kms:Decrypt"], "kms:decrypt", YES),
        (["kms.Decrypt"], "kmsxdecrypt", NO),
        (["s*"], "s3:getobject", MAYBE),
        (["s*:GetObject"], "s3:getobject", MAYBE),
        (["s*:GetObject"], "kms:decrypt", NO),
        (["getobject"], "s3:getobject", NO),
    ],
)
def test_actions_compare_without_case_and_with_wildcards(patterns: list[str], action: str, expected: Truth) -> None:
    """IAM User Guide, Action: wildcards belong into the name; a pattern that is no action is at most a maybe."""
    assert ActionMatcher(patterns, negated=False).match(action) is expected
    assert ActionMatcher(patterns, negated=True).match(action) is [YES, MAYBE, NO][expected]


def test_what_is_not_an_action_is_a_defect() -> None:
    """A pattern without service cannot be an action."""
    assert ActionMatcher(["s3:Get*", "GetObject"], negated=False).defects == ("'getobject' is not an action",)


BUCKET_OBJECTS = "arn:aws:s3:::b/*/test/*"


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("*", "arn:aws:s3:::b/x", YES),
        ("*", "*", YES),
        ("arn:aws:s3:::*", "*", NO),
        ("arn:aws:s3:::b", "arn:aws:s3:::b/x", NO),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", NO),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/", YES),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y", YES),
        ("arn:aws:s3:::B/*", "arn:aws:s3:::b/x", NO),
        ("arn:aws:s3:::b*", "arn:aws:s3:::bb/x", YES),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/xy", NO),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/:", MAYBE),
        ("arn:aws:s3:::b/**", "arn:aws:s3:::b/x:y", YES),
        ("arn:aws:s3:::b/?*", "arn:aws:s3:::b/x/y", YES),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b\nc", YES),
        (BUCKET_OBJECTS, "arn:aws:s3:::b/1/test/object.jpg", YES),
        (BUCKET_OBJECTS, "arn:aws:s3:::b/1///test///object.jpg", YES),
        (BUCKET_OBJECTS, "arn:aws:s3:::b//test/object.jpg", YES),
        (BUCKET_OBJECTS, "arn:aws:s3:::b/1/test/", YES),
        (BUCKET_OBJECTS, "arn:aws:s3:::b/1-test/object.jpg", NO),
        (BUCKET_OBJECTS, "arn:aws:s3:::b/test/object.jpg", NO),
        (BUCKET_OBJECTS, "arn:aws:s3:::b/1/2/test.jpg", NO),
        (BUCKET_OBJECTS, "arn:aws:s3:::b/a:1/test/x", MAYBE),
        (f"arn:aws:sqs:*:{OURS}:q", f"arn:aws:sqs:us-east-1:{OURS}:q", YES),
        (f"arn:aws:sqs:*:{OURS}:q", "arn:aws:sqs:us-east-1:222222222222:q", NO),
        ("arn:aws:sqs:us-*-1:1:q", "arn:aws:sqs:us-east-1:1:q", YES),
        ("arn:aws:sqs:u*1:1:q", "arn:aws:sqs:us:1:1:q", MAYBE),
        ("arn:aws:sqs:u*1:1:${aws:PrincipalTag/team}", "arn:aws:sqs:us:1:1:red", MAYBE),
        ("arn:aws:sqs:us-east-1:*:q", "arn:aws:sqs:us-east-1:1:2:q", YES),
        ("arn:aws:logs:*:*:log-group:/aws/*:*", "arn:aws:logs:r:1:log-group:/aws/x:log-stream:y", YES),
        ("arn:*:s3:::b", "arn:aws-cn:s3:::b", YES),
        ("arn:aws:s*:::b", "arn:aws:s3:::b", MAYBE),
        ("arn:aws:s*:::b", "arn:aws:s3:::c", NO),
        ("arn:aws:*", "arn:aws:s3:::c", MAYBE),
        ("b/*", "arn:aws:s3:::b/x", NO),
        ("*/x", "arn:aws:s3:::b/x", MAYBE),
        ("arn:aws:s3:::b/[a]", "arn:aws:s3:::b/a", NO),
    ],
)
def test_resources_match_with_case_and_within_arn_segments(pattern: str, resource: str, expected: Truth) -> None:
    """IAM User Guide, Resource: its own list of matching objects, and the rule on colons."""
    context = seen(**{"aws__PrincipalTag/team": "red"})
    assert ResourceMatcher([pattern], negated=False, variables=True).match(resource, context) is expected
    assert (
        ResourceMatcher([pattern], negated=True, variables=True).match(resource, context) is [YES, MAYBE, NO][expected]
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "bucket",
        "nra:aws:s3:::b",
        "arn:aws::::b",
        "arn:aws:s?:::b",
        "arn:aws:s3",
        "arn:aws:s*:::b",
        "arn:aws:${aws:username}:::b",
        "arn:aws:s3:::${aws:username",
    ],
)
def test_what_is_not_an_arn_is_a_defect(pattern: str) -> None:
    """A resource is an ARN with its service spelt out, or the one wildcard."""
    assert ResourceMatcher([pattern], negated=False, variables=True).defects


def test_a_variable_stands_after_the_fifth_colon() -> None:
    """reference_policies_variables; where a policy has no variables, the same text is one segment like another."""
    assert ResourceMatcher([f"arn:aws:sqs:r:{OURS}:${{q}}"], negated=False, variables=True).defects == ()
    for pattern in (f"arn:aws:sqs:${{r}}:{OURS}:q", "arn:aws:sqs:r:${account}:q"):
        assert ResourceMatcher([pattern], negated=False, variables=True).defects
        assert ResourceMatcher([pattern], negated=False, variables=False).defects == ()


def test_the_best_of_several_resources_counts() -> None:
    """An open pattern does not hide one that matches."""
    matcher = ResourceMatcher(["arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/x"], negated=False, variables=True)
    assert matcher.match("arn:aws:s3:::b/x", seen()) is YES


@pytest.mark.parametrize("others", [["arn:aws:s3:::c/x"], ["*/x"], ["arn:aws:s3:::b/${aws:username}", "*/y"]])
def test_what_one_resource_covers_no_other_uncovers(others: list[str]) -> None:
    """Neither one about something else nor one that is no ARN, in whichever order."""
    for patterns in (["arn:aws:s3:::b/x", *others], [*others, "arn:aws:s3:::b/x"]):
        assert ResourceMatcher(patterns, negated=False, variables=True).match("arn:aws:s3:::b/x", seen()) is YES


def test_a_variable_in_what_is_no_arn() -> None:
    """It may stand for anything; where a policy has no variables it is text like any other."""
    for variables, expected in ((True, MAYBE), (False, NO)):
        matcher = ResourceMatcher(["*/${aws:username}"], negated=False, variables=variables)
        assert matcher.match("arn:aws:s3:::b/x", seen()) is expected


def test_arn_patterns_match_component_by_component() -> None:
    """The condition operators' own example of a match that only StringLike makes."""
    pattern = "arn:aws:someservice:*:111122223333:finance/*"
    value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert Pattern(pattern, Shape.TEXT, variables=True).match(value, seen()) is YES
    assert Pattern(pattern, Shape.ARN, variables=True).match(value, seen()) is NO


def test_a_resolved_variable_leaves_the_components_apart() -> None:
    """A value that is known widens nothing: no wildcard of the pattern crosses a colon for it."""
    pattern = Pattern("arn:aws:sqs:*:1:${aws:PrincipalTag/team}", Shape.ARN, variables=True)
    context = seen(**{"aws__PrincipalTag/team": "red"})
    assert pattern.match("arn:aws:sqs:us-east-2:1:red", context) is YES
    assert pattern.match("arn:aws:sqs:us-east-2:2:1:red", context) is NO


def test_the_sixth_component_of_an_arn_keeps_its_colons() -> None:
    """An ARN has six components; the last may contain colons."""
    pattern = Pattern("arn:aws:logs:*:1:log-group:*:end", Shape.ARN, variables=True)
    assert pattern.match("arn:aws:logs:r:1:log-group:a:b:end", seen()) is YES


def test_a_malformed_variable_is_refused() -> None:
    """An open brace has no meaning."""
    with pytest.raises(MalformedText):
        Pattern("home/${aws:username", Shape.TEXT, variables=True)


def fits(pattern: str, value: str, shape: Shape) -> bool:
    """By trying every length of every ``*``, with nothing left out."""

    def reaches_beyond(at: int) -> bool:
        """Whether what stands at ``at``, a wildcard, may stand for a colon."""
        ends_segment = pattern[at] == "*" and pattern[at + 1 : at + 2] in ("", ":")
        return shape is Shape.TEXT or (ends_segment if shape is Shape.RESOURCE else pattern[:at].count(":") >= 5)

    @cache
    def rest(at: int, of: int) -> bool:
        if at == len(pattern):
            return of == len(value)
        if pattern[at] not in "*?":
            return value[of : of + 1] == pattern[at] and rest(at + 1, of + 1)
        one = of < len(value) and (value[of] != ":" or reaches_beyond(at))
        if pattern[at] == "?":
            return one and rest(at + 1, of + 1)
        return rest(at + 1, of) or (one and rest(at, of + 1))

    return rest(0, 0)


@given(
    st.sampled_from(["", ":::::"]),
    st.lists(st.tuples(st.sampled_from("ab::**?"), st.text("ab:", max_size=3)), max_size=12),
    st.text("ab:", max_size=10),
)
@settings(max_examples=150)
def test_a_match_is_found_wherever_it_is(before: str, parts: list[tuple[str, str]], other: str) -> None:
    """Though no first match of a part is ever taken back."""
    pattern = before + "".join(one for one, _ in parts)
    filled = {"*": lambda text: text, "?": lambda text: text[:1]}
    value = before + "".join(filled[one](text) if one in filled else one for one, text in parts)
    for shape in Shape:
        for text in (value, before + other):
            found = Pattern(pattern, shape, variables=False).match(text, seen())
            assert (found is YES) == fits(pattern, text, shape), (pattern, text, shape)


MANY = "*?" * 20 + "!"


def test_no_pattern_takes_for_ever() -> None:
    """A policy of any account of the map may have it, and ``verify --live`` and ``explain`` read that: tried one place
    after the other, these have more places than can be tried."""
    arn = "arn:aws:s3:::churn-artifacts-111111111111-us-east-1/models/x"
    assert wildcards(MANY).fullmatch(arn) is None
    assert wildcards("arn:*x").fullmatch(arn)
    for shape in Shape:
        assert Pattern(f"arn:aws:s3:::{MANY}", shape, variables=False).match(arn, seen()) is NO
        assert Pattern(f"arn:aws:s3:::${{aws:username}}{MANY}", shape, variables=True).match(arn, seen()) is NO
    assert ActionMatcher([f"s3:{MANY}", MANY], negated=False).match("s3:getobject" + "x" * 50) is NO
    assert ResourceMatcher([f"arn:aws:s3:::{MANY}", MANY], negated=False, variables=True).match(arn, seen()) is NO
    element = PrincipalElement({"AWS": [f"arn:aws:iam::{OURS}:role/{MANY}"]}, negated=False)
    assert element.allows(Principal.role(f"arn:aws:iam::{OURS}:role/{'x' * 50}")) == []
