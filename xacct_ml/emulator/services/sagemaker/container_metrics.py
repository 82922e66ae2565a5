"""The metrics that the SageMaker XGBoost container computes itself, beside those that XGBoost knows.

Names and directions: SageMaker developer guide, "Tune an XGBoost model", metrics computed by the algorithm [D].
Definitions are the usual ones, thresholds at 0.5 for a binary objective and the largest class otherwise [U]."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]
    Metric = Callable[[Array, Array], float]


def _classes(predicted: Array) -> Array:
    """The class of each row: the likeliest, the probability's side of 0.5, or the class itself (``multi:softmax``)."""
    import numpy as np

    return predicted.argmax(axis=1) if predicted.ndim > 1 else np.rint(predicted).astype(int)


def _accuracy(predicted: Array, label: Array) -> float:
    return float((_classes(predicted) == label).mean())


def _per_class(predicted: Array, label: Array) -> list[tuple[float, float, float]]:
    """Precision, recall and F1 of each class that occurs."""
    found = _classes(predicted)
    scores = []
    for each in sorted({*label.astype(int).tolist(), *found.astype(int).tolist()}):
        hits = float(((found == each) & (label == each)).sum())
        named, real = float((found == each).sum()), float((label == each).sum())
        precision, recall = hits / named if named else 0.0, hits / real if real else 0.0
        scores.append((precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0))
    return scores


def _macro(position: int) -> Metric:
    def metric(predicted: Array, label: Array) -> float:
        scores = [score[position] for score in _per_class(predicted, label)]
        return sum(scores) / len(scores)

    return metric


def _positive(position: int) -> Metric:
    """The score of class 1, as for a binary objective."""

    def metric(predicted: Array, label: Array) -> float:
        return _per_class(predicted, label)[-1][position]

    return metric


def _mse(predicted: Array, label: Array) -> float:
    return float(((predicted - label) ** 2).mean())


def _r2(predicted: Array, label: Array) -> float:
    spread = float(((label - label.mean()) ** 2).sum())
    return 1 - float(((predicted - label) ** 2).sum()) / spread if spread else 0.0


_METRICS: dict[str, tuple[Metric, bool]] = {
    "accuracy": (_accuracy, True),
    "balanced_accuracy": (_macro(1), True),
    "f1": (_macro(2), True),
    "f1_macro": (_macro(2), True),
    "f1_binary": (_positive(2), True),
    "precision": (_positive(0), True),
    "precision_macro": (_macro(0), True),
    "recall": (_positive(1), True),
    "recall_macro": (_macro(1), True),
    "mse": (_mse, False),
    "r2": (_r2, True),
}


def split(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names computed here, and those left to XGBoost."""
    return [name for name in names if name in _METRICS], [name for name in names if name not in _METRICS]


def maximized(name: str) -> bool:
    return _METRICS[name][1]


def evaluator(names: Sequence[str]) -> Callable[[Array, Any], list[tuple[str, float]]]:
    """``custom_metric`` of ``xgb.train`` for metrics computed here."""

    def evaluate(predicted: Array, matrix: Any) -> list[tuple[str, float]]:
        label = matrix.get_label()
        return [(name, _METRICS[name][0](predicted, label)) for name in names]

    return evaluate
