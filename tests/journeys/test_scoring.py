"""Two runs: the first model is scored alone, the second beside the first, which serves by then; by real transforms
of real models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.configs import example
from tests.journeys.project import Project, project

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 30, "max_depth": 5, "eval_metric": "auc"}


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[Project, list[str]]]:
    with project(example(training={"hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        made.settled(first)
        made.judge(first, approve=True)
        made.settled(first)
        made.push(NumRound="25")
        second = made.new_run([first])
        made.settled(second)
        yield made, [first, second]


def test_the_first_model_is_scored_alone(ran: tuple[Project, list[str]]) -> None:
    record = ran[0].evaluation(ran[1][0])
    scores = record["scores"]
    assert scores["candidate"]["rows"] == record["holdout"]["scored"]
    assert (scores["live"], record["live"]) == (None, None)
    reported = {each["name"]: each["value"] for each in record["metrics"]}
    # The validation rows were held out, and training reported the same metric of them.
    assert scores["candidate"]["metrics"]["auc"]["value"] == pytest.approx(reported["validation:auc"], abs=1e-4)
    assert record["importances"][0]["share"] > 0


def test_the_second_is_scored_beside_the_first(ran: tuple[Project, list[str]]) -> None:
    made, (first, second) = ran
    before, record = made.evaluation(first), made.evaluation(second)
    assert record["live"]["execution"] == first
    assert record["scores"]["live"]["metrics"] == before["scores"]["candidate"]["metrics"]
    assert record["hyperparameterDiff"]["num_round"] == ["30", "25"]
    assert record["scores"]["difference"]["metrics"]["auc"]["value"] < 0


def test_nothing_is_left_of_it_but_what_cannot_be_deleted(ran: tuple[Project, list[str]]) -> None:
    names = ran[0].names
    sagemaker = ran[0].aws.administrator(names.training).client("sagemaker")
    assert sagemaker.list_models(NameContains=names.scoring_prefix)["Models"] == []
    assert len(sagemaker.list_transform_jobs(NameContains=names.scoring_prefix)["TransformJobSummaries"]) == 5
