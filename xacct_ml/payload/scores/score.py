"""One model's score on the held-out rows, and two models' on the same: the record's ``scores``.

What a prediction is follows from the objective (XGBoost's "Learning Task Parameters") [B]: a probability, a margin
(``binary:logitraw``), a class (``binary:hinge``, ``multi:softmax``), probabilities of each class (``multi:softprob``),
a number or a rank's score.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xacct_ml.foreign import ForeignTextError

from . import binary, classes, curves, numbers, one_against_rest, ranks, tables
from .estimate import Document, Estimate, difference

Chunks = Iterable[bytes]
Rows = Any
"""Of one of the four kinds below."""
_FEWEST_IN_SLICE = 10
_MOST_VALUES = 12
"""Of a column of slices: those with most rows."""


@dataclass(frozen=True)
class Held:
    """The held-out rows: their labels, and of each sliced column the rows of its most common values."""

    labels: "array[float]"
    slices: Mapping[tuple[str, str], "array[int]"]

    @classmethod
    def of(cls, labels: Chunks, slices: Chunks | None = None) -> "Held":
        """Raises :class:`ForeignTextError`."""
        found = tables.numbers(labels, "labels.csv")
        if not found:
            raise ForeignTextError("labels.csv has no row")
        columns = tables.slices(slices, "slices.csv") if slices is not None else {}
        parts: dict[tuple[str, str], array[int]] = {}
        for name, values in columns.items():
            if len(values) != len(found):
                raise ForeignTextError(f"slices.csv has {len(values):,} rows, labels.csv {len(found):,}")
            common = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
            for value, rows in common[:_MOST_VALUES]:
                if rows >= _FEWEST_IN_SLICE:
                    parts[name, value] = array("l", (each for each, one in enumerate(values) if one == value))
        return cls(found, parts)


@dataclass(frozen=True)
class Scored:
    """``document`` is one model's part of the record; ``estimates`` are what two models are compared by, ``slices`` of
    each slice.
    """

    document: dict[str, Any]
    estimates: Mapping[str, Estimate]
    slices: Mapping[tuple[str, str], Mapping[str, Estimate]]


def score(hyperparameters: Mapping[str, str], predictions: Chunks, held: Held) -> Scored:
    """``predictions`` is the text of the transform's output, ``hyperparameters`` the model's, as SageMaker has them.

    Raises :class:`ForeignTextError`: another number of rows, no finite number, a label that is no class.
    """
    objective = hyperparameters.get("objective", "reg:squarederror")
    family = next((each for each in _FAMILIES if objective.startswith(each.prefixes)), _NUMBERS)
    rows = family.read(objective, hyperparameters, predictions, held.labels)
    estimates = _estimates(family, rows, family.names(objective))
    slices = {place: _estimates(family, rows.subset(indices), family.sliced) for place, indices in held.slices.items()}
    document = {
        "rows": len(held.labels),
        "metrics": {name: estimate.document() for name, estimate in estimates.items()},
        "confusion": None,
        "roc": None,
        "pr": None,
        "calibration": None,
        **family.shapes(rows),
        "slices": [*_slices(held, slices)],
    }
    return Scored(document, estimates, slices)


def compared(candidate: Scored, live: Scored) -> dict[str, Any]:
    """Candidate minus live on the same rows, each metric and each slice: paired, so much narrower than the two
    intervals beside each other.
    """
    return {
        "metrics": _differences(candidate.estimates, live.estimates),
        "slices": [
            {"column": column, "slice": value, "metric": name, **found}
            for (column, value), estimates in candidate.slices.items()
            for name, found in _differences(estimates, live.slices.get((column, value), {})).items()
        ],
    }


def _differences(candidate: Mapping[str, Estimate], live: Mapping[str, Estimate]) -> dict[str, Document]:
    found = {name: difference(candidate[name], live[name]) for name in candidate if name in live}
    return {name: document for name, document in found.items() if document is not None}


def _slices(held: Held, found: Mapping[tuple[str, str], Mapping[str, Estimate]]) -> Iterable[dict[str, Any]]:
    for (column, value), estimates in found.items():
        rows = len(held.slices[column, value])
        for name, estimate in estimates.items():
            yield {"column": column, "slice": value, "rows": rows, "metric": name, **estimate.document()}


def _estimates(family: "_Family", rows: Rows, names: Sequence[str]) -> dict[str, Estimate]:
    found = {name: family.metrics[name](rows) for name in names}
    return {name: estimate for name, estimate in found.items() if estimate is not None}


# -- what an objective predicts ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Family:
    prefixes: tuple[str, ...]
    read: Callable[[str, Mapping[str, str], Chunks, "array[float]"], Rows]
    metrics: Mapping[str, Callable[[Rows], Estimate | None]]
    names: Callable[[str], Sequence[str]]
    sliced: Sequence[str]
    shapes: Callable[[Rows], dict[str, Any]]


def _same_rows(values: "array[Any]", labels: "array[float]") -> None:
    if len(values) != len(labels):
        raise ForeignTextError(f"the predictions have {len(values):,} rows, the labels {len(labels):,}")


def _check_classes(labels: "array[float]", below: float) -> None:
    for number, label in enumerate(labels, start=1):
        if not (0 <= label < below and label.is_integer()):
            raise ForeignTextError(f"labels.csv, line {number}: {label:g} is no class of the objective")


def _values(predictions: Chunks, labels: "array[float]") -> "array[float]":
    values = tables.numbers(predictions, "the predictions")
    _same_rows(values, labels)
    return values


def _binary(objective: str, _: Mapping[str, str], predictions: Chunks, labels: "array[float]") -> binary.Rows:
    _check_classes(labels, 2)
    values = _values(predictions, labels)
    if objective == "binary:logitraw":
        return binary.Rows(labels, values, array("d", map(binary.logistic, values)), 0.0)
    if objective != "binary:hinge" and not all(0 <= value <= 1 for value in values):
        raise ForeignTextError(f"a prediction of {objective} is no probability")
    return binary.Rows(labels, values, None if objective == "binary:hinge" else values)


def _binary_shapes(rows: binary.Rows) -> dict[str, Any]:
    roc, pr = curves.roc_and_pr(rows)
    said = rows.probabilities
    return {
        "confusion": {"threshold": rows.threshold, "matrix": curves.confusion(rows.labels, rows.named(), 2)},
        "roc": roc,
        "pr": pr,
        "calibration": None if said is None else curves.calibration(said, rows.labels),
        "predictions": curves.spread(rows.values),
        "labels": {"counts": curves.counts(rows.labels)},
    }


def _classes(
    objective: str, hyperparameters: Mapping[str, str], predictions: Chunks, labels: "array[float]"
) -> classes.Rows:
    _check_classes(labels, tables.MOST_CLASSES)
    count = int(hyperparameters["num_class"])
    shares = count if objective == "multi:softprob" else None
    found = tables.choices(predictions, "the predictions", labels, shares, one_against_rest.MOST_CELLS)
    _same_rows(found.named, labels)
    if min(found.named) < 0 or max(found.named) >= count:
        raise ForeignTextError(f"a prediction is no class below {count}")
    return classes.Rows(labels, found.named, found.sure, found.true, count, found.shares)


def _classes_shapes(rows: classes.Rows) -> dict[str, Any]:
    right = array("d", (label == name for label, name in zip(rows.labels, rows.named, strict=True)))
    matrix = curves.confusion(rows.labels, rows.named, rows.classes)
    return {
        "confusion": None if matrix is None else {"threshold": None, "matrix": matrix},
        "calibration": None if rows.sure is None else curves.calibration(rows.sure, right),
        "predictions": {
            **curves.spread(array("d", rows.named) if rows.sure is None else rows.sure),
            "counts": curves.counts(rows.named),
        },
        "labels": {"counts": curves.counts(rows.labels)},
    }


def _numbers(_: str, hyperparameters: Mapping[str, str], predictions: Chunks, labels: "array[float]") -> numbers.Rows:
    power = float(hyperparameters.get("tweedie_variance_power", 1.5))
    return numbers.Rows(labels, _values(predictions, labels), power)


def _numbers_shapes(rows: numbers.Rows) -> dict[str, Any]:
    return {
        "calibration": curves.calibration(rows.values, rows.labels),
        "predictions": curves.spread(rows.values),
        "labels": curves.ends(rows.labels),
    }


def _ranks(objective: str, _: Mapping[str, str], predictions: Chunks, labels: "array[float]") -> ranks.Rows:
    _check_classes(labels, 2 if objective == "rank:map" else 32)
    return ranks.Rows(labels, _values(predictions, labels))


def _ranks_shapes(rows: ranks.Rows) -> dict[str, Any]:
    return {"predictions": curves.spread(rows.values), "labels": {"counts": curves.counts(rows.labels)}}


def _all(metrics: Mapping[str, Any]) -> Callable[[str], Sequence[str]]:
    return lambda _: tuple(metrics)


_OF_CLASSES = {**classes.METRICS, **one_against_rest.METRICS}
_NUMBERS = _Family(("reg:", "count:"), _numbers, numbers.METRICS, numbers.names, numbers.SLICED, _numbers_shapes)
_FAMILIES = (
    _Family(("binary:",), _binary, binary.METRICS, _all(binary.METRICS), binary.SLICED, _binary_shapes),
    _Family(("multi:",), _classes, _OF_CLASSES, _all(_OF_CLASSES), classes.SLICED, _classes_shapes),
    _Family(("rank:",), _ranks, ranks.METRICS, ranks.names, ranks.SLICED, _ranks_shapes),
    # A risk and a time that may be cut off are numbers of no label's kind: no metric of them is one of these.
    _Family(("survival:",), _numbers, {}, lambda _: (), (), _numbers_shapes),
    _NUMBERS,
)
