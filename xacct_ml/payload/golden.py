"""Golden rows: what a new endpoint is asked before it gets traffic, and what the model answered when it was judged.

Made from what the data set's profile says of its columns, so none of them is a row of anybody's. Each is text as the
container reads it; an answer is the numbers that it gives to one row. In a batch transform the container writes a list
as Python prints it, and to a request it answers with commas alone (aws/sagemaker-xgboost-container,
algorithm_mode/serve.py) [C]: both are read here.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xacct_ml.foreign import ForeignTextError, document, line

SCHEMA = "xacct-ml/golden/1"
LARGEST_BYTES = 4 << 20
"""Of the document with rows and answers, and of one answer: rows have ``_MOST_BYTES`` together, answers a number for
each of a thousand classes at most.
"""
_ROWS = 20
_MOST_BYTES = 512 << 10
"""Of all rows, which are sent in one request: a serverless endpoint takes 4 MB (SageMaker Developer Guide,
serverless-endpoints) [D].
"""
_ENDS = ("low", "q01", "mean", "q99", "high")
_GAP_IN = 4
"""In every fourth row or so, a column whose data have gaps has one."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MOST_NUMBERS = 1_000
_RELATIVE, _ABSOLUTE = 1e-4, 1e-6
"""Single precision, printed: what another processor may add up otherwise, and no other model."""
_SHOWN = 3


@dataclass(frozen=True)
class Golden:
    """``rows`` are lines without their ends, ``answers`` the numbers of each."""

    rows: tuple[str, ...]
    answers: tuple[tuple[float, ...], ...]

    @property
    def body(self) -> bytes:
        """As one request of ``text/csv``."""
        return "\n".join(self.rows).encode()

    def to_json(self, sha256: str) -> bytes:
        """The document, of the model of that digest; the same bytes for the same answers."""
        content = {"schema": SCHEMA, "model": sha256, "rows": self.rows, "answers": self.answers}
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode() + b"\n"

    @classmethod
    def parse(cls, text: bytes, sha256: str) -> "Golden":
        """Raises :class:`ForeignTextError` for what is no such document of that model."""
        found = document(text, LARGEST_BYTES)
        try:
            if found["schema"] != SCHEMA or found["model"] != sha256:
                raise ForeignTextError("is of another kind, or of another model")
            rows = tuple(str(row) for row in found["rows"])
            given = tuple(tuple(float(number) for number in each) for each in found["answers"])
        except (KeyError, TypeError, ValueError) as error:
            raise ForeignTextError(f"is not what a judge wrote: {line(str(error))}") from None
        if not rows or len(rows) != len(given):
            raise ForeignTextError("has not an answer to each row")
        return cls(rows, given)

    def difference(self, answer: bytes) -> str | None:
        """What an endpoint answers otherwise, as a clause; None where it answers the same."""
        try:
            found = answers(answer, len(self.rows))
        except ForeignTextError as error:
            return f"the answer to {len(self.rows)} golden rows {error}"
        wrong = [number for number in range(len(self.rows)) if not _same(self.answers[number], found[number])]
        if not wrong:
            return None
        shown = "; ".join(
            f"row {number + 1}: {_words(found[number])}, when it was judged {_words(self.answers[number])}"
            for number in wrong[:_SHOWN]
        )
        count = f"{len(wrong)} of {len(self.rows)} golden rows"
        return f"{count} are answered otherwise than when the model was judged ({shown})"


def golden_rows(columns: int, profile: Mapping[str, Any] | None) -> list[str]:
    """Of so many features: all ends and the means first, then mixtures, with gaps where the data have some. Without a
    profile every column is taken to go from 0 to 1. The first row begins with a digit or a minus and has no gap: the
    container tells the delimiter by it.
    """
    known = [_column(profile, number) for number in range(columns)]
    rows: list[str] = []
    size = 0
    for number in range(_ROWS):
        row = ",".join(_field(column, number, place, alone=columns == 1) for place, column in enumerate(known))
        if rows and size + len(row) > _MOST_BYTES:
            break
        rows.append(row)
        size += len(row) + 1
    return rows


def answers(text: bytes, rows: int) -> list[tuple[float, ...]]:
    """The numbers of each row, of a batch transform or of an endpoint. Raises :class:`ForeignTextError`, a clause."""
    if len(text) > LARGEST_BYTES:
        raise ForeignTextError(f"has more than {LARGEST_BYTES:,} bytes")
    try:
        lines = [each for each in text.decode().splitlines() if each.strip()]
    except UnicodeDecodeError:
        raise ForeignTextError("is not UTF-8") from None
    found = [tuple(_numbers(each)) for each in lines]
    if len(found) != rows:
        raise ForeignTextError(f"has {len(found)} lines: {line(text[:80].decode(errors='replace'))}")
    return found


def _column(profile: Mapping[str, Any] | None, number: int) -> tuple[list[float], bool]:
    """The values that tell how it lies, from low to high, and whether it has gaps."""
    try:
        found = (profile or {})["columns"][number]
        values = [float(found[name]) for name in _ENDS if found[name] is not None]
        gaps = float(found["missing"] or 0) > 0
    except (KeyError, IndexError, TypeError, ValueError):
        return [0.0, 1.0], False
    return [value for value in values if math.isfinite(value)] or [0.0], gaps


def _field(column: tuple[list[float], bool], row: int, place: int, *, alone: bool) -> str:
    values, gaps = column
    chance = hashlib.sha256(f"{row},{place}".encode()).digest()
    if row < len(_ENDS):
        value = values[min(row, len(values) - 1)]
    elif gaps and chance[0] % _GAP_IN == 0:
        return "nan" if alone else ""
    else:
        before = chance[1] % len(values)
        after = min(before + 1, len(values) - 1)
        value = values[before] + (values[after] - values[before]) * (chance[2] / 255)
    # Without an exponent: the container's look for a delimiter takes the minus of one for it [C].
    return f"{Decimal(f'{value:.6g}'):f}"


def _numbers(text: str) -> Iterator[float]:
    fields = re.split(r"[,\s]+", text.strip().removeprefix("[").removesuffix("]").strip(), maxsplit=_MOST_NUMBERS)
    if len(fields) > _MOST_NUMBERS or not all(map(_NUMBER.fullmatch, fields)):
        raise ForeignTextError(f"has a line that is no numbers: {line(text, 80)}")
    return (float(each) for each in fields)


def _same(expected: Sequence[float], found: Sequence[float]) -> bool:
    return len(expected) == len(found) and all(
        math.isclose(one, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
        for one, other in zip(expected, found, strict=True)
    )


def _words(numbers: Sequence[float]) -> str:
    shown = ", ".join(f"{each:g}" for each in numbers[:_SHOWN])
    return f"{shown}, …" if len(numbers) > _SHOWN else shown
