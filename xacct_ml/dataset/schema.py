"""What the numbers of a data set mean: names, kinds, categories and ranges of its columns, as ``prepare`` found them.

The schema goes with the data set, into the record of each run that is trained on it, and to whoever asks the endpoint:
names in, the row that the model was trained for out. Text from outside is parsed with bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any, Literal

from xacct_ml.dataset.fields import LARGEST
from xacct_ml.dataset.values import DECIMAL_COMMA, ISO, TIME_FORMATS, boolean, is_missing, number
from xacct_ml.foreign import ForeignTextError, document

VERSION = "xacct-ml/schema/1"
Kind = Literal["number", "boolean", "category", "time"]
KINDS: tuple[Kind, ...] = ("number", "boolean", "category", "time")
PARTS = ("train", "validation", "holdout")
CATEGORIES = 1000
"""A column of text with more different values is no category."""
COLUMNS = 10_000
LARGEST_SCHEMA = 8 << 20
"""Bytes."""
FAULTS_TOLD = 10
_LONGEST_NAME = 256
_MOST_ROWS = 1 << 53
_NAMED = 5
_JOINERS = dict.fromkeys(map(ord, "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"))
"""What Persian and Hindi words and some emoji are written with."""
_EXAMPLE = datetime(2024, 12, 31, 14, 30)
_FORMATS = {"number": ("", DECIMAL_COMMA), "time": tuple(TIME_FORMATS)}


class NotInSchema(ValueError):
    """A row or a text that the schema has no place for. ``str()`` is a sentence without its end, ``faults`` are its
    parts."""

    def __init__(self, *faults: str) -> None:
        more = len(faults) - FAULTS_TOLD
        shown = (*faults[:FAULTS_TOLD], *([f"and {more} more"] if more > 0 else ()))
        super().__init__("; ".join(shown))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Column:
    """One column before it was encoded. A category is encoded as its place in ``categories``, no and yes as 0 and 1, a
    time as days since 1970-01-01 (UTC), with the time of day as a fraction.

    ``format`` is how its texts are written: :data:`DECIMAL_COMMA` of numbers, the name of a format of times. ``low``
    and ``high`` are of the training rows, encoded; None where all of them are missing; ``missing`` counts those."""

    name: str
    kind: Kind
    categories: tuple[str, ...] = ()
    format: str = ""
    low: float | None = None
    high: float | None = None
    missing: int = 0

    def encoded(self, value: object) -> float | None:
        """The number that stands for ``value`` (text, or what JSON has); None where it is missing.

        Raises :class:`NotInSchema`: no number, no time, or a category that training never saw."""
        text = _text(value)
        if text is None:
            raise NotInSchema(f"{self.name} is one value, not a list or an object")
        if is_missing(text):
            return None
        if self.kind == "category":
            return self._category(text)
        found = self._number(text) if self.kind == "number" else self._other(text)
        if found is None:
            raise NotInSchema(f"{self.name} is {self.expected}, not {_shown(text)}")
        return found

    def _number(self, text: str) -> float | None:
        plain = number(text)
        return number(text, self.format) if plain is None else plain

    def _other(self, text: str) -> float | None:
        if self.kind == "boolean":
            return {"1": 1.0, "0": 0.0}.get(text, boolean(text))
        days = TIME_FORMATS[self.format].days(text)
        return TIME_FORMATS[ISO].days(text) if days is None else days

    def _category(self, text: str) -> float:
        if text not in self.categories:
            raise NotInSchema(f"{self.name} is {self.expected}, not {_shown(text)}")
        return float(self.categories.index(text))

    @property
    def expected(self) -> str:
        """What its values are, in a few words."""
        if self.kind == "category":
            more = len(self.categories) - _NAMED
            named = ", ".join(map(_shown, self.categories[:_NAMED]))
            return f"one of {named}{f' and {more} more' if more > 0 else ''}"
        if self.kind == "time":
            other = "" if self.format == ISO else f" or {_EXAMPLE.strftime(self.format)}"
            return f"a date, as {_EXAMPLE:%Y-%m-%d}{other}"
        return "a number" if self.kind == "number" else "yes or no (true or false, 1 or 0)"


def _text(value: object) -> str | None:
    """What JSON or a CSV has, as text; None for what is not one value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _MOST_ROWS:
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int | float) else None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


@dataclass(frozen=True, slots=True)
class Schema:
    """The label, whose categories are the classes, and the features in the order of the file's columns."""

    label: Column
    features: tuple[Column, ...]
    rows: Mapping[str, int]
    """Rows by part: train, validation, holdout."""
    objective: str
    """Of XGBoost, that the label suits."""
    counts: tuple[int, ...] = ()
    """Training rows of each class."""
    slices: tuple[str, ...] = ()
    """Features by whose values the approval's figures are cut."""
    dropped: tuple[str, ...] = ()
    """Columns of the source that are no features."""
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.features})

    @property
    def hyperparameters(self) -> dict[str, str | int]:
        """Those that follow from the label."""
        classes = len(self.label.categories)
        return {"objective": self.objective, **({"num_class": classes} if classes > 2 else {})}

    def row(self, values: Mapping[str, object]) -> list[float | None]:
        """A row of the endpoint's CSV: the features, without the label. What ``values`` does not name is missing; the
        label and columns that were dropped may be there.

        Raises :class:`NotInSchema` with every fault."""
        passed = {self.label.name, *self.dropped}
        unknown = [name for name in values if name not in self.by_name and name not in passed]
        faults = [f"there is no column {_shown(name)}" for name in unknown]
        encoded: list[float | None] = []
        for column in self.features:
            try:
                encoded.append(column.encoded(values.get(column.name)))
            except NotInSchema as fault:
                faults.append(str(fault))
        if not faults and all(value is None for value in encoded):
            faults.append("no feature has a value")
        if faults:
            raise NotInSchema(*faults)
        return encoded

    def to_json(self) -> bytes:
        """In this order, so that the same schema has the same bytes."""
        content = {
            "schema": VERSION,
            "label": asdict(self.label),
            **self.hyperparameters,
            "rows": dict(self.rows),
            "counts": self.counts,
            "features": [asdict(column) for column in self.features],
            "slices": self.slices,
            "dropped": self.dropped,
        }
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"

    @classmethod
    def parse(cls, text: bytes) -> Schema:
        """Raises :class:`NotInSchema` where the text is none of ours."""
        try:
            found = document(text, LARGEST_SCHEMA)
        except ForeignTextError as error:
            raise NotInSchema(f"is no schema of a data set: it {error}") from error
        try:
            return _schema(found)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            missing = f"there is no {error}" if isinstance(error, KeyError) else str(error)
            raise NotInSchema(f"is no schema of a data set: {missing}") from error


def _schema(found: Any) -> Schema:
    if found["schema"] != VERSION:
        raise ValueError(f"it is not {VERSION}")
    label = _column(found["label"])
    features = tuple(_column(column) for column in _list(found["features"], COLUMNS))
    slices, dropped = (tuple(map(_name, _list(found[part], COLUMNS))) for part in ("slices", "dropped"))
    names = [column.name for column in (label, *features)]
    if not features or len(set(names)) != len(names) or not set(slices) <= set(names[1:]) or set(dropped) & set(names):
        raise ValueError("it names each column once, and slices are features")
    counts = tuple(_count(count) for count in _list(found["counts"], CATEGORIES))
    if len(counts) != len(label.categories):
        raise ValueError("it counts the rows of each class")
    rows = {part: _count(found["rows"][part]) for part in PARTS}
    return Schema(label, features, rows, _name(found["objective"]), counts, slices, dropped)


def _column(found: Any) -> Column:
    name, kind, form = _name(found["name"]), found["kind"], found["format"]
    if kind not in KINDS or form not in _FORMATS.get(kind, ("",)):
        raise ValueError(f"the column {name} has a kind, and a format of that kind")
    categories = tuple(map(_name, _list(found["categories"], CATEGORIES)))
    if len(set(categories)) != len(categories):
        raise ValueError(f"the categories of {name} are different texts")
    low, high = (None if found[end] is None else _float(found[end]) for end in ("low", "high"))
    if (low is None) != (high is None) or (low is not None and high is not None and low > high):
        raise ValueError(f"the range of {name} goes from low to high")
    return Column(name, kind, categories, form, low, high, _count(found["missing"]))


def is_name(text: object) -> bool:
    """Whether a column, or a category, can be called that: a line of up to 256 characters."""
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_NAME or text != text.strip():
        return False
    return text.translate(_JOINERS).isprintable()


def _name(found: object) -> str:
    if not is_name(found):
        raise ValueError(f"names are texts of one line, up to {_LONGEST_NAME} characters")
    return str(found)


def _list(found: object, longest: int) -> list[Any]:
    if not isinstance(found, list) or len(found) > longest:
        raise ValueError(f"there is a list of over {longest:,} items, or none")
    return found


def _count(found: object) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < _MOST_ROWS:
        raise ValueError("counts are whole numbers")
    return found


def _float(found: object) -> float:
    if not isinstance(found, int | float) or isinstance(found, bool) or not isfinite(found):
        raise ValueError("ranges are numbers")
    if abs(found) > LARGEST:
        raise ValueError("ranges are numbers of single precision")
    return float(found)


def line(values: Sequence[float | None]) -> str:
    """A row as CSV: numbers as short as they can be, nothing where a value is missing."""
    return ",".join(map(_field, values))


def _field(value: float | None) -> str:
    if value is None:
        return ""
    return repr(int(value)) if value.is_integer() and abs(value) < _MOST_ROWS else repr(value)
