"""The IAM requests of EventBridge Scheduler's calls (Service Authorization Reference, "Amazon EventBridge Scheduler"
[D]); that a schedule's role is passed: EventBridge Scheduler User Guide, security_iam_id-based-policies [D]."""

from xacct_ml.emulator.core.authorization import TAGGING_OPERATIONS, pass_role, tag_context, unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "scheduler"

_PASSED_TO = "scheduler.amazonaws.com"
_ON_SCHEDULE = {"CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule"}
_ON_GROUP = {"CreateScheduleGroup", "DeleteScheduleGroup", "GetScheduleGroup"}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """That a group made with tags needs ``scheduler:TagResource`` too is assumed, as for EventBridge's rules [U]."""
    params, action = call.params, f"scheduler:{call.operation}"
    if call.operation in _ON_SCHEDULE:
        arn = call.arn("scheduler", f"schedule/{params.get('GroupName') or 'default'}/{params.get('Name')}")
        own = AuthorizationRequest(action, arn, call.account)
        role = (params.get("Target") or {}).get("RoleArn")
        return (own, pass_role(call, role, _PASSED_TO)) if role else (own,)
    if call.operation in _ON_GROUP:
        arn, tags = call.arn("scheduler", f"schedule-group/{params.get('Name')}"), tag_context(params.get("Tags"))
        own = AuthorizationRequest(action, arn, call.account, tags)
        tagged = AuthorizationRequest("scheduler:TagResource", arn, call.account, tags)
        return (own, tagged) if tags else (own,)
    if call.operation in TAGGING_OPERATIONS:
        given = tag_context(params.get("Tags") or params.get("TagKeys"))
        return (AuthorizationRequest(action, str(params.get("ResourceArn", "*")), call.account, given),)
    return unknown(call)
