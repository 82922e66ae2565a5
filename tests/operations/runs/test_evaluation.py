"""The record that a run leaves, against what the pipeline tells of its judge."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from xacct_ml.evidence.record import Gate
from xacct_ml.operations.runs.evaluation import Judgement, disagreements, parse_evaluation

MODEL = "ab" * 32
RECORD: dict[str, Any] = {
    "schema": "xacct-ml/evaluation/3",
    "pipelineExecutionId": "run-1",
    "commit": "c0ffee",
    "trainingJob": "churn-1",
    "image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    "containerVersion": "1.7-1",
    "hyperparameters": {"objective": "binary:logistic", "num_round": "50", "max_depth": "5"},  # the map's
    "instances": {"type": "ml.m5.large", "count": 1, "volumeGB": 10, "maxRuntimeSeconds": 3600},
    "metrics": [{"name": "validation:auc", "value": 0.9}, {"name": "train:auc", "value": 1}],
    "gate": {"metric": "validation:auc", "direction": "maximize", "threshold": 0.8, "value": 0.9, "outcome": "passed"},
    "data": {
        "dataset": "abc",
        "manifestVersionId": "v",
        "channels": {"train": {"rows": 20}, "validation": {"rows": 10}},
    },
    "model": {"key": f"judged/{MODEL}/model.tar.gz", "sha256": MODEL, "bytes": 5, "source": {}},
    "scores": {"candidate": None, "live": None},
    "report": None,
}
JUDGED = Judgement("run-1", "c0ffee", "churn-1", "passed", MODEL, sha256(json.dumps(RECORD).encode()).hexdigest())


def gate(metric: str, direction: str, threshold: float, value: float | None, outcome: str) -> Gate:
    return Gate(metric=metric, direction=direction, threshold=threshold, value=value, outcome=outcome)


def test_a_record_is_read() -> None:
    """What an approver sees of it."""
    record = parse_evaluation(json.dumps(RECORD).encode())
    assert record is not None
    assert (record.execution, record.commit, record.job, record.dataset) == ("run-1", "c0ffee", "churn-1", "abc")
    assert record.metrics == {"validation:auc": 0.9, "train:auc": 1.0}
    assert record.rows == {"train": 20, "validation": 10}
    assert record.gate == gate("validation:auc", "maximize", 0.8, 0.9, "passed")
    assert record.model == MODEL


FORGERIES: dict[str, tuple[str, Any]] = {
    "another run's": ("pipelineExecutionId", "run-0"),
    "another commit": ("commit", "decaf"),
    "another training job": ("trainingJob", "churn-GOOD"),
    "another model": ("model", {"sha256": "cd" * 32}),
    "no model": ("model", None),
    "better metrics": ("metrics", [{"name": "validation:auc", "value": 0.999}]),
    "a missed gate as passed": ("gate", {**RECORD["gate"], "value": 0.3}),
}


@pytest.mark.parametrize(("member", "value"), FORGERIES.values(), ids=FORGERIES)
def test_a_record_that_is_not_the_judges_is_an_objection(member: str, value: Any) -> None:
    """Whoever wrote it: at least the record's own digest differs."""
    forged = parse_evaluation(json.dumps({**RECORD, member: value}).encode())
    assert forged is not None
    assert any(text.startswith("record: ") for text in disagreements(JUDGED, forged))


def test_what_the_judge_wrote_has_no_objections() -> None:
    """Record and pipeline say the same, and that is: passed."""
    record = parse_evaluation(json.dumps(RECORD).encode())
    assert list(disagreements(JUDGED, record)) == []
    assert list(disagreements(JUDGED, None)) == ["there is no record of this run that this release can read"]
    assert list(disagreements(replace(JUDGED, outcome=None), record)) == ["the pipeline has no judgement of this run"]


def test_a_missed_gate_is_an_objection() -> None:
    """Even where record and pipeline agree on it."""
    missed = {**RECORD, "gate": {**RECORD["gate"], "outcome": "missed"}}
    text = json.dumps(missed).encode()
    judged = replace(JUDGED, outcome="missed", record=sha256(text).hexdigest())
    assert list(disagreements(judged, parse_evaluation(text))) == ["the quality gate was missed"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        '"text"',
        "{}",
        json.dumps({**RECORD, "gate": None}),
        "[" * 100_000,
        json.dumps({**RECORD, "schema": "x"}),
    ],
)
def test_what_is_no_record_is_none(text: str) -> None:
    """A damaged record must not hide the run's status."""
    assert parse_evaluation(text.encode()) is None


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            gate("validation:auc", "maximize", 0.8, 0.75, "missed"),
            "missed: validation:auc is 0.75, required is at least 0.8",
        ),
        (
            gate("validation:rmse", "minimize", 2, None, "not reported"),
            "not reported: validation:rmse is not reported, required is at most 2",
        ),
    ],
)
def test_a_gate_reads_as_a_sentence(found: Gate, text: str) -> None:
    """With the bound in the metric's direction."""
    assert str(found) == text
