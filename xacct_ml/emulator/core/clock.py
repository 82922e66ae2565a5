"""Points in time as AWS writes them."""

from datetime import UTC, datetime


def iso(seconds: float) -> str:
    """Seconds since 1970 as UTC in ISO 8601, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc() -> datetime:
    return datetime.now(UTC)
