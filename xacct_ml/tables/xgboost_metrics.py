"""The metrics that the SageMaker XGBoost container reports, with the direction in which they improve.

Sources: SageMaker developer guide "Tune an XGBoost Model" (twelve metrics with their direction) [D]; the further names
from aws/sagemaker-xgboost-container ``constants/xgb_constants.py`` [C]. Ranges follow from the metrics' definitions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Direction = Literal["maximize", "minimize"]

VALIDATION = "validation:"
TRAIN = "train:"


@dataclass(frozen=True)
class Metric:
    """``name`` is the bare name (``auc``); values lie in the closed range ``low``..``high``."""

    name: str
    direction: Direction
    low: float = -math.inf
    high: float = math.inf


_SHARES_TO_MAXIMIZE = (
    "accuracy auc aucpr balanced_accuracy f1 f1_binary f1_macro map ndcg precision precision_macro precision_micro "
    "recall recall_macro recall_micro"
)
_SHARES_TO_MINIMIZE = "error merror"
_LOSSES = "gamma-deviance logloss mae mape mlogloss mphe mse rmse rmsle"
_UNBOUNDED_LOSSES = "aft-nloglik cox-nloglik gamma-nloglik poisson-nloglik tweedie-nloglik"

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            *(Metric(name, "maximize", 0, 1) for name in _SHARES_TO_MAXIMIZE.split()),
            *(Metric(name, "minimize", 0, 1) for name in _SHARES_TO_MINIMIZE.split()),
            *(Metric(name, "minimize", 0) for name in _LOSSES.split()),
            *(Metric(name, "minimize") for name in _UNBOUNDED_LOSSES.split()),
            Metric("r2", "maximize", high=1),
            # The container lists it under "minimize" although XGBoost defines it as a share of hits [C].
            Metric("interval-regression-accuracy", "minimize", 0, 1),
        )
    }
)
"""Bare metric name → what is known about it."""


def known(metric: str) -> Metric | None:
    """What is known about a metric with its channel (``validation:auc``); None for any other text."""
    for channel in (VALIDATION, TRAIN):
        if metric.startswith(channel):
            return METRICS.get(metric.removeprefix(channel))
    return None


def direction(metric: str) -> Direction | None:
    """The direction in which a metric such as ``validation:auc`` improves; None where it is not known."""
    found = known(metric)
    return found.direction if found else None
