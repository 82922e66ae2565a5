"""A decided request and its remedies, as lines for a person and as values for JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from xacct_ml.access.explain import who
from xacct_ml.access.model import ContextValue, Decision, Layer, Request
from xacct_ml.proof.remediation.remedies import Change, Remedy

_WORDS = {
    Change.PUT_BACK: "paste into the {document} (the map has it, the account does not)",
    Change.RESTORE: "replace the statement of that Sid in the {document} (the map has it this way)",
    Change.ADD: "paste into the {document}",
    Change.REMOVE: "remove from the {document} (the map does not have it)",
    Change.HEED: "the {document} denies it on purpose; what has to change is the request",
    Change.GIVE: "the operator needs this, as render writes it: {document}",
}


def request_lines(request: Request) -> Iterator[str]:
    """Who, what, on what, and the whole context."""
    yield f"principal  {request.principal.arn}"
    yield f"action     {request.action}"
    yield f"resource   {request.resource}"
    for position, (key, value) in enumerate(sorted(request.context.items())):
        yield f"{'context' if position == 0 else '':<9}  {key} = {_text(value)}"


def reason(request: Request, decision: Decision) -> str:
    """The decision's reason, without the request that is shown beside it."""
    asked = f"{request.action} on {request.resource} to {who(request.principal)}"
    return f"{decision.outcome.value}: {decision.reason.replace(asked, 'this')}"


def remedy_lines(remedy: Remedy) -> Iterator[str]:
    """Where, why, and the statement as it is to be pasted."""
    yield f"{_WORDS[remedy.change].format(document=remedy.ref.title)}:"
    for why in remedy.why:
        yield f"  {why}"
    for line in json.dumps(remedy.statement, indent=2, ensure_ascii=False).splitlines():
        yield f"  {line}"


def boundary_lines(request: Request, decision: Decision) -> Iterator[str]:
    """A permissions boundary is its owners' to change: what to ask them for."""
    if Layer.BOUNDARY in decision.missing:
        statement = {"Effect": "Allow", "Action": request.action, "Resource": request.resource}
        yield "the permissions boundary would have to have, or the role to be without it:"
        yield f"  {json.dumps(statement)}"


def request_json(request: Request) -> dict[str, Any]:
    return {
        "principal": request.principal.arn,
        "action": request.action,
        "resource": request.resource,
        "resource_account": request.resource_account,
        "context": {key: list(value) if isinstance(value, tuple) else value for key, value in request.context.items()},
    }


def decided_json(request: Request, decision: Decision) -> dict[str, Any]:
    return {
        **request_json(request),
        "outcome": decision.outcome.value,
        "reason": decision.reason,
        "statements": [
            {"layer": statement.layer.value, "document": statement.document, "sid": statement.sid}
            for statement in decision.statements
        ],
        "missing": [layer.value for layer in decision.missing],
    }


def remedy_json(remedy: Remedy) -> dict[str, Any]:
    return {
        "change": remedy.change.value,
        "document": remedy.ref.title,
        "owner": remedy.ref.owner,
        "policy": remedy.ref.policy or None,
        "statement": remedy.statement,
        "why": list(remedy.why),
    }


def _text(value: ContextValue) -> str:
    return value if isinstance(value, str) else ", ".join(value)
