"""Metrics of numbers: regression, counts, amounts. All are XGBoost's, ``r2`` and ``mse`` as in SageMaker's container,
which has them of scikit-learn; the tests compare both.
"""

import math
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .estimate import Estimate, mean, root

_EPSILON = 1e-16
_SMALL = 1e-6
"""XGBoost's kRtEps, which its gamma metrics add or take at least."""


@dataclass(frozen=True)
class Rows:
    """``power`` is the Tweedie objective's."""

    labels: "array[float]"
    values: "array[float]"
    power: float = 1.5

    def subset(self, indices: "array[int]") -> "Rows":
        labels = array("d", (self.labels[each] for each in indices))
        return Rows(labels, array("d", (self.values[each] for each in indices)), self.power)


Loss = Callable[[float, float], float]
"""Of a label and what the model says."""


def _each(rows: Rows, loss: Loss) -> "array[float]":
    return array("d", map(loss, rows.labels, rows.values))


def _squared(label: float, value: float) -> float:
    return (value - label) ** 2


def _r2(rows: Rows) -> Estimate | None:
    middle = math.fsum(rows.labels) / len(rows.labels)
    spread = math.fsum((label - middle) ** 2 for label in rows.labels) / len(rows.labels)
    if not spread:
        return None
    unexplained = math.fsum(_each(rows, _squared)) / len(rows.labels) / spread
    influence = array(
        "d",
        (
            (unexplained * (label - middle) ** 2 - (value - label) ** 2) / spread
            for label, value in zip(rows.labels, rows.values, strict=True)
        ),
    )
    return Estimate(1 - unexplained, "number", len(rows.labels), influence)


def _of(loss: Loss, low: float = -math.inf, *, not_zero: bool = False) -> Callable[[Rows], Estimate | None]:
    """The mean of a loss; None where a label or a value is below what it is defined of."""

    def metric(rows: Rows) -> Estimate | None:
        if min(rows.labels) < low or min(rows.values) < low or (not_zero and 0 in rows.labels):
            return None
        return mean(_each(rows, loss))

    return metric


def _rooted(loss: Loss, above: float = -math.inf) -> Callable[[Rows], Estimate | None]:
    def metric(rows: Rows) -> Estimate | None:
        if min(rows.labels) <= above or min(rows.values) <= above:
            return None
        return root(_each(rows, loss))

    return metric


def _tweedie(rows: Rows) -> Estimate | None:
    power = rows.power
    if min(rows.labels) < 0 or power in (1.0, 2.0):
        return None

    def loss(label: float, value: float) -> float:
        logarithm = math.log(max(value, _EPSILON))
        first, second = math.exp((1 - power) * logarithm), math.exp((2 - power) * logarithm)
        return -label * first / (1 - power) + second / (2 - power)

    return mean(_each(rows, loss))


def _poisson(label: float, value: float) -> float:
    kept = max(value, _EPSILON)
    return math.lgamma(label + 1) + kept - math.log(kept) * label


def _gamma(label: float, value: float) -> float:
    kept = max(value, _SMALL)
    return label / kept + math.log(kept)


def _gamma_deviance(label: float, value: float) -> float:
    share = (label + _SMALL) / (value + _SMALL)
    return 2 * (share - math.log(share) - 1)


METRICS: Mapping[str, Callable[[Rows], Estimate | None]] = {
    "rmse": _rooted(_squared),
    "mae": _of(lambda label, value: abs(value - label)),
    "mse": _of(_squared),
    "r2": _r2,
    "mape": _of(lambda label, value: abs((label - value) / label), not_zero=True),
    "rmsle": _rooted(lambda label, value: (math.log1p(value) - math.log1p(label)) ** 2, -1.0),
    "mphe": _of(lambda label, value: math.sqrt(1 + (value - label) ** 2) - 1),
    "poisson-nloglik": _of(_poisson, 0.0),
    "gamma-nloglik": _of(_gamma, 0.0),
    "gamma-deviance": _of(_gamma_deviance, 0.0),
    "tweedie-nloglik": _tweedie,
}
_ALWAYS = ("rmse", "mae", "mse", "r2", "mape")
_OWN = {
    "reg:squaredlogerror": ("rmsle",),
    "reg:pseudohubererror": ("mphe",),
    "reg:gamma": ("gamma-nloglik", "gamma-deviance", "rmsle"),
    "reg:tweedie": ("tweedie-nloglik", "rmsle"),
    "count:poisson": ("poisson-nloglik", "rmsle"),
}
SLICED = ("rmse", "mae")


def names(objective: str) -> tuple[str, ...]:
    """The metrics that tell something of an objective."""
    return (*_ALWAYS, *_OWN.get(objective, ()))
