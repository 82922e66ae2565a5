"""Numbers and names as a person reads them."""

from collections.abc import Iterable, Sequence

from xacct_ml.evidence.record import FeatureChange as Feature
from xacct_ml.evidence.record import Importance, Interval
from xacct_ml.foreign import line

_LONGEST_NAME = 64


def number(value: float | None) -> str:
    """Three digits that matter, and no exponent where none is needed."""
    if value is None:
        return "not known"
    if value.is_integer() and abs(value) < 1e9:
        return f"{int(value):,}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"


def score(value: float) -> str:
    """A metric's value."""
    return f"{value:.3f}" if 0.0995 <= abs(value) < 1000 else number(float(f"{value:.3g}"))


def interval(found: Interval) -> str:
    """``0.861 (0.831 to 0.887)``."""
    if found.low is None or found.high is None:
        return score(found.value)
    return f"{score(found.value)} ({score(found.low)} to {score(found.high)})"


def signed(found: Interval) -> str:
    """``−0.032 (−0.050 to −0.014)``; with a plus where it is above 0."""
    if found.low is None or found.high is None:
        return _signed(found.value)
    return f"{_signed(found.value)} ({_signed(found.low)} to {_signed(found.high)})"


def _signed(value: float) -> str:
    shown = f"{value:+.3f}" if abs(value) >= 0.0005 or value == 0 else f"{value:+.2g}"
    return shown.replace("-", "−")


def percent(share: float) -> str:
    """``31 %`` or ``0.5 %``: with as many digits as it takes not to say 0 or 100 of what is not."""
    digits = 0 if share in {0.0, 1.0} or 0.1 <= share <= 0.99 else 1
    shown = f"{100 * share:.{digits}f}".removesuffix(".0")
    while float(shown) in {0.0, 100.0} and share not in {0.0, 1.0} and digits < 8:
        digits += 1
        shown = f"{100 * share:.{digits}f}"
    return f"{shown} %"


def duration(seconds: float) -> str:
    """In its two largest units: ``3 min 12 s``."""
    rest = max(0, int(seconds))
    place = next((place for place, (_, size) in enumerate(_UNITS) if rest >= size), len(_UNITS) - 1)
    parts: list[str] = []
    for name, size in _UNITS[place : place + 2]:
        count, rest = divmod(rest, size)
        parts += [f"{count} {name}"] if count or not parts else []
    return " ".join(parts)


_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def feature(found: Importance | Feature) -> str:
    """By its name, or its place among the features."""
    return short(found.name) if found.name is not None else f"feature {found.column}"


def short(text: str) -> str:
    """A name or value of a data set. Of a long one the middle goes: many begin alike, and end differently."""
    if len(text) > _LONGEST_NAME:
        head = _LONGEST_NAME // 2
        text = f"{text[:head]}…{text[head + 1 - _LONGEST_NAME :]}"
    return line(text, _LONGEST_NAME)


def listed(phrases: Sequence[str], most: int = 3) -> str:
    """The first few as they are, and how many more there are."""
    more = f" and {len(phrases) - most:,} more" if len(phrases) > most else ""
    return ", ".join(phrases[:most]) + more


def named(names: Iterable[str]) -> str:
    """The first few names."""
    return listed([short(name) for name in names])
