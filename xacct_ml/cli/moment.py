"""A moment as it is given with an option: an age, or a time."""

import re
from datetime import UTC, datetime, timedelta

from xacct_ml.errors import InputError

_AGO = re.compile(r"(\d{1,6})(s|m|h|d)")
_OLDEST = 100_000
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(option: str, text: str, now: datetime) -> datetime:
    """In UTC: ``10m`` is ten minutes before ``now``; a time without a zone is UTC.

    Raises :class:`InputError`, naming the option, for what is neither an age nor a time."""
    if found := _AGO.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[found[2]]: min(int(found[1]), _OLDEST)})
    try:
        time = datetime.fromisoformat(text.strip())
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"{option} {text} is neither an age nor a time",
            next_step=f"for example {option} 10m or 2026-03-01T12:00:00Z",
        ) from None
