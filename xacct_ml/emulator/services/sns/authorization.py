"""The IAM requests of SNS's calls (Service Authorization Reference, "Amazon SNS" [D])."""

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.authorization import TAGGING_OPERATIONS, tag_context, unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "sns"

_OF_SUBSCRIPTION = {"Unsubscribe", "GetSubscriptionAttributes", "SetSubscriptionAttributes"}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """On the topic. That one made with tags needs ``sns:TagResource`` too is assumed, as for other services [U]; the
    key of an encrypted topic is asked for where somebody publishes (:mod:`.moto_patches`)."""
    params, action = call.params, f"sns:{call.operation}"
    if call.operation == "CreateTopic":
        arn, tags = call.arn("sns", str(params.get("Name"))), tag_context(params.get("Tags"))
        own = AuthorizationRequest(action, arn, call.account, tags)
        return (own, AuthorizationRequest("sns:TagResource", arn, call.account, tags)) if tags else (own,)
    if call.operation in TAGGING_OPERATIONS:
        given = tag_context(params.get("Tags") or params.get("TagKeys"))
        return (AuthorizationRequest(action, str(params.get("ResourceArn", "*")), call.account, given),)
    if call.operation in _OF_SUBSCRIPTION:
        topic = str(params.get("SubscriptionArn", "")).rpartition(":")[0]
        return _on(call, action, topic)
    context = {}
    if call.operation == "Subscribe":
        context = {"sns:Protocol": str(params.get("Protocol", "")), "sns:Endpoint": str(params.get("Endpoint", ""))}
    return _on(call, action, str(params.get("TopicArn") or params.get("TargetArn") or ""), context)


def _on(
    call: ApiCall, action: str, topic: str, context: dict[str, str] | None = None
) -> tuple[AuthorizationRequest, ...]:
    try:
        owner = Arn.parse(topic).account
    except ValueError:
        return unknown(call)
    return (AuthorizationRequest(action, topic, owner or call.account, dict(context or {})),)
