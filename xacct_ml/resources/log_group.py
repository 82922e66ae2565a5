"""A CloudWatch log group with a retention."""

from dataclasses import dataclass
from typing import Any

from xacct_ml.aws.pages import listed
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources.base import Driver, differs
from xacct_ml.resources.rights import Rights, anything, itself, within
from xacct_ml.resources.tags import Tagging, tag_map
from xacct_ml.system import thing as things


@dataclass(frozen=True, kw_only=True)
class LogGroup(Driver[things.LogGroup]):
    """``arn`` is the group's without the ``:*`` that some calls add; ``retention_days`` one that CloudWatch knows."""

    kind = "log group"
    tagging = Tagging("logs", "resourceArn", "tags", "tagKeys", form=dict)
    rights = (
        Rights("function/FindLogGroups", "logs: DescribeLogGroups", on=(anything,)),
        Rights(
            "function/LogGroups",
            "logs: CreateLogGroup DeleteLogGroup ListTagsForResource PutRetentionPolicy TagResource UntagResource",
            on=(itself, within(":*")),
        ),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"retention_days": self.thing.retention_days, "tags": self.wanted_tags}

    def observe(self, outputs: Outputs) -> State | None:
        logs = self.client("logs")
        group = self._find(logs)
        if group is None:
            return None
        tags = logs.list_tags_for_resource(resourceArn=self.arn)["tags"]
        return {"retention_days": group.get("retentionInDays"), "tags": tag_map(tags)}

    def make(self, outputs: Outputs) -> None:
        logs = self.client("logs")
        logs.create_log_group(logGroupName=self.name, tags=dict(self.tags))
        logs.put_retention_policy(logGroupName=self.name, retentionInDays=self.thing.retention_days)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        if differs(observed, desired, "retention_days"):
            self.client("logs").put_retention_policy(logGroupName=self.name, retentionInDays=self.thing.retention_days)

    def remove(self, observed: State) -> None:
        self.client("logs").delete_log_group(logGroupName=self.name)

    def _find(self, logs: Any) -> dict[str, Any] | None:
        """DescribeLogGroups only knows prefixes."""
        groups = listed(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=self.name)
        return next((group for group in groups if group["logGroupName"] == self.name), None)
