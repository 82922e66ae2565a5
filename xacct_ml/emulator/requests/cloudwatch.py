"""CloudWatch. Source: Service Authorization Reference, "Amazon CloudWatch" [D]."""

from __future__ import annotations

from xacct_ml.emulator.calls import ApiCall, Asked
from xacct_ml.emulator.requests import tag_context, unknown

SERVICE = "cloudwatch"

_ON_ALARMS = {"DeleteAlarms", "DescribeAlarms", "DisableAlarmActions", "EnableAlarmActions"}
_ON_ALARM = {"PutMetricAlarm", "PutCompositeAlarm", "SetAlarmState", "DescribeAlarmHistory"}
_TAGGING = {"TagResource", "UntagResource", "ListTagsForResource"}


def asked(call: ApiCall) -> tuple[Asked, ...]:
    action = f"cloudwatch:{call.operation}"
    if call.operation in _ON_ALARMS:
        names = [str(name) for name in call.params.get("AlarmNames") or ()]
        if not names:
            return unknown(call)
        return tuple(Asked(action, call.arn("cloudwatch", f"alarm:{name}"), call.account) for name in names)
    if call.operation in _ON_ALARM:
        if "AlarmName" not in call.params:
            return unknown(call)
        arn = call.arn("cloudwatch", f"alarm:{call.params['AlarmName']}")
        tags = tag_context(call.params.get("Tags"))
        requests = [Asked(action, arn, call.account, tags)]
        if tags:
            requests.append(Asked("cloudwatch:TagResource", arn, call.account, tags))
        return tuple(requests)
    if call.operation in _TAGGING:
        keys = tag_context(call.params.get("Tags"))
        return (Asked(action, str(call.params.get("ResourceARN", "*")), call.account, keys),)
    if call.operation == "PutMetricData":
        return (Asked(action, "*", call.account, {"cloudwatch:namespace": str(call.params.get("Namespace", ""))}),)
    return unknown(call)
