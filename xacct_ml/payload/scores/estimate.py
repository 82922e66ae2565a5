"""A metric with its 95 % interval.

Each metric is a mean over rows or a smooth function of means, so that one row's influence on it is known in closed
form; their spread gives the interval (the delta method; of the AUC it is DeLong's variance). Shares get Wilson's
interval at the number of rows that would give the same variance: it stays within 0 and 1, and is not of width 0 where
no row was wrong. Nothing is drawn at random: the same rows give the same bytes.
"""

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

Kind = Literal["share", "number"]
Document = dict[str, float]
_Z = NormalDist().inv_cdf(0.975)
_DIGITS = 9


@dataclass(frozen=True)
class Estimate:
    """``influence`` is each row's; None where it is not known and ``variance`` says the metric's own. ``rows`` are
    those that count: of recall the positive ones.
    """

    value: float
    kind: Kind
    rows: int
    influence: "array[float] | None" = None
    variance: float = 0.0

    def document(self) -> Document:
        """Value, low, high."""
        low, high = self.interval()
        return {"value": rounded(self.value), "low": rounded(low), "high": rounded(high)}

    def interval(self) -> tuple[float, float]:
        variance = self.variance if self.influence is None else _variance(self.influence)
        if self.kind == "share":
            return _wilson(min(1.0, max(0.0, self.value)), variance, self.rows)
        width = _student(self.rows - 1) * math.sqrt(variance)
        return self.value - width, self.value + width


def mean(values: "array[float]", kind: Kind = "number") -> Estimate:
    average = math.fsum(values) / len(values)
    return Estimate(average, kind, len(values), array("d", (value - average for value in values)))


def root(squares: "array[float]") -> Estimate:
    """The root of a mean."""
    inner = mean(squares)
    value = math.sqrt(inner.value)
    influence = inner.influence or array("d")
    return Estimate(
        value, "number", inner.rows, array("d", (each / (2 * value) if value else 0.0 for each in influence))
    )


def difference(candidate: Estimate, live: Estimate) -> Document | None:
    """Candidate minus live with its interval, of the same rows; None where they are not paired."""
    if candidate.influence is None or live.influence is None or len(candidate.influence) != len(live.influence):
        return None
    apart = array("d", (one - other for one, other in zip(candidate.influence, live.influence, strict=True)))
    value, width = candidate.value - live.value, _student(candidate.rows - 1) * math.sqrt(_variance(apart))
    return {"value": rounded(value), "low": rounded(value - width), "high": rounded(value + width)}


def rounded(value: float) -> float:
    """To nine digits: what is beyond them differs from machine to machine."""
    return float(f"{value:.{_DIGITS}g}")


def average(values: Iterable[float], count: int) -> float:
    return math.fsum(values) / count if count else 0.0


def _variance(influence: "array[float]") -> float:
    """Of the metric: the mean of the squared influences over the number of rows, less one."""
    count = len(influence)
    return math.fsum(each * each for each in influence) / count / max(1, count - 1)


def _wilson(share: float, variance: float, rows: int) -> tuple[float, float]:
    spread = share * (1 - share)
    count = float(max(1, rows))
    if variance > 0 and spread > 0:
        count = max(1.0, spread / variance)
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * math.sqrt(spread / count + _Z**2 / (4 * count**2))
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def _student(freedom: int) -> float:
    """The 97.5 % point of Student's distribution, by its expansion around the normal one (Abramowitz and Stegun,
    26.7.5); of fewer than three degrees it is too narrow by up to a half, as nothing can be said of so few rows.
    """
    n = max(1, freedom)
    return _Z + (_Z**3 + _Z) / (4 * n) + (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / (96 * n**2)
