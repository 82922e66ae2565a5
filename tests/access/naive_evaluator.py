"""A second, naive evaluator to judge the first: two-valued, uncompiled, for a subset of the language.

Written straight from the IAM User Guide, sharing no code with the real one: identity, boundary, session and bucket
policies of well-formed documents without policy variables, with one value for a condition key."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def is_allowed(
    caller: dict[str, str],
    action: str,
    resource: str,
    owner: str,
    context: dict[str, str],
    identity: list[Document],
    boundary: Document | None,
    session: Document | None,
    bucket: Document | None,
) -> bool:
    """``caller`` has ``kind`` (user, session, root, service, anonymous), ``arn``, ``account`` and maybe ``role``."""
    keys = {name.lower(): value for name, value in context.items()}
    if caller["kind"] in ("user", "session", "root"):
        keys.setdefault("aws:principalarn", caller.get("role") or caller["arn"])
        keys.setdefault("aws:principalaccount", caller["account"])

    def hits(statement: dict[str, Any]) -> bool:
        return (
            _listed(statement, "Action", action.lower(), lower=True)
            and _listed(statement, "Resource", resource, lower=False)
            and all(
                _condition(operator, key, values, keys)
                for operator, block in statement.get("Condition", {}).items()
                for key, values in block.items()
            )
        )

    def says(document: Document | None, effect: str) -> bool:
        statements = document["Statement"] if document else []
        return any(statement["Effect"] == effect and hits(statement) for statement in statements)

    def grants(ways: set[str]) -> bool:
        statements = bucket["Statement"] if bucket else []
        return any(s["Effect"] == "Allow" and hits(s) and _ways(s["Principal"], caller) & ways for s in statements)

    all_ways = {"anyone", "account", "role", "itself"}
    if any(says(document, "Deny") for document in [*identity, boundary, session]):
        return False
    denies = [s for s in (bucket["Statement"] if bucket else []) if s["Effect"] == "Deny"]
    if any(hits(s) and _ways(s["Principal"], caller) for s in denies):
        return False
    if caller["kind"] in ("service", "anonymous"):
        return grants(all_ways)
    limited = (boundary is None or says(boundary, "Allow")) and (session is None or says(session, "Allow"))
    by_identity = (caller["kind"] == "root" or any(says(document, "Allow") for document in identity)) and limited
    if caller["account"] != owner:
        return by_identity and grants(all_ways)
    return by_identity or grants({"itself"}) or (limited and grants({"role", "anyone"}))


def _ways(principal: Any, caller: dict[str, str]) -> set[str]:
    if principal == "*":
        return {"anyone"}
    ways: set[str] = set()
    for kind, names in principal.items():
        for name in [names] if isinstance(names, str) else names:
            if kind == "AWS" and name == "*":
                ways.add("anyone")
            elif kind == "Service":
                ways |= {"itself"} if caller["kind"] == "service" and name == caller["arn"] else set()
            elif caller["kind"] in ("service", "anonymous"):
                continue
            elif name in (caller["account"], f"arn:aws:iam::{caller['account']}:root"):
                ways.add("itself" if caller["kind"] == "root" else "account")
            elif name == caller["arn"]:
                ways.add("itself")
            elif name == caller.get("role"):
                ways.add("role")
    return ways


def _listed(statement: dict[str, Any], element: str, value: str, *, lower: bool) -> bool:
    negated = f"Not{element}" in statement
    patterns = statement[f"Not{element}" if negated else element]
    patterns = [patterns] if isinstance(patterns, str) else patterns
    return negated is not any(_glob(pattern.lower() if lower else pattern, value) for pattern in patterns)


def _glob(pattern: str, value: str) -> bool:
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(_glob(pattern[1:], value[start:]) for start in range(len(value) + 1))
    return bool(value) and pattern[0] in ("?", value[0]) and _glob(pattern[1:], value[1:])


def _condition(operator: str, key: str, values: Any, keys: dict[str, str]) -> bool:
    values = [values] if isinstance(values, str) else values
    actual = keys.get(key.lower())
    if operator == "Null":
        return values == ["true"] if actual is None else values == ["false"]
    name = operator.removesuffix("IfExists")
    negated = "Not" in name
    if actual is None:
        return negated or operator != name
    return negated is not any(_compare(name.replace("Not", ""), actual, value) for value in values)


def _compare(name: str, actual: str, value: str) -> bool:
    if name == "StringEquals":
        return actual == value
    if name == "StringEqualsIgnoreCase":
        return actual.lower() == value.lower()
    if name == "StringLike":
        return _glob(value, actual)
    if name in ("ArnEquals", "ArnLike"):
        pairs = zip(value.split(":", 5), actual.split(":", 5), strict=True)
        return all(_glob(pattern, part) for pattern, part in pairs)
    if name == "Bool":
        return actual == value
    if name == "NumericLessThan":
        return float(actual) < float(value)
    raise AssertionError(f"{name} is not in the subset")
