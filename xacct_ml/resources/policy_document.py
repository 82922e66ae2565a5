"""Policy documents: normalised, and ours among the statements of others, as in those of an adopted key and bucket.

Ours are known by their Sids alone, which begin with :data:`MARK` there; so all others stay, word for word, and a
statement that a newer version no longer has goes by itself. A Sid is unique in its document (IAM User Guide,
reference_policies_elements_sid) [D]."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from xacct_ml.engine.progress import note
from xacct_ml.foreign import document as read

MARK = "XacctMl"

Document = Mapping[str, Any]

_SETS = frozenset({"Action", "NotAction", "Resource", "NotResource"})


def normalise(document: Mapping[str, Any] | str) -> dict[str, Any]:
    """A policy with its statements by Sid (``#1`` for one without) and every set as a sorted list.

    One value and a list of that value mean the same, and so do the orders of keys, statements and values (IAM User
    Guide, reference_policies_grammar) [D]."""
    policy = parsed(document)
    by_sid: dict[str, Any] = {}
    statements = [(str(one.get("Sid") or ""), _statement(one)) for one in policy["Statement"]]
    for position, (sid, statement) in enumerate(sorted(statements, key=_text), start=1):
        by_sid[sid if sid and sid not in by_sid else f"{sid} #{position}".lstrip()] = statement
    return {"Version": policy.get("Version", "2008-10-17"), "Statement": by_sid}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {member: _member(member, value) for member, value in statement.items() if member != "Sid" and value != {}}


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


def parsed(document: Document | str) -> dict[str, Any]:
    """The document, its statements as a list. IAM gives it URL-encoded; botocore decodes it where it knows it."""
    if isinstance(document, str):
        return parsed(read(document if document.lstrip().startswith("{") else unquote(document)))
    return {**document, "Statement": _statements(document)}


def ours(document: Document) -> dict[str, Any]:
    """Our statements, under the Sids that the project's own documents give them."""
    found = [_with_sid(one, one["Sid"].removeprefix(MARK)) for one in _statements(document) if _is_ours(one)]
    return {"Version": "2012-10-17", "Statement": found}


def others(document: Document) -> dict[str, Any]:
    """The document without our statements."""
    return {**document, "Statement": [one for one in _statements(document) if not _is_ours(one)]}


def merged(document: Document, own: Document) -> dict[str, Any]:
    """``document`` with exactly the statements of ``own`` as ours, after the others, of which the user is told."""
    marked = [_with_sid(one, f"{MARK}{one['Sid']}") for one in _statements(own)]
    rest = others(document)
    if statements := rest["Statement"]:
        sids = ", ".join(str(one.get("Sid", "one without a Sid")) for one in statements)
        note(f"statements of others stay in its policy ({sids}); xacct-ml verify --live proves them together with ours")
    return {**rest, "Statement": [*statements, *marked]}


def _statements(document: Document) -> list[dict[str, Any]]:
    """A lone statement may stand without its list (IAM User Guide, reference_policies_grammar) [D]."""
    given = document.get("Statement", [])
    return [dict(given)] if isinstance(given, Mapping) else list(given)


def _is_ours(statement: Mapping[str, Any]) -> bool:
    return str(statement.get("Sid", "")).startswith(MARK)


def _with_sid(statement: Mapping[str, Any], sid: str) -> dict[str, Any]:
    return {**statement, "Sid": sid}
