"""Policy documents, normalised so that documents that mean the same are equal and differences read well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_SETS = frozenset({"Action", "NotAction", "Resource", "NotResource"})


def normalise(document: Mapping[str, Any] | str) -> dict[str, Any]:
    """A policy with its statements by Sid (``#1`` for the first without one) and every set as a sorted list.

    One value and a list of that value mean the same, and so do the orders of keys, statements and values (IAM User
    Guide, reference_policies_grammar) [D]. IAM gives documents URL-encoded; botocore decodes them where it knows them.
    """
    policy = _parse(document) if isinstance(document, str) else document
    statements = policy.get("Statement", [])
    if isinstance(statements, Mapping):
        statements = [statements]
    by_sid: dict[str, Any] = {}
    for position, statement in enumerate(statements, start=1):
        sid = statement.get("Sid") or f"#{position}"
        by_sid[f"{sid} #{position}" if sid in by_sid else sid] = _statement(statement)
    return {"Version": policy.get("Version", "2008-10-17"), "Statement": by_sid}


def _parse(text: str) -> Mapping[str, Any]:
    parsed: Mapping[str, Any] = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    return parsed


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {member: _member(member, value) for member, value in statement.items() if member != "Sid"}


def _member(member: str, value: Any) -> Any:
    if member in _SETS:
        return _values(value)
    if member in ("Principal", "NotPrincipal"):
        return {kind: _values(names) for kind, names in value.items()} if isinstance(value, Mapping) else value
    if member == "Condition":
        return {
            operator: {key: _values(wanted) for key, wanted in keys.items()} for operator, keys in sorted(value.items())
        }
    return value


def _values(value: Any) -> list[str]:
    """Conditions may hold JSON booleans and numbers, which IAM gives back as text."""
    values = value if isinstance(value, list) else [value]
    return sorted({str(one).lower() if isinstance(one, bool) else str(one) for one in values})
