"""What EventBridge does with a target that is an event bus: put the event there, as the target's role.

With a role the delivery is an ``events:PutEvents`` of that role, decided like any other, with the event's own source
and detail type as condition keys; without one it is the rule's account that puts the event, so that the bus's policy
alone decides (EventBridge User Guide, eb-cross-account, eb-event-bus-perms) [D]. That the role is the principal that
the bus's policy sees is assumed [U]."""

from collections.abc import Callable, Mapping
from typing import Any

from xacct_ml.access.model import Principal
from xacct_ml.arn import Arn
from xacct_ml.emulator.core import authorizer, runtime
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.calls import AuthorizationRequest
from xacct_ml.emulator.core.context import constant
from xacct_ml.emulator.core.identity import RoleNotAssumable
from xacct_ml.emulator.services.events.delivery import SERVICE, Delivery

Put = Callable[[str, Mapping[str, Any]], None]
"""Bus ARN and event: hand it to the bus's rules."""


def deliver(rule_arn: str, target: Mapping[str, Any], event: Mapping[str, Any], put: Put) -> Delivery:
    """Put the event on the target's bus. A refusal is recorded, never raised and never tried again."""
    arn, account = target["Arn"], Arn.parse(rule_arn).account
    try:
        principal = _principal(rule_arn, target, event["id"])
    except RoleNotAssumable as error:
        return Delivery(rule_arn, arn, event, error=("AccessDenied", str(error)))
    keys = {"events:source": event["source"], "events:detail-type": event["detail-type"]}
    decision = authorizer.decide(
        principal,
        AuthorizationRequest("events:PutEvents", arn, Arn.parse(arn).account, keys, by=SERVICE),
        service="events",
        operation="PutEvents",
        context_keys=constant(runtime.current().region),
    )
    if not decision.allowed:
        return Delivery(rule_arn, arn, event, error=("AccessDeniedException", decision.reason))
    put(arn, event)
    return Delivery(rule_arn, arn, event, result=f"event {event['id']} of account {account}")


def _principal(rule_arn: str, target: Mapping[str, Any], session: str) -> Principal:
    """:raises RoleNotAssumable: the target's role does not let EventBridge in"""
    partition, account = Arn.parse(rule_arn).partition, Arn.parse(rule_arn).account
    role = target.get("RoleArn")
    if role is None:
        return Principal.root(account, partition)
    service_credentials(role, SERVICE, session_name=session, source_arn=rule_arn, source_account=account)
    return Principal.session(role, session)
