"""What the numbers of a data set mean: names, types, categories and ranges of its columns, as ``prepare`` found them.

The schema goes with the data set, into the record of each run that is trained on it, and to whoever asks the endpoint:
names in, the row that the model was trained for out. Text from outside is parsed with bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any, Literal

from xacct_ml.dataset.fields import FLOAT32_MAX
from xacct_ml.foreign import document

VERSION = "xacct-ml/schema/1"
Kind = Literal["number", "boolean", "category", "time"]
KINDS: tuple[Kind, ...] = ("number", "boolean", "category", "time")
CATEGORIES = 1000
"""A column of text with more different values is no category."""
COLUMNS = 10_000
_NAME = 256
_TRUE = ("true", "t", "yes", "y", "1")
_FALSE = ("false", "f", "no", "n", "0")


class NotInSchema(ValueError):
    """A row or a text that the schema has no place for. ``str()`` is a sentence without its end."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column before it was encoded. A category is encoded as its place in ``categories``, false and true as 0 and
    1, a time as days since 1970-01-01 (UTC), with the time of day as a fraction.

    ``low`` and ``high`` are of the training rows, encoded; None where all of them are missing."""

    name: str
    kind: Kind
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    missing: int = 0

    def encoded(self, value: object) -> float | None:
        """The number that stands for ``value`` (text, or what JSON has); None where it is missing.

        Raises :class:`NotInSchema`: no number, no time, or a category that training never saw."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if self.kind == "category":
            return self._category(value)
        number = _boolean(value) if self.kind == "boolean" else _time(value) if self.kind == "time" else _number(value)
        if number is None:
            raise NotInSchema(f"{self.name} is a {self.kind}, and {value!r} is none")
        return number

    def _category(self, value: object) -> float:
        text = str(value).strip()
        try:
            return float(self.categories.index(text))
        except ValueError:
            some = ", ".join(self.categories[:5])
            more = f" and {len(self.categories) - 5} more" if len(self.categories) > 5 else ""
            raise NotInSchema(f"{self.name} is one of {some}{more}, not {text!r}") from None


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and isfinite(number) and abs(number) <= FLOAT32_MAX else None


def _boolean(value: object) -> float | None:
    text = str(value).strip().lower()
    return 1.0 if text in _TRUE else 0.0 if text in _FALSE else None


def _time(value: object) -> float | None:
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86400


@dataclass(frozen=True, slots=True)
class Schema:
    """The label, whose categories are the classes, and the features in the order of the file's columns."""

    label: Column
    features: tuple[Column, ...]
    rows: Mapping[str, int]
    """Rows by part: train, validation, holdout."""

    def row(self, values: Mapping[str, object]) -> list[float | None]:
        """A row of the endpoint's CSV: the features, without the label. What ``values`` does not name is missing.

        Raises :class:`NotInSchema` with every fault."""
        known = {column.name for column in self.features}
        faults = [f"there is no column {name!r}" for name in values if name not in known and name != self.label.name]
        encoded: list[float | None] = []
        for column in self.features:
            try:
                encoded.append(column.encoded(values.get(column.name)))
            except NotInSchema as fault:
                faults.append(str(fault))
        if faults:
            raise NotInSchema("; ".join(faults[:10]))
        return encoded

    def to_json(self) -> bytes:
        """Sorted, so that the same schema has the same bytes."""
        content = {
            "schema": VERSION,
            "label": asdict(self.label),
            "features": [asdict(column) for column in self.features],
            "rows": dict(self.rows),
        }
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def parse(cls, text: bytes) -> Schema:
        """Raises :class:`NotInSchema` where the text is none of ours."""
        try:
            found = document(text)
            if found["schema"] != VERSION:
                raise NotInSchema(f"is not {VERSION}")
            features = tuple(_column(column) for column in found["features"])
            rows = {str(part): int(count) for part, count in found["rows"].items()}
            schema = cls(_column(found["label"]), features, rows)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotInSchema(f"is no schema of a data set: {error}") from error
        names = [column.name for column in (schema.label, *features)]
        if not features or len(names) > COLUMNS or len(set(names)) != len(names):
            raise NotInSchema("names no column twice, and has at most 10,000")
        return schema


def _column(found: Mapping[str, Any]) -> Column:
    name, kind, categories = found["name"], found["kind"], found["categories"]
    if not isinstance(name, str) or not 0 < len(name) <= _NAME or not name.isprintable() or kind not in KINDS:
        raise ValueError("a column has a name and a type")
    texts = [text for text in categories if isinstance(text, str) and len(text) <= _NAME and text.isprintable()]
    if len(texts) != len(categories) or len(texts) > CATEGORIES:
        raise ValueError(f"the categories of {name} are up to {CATEGORIES} texts of one line")
    ends = [None if found[end] is None else float(found[end]) for end in ("low", "high")]
    return Column(name, kind, tuple(texts), ends[0], ends[1], int(found["missing"]))


def line(values: Sequence[float | None]) -> str:
    """A row as CSV: numbers as short as they can be, nothing where a value is missing."""
    return ",".join(
        "" if value is None else repr(int(value)) if value.is_integer() else repr(value) for value in values
    )


def today(moment: date) -> float:
    """Days since 1970-01-01."""
    return float((moment - date(1970, 1, 1)).days)
