"""Real models of XGBoost, their predictions as a batch transform writes them, and XGBoost's own metrics of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost

Array = np.ndarray[Any, np.dtype[Any]]
ROWS = 300


def text(values: Array) -> list[bytes]:
    """A line each, as ``str()`` has it, in chunks that end anywhere."""
    whole = "".join(f"{value}\n" for value in values.tolist()).encode()
    return [whole[start : start + 1000] for start in range(0, len(whole), 1000)]


@dataclass(frozen=True)
class Trained:
    """``metrics`` are XGBoost's last ones of the rows that it was trained on."""

    booster: Any
    predictions: list[bytes]
    labels: list[bytes]
    hyperparameters: dict[str, str]
    metrics: dict[str, float]


def score_of_features(rows: int = ROWS) -> tuple[Array, Array]:
    """Five features, and what a label can be made of."""
    random = np.random.default_rng(5)
    features = random.normal(size=(rows, 5))
    return features, features[:, 0] + features[:, 1] / 2 + random.normal(size=rows)


def labels_of(objective: str, score: Array) -> Array:
    if objective.startswith("multi:"):
        return np.digitize(score, [-0.5, 0.5]).astype(float)
    if objective.startswith(("binary:", "rank:map")):
        return (score > 0.3).astype(float)
    if objective.startswith("rank:"):
        return np.clip(np.floor(score + 2), 0, 4)
    return {
        "count:poisson": np.floor(abs(score) * 2),
        "reg:gamma": abs(score) + 0.1,
        "reg:tweedie": np.maximum(score, 0),
        "reg:squaredlogerror": abs(score),
    }.get(objective, score + 7)


def trained(objective: str, metrics: tuple[str, ...] = (), rounds: int = 8, **more: Any) -> Trained:
    features, score = score_of_features()
    label = labels_of(objective, score)
    matrix = xgboost.DMatrix(features, label)
    parameters = {"objective": objective, "max_depth": 3, "nthread": 1, "eval_metric": list(metrics), **more}
    history: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        parameters, matrix, rounds, evals=[(matrix, "rows")], evals_result=history, verbose_eval=False
    )
    found = {name.partition("@")[0]: values[-1] for name, values in history.get("rows", {}).items()}
    given = {"objective": objective, **{name: str(value) for name, value in more.items()}}
    return Trained(booster, text(booster.predict(matrix)), text(label), given, found)
