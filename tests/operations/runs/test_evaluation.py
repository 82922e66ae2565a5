"""The record that a run leaves, in both forms it may come in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xacct_ml.operations.runs.evaluation import Gate, parse_evaluation

RECORD: dict[str, Any] = {
    "schema": "xacct-ml/evaluation/1",
    "pipelineExecutionId": "run-1",
    "commit": "c0ffee",
    "job": "churn-1",
    "model": "s3://bucket/models/churn-1/output/model.tar.gz",
    "metrics": [
        {"MetricName": "validation:auc", "Value": 0.9, "Timestamp": 1},
        {"MetricName": "train:auc", "Value": 1, "Timestamp": 1},
    ],
    "gate": {
        "metric": "validation:auc",
        "direction": "maximize",
        "threshold": 0.8,
        "values": [0.9],
        "outcome": "passed",
    },
    "data": {
        "dataset": "abc",
        "manifestVersionId": "v",
        "channels": {"train": {"rows": 20}, "validation": {"rows": 10}},
    },
}


@pytest.mark.parametrize(
    "text", [json.dumps(RECORD), json.dumps(json.dumps(RECORD))], ids=["object", "text in a string"]
)
def test_reads_both_forms(text: str) -> None:
    """JSON, or JSON within a JSON string."""
    record = parse_evaluation(text.encode())
    assert record is not None
    assert (record.execution, record.commit, record.job, record.dataset) == ("run-1", "c0ffee", "churn-1", "abc")
    assert record.metrics == {"validation:auc": 0.9, "train:auc": 1.0}
    assert record.rows == {"train": 20, "validation": 10}
    assert record.gate == Gate("validation:auc", "maximize", 0.8, 0.9, "passed")


@pytest.mark.parametrize("text", ["", "null", '"text"', "{}", json.dumps({**RECORD, "gate": None})])
def test_what_is_no_record_is_none(text: str) -> None:
    """A damaged record must not hide the run's status."""
    assert parse_evaluation(text.encode()) is None


@pytest.mark.parametrize(
    ("gate", "text"),
    [
        (
            Gate("validation:auc", "maximize", 0.8, 0.75, "missed"),
            "missed: validation:auc is 0.75, required is at least 0.8",
        ),
        (
            Gate("validation:rmse", "minimize", 2, None, "not reported"),
            "not reported: validation:rmse is not reported, required is at most 2",
        ),
    ],
)
def test_a_gate_reads_as_a_sentence(gate: Gate, text: str) -> None:
    """With the bound in the metric's direction."""
    assert str(gate) == text
