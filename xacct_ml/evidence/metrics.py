"""Which metric a comparison is made by, which way it improves, and how far it is from guessing."""

from math import fsum, log, log2, sqrt

from xacct_ml.evidence.record import Interval, Record, Scores, Values
from xacct_ml.tables.xgboost_metrics import METRICS

_PREFERRED = ("auc", "r2", "mlogloss", "rmse", "logloss", "accuracy", "merror", "error", "mae")
_LOSSES = ("logloss", "mlogloss", "rmse", "mae")
TO_MAXIMIZE = "maximize"
_FEWEST = 10
_HIGHEST_GRADE, _MOST_ROWS = 31, 1_000_000
"""Of XGBoost's ndcg; and beyond what a judge scores."""


def bare(metric: str) -> str:
    """Without its channel: ``auc`` of ``validation:auc``."""
    return metric.rpartition(":")[2]


def improves_up(metric: str, record: Record | None = None) -> bool:
    """Whether more is better; of an unknown metric, as the gate says if it is the gate's."""
    found = METRICS.get(metric)
    if found is not None:
        return found.direction == TO_MAXIMIZE
    return record is not None and bare(record.gate.metric) == metric and record.gate.direction == TO_MAXIMIZE


def primary(record: Record, scores: Scores) -> str | None:
    """The gate's metric where it was scored, else the one that says most of the objective."""
    asked = bare(record.gate.metric)
    if asked in scores.metrics:
        return asked
    return next((name for name in _PREFERRED if name in scores.metrics), next(iter(scores.metrics), None))


def compared(record: Record, scores: Scores) -> list[str]:
    """The metrics by which two models are told apart: the primary one, and a loss, which sees what ranks do not."""
    first = primary(record, scores)
    rest = [name for name in _LOSSES if name in scores.metrics and name != first][:1]
    return [*([first] if first is not None else ()), *rest]


def gain(metric: str, difference: float, record: Record | None = None) -> float:
    """``difference`` as an improvement: above 0 is better."""
    return difference if improves_up(metric, record) else -difference


def best(metric: str, interval: Interval, record: Record | None = None) -> float:
    """The end of the interval that is better, or its value."""
    end = interval.high if improves_up(metric, record) else interval.low
    return interval.value if end is None else end


def worst(metric: str, interval: Interval, record: Record | None = None) -> float:
    """The end of the interval that is worse, or its value."""
    end = interval.low if improves_up(metric, record) else interval.high
    return interval.value if end is None else end


def skill(metric: str, value: float, labels: Values | None) -> float | None:
    """1 for a perfect model, 0 for one that only knows the labels' distribution, below 0 for a worse one; None where
    the metric has no such scale, or the labels that it is measured against are not known."""
    base = guessing(metric, labels)
    if base is not None:
        return (value - base) / (1 - base) if base < 1 else None
    if metric == "r2":
        return value
    shares = class_shares(labels)
    if metric in {"accuracy", "error", "merror"} and shares:
        most = max(shares)
        hits = value if metric == "accuracy" else 1 - value
        return (hits - most) / (1 - most) if most < 1 else None
    if metric in {"logloss", "mlogloss"} and shares:
        entropy = -sum(share * log(share) for share in shares if share > 0)
        return 1 - value / entropy if entropy > 0 else None
    if metric == "rmse" and labels is not None and labels.std:
        return 1 - (value / labels.std) ** 2
    return None


def guessing(metric: str, labels: Values | None) -> float | None:
    """What an order by chance reaches, of metrics of an order; None of others, and where labels are not known."""
    if metric == "auc":
        return 0.5
    counts = _by_number(labels)
    total = sum(counts.values())
    if not total:
        return None
    if metric in {"aucpr", "map"}:
        return sum(rows for label, rows in counts.items() if label > 0) / total
    found = _ndcg_by_chance(counts, total) if metric == "ndcg" else None
    return None if found is None else found[0]


def chance_reaches(metric: str, labels: Values | None) -> float | None:
    """What 97.5 % of the orders by chance stay below, where that can be said: one order of all rows is one
    observation, in which few rows at its top decide."""
    counts = _by_number(labels)
    found = _ndcg_by_chance(counts, sum(counts.values())) if metric == "ndcg" and counts else None
    return None if found is None else found[0] + 1.96 * found[1]


def _by_number(labels: Values | None) -> dict[float, int]:
    try:
        return {float(name): rows for name, rows in ((labels.counts if labels is not None else None) or {}).items()}
    except ValueError:
        return {}


def _ndcg_by_chance(counts: dict[float, int], total: int) -> tuple[float, float] | None:
    """Mean and standard deviation of all orders. Each place gets the mean gain, ``2^label - 1``; the best order has the
    highest labels first."""
    if max(counts) > _HIGHEST_GRADE or min(counts) < 0 or total > _MOST_ROWS:
        return None
    discounts = [1 / log2(place + 2) for place in range(total)]
    mean = fsum(rows * (2**label - 1) for label, rows in counts.items()) / total
    best, place = 0.0, 0
    for label in sorted(counts, reverse=True):
        best += (2**label - 1) * fsum(discounts[place : place + counts[label]])
        place += counts[label]
    if not best or total < 2:
        return None
    spread = fsum(rows * (2**label - 1 - mean) ** 2 for label, rows in counts.items()) / (total - 1)
    uneven = fsum(one * one for one in discounts) - fsum(discounts) ** 2 / total
    return mean * fsum(discounts) / best, sqrt(spread * uneven) / best


def enough(labels: Values | None, rows: int) -> bool:
    """Whether so many rows can say how good a model is: of each class some, or of numbers."""
    counts = labels.counts if labels is not None else None
    return min(counts.values(), default=0) >= _FEWEST if counts else rows >= 3 * _FEWEST


def class_shares(labels: Values | None) -> list[float]:
    """The share of each class; nothing where labels are no classes."""
    counts = labels.counts if labels is not None else None
    total = sum(counts.values()) if counts else 0
    return [count / total for count in counts.values()] if counts and total else []
