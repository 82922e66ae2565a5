"""Which statements of a trust policy leave the name of a role's session to whoever assumes the role.

Sources, all IAM User Guide [D]: "IAM and AWS STS condition context keys", ``sts:RoleSessionName``, which asks for a
user's own name with ``${aws:username}``; "IAM policy elements: Variables"; "Configure SAML assertions", where the
identity provider sets the name, so that AssumeRoleWithSAML needs no condition."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from xacct_ml.access.match import ActionMatcher
from xacct_ml.access.truth import NO
from xacct_ml.arn import Arn, is_arn

NAME = "sts:RoleSessionName"

_CHOOSING = ("sts:assumerole", "sts:assumerolewithwebidentity")
"""Actions whose caller gives the name."""

_ONE_PERSONS = re.compile(
    r"[^$*?]*\$\{(aws:username|aws:userid|aws:PrincipalTag/[^}*?$]+|[^}*?$]+:sub)\}[^$*?]*", re.IGNORECASE
)
"""Text with a policy variable that has one value for each person."""

_SAME_AS_BEFORE = re.compile(rf"(\*|[^$*?]*):\$\{{{NAME}\}}", re.IGNORECASE)
"""``aws:userid`` of a session is ``<role id>:<session name>``: the new name is the one of the session before, which an
identity centre gave."""

_EXACT = {"stringequals", "stringlike"}


def freely_named(trust: Mapping[str, Any]) -> tuple[str, ...]:
    """The Sids of these statements, ``#2`` for a second without one; none where every name is bound to its person."""
    statements = trust.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return tuple(
        str(one.get("Sid") or f"#{position}")
        for position, one in enumerate(listed, 1)
        if one.get("Effect") == "Allow" and _enters(one) and not _binds(one)
    )


def _enters(statement: Mapping[str, Any]) -> bool:
    negated = "NotAction" in statement
    matcher = ActionMatcher(_texts(statement["NotAction" if negated else "Action"]), negated=negated)
    return any(matcher.match(action) is not NO for action in _CHOOSING)


def _binds(statement: Mapping[str, Any]) -> bool:
    for operator, key, values in _conditions(statement):
        if operator not in _EXACT or len(values) != 1:
            continue
        if key == NAME.lower() and (_ONE_PERSONS.fullmatch(values[0]) or _one_for_one(statement, values[0])):
            return True
        if key == "aws:userid" and operator == "stringlike" and _SAME_AS_BEFORE.fullmatch(values[0]):
            return True
    return False


def _one_for_one(statement: Mapping[str, Any], value: str) -> bool:
    """Whether the statement gives one fixed name to one principal, who is not a whole account."""
    principal = statement.get("Principal")
    named = _texts(principal.get("AWS", [])) if isinstance(principal, Mapping) and set(principal) == {"AWS"} else []
    one = Arn.parse(named[0]) if len(named) == 1 and is_arn(named[0]) else None
    return one is not None and one.resource != "root" and not re.search(r"[$*?]", value)


def _conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Operators and keys compare without case."""
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator.lower(), key.lower(), _texts(values)


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
