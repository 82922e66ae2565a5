"""XGBoost's own metrics of many random models and rows: ties, rare classes, few rows, large losses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import xgboost

from tests.payload.scores.trained import Array, labels_of, text
from xacct_ml.payload.scores.score import Held, score

pytestmark = pytest.mark.long

CASES = 12
"""Of each objective; by hand, 300: what XGBoost computes in single precision differs by up to 7e-7."""
METRICS: dict[str, tuple[str, ...]] = {
    "binary:logistic": ("auc", "aucpr", "error", "logloss"),
    "binary:logitraw": ("auc", "aucpr"),
    "binary:hinge": ("error",),
    "multi:softprob": ("auc", "aucpr", "merror", "mlogloss"),
    "multi:softmax": ("merror",),
    "reg:squarederror": ("rmse", "mae", "mape"),
    "reg:absoluteerror": ("mae", "rmse"),
    "reg:squaredlogerror": ("rmsle", "rmse"),
    "reg:pseudohubererror": ("mphe",),
    "count:poisson": ("poisson-nloglik", "rmsle"),
    "reg:gamma": ("gamma-nloglik", "gamma-deviance"),
    "reg:tweedie": ("tweedie-nloglik@1.3",),
}


def case(objective: str, number: int) -> tuple[dict[str, Any], Array, Array]:
    """Parameters, features, labels."""
    drawn = np.random.default_rng([len(objective), number])
    rows = int(drawn.integers(12, 400))
    features = drawn.normal(size=(rows, 3)).round(int(drawn.integers(0, 3)))
    spread = features[:, 0] + drawn.normal(size=rows) * drawn.uniform(0.1, 3)
    labels, more = labels_of(objective, spread), {}
    if objective.startswith("multi:"):
        classes = int(drawn.integers(2, 7))
        labels = np.digitize(spread, np.sort(drawn.choice(spread, classes - 1, replace=False))).astype(float)
        more = {"num_class": classes}
    if objective == "reg:tweedie":
        more = {"tweedie_variance_power": 1.3}
    return {"max_depth": int(drawn.integers(1, 5)), "eta": drawn.uniform(0.1, 1), **more}, features, labels


@pytest.mark.parametrize("objective", METRICS)
def test_metrics_are_those_of_xgboost(objective: str) -> None:
    for number in range(CASES):
        more, features, labels = case(objective, number)
        matrix, history = xgboost.DMatrix(features, labels), {}
        names = METRICS[objective]
        parameters = {"objective": objective, "nthread": 1, "eval_metric": list(names), **more}
        booster = xgboost.train(
            parameters, matrix, 3, evals=[(matrix, "rows")], evals_result=history, verbose_eval=False
        )
        given = {"objective": objective, **{name: str(value) for name, value in more.items()}}
        found = score(given, text(booster.predict(matrix)), Held.of(text(labels))).document["metrics"]
        for name in names:
            expected = history["rows"][name][-1]
            own = found.get(name.partition("@")[0])
            if own is None:
                assert math.isnan(expected), (number, name, expected)
            else:
                assert own["value"] == pytest.approx(expected, rel=2e-6, abs=1e-7), (number, name)
                assert own["low"] <= own["value"] <= own["high"]
