"""A CloudWatch metric alarm."""

from dataclasses import dataclass, replace
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources.base import Driver
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.resources.tags import Tagging, tag_list, tag_map
from xacct_ml.system import thing as things
from xacct_ml.system.alarms import ALL_ALARMS

_MEMBERS = {
    "AlarmDescription": "description",
    "Namespace": "namespace",
    "MetricName": "metric",
    "Statistic": "statistic",
    "Period": "period",
    "EvaluationPeriods": "evaluation_periods",
    "Threshold": "threshold",
    "ComparisonOperator": "comparison",
    "TreatMissingData": "treat_missing_data",
}
"""PutMetricAlarm's, and the thing's."""


def all_alarms(place: Place) -> str:
    """Of the alarm's region."""
    return str(replace(Arn.parse(place.arn), resource=ALL_ALARMS))


@dataclass(frozen=True, kw_only=True)
class Alarm(Driver[things.Alarm]):
    kind = "CloudWatch alarm"
    tagging = Tagging("cloudwatch", "ResourceARN")
    rights = (
        Rights(
            "endpoint/Alarms", "cloudwatch: DeleteAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource"
        ),
        Rights("endpoint/FindAlarms", "cloudwatch: DescribeAlarms", (all_alarms,)),
    )

    def desired(self, outputs: Outputs) -> State:
        settings = {member: getattr(self.thing, own) for member, own in _MEMBERS.items()}
        told = {"AlarmActions": list(self.thing.actions)}
        return {**settings, **told, "Dimensions": dict(self.thing.dimensions), "tags": self.wanted_tags}

    def observe(self, outputs: Outputs) -> State | None:
        cloudwatch = self.client("cloudwatch")
        alarms = cloudwatch.describe_alarms(AlarmNames=[self.name], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        if not alarms:
            return None
        return {
            **{member: alarms[0].get(member) for member in _MEMBERS},
            "AlarmActions": alarms[0].get("AlarmActions", []),
            "Dimensions": tag_map(alarms[0].get("Dimensions", ()), "Name"),
            "tags": tag_map(cloudwatch.list_tags_for_resource(ResourceARN=self.arn)["Tags"]),
        }

    def make(self, outputs: Outputs) -> None:
        self._put(self.desired(outputs), Tags=tag_list(self.tags))

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        if any(observed[member] != desired[member] for member in desired if member != "tags"):
            self._put(desired)

    def remove(self, observed: State) -> None:
        self.client("cloudwatch").delete_alarms(AlarmNames=[self.name])

    def _put(self, desired: State, **more: Any) -> None:
        settings = {member: desired[member] for member in (*_MEMBERS, "AlarmActions")}
        self.client("cloudwatch").put_metric_alarm(
            AlarmName=self.name, Dimensions=tag_list(desired["Dimensions"], "Name"), **settings, **more
        )
