"""What an endpoint's numbers say, in the words of the schema."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xacct_ml.dataset.schema import Schema

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HALF = 0.5


class NoAnswer(ValueError):
    """The text is no answer to these rows. ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """For one row: ``value`` is the number that the endpoint gave, or the class's code; ``label`` is the class's name,
    ``probability`` its own, and ``probabilities`` are those of all classes, where the model gives them."""

    value: float
    label: str | None = None
    probability: float | None = None
    probabilities: tuple[float, ...] = ()


def predictions(answer: str, rows: int, schema: Schema | None) -> list[Prediction]:
    """One for each row. Raises :class:`NoAnswer`.

    The container answers one line a row, the numbers of one row with commas between them; XGBoost's objective decides
    how many there are (aws/sagemaker-xgboost-container, algorithm_mode/serve.py) [C]."""
    fields = [field for field in re.split(r"[,\s\[\]]+", answer) if field]
    if not fields or not all(map(_NUMBER.fullmatch, fields)) or len(fields) % rows:
        raise NoAnswer(f"the endpoint's answer to {rows} rows is {answer[:100]!r}")
    width = len(fields) // rows
    numbers = [float(field) for field in fields]
    each = [tuple(numbers[start : start + width]) for start in range(0, len(numbers), width)]
    return [_prediction(row, schema.label.categories if schema else ()) for row in each]


def _prediction(row: tuple[float, ...], classes: tuple[str, ...]) -> Prediction:
    if len(row) == 1 and len(classes) == 2 and 0 <= row[0] <= 1:
        row = (1 - row[0], row[0])
        code = int(row[1] >= _HALF)
        return Prediction(code, classes[code], row[code], row)
    if len(row) == 1:
        code = int(row[0]) if row[0].is_integer() else -1
        return Prediction(row[0], classes[code] if 0 <= code < len(classes) and len(classes) > 2 else None)
    code = row.index(max(row))
    named = classes[code] if len(row) == len(classes) else None
    return Prediction(code, named, row[code], row)
