"""What ``explain`` says of a rehearsal that failed: it must name the statement that was taken out."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from tests.journeys.removal import Expectation, Outcome, Rehearsals
from tests.journeys.stored import Statement
from xacct_ml.live import read_live
from xacct_ml.proof.explain import explain
from xacct_ml.proof.explain_remedies import Change, World
from xacct_ml.runs.failure import failed_action

_NO_EVENT = "EventBridge tells nobody: on AWS a metric counts the failed invocation"
_NO_ANSWER = "the function cannot answer, so that the action knows nothing but that no answer came"

UNEXPLAINED = {
    "trust of churn-start › Service": _NO_EVENT,
    "churn-start/start › StartPipeline": _NO_EVENT,
    "trust of churn-job-result › Roles": _NO_ANSWER,
    "churn-job-result/job-results › ReportJobResults": _NO_ANSWER,
    "trust of churn-deploy-function › Service": _NO_ANSWER,
    "churn-deploy-function/report › ReportJobResults": _NO_ANSWER,
    "key policy › KeyAdministration": "without it the operator cannot read the key's policy either",
}
"""Statements that no message leads to, and why."""


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
    if outcome.run is not None:
        messages = failed_action(config, accounts, outcome.run).messages
    try:
        live = read_live(config, accounts)
        world = World(config, live.key_arn, live.papers, live.store())
    except ClientError:
        world = World.of_map(config, rehearsals.key_arn)
    stage = outcome.failed if outcome.run is not None else None
    for message in messages:
        for finding in explain(message, world, stage=stage).denied:
            for remedy in finding.remedies:
                if remedy.change is Change.PUT_BACK:
                    yield f"{remedy.ref.name} › {remedy.statement['Sid']}"
