"""Policies of event buses, and events that come from another account.

Repairs of moto 5.2.5: PutPermission with a policy replaces the whole policy (moto adds to it, and drops statements of
the same principal); conditions are kept; an event for another account's bus arrives there with the account it comes
from, and once: rules for such an event forward it to no third account (EventBridge User Guide, eb-cross-account) [D].
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import moto.events.models as moto_models
from moto.core.exceptions import JsonRESTError

from xacct_ml.access.model import Request, ResourcePolicyKind
from xacct_ml.arn import Arn
from xacct_ml.emulator.core.policies import ResourcePolicy, resource_policies

MAXIMUM_BYTES = 10_240
"""Of a bus's policy (PutPermission, API reference) [D]."""


@dataclass(frozen=True)
class Statement:
    """In the place of moto's, which loses what it does not know."""

    document: Mapping[str, Any]

    @property
    def principal(self) -> Any:
        return self.document.get("Principal")

    def describe(self) -> dict[str, Any]:
        return dict(self.document)


def bus(arn: str) -> Any:
    """moto's event bus; None for an ARN without one."""
    parsed = Arn.parse(arn)
    if parsed.service != "events" or parsed.type != "event-bus":
        return None
    return moto_models.events_backends[parsed.account][parsed.region].event_buses.get(parsed.id)


def put_policy(event_bus: Any, text: str) -> None:
    """The whole policy anew.

    :raises JsonRESTError: not a policy whose statements have Sids of their own, or too long"""
    try:
        document = json.loads(text)
        statements = document["Statement"]
        statements = [statements] if isinstance(statements, dict) else list(statements)
        named = {statement["Sid"]: Statement(statement) for statement in statements}
    except (ValueError, KeyError, TypeError):
        raise JsonRESTError("ValidationException", "This policy contains invalid Json or misses a Sid.") from None
    if len(named) != len(statements):
        raise JsonRESTError("ValidationException", "Statement ids must be unique.")
    if len(text.encode()) > MAXIMUM_BYTES:
        raise JsonRESTError("PolicyLengthExceededException", "The policy exceeds the limit of 10 KB.")
    event_bus._statements = named


@resource_policies("events")
def _bus_policy(request: Request) -> ResourcePolicy:
    """A bus's policy; other resources of EventBridge have none."""
    found = bus(request.resource)
    if found is None:
        return None, ResourcePolicyKind.NONE
    return found.policy, ResourcePolicyKind.BUCKET
