"""How the values of a data set lie: what a later data set is compared with, and what travels with this one.

Of each feature and the label: the share that is missing, of all rows; ends, mean, spread and the outer hundredths of a
bounded sample of rows at even distances. The same file has the same profile, to the byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import fsum, isfinite, sqrt
from typing import Any

from xacct_ml.dataset.content import Content, counted
from xacct_ml.dataset.faults import Faults
from xacct_ml.dataset.fields import read
from xacct_ml.dataset.labels import plain
from xacct_ml.foreign import ForeignTextError, document

VERSION = "xacct-ml/profile/1"
_LARGEST = 16 << 20
_OUTER = 0.01
_SHIFT = 0.5
"""A mean that moved by more of the spread than this is another distribution."""
_SPREAD = 2.0
_SHARE = 0.1
"""Shares (of what is missing, of a class) that differ by more are another distribution."""
_SURE = 4.0
"""Standard errors that a difference must exceed besides, so that small samples raise no alarm."""
_BEYOND = 0.05
"""Of the range that was; the outer hundredth may lie so far outside."""
ROWS_NEEDED = 100
"""Of fewer rows nothing is said about how widely they spread."""
_FIGURES = ("low", "high", "mean", "std", "q01", "q99")


@dataclass(frozen=True, slots=True)
class Values:
    """One column. All but ``missing`` are None where no sampled row has a value."""

    missing: float
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    std: float | None = None
    q01: float | None = None
    q99: float | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """``columns`` are the features. ``counts``: rows by label, where the label names classes. ``sampled`` rows of
    ``rows`` gave the figures."""

    rows: int
    sampled: int
    columns: tuple[Values, ...]
    label: Values
    counts: Mapping[str, int] | None = None
    repeated: Mapping[str, int] = field(default_factory=dict)
    """How many rows of validation and of the holdout are training rows, beyond chance; and of training, how many repeat
    an earlier one."""

    @classmethod
    def of(cls, content: Content, *, classes: bool, repeated: Mapping[str, int] | None = None) -> Profile:
        """Of content without faults."""
        table = [[read(field) for field in row.split(b",")] for row in content.even.kept]
        values = [
            values_of([row[column] for row in table], content.missing.get(column, 0) / max(1, content.rows))
            for column in range(content.columns)
        ]
        seen = content.labels.seen if classes else None
        counts = None if seen is None else {plain(label): seen[label].count for label in sorted(seen)}
        return cls(content.rows, len(table), tuple(values[1:]), values[0], counts, repeated or {})

    def to_json(self) -> bytes:
        """With sorted names and no more digits than tell a difference."""
        label = {**_rounded(self.label), **({} if self.counts is None else {"counts": dict(self.counts)})}
        content = {
            "schema": VERSION,
            "rows": self.rows,
            "sampled": self.sampled,
            "columns": [_rounded(column) for column in self.columns],
            "label": label,
            "repeated": {"holdout": None, "train": None, "validation": None, **self.repeated},
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def parse(cls, text: bytes) -> Profile | None:
        """None for what is none of ours."""
        try:
            found = document(text, _LARGEST)
            if found["schema"] != VERSION:
                return None
            counts = found["label"].get("counts")
            return cls(
                int(found["rows"]),
                int(found["sampled"]),
                tuple(_parsed(column) for column in found["columns"]),
                _parsed(found["label"]),
                None if counts is None else {str(label): int(count) for label, count in counts.items()},
                {str(name): int(rows) for name, rows in found["repeated"].items() if rows is not None},
            )
        except (ForeignTextError, KeyError, TypeError, ValueError, AttributeError):
            return None


def _rounded(values: Values) -> dict[str, float | None]:
    return {name: None if value is None else float(f"{value:.9g}") for name, value in asdict(values).items()}


def _parsed(found: Mapping[str, Any]) -> Values:
    numbers = {name: None if found[name] is None else float(found[name]) for name in Values.__slots__}
    missing = numbers.pop("missing")
    return Values(0.0 if missing is None else missing, **numbers)


def values_of(column: Sequence[float], missing: float) -> Values:
    """Of a column's values, of which a share is ``missing``."""
    present = sorted(value for value in column if isfinite(value))
    if not present:
        return Values(missing)
    mean = fsum(present) / len(present)
    std = sqrt(fsum((value - mean) ** 2 for value in present) / len(present))
    outer = int(_OUTER * (len(present) - 1))
    return Values(missing, present[0], present[-1], mean, std, present[outer], present[-1 - outer])


def judge_columns(
    live: int, columns: int, of: str, wrong: Faults, doubtful: Faults, *, schema_change: bool = False
) -> None:
    """Adds another number of columns (the label counts) than the live model was trained on: wrong, unless
    ``schema_change`` says that it is meant. ``of`` says which data those were."""
    if live == columns:
        return
    told = f"has {counted(columns)}, the live model's data ({of}) {live}: what clients send would no longer fit"
    if schema_change:
        doubtful.add("schema change", told)
    else:
        wrong.add("schema change", f"{told}; --schema-change says that it is meant")


def judge(live: Profile, new: Profile, of: str, doubtful: Faults) -> None:
    """Adds how ``new`` lies otherwise than the data that the live model was trained on, where the columns are as
    many."""
    if len(live.columns) != len(new.columns):
        return
    for column, (before, after) in enumerate(zip(live.columns, new.columns, strict=True), 2):
        for kind, what in shifts(before, after, live.sampled, new.sampled):
            doubtful.add(kind, f"{what} the live model's data ({of})", column=column)
    for what in _label_shifts(live, new):
        doubtful.add(what, f"{what} of the live model's data ({of})", column=1)


def shifts(before: Values, after: Values, rows: int, new_rows: int) -> Iterator[tuple[str, str]]:
    """Kind and words, to be completed by whose data it is, of how a column of ``new_rows`` sampled rows lies otherwise
    than it lay in ``rows`` of another data set."""
    if _sure(before.missing, after.missing, rows, new_rows):
        yield "missing shift", f"{after.missing:.0%} are missing, {before.missing:.0%} in"
    if (told := _moved(before, after, rows, new_rows)) is not None:
        yield "range shift", f"{told} in"


def _moved(before: Values, after: Values, rows: int, new_rows: int) -> str | None:
    """How a column lies otherwise than before, and how it lay; None where it does not, or has no values."""
    if None in (before.mean, after.mean):
        return None
    low, high, mean, std, q01, q99 = (_number(before, name) for name in _FIGURES)
    new_low, new_high, new_mean, new_std, new_q01, new_q99 = (_number(after, name) for name in _FIGURES)
    moved, error = abs(new_mean - mean), sqrt(std**2 / max(1, rows) + new_std**2 / max(1, new_rows))
    ends = f"goes from {new_low:g} to {new_high:g}, from {low:g} to {high:g}"
    if std == 0:
        return ends if new_q01 != mean or new_q99 != mean else None
    if moved > _SHIFT * std and moved > _SURE * error:
        return f"{ends} (mean {new_mean:g}, {mean:g})"
    margin = _BEYOND * (high - low)
    if new_q01 < low - margin or new_q99 > high + margin:
        return ends
    wide, new_wide = q99 - q01, new_q99 - new_q01
    as_wide = wide / _SPREAD <= new_wide <= wide * _SPREAD or std / _SPREAD <= new_std <= std * _SPREAD
    unlike = wide > 0 and not as_wide and min(rows, new_rows) >= ROWS_NEEDED
    return f"{ends} (spread {new_std:g}, {std:g})" if unlike else None


def _number(values: Values, name: str) -> float:
    return float(getattr(values, name))


def _sure(before: float, after: float, rows: int, new_rows: int) -> bool:
    """Whether two shares differ, by much and beyond chance."""
    error = sqrt(before * (1 - before) / max(1, rows) + after * (1 - after) / max(1, new_rows))
    return abs(after - before) > max(_SHARE, _SURE * error)


def _label_shifts(live: Profile, new: Profile) -> Iterator[str]:
    """Words, to be completed by whose data it is."""
    if live.counts is None or new.counts is None:
        if (told := _moved(live.label, new.label, live.sampled, new.sampled)) is not None:
            yield f"the label {told}"
        return
    totals = sum(live.counts.values()), sum(new.counts.values())
    for label in sorted({*live.counts, *new.counts}, key=float):
        before, after = (counts.get(label, 0) for counts in (live.counts, new.counts))
        if before == 0 or after == 0:
            yield f"the label {label} is in {after or 'no'} row{'' if after < 2 else 's'}, in {before or 'none'}"
        elif _sure(before / totals[0], after / totals[1], *totals):
            yield f"the label {label} is in {after / totals[1]:.0%} of the rows, in {before / totals[0]:.0%}"
