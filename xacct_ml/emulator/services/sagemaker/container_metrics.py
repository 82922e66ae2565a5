"""The metrics that the SageMaker XGBoost container computes itself, as each version of it computes them.

Which they are, what they are given (predictions, or what the model says before the objective's link function) and what
they take for a class is in the container's table (:mod:`xacct_ml.tables.xgboost_facts`). The definitions are
scikit-learn's; they are compared with the container's own values in the tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xacct_ml.tables.xgboost_facts import facts

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]
    Metric = Callable[[Array, Array], float]


def _per_class(classes: Array, label: Array) -> Mapping[int, tuple[float, float, float]]:
    """Precision, recall and F1 of each class that is named or real."""
    scores = {}
    for each in sorted({*label.astype(int).tolist(), *classes.astype(int).tolist()}):
        hits = float(((classes == each) & (label == each)).sum())
        named, real = float((classes == each).sum()), float((label == each).sum())
        precision, recall = hits / named if named else 0.0, hits / real if real else 0.0
        scores[each] = (precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0)
    return scores


def _accuracy(classes: Array, label: Array) -> float:
    return float((classes == label).mean())


def _balanced(classes: Array, label: Array) -> float:
    """The mean recall of the classes that are real."""
    scores = _per_class(classes, label)
    real = {*label.astype(int).tolist()}
    return sum(scores[each][1] for each in real) / len(real)


def _macro(position: int) -> Metric:
    def metric(classes: Array, label: Array) -> float:
        scores = _per_class(classes, label)
        return sum(score[position] for score in scores.values()) / len(scores)

    return metric


def _positive(position: int) -> Metric:
    """The score of class 1."""

    def metric(classes: Array, label: Array) -> float:
        return _per_class(classes, label).get(1, (0.0, 0.0, 0.0))[position]

    return metric


def _mae(predicted: Array, label: Array) -> float:
    return float(abs(predicted - label).mean())


def _mse(predicted: Array, label: Array) -> float:
    return float(((predicted - label) ** 2).mean())


def _rmse(predicted: Array, label: Array) -> float:
    return math.sqrt(_mse(predicted, label))


def _r2(predicted: Array, label: Array) -> float:
    spread = float(((label - label.mean()) ** 2).sum())
    return 1 - float(((predicted - label) ** 2).sum()) / spread if spread else 0.0


_OF_CLASSES: dict[str, Metric] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced,
    "f1": _macro(2),
    "f1_macro": _macro(2),
    "f1_binary": _positive(2),
    "precision": _positive(0),
    "precision_macro": _macro(0),
    "precision_micro": _accuracy,
    "recall": _positive(1),
    "recall_macro": _macro(1),
    "recall_micro": _accuracy,
}
_OF_VALUES: dict[str, Metric] = {"mae": _mae, "mse": _mse, "rmse": _rmse, "r2": _r2}


def split(version: str, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names that the container computes, and those left to XGBoost."""
    own = facts(version, "custom")["custom_metrics"].split()
    return [name for name in names if name in own], [name for name in names if name not in own]


def sees_margins(version: str) -> bool:
    """Whether the metrics are given what the model says before the link function (``feval`` since XGBoost 1.2)."""
    custom = facts(version, "custom")
    return custom["argument_of_xgb_train"] == "feval" and custom["classes_of_one_number"] == "above 0"


def values(version: str, names: Sequence[str], seen: Array, label: Array) -> Iterator[tuple[str, float]]:
    """Each metric of what the version sees. Raises ValueError as scikit-learn does for labels that are no classes."""
    import numpy as np

    label = label.astype(np.float64)
    for name in names:
        if name in _OF_VALUES:
            yield name, _OF_VALUES[name](seen.astype(np.float64), label)
            continue
        if (label != np.rint(label)).any():
            raise ValueError("Classification metrics can't handle a mix of continuous and binary targets")
        yield name, _OF_CLASSES[name](_classes(version, seen), label)


def _classes(version: str, seen: Array) -> Array:
    import numpy as np

    rounded = facts(version, "custom")["classes_of_one_number"] == "rounded"
    found: Array = seen.argmax(axis=1) if seen.ndim > 1 else np.rint(seen) if rounded else seen > 0
    return found.astype(int)
