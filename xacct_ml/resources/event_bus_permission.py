"""One statement in the policy of an account's default event bus.

The bus and its policy are the account's: others have statements there too. PutPermission either adds a statement that
can name no condition but an organization, or takes a whole policy [B], which then replaces the one that was there
(Terraform's aws_cloudwatch_event_bus_policy warns of it) [C]. So what is there is read, one statement of it changed,
and all of it written back at once; RemovePermission takes out one statement by itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources.base import Driver
from xacct_ml.resources.policy_document import normalise, parsed
from xacct_ml.resources.rights import Rights, anything
from xacct_ml.system import thing as things

BUS = "default"


@dataclass(frozen=True, kw_only=True)
class EventBusPermission(Driver[things.EventBusPolicy]):
    """``name`` is the statement's Sid, which says whose it is: a statement has no tags."""

    kind = "event bus permission"
    has_tags = False
    rights = (
        Rights("event-bus/EventBus", "events: DescribeEventBus"),
        # Neither can be granted for one bus alone (Service Authorization Reference, Amazon EventBridge).
        Rights("event-bus/EventBusPermission", "events: PutPermission RemovePermission", on=(anything,)),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"statement": _normal(self.thing.statement)}

    def observe(self, outputs: Outputs) -> State | None:
        ours = [statement for statement in statements(self.client("events")) if statement.get("Sid") == self.name]
        return {"statement": _normal(ours[0])} if ours else None

    def make(self, outputs: Outputs) -> None:
        self._put()

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        if observed != desired:
            self._put()

    def remove(self, observed: State) -> None:
        self.client("events").remove_permission(EventBusName=BUS, StatementId=self.name)

    def _put(self) -> None:
        def put() -> None:
            others = [statement for statement in statements(self.client("events")) if statement.get("Sid") != self.name]
            document = {"Version": "2012-10-17", "Statement": [*others, dict(self.thing.statement)]}
            self.client("events").put_permission(EventBusName=BUS, Policy=json.dumps(document))

        self.eventually("events", put)


def statements(events: Any) -> list[dict[str, Any]]:
    """The statements of the default bus's policy; ``events`` is a client of the account."""
    found: list[dict[str, Any]] = parsed(events.describe_event_bus(Name=BUS).get("Policy") or "{}")["Statement"]
    return found


def _normal(statement: Mapping[str, Any]) -> Any:
    (normal,) = normalise({"Statement": [statement]})["Statement"].values()
    return normal
