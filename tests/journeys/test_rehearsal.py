"""The list of hops against what a whole run really asks for: neither may hold what the other lacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.configs import example
from tests.journeys.hops import asked_for, listed
from tests.journeys.project import Project, project

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 10, "eval_metric": "auc"}


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


def test_everything_that_a_run_asks_for_is_a_hop(rehearsal: Project) -> None:
    """No request of a run is missing from the proof."""
    assert sorted(asked_for(rehearsal) - listed(rehearsal.config).keys()) == []


def test_every_hop_is_asked_for_or_marked_as_documented_only(rehearsal: Project) -> None:
    """And no hop claims to be rehearsed that is not."""
    hops, asked = listed(rehearsal.config), asked_for(rehearsal)
    assert sorted(hop for hop, expected in hops.items() if expected and hop not in asked) == []
    assert sorted(hop for hop, expected in hops.items() if not expected and hop in asked) == []
