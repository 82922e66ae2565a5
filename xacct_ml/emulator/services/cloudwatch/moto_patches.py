"""CloudWatch, repaired: the first state of an alarm, the tags of a deleted one, and what it refuses of metrics.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/cloudwatch.yaml [C])."""

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend

from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: InvalidParameterCombination"""
    del asked
    for position, given in enumerate(call.params.get("MetricData") or (), 1):
        for other in ("Values", "StatisticValues"):
            if "Value" in given and other in given:
                member = f"MetricData.member.{position}"
                message = (
                    f"The parameters {member}.Value and {member}.{other} are mutually exclusive and you have specified "
                    "both."
                )
                raise ServiceError("InvalidParameterCombination", message, 400)


def _not_yet_known(make: Callable[..., None]) -> Callable[..., None]:
    """An alarm has no data at first (CloudWatch user guide, "Metric alarm states" [D])."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self.state_value = "INSUFFICIENT_DATA"

    return init


def _with_its_tags(delete: Callable[..., None]) -> Callable[..., None]:
    """An alarm of the same name that is made later has none of them; moto keeps them."""

    def delete_alarms(self: Any, alarm_names: list[str]) -> None:
        there = [self.alarms[name].alarm_arn for name in alarm_names if name in self.alarms]
        delete(self, alarm_names)
        for arn in there:
            self.tagger.delete_all_tags_for_resource(arn)

    return delete_alarms


def install() -> None:
    dispatch.checks["cloudwatch"] = check
    Alarm.state_transitioned_timestamp = property(lambda self: self.state_updated_timestamp)
    Alarm.__init__ = _not_yet_known(Alarm.__init__)
    CloudWatchBackend.delete_alarms = _with_its_tags(CloudWatchBackend.delete_alarms)
