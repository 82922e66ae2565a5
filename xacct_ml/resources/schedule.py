"""A schedule of EventBridge Scheduler, with its one target."""

from dataclasses import dataclass
from typing import Any

from xacct_ml.aws.errors import absent_as_none
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources.base import Driver
from xacct_ml.resources.rights import Rights, pass_role
from xacct_ml.resources.sameness import without_empty
from xacct_ml.system import thing as things

_MEMBERS = {"description": "Description", "expression": "ScheduleExpression", "timezone": "ScheduleExpressionTimezone"}
"""The thing's members, and what Scheduler calls them."""
_AT_THE_TIME = {"Mode": "OFF"}
"""FlexibleTimeWindow: not some time later."""


@dataclass(frozen=True, kw_only=True)
class Schedule(Driver[things.Schedule]):
    """Its group, the parent, says whose it is."""

    kind = "schedule"
    has_tags = False
    rights = (
        Rights("schedule/Schedule", "scheduler: CreateSchedule DeleteSchedule GetSchedule UpdateSchedule"),
        pass_role("schedule/PassScheduler", "scheduler.amazonaws.com", lambda schedule: schedule.target["RoleArn"]),
    )

    def desired(self, outputs: Outputs) -> State:
        return {
            **{member: getattr(self.thing, member) for member in _MEMBERS},
            "target": dict(self.thing.target),
            "window": _AT_THE_TIME,
            "state": "ENABLED",
            "dates": {},
        }

    def observe(self, outputs: Outputs) -> State | None:
        found = absent_as_none(
            "ResourceNotFoundException",
            self.client("scheduler").get_schedule,
            GroupName=self.thing.group,
            Name=self.name,
        )
        if found is None:
            return None
        return {
            **{member: found.get(name) for member, name in _MEMBERS.items()},
            "target": without_empty(found["Target"]),
            "window": without_empty(found["FlexibleTimeWindow"]),
            "state": found["State"],
            "dates": {name: str(found[name]) for name in ("StartDate", "EndDate") if found.get(name) is not None},
        }

    def make(self, outputs: Outputs) -> None:
        self.eventually("scheduler", self.client("scheduler").create_schedule, **self._settings())

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        """UpdateSchedule takes everything anew: what is not given is gone (EventBridge Scheduler API reference) [B]."""
        if observed != desired:
            self.eventually("scheduler", self.client("scheduler").update_schedule, **self._settings())

    def remove(self, observed: State) -> None:
        self.client("scheduler").delete_schedule(GroupName=self.thing.group, Name=self.name)

    def _settings(self) -> dict[str, Any]:
        return {
            "GroupName": self.thing.group,
            "Name": self.name,
            **{name: getattr(self.thing, member) for member, name in _MEMBERS.items()},
            "Target": dict(self.thing.target),
            "FlexibleTimeWindow": _AT_THE_TIME,
            "State": "ENABLED",
        }
