"""Random policies and requests for the property tests: few names, so that things do meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.access.policies import OTHER, OURS
from xacct_ml.access.model import Principal, PrincipalKind, Request

ROLE = f"arn:aws:iam::{OURS}:role/r"
USER = f"arn:aws:iam::{OURS}:user/u"
PRINCIPALS = (
    Principal.session(ROLE, "s"),
    Principal.session(f"arn:aws:iam::{OTHER}:role/r", "s"),
    Principal.user(USER),
    Principal.root(OURS),
    Principal.service("lambda.amazonaws.com"),
    Principal.anonymous(),
)
ACTIONS = ("s3:GetObject", "s3:PutObject", "kms:Decrypt")
RESOURCES = ("arn:aws:s3:::b/a", "arn:aws:s3:::b/A", "arn:aws:s3:::c/a/x")
ACTION_PATTERNS = ("*", "s3:*", "S3:get*", "s3:PutObject", "kms:?ecrypt", "kms:Decrypt")
RESOURCE_PATTERNS = ("*", "arn:aws:s3:::b/*", "arn:aws:s3:::?/a", "arn:aws:s3:::b/A", "arn:aws:s3:::c/*/x")
PRINCIPAL_NAMES = (OURS, f"arn:aws:iam::{OTHER}:root", ROLE, USER, f"arn:aws:sts::{OURS}:assumed-role/r/s")

texts = st.sampled_from(["a", "A", "ab", ""])
numbers = st.sampled_from(["1", "2.5", "30"])
booleans = st.sampled_from(["true", "false"])
if_exists = st.sampled_from(["", "IfExists"])


def one_or_more(values: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


def block(names: list[str], key: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    operators = st.builds(lambda name, suffix: name + suffix, st.sampled_from(names), if_exists)
    return st.builds(lambda operator, written: {operator: {key: written}}, operators, one_or_more(values))


STRING_OPERATORS = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike"]
conditions = st.one_of(
    st.just({}),
    st.just({}),
    block(STRING_OPERATORS, "k:Text", st.sampled_from(["a", "A*", "?b", "*"])),
    block(["NumericLessThan"], "k:number", numbers),
    block(["Bool"], "k:flag", booleans),
    block(["ArnLike", "ArnNotEquals"], "aws:PrincipalArn", st.sampled_from([ROLE, f"arn:aws:iam::{OURS}:*", USER])),
    st.builds(lambda value: {"Null": {"K:TEXT": value}}, booleans),
)


@st.composite
def statements(draw: st.DrawFn, with_principal: bool = False, effect: str | None = None) -> dict[str, Any]:
    written: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    written[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(
        one_or_more(st.sampled_from(ACTION_PATTERNS))
    )
    resources = one_or_more(st.sampled_from(RESOURCE_PATTERNS))
    written[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(resources)
    condition = draw(conditions)
    if condition:
        written["Condition"] = condition
    if with_principal:
        by_name = st.builds(lambda names: {"AWS": names}, one_or_more(st.sampled_from(PRINCIPAL_NAMES)))
        service = st.just({"Service": "lambda.amazonaws.com"})
        written["Principal"] = draw(st.one_of(st.just("*"), st.just({"AWS": "*"}), by_name, by_name, service))
    return written


def documents(with_principal: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda written: {"Version": "2012-10-17", "Statement": written},
        st.lists(statements(with_principal=with_principal), max_size=3),
    )


@dataclass(frozen=True)
class Case:
    """One request and the documents that speak on it."""

    request: Request
    identity: list[dict[str, Any]]
    boundary: dict[str, Any] | None
    session: dict[str, Any] | None
    bucket: dict[str, Any] | None


@st.composite
def requests(draw: st.DrawFn) -> Request:
    context = {}
    for key, values in (("k:text", texts), ("K:Number", numbers), ("k:Flag", booleans)):
        if draw(st.booleans()):
            context[key] = draw(values)
    owner = draw(st.sampled_from([OURS, OURS, OTHER]))
    principal = draw(st.sampled_from(PRINCIPALS))
    return Request(principal, draw(st.sampled_from(ACTIONS)), draw(st.sampled_from(RESOURCES)), owner, context)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    asked = draw(requests())
    has_identity = asked.principal.kind in (PrincipalKind.SESSION, PrincipalKind.USER)
    is_session = asked.principal.kind is PrincipalKind.SESSION
    return Case(
        asked,
        draw(st.lists(documents(), max_size=2)) if has_identity else [],
        draw(st.none() | documents()) if has_identity else None,
        draw(st.none() | documents()) if is_session else None,
        draw(st.none() | documents(with_principal=True)),
    )
