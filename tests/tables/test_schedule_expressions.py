"""Schedules: what an expression may be, and when it is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from xacct_ml.tables.schedule_expressions import comes_again, due, fault, zone

SUNDAY = datetime(2026, 11, 29, 12, tzinfo=UTC)


def times(expression: str, days: int, zone: str = "UTC", after: datetime = SUNDAY) -> list[str]:
    return [f"{time:%m-%d %H:%M}" for time in due(expression, zone, after, after + timedelta(days=days))]


@pytest.mark.parametrize(
    ("expression", "days", "expected"),
    [
        ("cron(0 6 ? * MON *)", 14, ["11-30 06:00", "12-07 06:00"]),
        ("cron(0 6 ? * 2 *)", 7, ["11-30 06:00"]),
        ("cron(15,45 6-7 ? * SUN *)", 7, ["12-06 06:15", "12-06 06:45", "12-06 07:15", "12-06 07:45"]),
        ("cron(0/30 8 ? * mon-tue *)", 3, ["11-30 08:00", "11-30 08:30", "12-01 08:00", "12-01 08:30"]),
        ("cron(0 0 L * ? *)", 40, ["11-30 00:00", "12-31 00:00"]),
        ("cron(0 0 LW * ? *)", 100, ["11-30 00:00", "12-31 00:00", "01-29 00:00", "02-26 00:00"]),
        ("cron(0 5 1W 5,8 ? 2027)", 300, ["05-03 05:00", "08-02 05:00"]),
        ("cron(0 5 31W 1 ? 2027)", 100, ["01-29 05:00"]),
        ("cron(0 5 ? * 6#3 *)", 30, ["12-18 05:00"]),
        ("cron(0 5 ? * 6L *)", 30, ["12-25 05:00"]),
        ("cron(0 5 ? * L *)", 7, ["12-05 05:00"]),
        ("cron(0 0 1 1 ? 2027-2028)", 800, ["01-01 00:00", "01-01 00:00"]),
        ("rate(2 days)", 5, ["12-01 12:00", "12-03 12:00"]),
        ("rate(12 hours)", 1, ["11-30 00:00", "11-30 12:00"]),
    ],
)
def test_times(expression: str, days: int, expected: list[str]) -> None:
    assert times(expression, days) == expected


def test_a_time_that_the_clocks_skip_is_skipped_and_one_that_comes_twice_is_due_once() -> None:
    spring, autumn = datetime(2027, 3, 26, 12, tzinfo=UTC), datetime(2027, 10, 29, 12, tzinfo=UTC)
    daily = "cron(30 2 * * ? *)"
    assert times(daily, 3, "Europe/Berlin", spring) == ["03-27 01:30", "03-29 00:30"]
    assert times(daily, 3, "Europe/Berlin", autumn) == ["10-30 00:30", "10-31 00:30", "11-01 01:30"]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("daily", "neither a rate nor a cron expression"),
        ("at(2026-12-01T00:00:00)", "is due once"),
        ("cron(0 6 * *)", "has 4 fields"),
        ("cron(0 6 * * * *)", "exactly one of day of month and day of week is ?"),
        ("cron(0 6 ? * ? *)", "exactly one of day of month and day of week is ?"),
        ("cron(60 6 ? * MON *)", "'60' is no value of minutes: 0 to 59"),
        ("cron(0 24 ? * MON *)", "'24' is no value of hours: 0 to 23"),
        ("cron(0 6 0 * ? *)", "'0' is no value of day of month"),
        ("cron(0 6 32W * ? *)", "'32' is no value of day of month"),
        ("cron(0 6 1 13 ? *)", "'13' is no value of month"),
        ("cron(0 6 ? * MOON *)", "'MOON' is no value of day of week"),
        ("cron(0 6 ? * 6#6 *)", "'6' is no value of week of the month"),
        ("cron(0 6 1 1 ? 1969)", "'1969' is no value of year"),
        ("cron(5-3 6 ? * 1 *)", "ends before it begins"),
        ("cron(0/0 6 ? * 1 *)", "'0' is no value of minutes"),
        ("cron(²  6 ? * 1 *)", "'²' is no value of minutes"),
        ("rate(0 days)", "no time between two runs"),
        ("rate(1 week)", "neither a rate nor a cron expression"),
        ("cron(0 6 ? * 1 *)\nx", "neither a rate nor a cron expression"),
    ],
)
def test_what_is_no_expression_says_why(expression: str, why: str) -> None:
    assert why in (fault(expression) or "")


@pytest.mark.parametrize(
    ("expression", "again"),
    [
        ("cron(0 0 30 2 ? *)", False),
        ("cron(0 0 29 2 ? 2027)", False),
        ("cron(0 0 29 FEB ? *)", True),
        ("cron(0 0 ? 2 1#5 *)", True),
        ("cron(0 0 1 1 ? 2025)", False),
        ("cron(0 0 1 1 ? 2020-2027)", True),
        ("cron(0 12 29 11 ? 2026)", False),
        ("cron(1 12 29 11 ? 2026)", True),
        ("rate(1 minute)", True),
    ],
)
def test_whether_it_is_ever_due_again(expression: str, again: bool) -> None:
    assert comes_again(expression, SUNDAY) is again


@pytest.mark.parametrize("name", ["Europe/Berlyn", "../etc/passwd", "", "Europe"])
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(LookupError):
        zone(name)
