"""SNS: topics, as moto has them. Source: Service Authorization Reference, "Amazon SNS" [D]."""

from __future__ import annotations

from xacct_ml.emulator.core.authorization import TAGGING_OPERATIONS, tag_context, unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "sns"

_ON_TOPIC = {"DeleteTopic", "GetTopicAttributes", "ListSubscriptionsByTopic", "Publish", "SetTopicAttributes"}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    action = f"sns:{call.operation}"
    if call.operation == "CreateTopic":
        arn = call.arn("sns", str(call.params.get("Name", "*")))
        tags = tag_context(call.params.get("Tags"))
        tagging = [AuthorizationRequest("sns:TagResource", arn, call.account, tags)] if tags else []
        return (AuthorizationRequest(action, arn, call.account, tags), *tagging)
    if call.operation in TAGGING_OPERATIONS:
        arn = str(call.params.get("ResourceArn", "*"))
        return (AuthorizationRequest(action, arn, call.account, tag_context(call.params.get("Tags"))),)
    if call.operation in _ON_TOPIC and "TopicArn" in call.params:
        return (AuthorizationRequest(action, str(call.params["TopicArn"]), call.account),)
    return unknown(call)
