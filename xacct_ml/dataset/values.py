"""Texts as people write values, and the numbers that stand for them: plain numbers, yes and no, dates.

Used twice: by ``prepare`` on samples of a table, and by ``predict`` on what somebody asks. What DuckDB makes of the
same texts is compared in tests/operations/prepare/test_encoding.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from math import isfinite

from xacct_ml.dataset.fields import LARGEST

_MISSING_TEXTS = (
    *("NA", "N/A", "#N/A", "<NA>", "NaN", "-NaN", "#NA", "null", "none", "NaT"),
    *("#N/A N/A", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
"""Those that pandas' read_csv takes for a missing value (its ``na_values``) [B]."""
MISSING_TEXTS = tuple(
    sorted({form for text in _MISSING_TEXTS for form in (text, text.lower(), text.upper(), text.title())})
)
"""These as people write them."""
MARKS = ("?", "-", "--", ".")
"""What stands for a missing value in a column of numbers or dates, and may be a category elsewhere."""
TRUE = ("true", "t", "yes", "y")
FALSE = ("false", "f", "no", "n")
NUMBER_PATTERN = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
COMMA_PATTERN = r"[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?"
"""With a comma for the decimal point."""
DECIMAL_COMMA = "decimal comma"
ISO = "ISO 8601"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000

_MISSING = frozenset(MISSING_TEXTS)
_NUMBER = re.compile(NUMBER_PATTERN)
_COMMA = re.compile(COMMA_PATTERN)


def is_missing(text: str) -> bool:
    """Whether a stripped text says that there is no value."""
    return not text or text in _MISSING


def number(text: str, form: str = "") -> float | None:
    """The number that a text is, ``form`` being empty or :data:`DECIMAL_COMMA`; None for other text, and for what
    XGBoost cannot keep."""
    pattern, plain = (_COMMA, text.replace(",", ".")) if form else (_NUMBER, text)
    if not pattern.fullmatch(text):
        return None
    value = float(plain)
    return value if isfinite(value) and abs(value) <= LARGEST else None


def boolean(text: str) -> float | None:
    """1 for yes, 0 for no, in English words or their first letters; None for other text."""
    plain = text.lower()
    return 1.0 if plain in TRUE else 0.0 if plain in FALSE else None


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a column writes its dates. ``name`` is :data:`ISO`, or what strptime takes; ``order`` is ``day`` or ``month``
    where the two could be taken for each other."""

    name: str
    pattern: str
    order: str = ""

    def days(self, text: str) -> float | None:
        """Days since 1970-01-01, UTC, with the time of day as a fraction; None for what is no such date."""
        if not re.fullmatch(self.pattern, text):
            return None
        try:
            if self.name == ISO:
                moment = datetime.fromisoformat(text.replace(" UTC", "Z").replace(" GMT", "Z"))
            else:
                moment = datetime.strptime(text, self.name)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return ((moment - _EPOCH) // timedelta(microseconds=1)) / _DAY
        except (ValueError, OverflowError):
            return None


_HOURS, _MINUTES = "([01][0-9]|2[0-3])", "[0-5][0-9]"
_OFFSET = f"(Z| UTC| GMT|[+-]{_HOURS}:?{_MINUTES})?"
_ISO_PATTERN = (
    rf"[1-9][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_HOURS}:{_MINUTES}(:{_MINUTES}(\.[0-9]{{1,9}})?)?{_OFFSET})?"
)
_PARTS = {"%Y": "[1-9][0-9]{3}", "%y": "[0-9]{2}", "%m": "[0-9]{1,2}", "%d": "[0-9]{1,2}", "%b": "[A-Za-z]{3}"}
_PARTS |= {"%B": "[A-Za-z]{3,9}", "%H": "([01]?[0-9]|2[0-3])", "%I": "(0?[1-9]|1[0-2])", "%p": "[AaPp][Mm]"}
_PARTS |= {"%M": _MINUTES, "%S": _MINUTES}
_DATES = {"%Y/%m/%d": "", "%d.%m.%Y": "", "%d.%m.%y": "", "%d-%b-%Y": "", "%d %b %Y": "", "%b %d %Y": ""}
_DATES |= dict.fromkeys(("%d-%b-%y", "%d-%B-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"), "")
_DATES |= {f"%d{mark}%m{mark}{year}": "day" for mark, year in product("/-", ("%Y", "%y"))}
_DATES |= {f"%m{mark}%d{mark}{year}": "month" for mark, year in product("/-", ("%Y", "%y"))}
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


def _format(date: str, time: str) -> TimeFormat:
    name = date + time
    pattern = re.sub("%[A-Za-z]", lambda part: _PARTS[part[0]], name.replace(".", r"\."))
    return TimeFormat(name, pattern, _DATES[date])


TIME_FORMATS = {ISO: TimeFormat(ISO, _ISO_PATTERN)} | {
    found.name: found for found in (_format(date, time) for date, time in product(_DATES, _TIMES))
}
"""The formats of dates that are recognised, by name."""


def when(days: float) -> str:
    """A moment as a person reads it: the date, and the time where it is not midnight."""
    moment = _EPOCH + timedelta(microseconds=round(days * _DAY))
    return f"{moment:%Y-%m-%d}" if moment.time() == _EPOCH.time() else f"{moment:%Y-%m-%d %H:%M:%S}"
