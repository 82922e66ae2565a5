"""The model card of a record that the judge wrote, and of records beyond what a card may have."""

from __future__ import annotations

import json
from typing import Any

from tests.payload.judged import BUCKET, COMMIT, IMAGE, RECORD_KEY, RunToJudge
from tests.payload.pipeline import JOB, RUN
from xacct_ml.payload.card import LARGEST_CHARACTERS, card

DIGEST = "cd" * 32


def made(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(card("churn", record, BUCKET, RECORD_KEY, DIGEST))
    return found


def record() -> dict[str, Any]:
    run = RunToJudge()
    run.judge()
    return run.record()


def test_the_card_says_what_the_record_says() -> None:
    judged = record()
    found = made(judged)
    details = found["additional_information"]["custom_details"]
    assert (details["pipeline execution"], details["commit or version"], details["training job"]) == (RUN, COMMIT, JOB)
    assert (details["record"], details["record SHA-256"]) == (f"s3://{BUCKET}/{RECORD_KEY}", DIGEST)
    assert found["model_overview"]["model_artifact"] == [f"s3://{BUCKET}/{judged['model']['key']}"]
    training = found["training_details"]["training_job_details"]
    assert training["training_environment"] == {"container_image": [IMAGE]}
    assert {"name": "num_round", "value": "100"} in training["hyper_parameters"]
    assert {"name": "validation:auc", "value": 0.9} in training["training_metrics"]
    assert "validation:auc is 0.9" in found["training_details"]["training_observations"]


def test_the_scores_have_their_intervals() -> None:
    judged = record()
    (candidate,) = made(judged)["evaluation_details"]
    (group,) = candidate["metric_groups"]
    scores = judged["scores"]["candidate"]["metrics"]
    shown = {each["name"]: each for each in group["metric_data"]}
    assert shown["auc"]["value"] == scores["auc"]["value"]
    assert shown["auc"]["notes"] == f"{scores['auc']['low']} to {scores['auc']['high']}"
    assert {each["type"] for each in shown.values()} == {"number"}
    assert "4 of 4 rows, from validation" in candidate["evaluation_observation"]


def test_the_live_model_and_the_difference_are_shown_beside_it() -> None:
    judged = record()
    judged["scores"]["live"] = judged["scores"]["candidate"]
    metric = {"value": 0.01, "low": -0.1, "high": 0.1}
    judged["scores"]["difference"] = {"metrics": {"auc": metric}, "slices": []}
    judged["live"] = {"digest": "ef" * 32}
    found = made(judged)
    assert len(found["evaluation_details"]) == 3
    assert found["evaluation_details"][2]["metric_groups"][0]["metric_data"][0]["value"] == 0.01
    assert found["additional_information"]["custom_details"]["live model at that time"] == "ef" * 32


def test_slices_that_are_too_many_are_left_out() -> None:
    """100,000 characters are the longest that SageMaker takes."""
    judged = record()
    one = {"column": "c" * 200, "slice": "x" * 50, "rows": 10, "metric": "auc", "value": 0.5, "low": 0.4, "high": 0.6}
    judged["scores"]["candidate"]["slices"] = [one]
    assert len(made(judged)["evaluation_details"][0]["metric_groups"]) == 2
    wide = {**one, "low": "0" * 1000, "high": "0" * 1000}
    judged["scores"]["candidate"]["slices"] = [wide] * 100
    assert len(made(judged)["evaluation_details"][0]["metric_groups"]) == 1
    assert len(json.dumps(made(judged))) <= LARGEST_CHARACTERS


def test_what_is_no_number_is_not_shown() -> None:
    judged = record()
    judged["metrics"].append({"name": "train:error", "value": None})
    judged["scores"]["candidate"]["metrics"]["auc"] = {"value": None, "low": None, "high": None}
    found = made(judged)
    names = [each["name"] for each in found["training_details"]["training_job_details"]["training_metrics"]]
    assert "train:error" not in names
    data = found["evaluation_details"][0]["metric_groups"][0]["metric_data"]
    assert "auc" not in [each["name"] for each in data]


def test_a_record_without_scores_has_a_card_too() -> None:
    judged = record()
    assert made({**judged, "holdout": None, "scores": None})["evaluation_details"] == []
