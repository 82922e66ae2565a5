"""Schedules that AWS would refuse, or that never come."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.config.maps import MINIMAL, refusal
from tests.configs import example
from xacct_ml.validation.schedule_limits import problems

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def faults(expression: str, timezone: str = "UTC") -> list[str]:
    config = example(schedule={"expression": expression, "timezone": timezone})
    return [problem.reason for problem in problems(config, NOW)]


def test_what_is_accepted() -> None:
    assert faults("cron(0 6 ? * MON *)", "Europe/Berlin") == faults("rate(7 days)") == []
    assert list(problems(example(), NOW)) == []


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("cron(0 6 ? * MON 2025)", "is never due again"),
        ("cron(0 6 31 4 ? *)", "is never due again"),
        ("0 6 * * MON", "neither a rate nor a cron expression"),
        (f"cron({'0,' * 200}0 6 ? * MON *)", "allowed: up to 256"),
    ],
)
def test_what_is_refused(expression: str, why: str) -> None:
    (reason,) = faults(expression)
    assert why in reason


def test_a_time_zone_that_is_none() -> None:
    (reason,) = faults("rate(1 day)", "Berlin")
    assert reason == "schedule.timezone: 'Berlin' is no time zone of the IANA database, such as Europe/Berlin or UTC"


def test_the_place_in_the_map_is_told(tmp_path: Path) -> None:
    text = f"{MINIMAL}schedule:\n  expression: cron(0 6 * * *)\n"
    error = refusal(tmp_path, text)
    assert error.line == len(text.splitlines())
    assert "has 5 fields" in error.message
