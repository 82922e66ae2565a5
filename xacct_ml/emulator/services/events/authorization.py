"""IAM requests of EventBridge calls (Service Authorization Reference, "Amazon EventBridge" [D])."""

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.emulator.core.authorization import pass_role, tag_context
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "events"

_PASSED_TO = "events.amazonaws.com"
_BUS_CALLS = ("CreateEventBus", "DeleteEventBus", "DescribeEventBus", "UpdateEventBus")


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """The operation on the rule or bus; PutRule and PutTargets also pass the roles they name.

    Tagging a rule as it is put needs ``events:TagResource`` as well (PutRule, API reference [D])."""
    action, params = f"events:{call.operation}", call.params
    if call.operation == "PutRule":
        return _put_rule(call, action)
    if call.operation == "PutTargets":
        targets = params.get("Targets") or ()
        context: dict[str, ContextValue] = {"events:TargetArn": tuple(target["Arn"] for target in targets)}
        roles = dict.fromkeys(target["RoleArn"] for target in targets if target.get("RoleArn"))
        own = AuthorizationRequest(action, _rule(call, params.get("Rule", "*")), call.account, context)
        return own, *(pass_role(call, role, _PASSED_TO) for role in roles)
    if params.get("ResourceARN"):
        context = dict(tag_context(params.get("Tags")))
        if params.get("TagKeys"):
            context["aws:TagKeys"] = tuple(params["TagKeys"])
        return (AuthorizationRequest(action, params["ResourceARN"], call.account, context),)
    if call.operation == "PutEvents":
        return tuple(_put_events(call, action))
    if call.operation in _BUS_CALLS:
        return (_on_bus(call, action, params.get("Name")),)
    if call.operation in ("DeleteRule", "DescribeRule", "EnableRule", "DisableRule"):
        return (AuthorizationRequest(action, _rule(call, params.get("Name", "*")), call.account),)
    if call.operation in ("RemoveTargets", "ListTargetsByRule"):
        return (AuthorizationRequest(action, _rule(call, params.get("Rule", "*")), call.account),)
    return (AuthorizationRequest(action, "*", call.account),)


def _put_rule(call: ApiCall, action: str) -> tuple[AuthorizationRequest, ...]:
    params, tags = call.params, tag_context(call.params.get("Tags"))
    rule = _rule(call, params.get("Name", "*"))
    found = [AuthorizationRequest(action, rule, call.account, tags)]
    if tags:
        found.append(AuthorizationRequest("events:TagResource", rule, call.account, tags))
    if params.get("RoleArn"):
        found.append(pass_role(call, params["RoleArn"], _PASSED_TO))
    return tuple(found)


def _put_events(call: ApiCall, action: str) -> list[AuthorizationRequest]:
    """One request per entry: its bus, with the event's own condition keys."""
    return [
        _on_bus(
            call,
            action,
            entry.get("EventBusName"),
            {
                key: entry[member]
                for key, member in (("events:source", "Source"), ("events:detail-type", "DetailType"))
                if entry.get(member)
            },
        )
        for entry in call.params.get("Entries") or ()
    ]


def _rule(call: ApiCall, name: str) -> str:
    """A rule's ARN; rules of the default bus carry no bus name."""
    bus = (call.params.get("EventBusName") or "default").rsplit("/", 1)[-1]
    return call.arn("events", f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")


def _on_bus(
    call: ApiCall, action: str, bus: str | None, context: dict[str, ContextValue] | None = None
) -> AuthorizationRequest:
    """A bus by name, or by an ARN that may be another account's."""
    named = bus or "default"
    arn = named if named.startswith("arn:") else call.arn("events", f"event-bus/{named}")
    return AuthorizationRequest(action, arn, Arn.parse(arn).account, context or {})
