"""The list of hops against what a whole run really asks for: neither may hold what the other lacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.configs import example
from tests.journeys.project import Project, project
from xacct_ml.access.model import PrincipalKind, Request
from xacct_ml.proof.prove import hops
from xacct_ml.proof.rehearsal import job_of, rehearsed, resource_class

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 10, "eval_metric": "auc"}

Kind = tuple[str, str, str]


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[Project]:
    """Two whole runs: the first creates the endpoint, the second updates it."""
    with project(example(training={"hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        made.settled(first)
        made.judge(first, approve=True)
        made.settled(first)
        made.push(NumRound="12")
        second = made.new_run([first])
        made.settled(second)
        made.judge(second, approve=True)
        assert made.settled(second).execution.status == "Succeeded"  # type: ignore[union-attr]
        yield made


def kind(made: Project, request: Request) -> Kind:
    principal = request.principal
    return principal.role_arn or principal.arn, request.action, resource_class(made.names, request.resource)


def sent(made: Project) -> set[Kind]:
    """What the project's roles, and the services that assume them, asked for."""
    requests = [
        Request(entry.principal, entry.asked.action, entry.asked.resource, entry.asked.account)
        for entry in made.aws.requests
    ]
    return {
        kind(made, request)
        for request in requests
        if job_of(made.names, request) is not None or request.principal.kind is PrincipalKind.SERVICE
    }


def test_everything_that_a_run_asks_for_is_a_hop(rehearsal: Project) -> None:
    """No request of a run is missing from the proof."""
    listed = {kind(rehearsal, hop.request) for hop in hops(rehearsal.config, rehearsal.names.key_arn())}
    assert sorted(sent(rehearsal) - listed) == []


def test_every_hop_is_asked_for_or_marked_as_documented_only(rehearsal: Project) -> None:
    """And no hop claims to be rehearsed that is not."""
    listed = {
        kind(rehearsal, hop.request): rehearsed(rehearsal.names, hop.request)
        for hop in hops(rehearsal.config, rehearsal.names.key_arn())
        if job_of(rehearsal.names, hop.request) is not None or hop.request.principal.kind is PrincipalKind.SERVICE
    }
    asked = sent(rehearsal)
    assert sorted(hop for hop, expected in listed.items() if expected and hop not in asked) == []
    assert sorted(hop for hop, expected in listed.items() if not expected and hop in asked) == []
