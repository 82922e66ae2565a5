"""Two projects in the same three accounts, one's name the beginning of the other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.project import Project
from tests.operator_calls import kept
from xacct_ml.operations.demo import client_environment
from xacct_ml.operations.embedded import embedded
from xacct_ml.operations.name_conflicts import clashes
from xacct_ml.operations.policies import world, world_beside
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.proof.verify import verify
from xacct_ml.validation import load

MAPS = Path(__file__).parents[2] / "docs" / "maps"
ONE, OTHER = (load(MAPS / f"two-projects-{which}.yaml") for which in "ab")


@pytest.mark.long  # by default: the proof below, and what tests/operations says of names and of others' things
def test_one_is_torn_down_and_the_other_runs_on() -> None:
    """Both serve; ``churn`` goes, with all that its runs left; ``churn-eu`` is as it was, and trains and deploys again.

    Each under policies that know nothing of the other, and not one request denied."""
    with (
        embedded(ONE, beside=(OTHER,), notices=lambda _: None) as aws,
        client_environment(aws.environment()),
        kept(aws),
    ):
        one, other = Project(ONE, aws), Project(OTHER, aws)
        for project in (one, other):
            project.bootstrap()
            project.upload()
            project.create_pipeline()
        for project in (one, other):
            served(project)
        assert one.bootstrap().written == other.bootstrap().written == ()
        torn = teardown(ONE, one.accounts, lambda _: None, delete_evidence=True)
        assert [failure.error.lines() for failure in torn.report.failures] == []
        assert {left.what for left in torn.left} == {
            "KMS key alias/churn",
            "event rule StepFunctionsGetEventsForSageMakerTrainingJobsRule",
            "log group /aws/sagemaker/TrainingJobs",
        }
        assert other.bootstrap().written == ()
        assert 0 < other.predict() < 1
        known = other.runs()
        other.push(NumRound="12")
        other.new_run(known)
        served(other)
        torn = teardown(OTHER, other.accounts, lambda _: None, delete_repository=True, delete_evidence=True)
        assert [failure.error.lines() for failure in torn.report.failures] == []
        assert [str(entry) for entry in aws.requests.entries(allowed=False)] == []


def served(project: Project) -> None:
    """The newest run is approved and its model served."""
    run = project.runs()[-1]
    assert project.settled(run).waits_for_approval
    project.judge(run, approve=True)
    assert [endpoint.of_run for endpoint in project.settled(run).endpoints] == [True]


@pytest.mark.long
def test_the_maps_are_proven() -> None:
    """No name twice, each map by itself, and neither project an intruder to the other that gets through."""
    assert clashes(ONE, OTHER) == ()
    verdict = verify(world(ONE), [world_beside(OTHER)])
    assert [(each.intruder, each.victim) for each in verdict.beside] == [("churn-eu", "churn"), ("churn", "churn-eu")]
    assert verdict.failures() == ()
