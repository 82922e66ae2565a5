"""What a column of texts is: numbers, yes and no, dates or categories; guessed from some of its values, and judged when
all of them were counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xacct_ml.dataset.schema import CATEGORIES, Kind
from xacct_ml.dataset.values import DECIMAL_COMMA, MARKS, TIME_FORMATS, boolean, number

MOSTLY = 0.9
"""A column of which this share are numbers is one of numbers, and what is none is a fault."""
_IDENTIFIERS = 0.9
_FEW = 10
_MANY = 50
_ROWS_EACH = 5
_AMOUNT = re.compile(r"[$€£]?\s*[+-]?[0-9]{1,3}([,.' ]?[0-9]{3})*([.,][0-9]+)?\s*[%$€£]?")
_FIGURE = r"[+-]?[0-9]+([.,][0-9]+)?"
_LOOKS = {
    "numbers with separators of thousands, percent or currency": _AMOUNT,
    "numbers with units": re.compile(rf"{_FIGURE}\s*(°[CF]?|[A-Za-zµ]{{1,4}}(/[A-Za-z]{{1,4}})?[²³23]?)"),
    "numbers in brackets": re.compile(rf"\({_FIGURE}\)"),
    "numbers with another minus sign": re.compile(rf"\N{{MINUS SIGN}}{_FIGURE}"),
    "months": re.compile(r"(19|20)[0-9]{2}[-/](0[1-9]|1[0-2])|(0[1-9]|1[0-2])[-/](19|20)[0-9]{2}"),
    "times of day": re.compile(r"[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9])?(\s*[AaPp][Mm])?"),
}
"""What people write that a plain number could stand for."""
_LEADING_ZEROS = re.compile(r"0[0-9]+")


@dataclass(frozen=True, slots=True)
class Guess:
    """``ambiguous`` names the formats that a column of dates could equally be in; ``word`` is what is doubtful, as the
    rest of a sentence that begins with the column's name."""

    kind: Kind
    format: str = ""
    ambiguous: tuple[str, ...] = ()
    word: str = field(default="", compare=False)


def guess(texts: Sequence[str], separator: str, order: str = "") -> Guess:
    """Of the column that has these values among others, none missing. ``order``, ``day`` or ``month``, decides which of
    the two comes first."""
    values = [text for text in texts if text not in MARKS]
    if not values:
        return Guess("number" if not texts else "category")
    if _share(values, number):
        coded = next(filter(_LEADING_ZEROS.fullmatch, values), None)
        return Guess("number", word="" if coded is None else f"has leading zeros, as {coded!r}, which numbers lose")
    if separator != "," and _share(values, lambda text: number(text, DECIMAL_COMMA)):
        return Guess("number", DECIMAL_COMMA)
    if all(boolean(text) is not None for text in values):
        return Guess("boolean")
    return _time(values, order) or Guess("category", word=_looks(values))


def _looks(values: Sequence[str]) -> str:
    """A word about texts that are no categories, by their looks."""
    if not _share(values, lambda text: number(text) if look(text) is None else 1.0):
        return ""
    example = next(text for text in values if number(text) is None and look(text) is not None)
    return f"looks like {look(example)}, as {example!r}, and is taken for categories: write plain numbers"


def look(text: str) -> str | None:
    """What people call such values, where a plain number could stand for one; None for any other text."""
    return next((what for what, pattern in _LOOKS.items() if pattern.fullmatch(text)), None)


def _share(values: Sequence[str], read: Callable[[str], float | None]) -> float:
    """Of the values, those that ``read`` can read; 0 where that is less than :data:`MOSTLY`."""
    known, least = len(values), MOSTLY * len(values)
    for text in values:
        known -= read(text) is None
        if known < least:
            return 0.0
    return known / len(values)


def _time(values: Sequence[str], order: str) -> Guess | None:
    shares = {
        name: _share(values, form.days)
        for name, form in TIME_FORMATS.items()
        if not (order and form.order) or form.order == order
    }
    best = max(shares.values())
    if not best:
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
    if (what := look(example)) is not None:
        return f"{name} has {what}, as {example!r}: write plain numbers"
    if one_each:
        return f"nearly every row has a text of its own in {name}, as {example!r}: an identifier is not learnt from"
    return f"{name} has {distinct:,} different texts, as {example!r}; categories are up to {CATEGORIES:,}"
