"""CloudWatch. Source: Service Authorization Reference, "Amazon CloudWatch" [D]."""

from xacct_ml.emulator.core.authorization import TAGGING_OPERATIONS, tag_context, unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "cloudwatch"

_ON_ALARMS = {"DeleteAlarms", "DescribeAlarms", "DisableAlarmActions", "EnableAlarmActions"}
_ON_ALARM = {"PutMetricAlarm", "PutCompositeAlarm", "SetAlarmState", "DescribeAlarmHistory"}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    action = f"cloudwatch:{call.operation}"
    if call.operation in _ON_ALARMS:
        names = [str(name) for name in call.params.get("AlarmNames") or ()]
        if not names:
            return unknown(call)
        return tuple(
            AuthorizationRequest(action, call.arn("cloudwatch", f"alarm:{name}"), call.account) for name in names
        )
    if call.operation in _ON_ALARM:
        if "AlarmName" not in call.params:
            return unknown(call)
        arn = call.arn("cloudwatch", f"alarm:{call.params['AlarmName']}")
        tags = tag_context(call.params.get("Tags"))
        requests = [AuthorizationRequest(action, arn, call.account, tags)]
        if tags:
            requests.append(AuthorizationRequest("cloudwatch:TagResource", arn, call.account, tags))
        return tuple(requests)
    if call.operation in TAGGING_OPERATIONS:
        keys = tag_context(call.params.get("Tags"))
        return (AuthorizationRequest(action, str(call.params.get("ResourceARN", "*")), call.account, keys),)
    if call.operation == "PutMetricData":
        return (
            AuthorizationRequest(
                action, "*", call.account, {"cloudwatch:namespace": str(call.params.get("Namespace", ""))}
            ),
        )
    return unknown(call)
