"""A model of before is deployed again, without training; every call decided by the policies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.configs import example
from tests.journeys.project import Project, project
from tests.journeys.releases import history, live, released, request_of

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc"}


@pytest.fixture(scope="module")
def served() -> Iterator[Project]:
    """Two runs were approved; the second one's model is served."""
    with project(example(training={"hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        settle(made, first)
        made.push(NumRound="30")
        settle(made, made.new_run([first]))
        yield made


def settle(made: Project, run: str) -> None:
    assert made.settled(run).waits_for_approval
    made.judge(run, approve=True)
    ended = made.settled(run)
    assert ended.execution is not None
    assert ended.execution.status == "Succeeded", ended


def test_a_release_goes_back_without_training(served: Project) -> None:
    """The endpoint answers as it did; what served when is written down; nothing was refused."""
    first, second = served.runs()
    answered = served.predict()
    assert [each["run"] for each in history(served, "production")] == [first, second]
    jobs = len(training_jobs(served))
    release, status, why = released(served, request_of(served, first))
    assert (status, why) == ("Succeeded", "")
    assert len(training_jobs(served)) == jobs
    assert served.predict() != answered
    now = live(served, "production")
    assert (now["run"], now["pipeline"], now["execution"]) == (first, "churn-release", release)
    assert now["trainingJob"] == served.evaluation(first)["trainingJob"]
    assert [each["run"] for each in history(served, "production")] == [first, second, first]
    assert "xacct-ml-operator" in str(now["approvedBy"])
    refused = [str(entry) for entry in served.aws.requests.entries(allowed=False) if "churn-" in entry.principal.arn]
    assert refused == []


def training_jobs(made: Project) -> list[str]:
    sagemaker = made.aws.administrator(made.names.training).client("sagemaker")
    return [each["TrainingJobName"] for each in sagemaker.list_training_jobs()["TrainingJobSummaries"]]
