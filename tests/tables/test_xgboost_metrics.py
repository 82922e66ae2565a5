"""Metrics and their directions."""

from __future__ import annotations

import pytest

from xacct_ml.tables.xgboost_metrics import METRICS, direction, known

DOCUMENTED = {
    "validation:accuracy": "maximize",
    "validation:auc": "maximize",
    "validation:error": "minimize",
    "validation:f1": "maximize",
    "validation:logloss": "minimize",
    "validation:mae": "minimize",
    "validation:map": "maximize",
    "validation:merror": "minimize",
    "validation:mlogloss": "minimize",
    "validation:mse": "minimize",
    "validation:ndcg": "maximize",
    "validation:rmse": "minimize",
}


@pytest.mark.parametrize(("metric", "expected"), DOCUMENTED.items())
def test_documented_direction(metric: str, expected: str) -> None:
    """The twelve metrics of "Tune an XGBoost Model", with the direction given there."""
    assert direction(metric) == expected


def test_train_has_the_same_direction() -> None:
    """The direction belongs to the metric, not to the channel."""
    assert {name: direction(f"train:{name}") for name in METRICS} == {
        name: direction(f"validation:{name}") for name in METRICS
    }


@pytest.mark.parametrize("metric", ["auc", "validation:", "validation:AUC", "test:auc", "validation:auc ", ""])
def test_unknown(metric: str) -> None:
    """Anything else has no known direction."""
    assert direction(metric) is None
    assert known(metric) is None


def test_ranges() -> None:
    """Shares lie between 0 and 1, losses above 0, likelihoods anywhere."""
    assert (METRICS["auc"].low, METRICS["auc"].high) == (0, 1)
    assert (METRICS["rmse"].low, METRICS["rmse"].high) == (0, float("inf"))
    assert METRICS["gamma-nloglik"].low == float("-inf")
    assert METRICS["r2"].high == 1
