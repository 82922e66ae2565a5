"""A group of EventBridge Scheduler's schedules: what has the tags that its schedules cannot have."""

from dataclasses import dataclass
from typing import Any

from xacct_ml.aws.errors import absent_as_none
from xacct_ml.aws.retry import wait_until
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources.base import Driver
from xacct_ml.resources.rights import Rights
from xacct_ml.resources.tags import Tagging, tag_list, tag_map
from xacct_ml.system import thing as things

_GOING = Backoff(limit=300.0, first=0.5, longest=10.0)


@dataclass(frozen=True, kw_only=True)
class ScheduleGroup(Driver[things.ScheduleGroup]):
    kind = "schedule group"
    tagging = Tagging("scheduler", "ResourceArn")
    rights = (
        Rights(
            "schedule/Group",
            "scheduler: CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup ListTagsForResource TagResource "
            "UntagResource",
        ),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"tags": self.wanted_tags}

    def observe(self, outputs: Outputs) -> State | None:
        """One that is being deleted is gone."""
        found = self._look()
        if found is None or found.get("State") == "DELETING":
            return None
        return {"tags": tag_map(self.client("scheduler").list_tags_for_resource(ResourceArn=self.arn)["Tags"])}

    def make(self, outputs: Outputs) -> None:
        self.eventually(
            "scheduler", self.client("scheduler").create_schedule_group, Name=self.name, Tags=tag_list(self.tags)
        )

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        """It has nothing but tags."""

    def remove(self, observed: State) -> None:
        """Its schedules go with it; it goes when they have gone (EventBridge Scheduler User Guide,
        managing-schedule-group) [D]."""
        self.client("scheduler").delete_schedule_group(Name=self.name)
        wait_until(lambda: self._look() is None, f"schedule group {self.name} to go", self.clock, _GOING)

    def _look(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = absent_as_none(
            "ResourceNotFoundException", self.client("scheduler").get_schedule_group, Name=self.name
        )
        return found
