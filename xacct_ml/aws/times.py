"""The times in AWS's answers."""

from datetime import UTC, datetime

from botocore.utils import parse_timestamp


def in_utc(value: str | float) -> datetime:
    """Seconds since 1970, ISO 8601 or RFC 822, in UTC.

    botocore's own parser gives seconds, as the JSON services have them, in the time zone of the machine."""
    time: datetime = parse_timestamp(value)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
