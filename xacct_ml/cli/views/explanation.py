"""A decided request, its remedies, and an explanation, as lines for a person and as values for JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from xacct_ml.access.model import ContextValue, Decision, Layer, Request
from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.explanation import Answer
from xacct_ml.proof.remediation.explain import Explanation, Finding
from xacct_ml.proof.remediation.remedies import Change, Remedy
from xacct_ml.proof.words import reason
from xacct_ml.tables.failures import UNKNOWN

_WORDS = {
    Change.PUT_BACK: "paste into the {document} (the map has it, the account does not)",
    Change.RESTORE: "replace the statement of that Sid in the {document} (the map has it this way)",
    Change.ADD: "paste into the {document}",
    Change.REMOVE: "remove from the {document} (the map does not have it)",
    Change.HEED: "the {document} denies it on purpose; what has to change is the request",
    Change.GIVE: "the operator needs this, as render writes it: {document}",
}


def show_explanation(answer: Answer, terminal: Terminal) -> None:
    """Print the run's action, the message, and each denied request with what would allow it."""
    found = answer.found
    if answer.failed is not None:
        terminal.line(f"Run {answer.failed.execution} failed at {answer.failed.stage}/{answer.failed.action}:")
        if answer.failed.also:
            terminal.line(f"  {', '.join(answer.failed.also)} of the same stage failed too")
    if answer.diagnosis is not None and answer.diagnosis.sentence:
        terminal.line(f"  {answer.diagnosis.sentence}")
    if _is_no_refusal(answer):
        _show_diagnosis(answer, terminal)
        return
    terminal.line(f"Decided by {answer.basis}.")
    if found.outside is not None:
        terminal.line(
            f"AWS blames a {found.outside}: that is outside the roles, the key and the bucket, and whoever "
            "manages the organization or the network has to change it."
        )
    operators = [finding for finding in found.allowed if finding.remedies]
    for finding in (*found.denied, *operators):
        _show_finding(finding, terminal)
    for stage, denied in answer.untold.items():
        terminal.line()
        terminal.line(f"No message tells of it, but of what {stage} asks for, this is denied:")
        for finding in denied:
            _show_finding(finding, terminal)
    findings = answer.whole.denied
    if not findings and not operators:
        for line in _causes(answer):
            terminal.line(line)
    elif any(remedy.from_map for finding in findings for remedy in finding.remedies):
        terminal.line("next: xacct-ml bootstrap makes these changes; then xacct-ml start")


def _is_no_refusal(answer: Answer) -> bool:
    """Whether policies have nothing to do with it."""
    return answer.diagnosis is not None and not answer.found.understood and not answer.untold


def _show_diagnosis(answer: Answer, terminal: Terminal) -> None:
    diagnosis = answer.diagnosis
    assert diagnosis is not None
    if diagnosis.kind == UNKNOWN:
        terminal.line("This is in none of the forms that are known; no refusal by a policy is among it.")
    else:
        terminal.line(f"Kind of failure: {diagnosis.kind}.")
    if diagnosis.log is not None:
        terminal.line(f"More is in {diagnosis.log}:")
        terminal.line(f"  {diagnosis.logs}")
    if diagnosis.kind != UNKNOWN:
        terminal.line(f"next: {diagnosis.next_step}")


def _show_finding(finding: Finding, terminal: Terminal) -> None:
    decision = finding.decision
    terminal.line()
    if finding.hop is not None:
        terminal.heading(f"Hop {finding.number}, {finding.hop.stage}: {finding.hop.what}")
    else:
        terminal.heading("No hop of the pipeline asks for this")
        if finding.stranger:
            terminal.line("  It was sent by none of the project's roles.")
        else:
            terminal.line("  The pipeline works without it; what grants it widens what verify proves.")
    lines = list(request_lines(finding.request))
    if not decision.allowed:
        lines.append(reason(finding.request, decision))
    for line in lines:
        terminal.line(f"  {line}")
    for remedy in finding.remedies:
        terminal.line()
        for line in remedy_lines(remedy):
            terminal.line(f"  {line}")
    for line in boundary_lines(finding.request, decision):
        terminal.line(f"  {line}")
    if finding.stranger and not finding.remedies:
        terminal.line("  The documents are meant to keep it out.")


def _causes(answer: Answer) -> Iterator[str]:
    """What else it can be."""
    found = answer.found
    if not found.allowed:
        yield "No request of this project is meant: the principal, the call or the resource is none of the map's."
        return
    if len(found.allowed) == 1:
        yield f"✓ {found.allowed[0].decision.reason}"
    yield f"{answer.basis.capitalize()} allow all that the message can mean. What is left:"
    if (blamed := _blamed(found)) is not None:
        yield f"  the {blamed} that AWS blames, which is not among them"
    if not answer.live:
        yield "  the accounts are not as the map says: xacct-ml verify --live, xacct-ml bootstrap"
    else:
        yield "  the policies were changed since, or the change had not reached everywhere yet: xacct-ml start again"
    yield "  a service control policy, a resource control policy or a VPC endpoint policy denies it"
    yield "  what was asked for does not exist, and AWS does not say so to whom may not list it"


def _blamed(found: Explanation) -> str | None:
    """The kind of policy in AWS's own words."""
    return next((refusal.blamed for refusal in found.refusals if refusal.blamed is not None), None)


def result_of(answer: Answer) -> dict[str, Any]:
    found = answer.whole
    return {
        "failed_action": None if answer.failed is None else asdict(answer.failed),
        "message": answer.message,
        "failure": None if answer.diagnosis is None else asdict(answer.diagnosis),
        "decided_by": "accounts" if answer.live else "map",
        "refusals": [asdict(refusal) for refusal in found.refusals],
        "outside": found.outside,
        "denied": [_finding_json(finding) for finding in found.denied],
        "allowed": [_finding_json(finding) for finding in found.allowed],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "hop": finding.number,
        "stage": None if finding.hop is None else finding.hop.stage,
        "what": None if finding.hop is None else finding.hop.what,
        **decided_json(finding.request, finding.decision),
        "stranger": finding.stranger,
        "remedies": [remedy_json(remedy) for remedy in finding.remedies],
    }


def request_lines(request: Request) -> Iterator[str]:
    """Who, what, on what, and the whole context."""
    yield f"principal  {request.principal.arn}"
    yield f"action     {request.action}"
    yield f"resource   {request.resource}"
    for position, (key, value) in enumerate(sorted(request.context.items())):
        yield f"{'context' if position == 0 else '':<9}  {key} = {_text(value)}"


def remedy_lines(remedy: Remedy) -> Iterator[str]:
    """Where, why, and the statement as it is to be pasted."""
    yield f"{_WORDS[remedy.change].format(document=remedy.ref.title)}:"
    for why in remedy.why:
        yield f"  {why}"
    for line in json.dumps(remedy.statement, indent=2, ensure_ascii=False).splitlines():
        yield f"  {line}"


def boundary_lines(request: Request, decision: Decision) -> Iterator[str]:
    """A permissions boundary or a policy of the organization is its owners' to change: what to ask them for."""
    deciding = {*decision.missing, *(one.layer for one in decision.statements if not decision.allowed)}
    for layer in (Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL):
        if layer in deciding:
            yield f"the {layer.value} is the organization's: whoever manages that has to change it"
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
