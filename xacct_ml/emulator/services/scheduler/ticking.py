"""The clock's way to the schedules: what has become due since the last look is invoked, in the order of its times.

A schedule with a rate and no start date is due at once, and then whenever the rate says; one with a cron expression
from the first look on (EventBridge Scheduler User Guide, schedule-types) [D]. Schedules that are due once (``at``)
are not invoked here."""

from datetime import datetime
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.runtime import Runtime
from xacct_ml.emulator.services.cloudwatch import moto_metrics
from xacct_ml.emulator.services.scheduler import moto_patches as scheduler
from xacct_ml.emulator.services.scheduler.invocation import invoke
from xacct_ml.tables.schedule_expressions import due


def begin(running: Runtime) -> None:
    """Look in the background, until the embedded AWS ends."""
    looked = Looks(running)

    def work() -> None:
        while True:
            running.pause(running.pace.schedule_poll)
            looked.look()

    running.spawn("scheduler", work)


class Looks:
    """One after the other, each by the clock as it is then."""

    def __init__(self, running: Runtime) -> None:
        self._running = running
        self._last: dict[tuple[str, str], datetime] = {}
        """By schedule and expression, up to when it was dealt with."""

    def look(self) -> None:
        now = self._running.clock()
        found: list[tuple[datetime, Any, Any]] = []
        known: dict[tuple[str, str], datetime] = {}
        for backend, schedule in scheduler.enabled():
            key = schedule.arn, schedule.schedule_expression
            times = self._times(schedule, self._last.get(key), now)
            by_rate = schedule.schedule_expression.startswith("rate(")
            known[key] = (times[-1] if times else self._last[key]) if by_rate else now
            found.extend((time, backend, schedule) for time in times)
        self._last = known
        for time, backend, schedule in sorted(found, key=lambda one: one[0]):
            group = backend.schedule_groups[schedule.group_name]
            done = invoke(schedule.arn, group.arn, schedule.target, time)
            backend.invocations.append(done)
            if done.error is not None:
                of = Arn.parse(schedule.arn)
                dimensions = {"ScheduleGroup": schedule.group_name}
                moto_metrics.occurred(of.account, of.region, "AWS/Scheduler", "InvocationDroppedCount", dimensions)
            self._running.notices(str(done))

    def _times(self, schedule: Any, last: datetime | None, now: datetime) -> list[datetime]:
        expression = schedule.schedule_expression
        if expression.startswith("at("):
            return []
        if last is None:
            return [now.replace(microsecond=0)] if expression.startswith("rate(") else []
        return list(due(expression, schedule.schedule_expression_timezone, last, now))
