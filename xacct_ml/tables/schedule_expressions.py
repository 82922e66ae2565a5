"""EventBridge Scheduler's recurring schedules: what an expression may be, and at which times it is due.

EventBridge Scheduler User Guide, schedule-types [D]: ``rate(value unit)``, and ``cron`` of six fields (minutes, hours,
day of month, month, day of week, year), evaluated in a time zone. A time that the clocks skip in spring is skipped, one
that comes twice in autumn is due once."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1970, 2199
_RATE = re.compile(r"rate\(([0-9]{1,9}) +(minute|hour|day)s?\)", re.ASCII)
_CRON = re.compile(r"cron\((.+)\)", re.ASCII)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NAMES: Mapping[str, Mapping[str, int]] = {
    "month": {name: number for number, name in enumerate(_MONTHS, 1)},
    "day of week": {name: number for number, name in enumerate(_DAYS, 1)},
}
_FIELDS = {
    "minutes": (0, 59),
    "hours": (0, 23),
    "day of month": (1, 31),
    "month": (1, 12),
    "day of week": (1, 7),
    "year": (FIRST_YEAR, LAST_YEAR),
}
"""In the order of an expression, with the lowest and the highest value."""

_EXAMPLE = "such as cron(0 6 ? * MON *) or rate(7 days)"
_LONGEST_GAP = 40
"""Years in a row without a 29 February on a certain day of the week, at most: around 2100."""


@dataclass(frozen=True)
class Cron:
    """``month_days`` and ``week_days`` are as they stand, ``?`` where the other one decides; the others are values."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    month_days: str
    months: frozenset[int]
    week_days: str
    years: frozenset[int]

    def on(self, day: date) -> bool:
        """Whether it is due on a day of its months and years."""
        if self.month_days != "?":
            return any(_is_month_day(part, day) for part in self.month_days.split(","))
        return any(_is_week_day(part, day) for part in self.week_days.split(","))


def fault(expression: str) -> str | None:
    """Why the expression would be refused, without a subject; None where it would not be."""
    try:
        parsed(expression)
    except ValueError as error:
        return str(error)
    return None


def parsed(expression: str) -> Cron | timedelta:
    """Raises ValueError that says what is wrong."""
    if rate := _RATE.fullmatch(expression):
        if not int(rate[1]):
            raise ValueError(f"{expression!r} has no time between two runs")
        return timedelta(**{f"{rate[2]}s": int(rate[1])})
    if expression.startswith("at("):
        raise ValueError(f"{expression!r} is due once; a schedule comes back, {_EXAMPLE}")
    match = _CRON.fullmatch(expression)
    if match is None:
        raise ValueError(f"{expression!r} is neither a rate nor a cron expression, {_EXAMPLE}")
    given = match[1].split()
    if len(given) != len(_FIELDS):
        names = ", ".join(_FIELDS)
        raise ValueError(f"{expression!r} has {len(given)} fields; a cron expression of AWS's has six: {names}")
    minutes, hours, month_days, months, week_days, years = given
    if (month_days == "?") == (week_days == "?"):
        raise ValueError(f"{expression!r}: exactly one of day of month and day of week is ?, as AWS wants it")
    for name, text in (("day of month", month_days), ("day of week", week_days)):
        _check_days(name, text)
    return Cron(
        tuple(sorted(_values("minutes", minutes))),
        tuple(sorted(_values("hours", hours))),
        month_days.upper(),
        frozenset(_values("month", months)),
        week_days.upper(),
        frozenset(_values("year", years)),
    )


def zone(name: str) -> tzinfo:
    """Raises LookupError for one that the IANA time zone database does not have."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ValueError, OSError) as error:  # a path, or a folder of the database
        raise LookupError(name) from error


def due(expression: str, time_zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """The times in UTC, in order, later than ``after`` and no later than ``until``. Those of a rate are counted from
    ``after``. Raises ValueError, LookupError."""
    when = parsed(expression)
    if isinstance(when, timedelta):
        time = after + when
        while time <= until:
            yield time
            time += when
        return
    where = zone(time_zone)
    for day in _days(when, after.astimezone(where).date(), until.astimezone(where).date()):
        for time in _times(when, day, where):
            if after < time <= until:
                yield time


def comes_again(expression: str, after: datetime) -> bool:
    """Whether it is ever due after that time. Raises ValueError."""
    when = parsed(expression)
    if isinstance(when, timedelta):
        return True
    years = sorted(year for year in when.years if year >= after.year)[:_LONGEST_GAP]
    spans = (_days(when, max(after.date(), date(year, 1, 1)), date(year, 12, 31)) for year in years)
    return any(time > after for span in spans for day in span for time in _times(when, day, UTC))


def _days(when: Cron, first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        if day.year not in when.years:
            day = date(day.year + 1, 1, 1) if day.year < LAST_YEAR else last + timedelta(days=1)
            continue
        if day.month in when.months and when.on(day):
            yield day
        day += timedelta(days=1)


def _times(when: Cron, day: date, where: tzinfo) -> Iterator[datetime]:
    """Of one day, in UTC; without what the clocks skip."""
    for hour in when.hours:
        for minute in when.minutes:
            local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=where)
            time = local.astimezone(UTC)
            if time.astimezone(where).replace(tzinfo=None) == local.replace(tzinfo=None):
                yield time


# -- one field ---------------------------------------------------------------------------------------------------------
def _values(name: str, text: str) -> Iterator[int]:
    """``*``, values, ranges and steps, separated by commas."""
    low, high = _FIELDS[name]
    for part in text.split(","):
        span, slash, step = part.partition("/")
        every = _number(name, step, 1, high) if slash else 1
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _number(name, first, low, high)
            end = _number(name, last, low, high) if dash else (high if slash else start)
        if end < start:
            raise ValueError(f"{part!r} of {name} ends before it begins")
        yield from range(start, end + 1, every)


def _number(name: str, text: str, low: int, high: int) -> int:
    number = _NAMES.get(name, {}).get(text.upper())
    if number is None and text.isascii() and text.isdigit() and len(text) <= len(str(high)):
        number = int(text)
    if number is None or not low <= number <= high:
        raise ValueError(f"{text!r} is no value of {name}: {low} to {high}")
    return number


def _check_days(name: str, text: str) -> None:
    """The two that have forms of their own: ``L``, ``15W``, ``6#3``, ``6L``."""
    if text == "?":
        return
    for part in text.upper().split(","):
        if name == "day of month" and part in ("L", "LW"):
            continue
        number, hash_, nth = part.partition("#")
        if name == "day of week" and hash_:
            _number(name, number, *_FIELDS[name])
            _number("week of the month", nth, 1, 5)
        elif name == "day of week" and part.endswith("L"):
            if part != "L":
                _number(name, part[:-1], *_FIELDS[name])
        elif name == "day of month" and part.endswith("W"):
            _number(name, part[:-1], *_FIELDS[name])
        else:
            tuple(_values(name, part))


def _is_month_day(part: str, day: date) -> bool:
    last = monthrange(day.year, day.month)[1]
    if part == "L":
        return day.day == last
    if part == "LW":
        return day.day == _nearest_weekday(day, last)
    if part.endswith("W"):
        wanted = int(part[:-1])
        return wanted <= last and day.day == _nearest_weekday(day, wanted)
    return day.day in _values("day of month", part)


def _nearest_weekday(month: date, wanted: int) -> int:
    """The day of the month, Monday to Friday, that is nearest to a day, and in the same month."""
    last, day = monthrange(month.year, month.month)[1], month.replace(day=wanted)
    if day.weekday() == 5:
        return wanted - 1 if wanted > 1 else wanted + 2
    if day.weekday() == 6:
        return wanted + 1 if wanted < last else wanted - 2
    return wanted


def _is_week_day(part: str, day: date) -> bool:
    """Sunday is 1."""
    number = day.isoweekday() % 7 + 1
    named, hash_, nth = part.partition("#")
    if hash_:
        return number == _number("day of week", named, 1, 7) and (day.day - 1) // 7 + 1 == int(nth)
    if part == "L":
        return number == 7
    if part.endswith("L"):
        is_last = day.day + 7 > monthrange(day.year, day.month)[1]
        return is_last and number == _number("day of week", part[:-1], 1, 7)
    return number in _values("day of week", part)
