"""A model of before is deployed again, without training; every call decided by the policies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.configs import example
from tests.journeys.project import Project, project
from tests.journeys.releases import history, live, released, request_of
from xacct_ml.operations.release.request import Request
from xacct_ml.operations.upload.withdrawal import restore, withdraw

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


def test_what_may_not_be_deployed_ends_before_the_approval(served: Project) -> None:
    """A request that says something else than was judged, and a model whose data were withdrawn since: the endpoint
    serves on, and nobody is asked."""
    first = served.runs()[0]
    before, written = served.predict(), history(served, "production")
    asked = request_of(served, first)
    forged = replace(asked, model_digest="0" * 64)
    assert "judged something else than the request says: modelDigest" in refused_release(served, forged)
    dataset = served.evaluation(first)["data"]["dataset"]
    withdraw(served.config, served.accounts, dataset, "copied from the test set")
    assert f"data set {dataset} was withdrawn" in refused_release(served, asked)
    assert restore(served.config, served.accounts, dataset)
    assert (served.predict(), history(served, "production")) == (before, written)


def refused_release(made: Project, request: Request) -> str:
    """Why the judge's function lets it not go on."""
    _, status, why = released(made, request)
    assert status == "Failed"
    return why


def training_jobs(made: Project) -> list[str]:
    sagemaker = made.aws.administrator(made.names.training).client("sagemaker")
    return [each["TrainingJobName"] for each in sagemaker.list_training_jobs()["TrainingJobSummaries"]]
