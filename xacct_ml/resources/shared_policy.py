"""Our statements among others' in one policy document: how the policies of an adopted key and bucket are kept.

Ours are known by their Sids alone, which begin with :data:`MARK` there; so all others stay, word for word, and a
statement that a newer version no longer has goes by itself. A Sid is unique in its document (IAM User Guide,
reference_policies_elements_sid) [D].
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

MARK = "XacctMl"

Document = Mapping[str, Any]


def parsed(text: str) -> dict[str, Any]:
    """The document, its statements as a list."""
    document: dict[str, Any] = json.loads(text)
    return {**document, "Statement": _statements(document)}


def ours(document: Document) -> dict[str, Any]:
    """Our statements, under the Sids that the project's own documents give them."""
    found = [_with_sid(one, one["Sid"].removeprefix(MARK)) for one in _statements(document) if _is_ours(one)]
    return {"Version": "2012-10-17", "Statement": found}


def others(document: Document) -> dict[str, Any]:
    """The document without our statements."""
    return {**document, "Statement": [one for one in _statements(document) if not _is_ours(one)]}


def merged(document: Document, own: Document) -> dict[str, Any]:
    """``document`` with exactly the statements of ``own`` as ours, after the others."""
    marked = [_with_sid(one, f"{MARK}{one['Sid']}") for one in _statements(own)]
    rest = others(document)
    return {**rest, "Statement": [*rest["Statement"], *marked]}


def stay(statements: Sequence[Mapping[str, Any]]) -> str:
    """What the user should know of the statements that are not ours."""
    sids = ", ".join(str(one.get("Sid", "one without a Sid")) for one in statements)
    return f"statements of others stay in its policy ({sids}); xacct-ml verify --live proves them together with ours"


def _statements(document: Document) -> list[dict[str, Any]]:
    """A lone statement may stand without its list (IAM User Guide, reference_policies_grammar) [D]."""
    given = document.get("Statement", [])
    return [given] if isinstance(given, dict) else list(given)


def _is_ours(statement: Mapping[str, Any]) -> bool:
    return str(statement.get("Sid", "")).startswith(MARK)


def _with_sid(statement: Mapping[str, Any], sid: str) -> dict[str, Any]:
    return {**statement, "Sid": sid}
