"""What a column of texts is: numbers, yes and no, dates or categories; guessed from some of its values, and judged when
all of them were counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xacct_ml.dataset.schema import CATEGORIES, Kind
from xacct_ml.dataset.values import DECIMAL_COMMA, MARKS, TIME_FORMATS, boolean, number

MOSTLY = 0.9
"""A column of which this share are numbers is one of numbers, and what is none is a fault."""
_IDENTIFIERS = 0.9
_FEW = 10
_MANY = 50
_ROWS_EACH = 5
_AMOUNT = re.compile(r"[$€£]?\s*[+-]?[0-9]{1,3}([,.' ]?[0-9]{3})*([.,][0-9]+)?\s*[%$€£]?")


@dataclass(frozen=True, slots=True)
class Guess:
    """``ambiguous`` names the formats that a column of dates could equally be in."""

    kind: Kind
    format: str = ""
    ambiguous: tuple[str, ...] = ()


def guess(texts: Sequence[str], separator: str, order: str = "") -> Guess:
    """Of the column that has these values among others, none missing. ``order``, ``day`` or ``month``, decides which of
    the two comes first."""
    values = [text for text in texts if text not in MARKS]
    if not values:
        return Guess("number" if not texts else "category")
    if _share(values, number) >= MOSTLY:
        return Guess("number")
    if separator != "," and _share(values, lambda text: number(text, DECIMAL_COMMA)) >= MOSTLY:
        return Guess("number", DECIMAL_COMMA)
    if all(boolean(text) is not None for text in values):
        return Guess("boolean")
    return _time(values, order) or Guess("category")


def _share(values: Sequence[str], read: Callable[[str], float | None]) -> float:
    """Of the values that ``read`` can read."""
    return sum(read(text) is not None for text in values) / len(values)


def _time(values: Sequence[str], order: str) -> Guess | None:
    shares = {
        name: _share(values, form.days)
        for name, form in TIME_FORMATS.items()
        if not (order and form.order) or form.order == order
    }
    best = max(shares.values())
    if best < MOSTLY:
        return None
    equal = tuple(name for name, share in shares.items() if share == best)
    return Guess("time", equal[0], equal if len({TIME_FORMATS[name].order for name in equal}) > 1 else ())


def advice(value: str, name: str) -> str:
    """What to do about a value that is none of its column's kind."""
    if _AMOUNT.fullmatch(value):
        return "write plain numbers, without separators of thousands, percent or currency"
    return f"leave it empty, or --category {name}"


def doubt(name: str, rows: int, distinct: int) -> str | None:
    """What is doubtful of a column of ``distinct`` categories in ``rows`` rows."""
    if distinct <= _MANY or distinct * _ROWS_EACH <= rows:
        return None
    return f"{name} has {distinct:,} categories in {rows:,} rows: nearly identifiers, which are not learnt from"


def refusal(name: str, rows: int, distinct: int, example: str) -> str | None:
    """Why a column of ``distinct`` texts in ``rows`` rows cannot be one of categories; None where it can."""
    one_each = rows >= _FEW and distinct >= _IDENTIFIERS * rows
    if distinct <= CATEGORIES and not one_each:
        return None
    if _AMOUNT.fullmatch(example):
        return (
            f"{name} has numbers with separators of thousands, percent or currency, as {example!r}: write plain numbers"
        )
    if one_each:
        return f"nearly every row has a text of its own in {name}, as {example!r}: an identifier is not learnt from"
    return f"{name} has {distinct:,} different texts, as {example!r}; categories are up to {CATEGORIES:,}"
