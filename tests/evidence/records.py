"""A record of a candidate that nothing is wrong with, and changes of it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from xacct_ml.evidence.record import Record


def interval(value: float, half: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def scores(auc: float = 0.87, **changes: Any) -> dict[str, Any]:
    """Of a classifier of two classes on 1,000 rows."""
    return {
        "rows": 1000,
        "metrics": {"auc": interval(auc), "logloss": interval(0.3), "accuracy": interval(0.88)},
        "confusion": {"threshold": 0.5, "matrix": [[720, 30], [90, 160]]},
        "roc": [[0.0, 0.0], [0.1, 0.7], [1.0, 1.0]],
        "pr": [[0.7, 0.8], [1.0, 0.25]],
        "calibration": [{"mean": 0.1, "share": 0.1, "rows": 500}, {"mean": 0.4, "share": 0.41, "rows": 500}],
        "predictions": {"low": 0.01, "high": 0.97, "mean": 0.25, "distinct": 900, "histogram": [10] * 20},
        "labels": {"counts": {"0": 750, "1": 250}},
        "slices": [],
        **changes,
    }


def column(mean: float = 10.0, std: float = 2.0, missing: float = 0.0) -> dict[str, float]:
    return {"missing": missing, "low": mean - 6, "high": mean + 6, "mean": mean, "std": std}


def difference(auc: float, half: float = 0.01) -> dict[str, Any]:
    return {"metrics": {"auc": interval(auc, half)}, "slices": []}


RECORD: dict[str, Any] = {
    "schema": "xacct-ml/evaluation/3",
    "pipelineExecutionId": "run-2",
    "commit": "c0ffee",
    "trainingJob": "churn-2",
    "image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    "containerVersion": "1.7-1",
    "hyperparameters": {"objective": "binary:logistic", "num_round": "100", "eta": "0.2"},
    "instances": {"type": "ml.m5.large", "count": 1},
    "metrics": [{"name": "validation:auc", "value": 0.875}, {"name": "train:auc", "value": 0.93}],
    "gate": {
        "metric": "validation:auc",
        "direction": "maximize",
        "threshold": 0.8,
        "value": 0.875,
        "outcome": "passed",
    },
    "data": {
        "dataset": "data2",
        "manifestVersionId": "v2",
        "channels": {"train": {"rows": 5000, "columns": 11}, "validation": {"rows": 1000, "columns": 11}},
    },
    "model": {"key": "judged/x/model.tar.gz", "sha256": "ab" * 32, "bytes": 5},
    "holdout": {"from": "holdout", "rows": 1000, "scored": 1000, "repeated": 0},
    "scores": {"candidate": scores(), "live": scores(0.865), "difference": difference(0.005)},
    "live": {
        "execution": "run-1",
        "digest": "cd" * 32,
        "target": "production",
        "containerVersion": "1.7-1",
        "then": {"dataset": "data1", "rows": 1000, "metrics": {"auc": interval(0.87)}},
    },
    "importances": [{"column": 3, "name": "day minutes", "share": 0.4}, {"column": 1, "name": "months", "share": 0.3}],
    "dataDiff": {
        "dataset": ["data1", "data2"],
        "rows": {"train": [4800, 5000], "validation": [1000, 1000]},
        "label": {"live": {"counts": {"0": 3600, "1": 1200}}, "candidate": {"counts": {"0": 3740, "1": 1260}}},
        "features": [{"column": 3, "name": "day minutes", "live": column(), "candidate": column(10.2)}],
    },
    "schemaDiff": {"columns": [11, 11], "added": [], "removed": [], "changed": [], "order": True},
    "hyperparameterDiff": {},
    "commits": ["decaf", "c0ffee"],
}


def changed(**members: Any) -> Record:
    """The record with other members."""
    return Record.model_validate({**deepcopy(RECORD), **members})


def scored(candidate: dict[str, Any], live: dict[str, Any] | None = None, apart: Any = None, **more: Any) -> Record:
    """The record with other scores."""
    return changed(scores={"candidate": candidate, "live": live, "difference": apart}, **more)


def diff(**members: Any) -> dict[str, Any]:
    """The record's difference of data with other members."""
    return {**deepcopy(RECORD["dataDiff"]), **members}
