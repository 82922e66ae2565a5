"""An explanation as lines for a person and as values for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views import requests
from xacct_ml.operations.explanation import Answer
from xacct_ml.proof.remediation.explain import Finding


def show_explanation(answer: Answer, terminal: Terminal) -> None:
    """Print the run's action, the message, and each denied request with what would allow it."""
    found = answer.found
    if answer.failed is not None:
        terminal.line(f"Run {answer.failed.execution} failed at {answer.failed.stage}/{answer.failed.action}:")
        if answer.failed.also:
            terminal.line(f"  {', '.join(answer.failed.also)} of the same stage failed too")
    if answer.message:
        terminal.line(f"  {' '.join(answer.message.split())[:500]}")
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
    lines = list(requests.request_lines(finding.request))
    if not decision.allowed:
        lines.append(requests.reason(finding.request, decision))
    for line in lines:
        terminal.line(f"  {line}")
    for remedy in finding.remedies:
        terminal.line()
        for line in requests.remedy_lines(remedy):
            terminal.line(f"  {line}")
    for line in requests.boundary_lines(finding.request, decision):
        terminal.line(f"  {line}")
    if finding.stranger and not finding.remedies:
        terminal.line("  The documents are meant to keep it out.")


def _causes(answer: Answer) -> Iterator[str]:
    """What else it can be."""
    found = answer.found
    if not found.understood:
        yield "This is no refusal in a form that is known: nothing here speaks of a principal, a call or a policy."
        return
    if not found.allowed:
        yield "No request of this project is meant: the principal, the call or the resource is none of the map's."
        return
    for finding in found.allowed:
        yield f"✓ {finding.decision.reason}"
    yield f"{answer.basis.capitalize()} allow all that the message can mean. What is left:"
    if not answer.live:
        yield "  the accounts are not as the map says: xacct-ml verify --live, xacct-ml bootstrap"
    else:
        yield "  the policies were changed since, or the change had not reached everywhere yet: xacct-ml start again"
    yield "  a service control policy, a resource control policy or a VPC endpoint policy denies it"
    yield "  what was asked for does not exist, and AWS does not say so to whom may not list it"


def result_of(answer: Answer) -> dict[str, Any]:
    found = answer.whole
    return {
        "failed_action": None if answer.failed is None else asdict(answer.failed),
        "message": answer.message,
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
        **requests.decided_json(finding.request, finding.decision),
        "stranger": finding.stranger,
        "remedies": [requests.remedy_json(remedy) for remedy in finding.remedies],
    }
