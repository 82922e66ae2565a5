"""What a map may say of its schedule: an expression that EventBridge Scheduler takes, and that is due again."""

from collections.abc import Iterator
from datetime import UTC, datetime

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Problem, at
from xacct_ml.tables.schedule_expressions import comes_again, fault, zone

_LONGEST_EXPRESSION, _LONGEST_ZONE = 256, 50
"""CreateSchedule's ScheduleExpression and ScheduleExpressionTimezone [B]."""


def problems(config: Config, now: datetime | None = None) -> Iterator[Problem]:
    """Nothing to say of a map without a schedule. ``now`` is the clock's where it is not given."""
    if config.schedule is not None:
        expression, time_zone = config.schedule.expression, config.schedule.timezone
        yield from at(("schedule", "expression"), _expression_fault(expression, now or datetime.now(UTC)))
        yield from at(("schedule", "timezone"), _zone_fault(time_zone))


def _expression_fault(expression: str, now: datetime) -> str | None:
    if len(expression) > _LONGEST_EXPRESSION:
        return f"has {len(expression)} characters; allowed: up to {_LONGEST_EXPRESSION}"
    if (wrong := fault(expression)) is not None:
        return wrong
    if not comes_again(expression, now):
        return f"{expression!r} is never due again: no such day comes in its years and months"
    return None


def _zone_fault(name: str) -> str | None:
    try:
        zone(name)
    except LookupError:
        return f"{name!r} is no time zone of the IANA database, such as Europe/Berlin or UTC"
    return f"has {len(name)} characters; allowed: up to {_LONGEST_ZONE}" if len(name) > _LONGEST_ZONE else None
