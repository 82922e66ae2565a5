"""What ``explain`` says of a rehearsal that failed: it must name the statement that was taken out."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from tests.journeys.removal import Expectation, Outcome, Rehearsals
from tests.journeys.stored import Statement
from xacct_ml.operations import policies
from xacct_ml.operations.runs.failure import failed_action
from xacct_ml.proof.remediation.explain import denied_at, explain
from xacct_ml.proof.remediation.remedies import Change
from xacct_ml.proof.requests.start import START_STAGE

UNEXPLAINED = {"key policy › KeyAdministration": "without it the operator cannot read the key's policy either"}
"""Statements that ``explain`` cannot lead to, and why."""


def explained(rehearsals: Rehearsals, statement: Statement, _: Expectation, outcome: Outcome) -> Iterator[str]:
    """Judges a rehearsal as the command does: from the run's messages and the accounts' policies."""
    if outcome.failed is None:
        return
    named = set(_named(rehearsals, outcome))
    expected = set() if str(statement) in UNEXPLAINED else {str(statement)}
    if named != expected:
        yield f"explain should name {expected or 'nothing'}, but names {named or 'nothing'}: {outcome.message}"


def _named(rehearsals: Rehearsals, outcome: Outcome) -> Iterator[str]:
    """The statements that ``explain`` wants put back."""
    config, accounts = rehearsals.project.config, rehearsals.project.accounts
    messages: tuple[str, ...] = (outcome.message,)
    stage = None
    if outcome.run is not None:
        failed = failed_action(config, accounts, outcome.run)
        assert failed is not None
        messages, stage = failed.messages, failed.stage
    try:
        world = policies.live(config, accounts).world
    except ClientError:
        world = rehearsals.world
    explanations = [explain(message, world, stage=stage) for message in messages]
    findings = [finding for one in explanations for finding in one.denied]
    if stage is not None and not any(one.understood for one in explanations):
        findings.extend(denied_at(stage, world))
    findings.extend(denied_at(START_STAGE, world))
    for finding in findings:
        for remedy in finding.remedies:
            if remedy.change is Change.PUT_BACK:
                yield f"{remedy.ref.name} › {remedy.statement['Sid']}"
