"""CloudWatch Logs. Sources: Service Authorization Reference, "Amazon CloudWatch Logs"; Logs user guide, resource ARNs
[D].

Group-level actions but tagging are decided on the group's ARN followed by ``:log-stream:``, as the messages of denials
show [C]: a policy must end the group's ARN in ``:*`` ("use the second version, with the trailing :*, … for all other
API actions")."""

from xacct_ml.access.model import ContextValue
from xacct_ml.emulator.core.authorization import TAGGING_OPERATIONS, tag_context, unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "logs"

_ON_STREAM = {"CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents"}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    action = f"logs:{call.operation}"
    if call.operation in TAGGING_OPERATIONS:
        arn = str(call.params.get("resourceArn", "*")).removesuffix(":*")
        return (AuthorizationRequest(action, arn, call.account, tag_context(call.params.get("tags"))),)
    if call.operation == "DescribeLogGroups":  # takes no resource, though it may name a prefix
        return unknown(call)
    identifier = call.params.get("logGroupName") or call.params.get("logGroupIdentifier")
    if identifier is None:
        return unknown(call)
    name = str(identifier).split(":log-group:")[-1].removesuffix(":*")
    if call.operation in _ON_STREAM:
        stream = str(call.params.get("logStreamName", ""))
        return (AuthorizationRequest(action, _group(call, name) + stream, call.account),)
    tags: dict[str, ContextValue] = dict(tag_context(call.params.get("tags")))
    requests = [AuthorizationRequest(action, _group(call, name), call.account, tags)]
    if call.operation == "CreateLogGroup" and tags:
        requests.append(
            AuthorizationRequest("logs:TagResource", call.arn("logs", f"log-group:{name}"), call.account, tags)
        )
    return tuple(requests)


def _group(call: ApiCall, name: str) -> str:
    return call.arn("logs", f"log-group:{name}:log-stream:")
