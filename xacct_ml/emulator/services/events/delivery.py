"""What EventBridge does with a target it can call an API for: assume the target's role and call.

A target is called with the role that PutTargets gave it, assumed as ``events.amazonaws.com`` with ``aws:SourceArn`` and
``aws:SourceAccount`` of the rule (EventBridge user guide, "Resource-based policies" names the rule's ARN [D]; that they
are sent when a role is assumed is assumed [U]). Failures are recorded, never retried: on AWS they would end in a metric
and, if there is one, in a dead-letter queue."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.arn import Arn, name_of
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable

SERVICE = "events.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one target of one rule. ``result`` names what was started; ``error`` is code and message."""

    rule_arn: str
    target_arn: str
    event: Mapping[str, Any]
    result: str | None = None
    error: tuple[str, str] | None = None
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __str__(self) -> str:
        what = f"EventBridge rule {self.rule_arn.rsplit('/', 1)[-1]} → {self.target_arn}"
        return f"{what}: started {self.result}" if self.error is None else f"{what} failed: {': '.join(self.error)}"


Call = Callable[[Credentials, str, str, str], str]
"""Credentials, region, target ARN, payload (JSON text) → what was started."""


def _start_pipeline(credentials: Credentials, region: str, arn: str, payload: str) -> str:
    """The payload of an input transformer may pin source revisions and give variables; a plain event does neither."""
    given = json.loads(payload)
    wanted = {
        name: given[name] for name in ("sourceRevisions", "variables") if isinstance(given, dict) and name in given
    }
    client = credentials.client("codepipeline", region)
    return str(client.start_pipeline_execution(name=name_of(arn), **wanted)["pipelineExecutionId"])


def _start_state_machine(credentials: Credentials, region: str, arn: str, payload: str) -> str:
    client = credentials.client("stepfunctions", region)
    return str(client.start_execution(stateMachineArn=arn, input=payload)["executionArn"])


CALLS: dict[str, Call] = {"codepipeline": _start_pipeline, "states": _start_state_machine}
"""Service in the target's ARN → the call."""


def deliver(
    rule_arn: str,
    target: Mapping[str, Any],
    event: Mapping[str, Any],
    payload: str,
    assumed: Callable[[Credentials], None],
) -> Delivery:
    """Call the target as its role. ``assumed`` is told the credentials before they are used."""
    arn = Arn.parse(target["Arn"])
    try:
        credentials = service_credentials(
            target.get("RoleArn", ""),
            SERVICE,
            session_name=event["id"],
            source_arn=rule_arn,
            source_account=Arn.parse(rule_arn).account,
        )
        assumed(credentials)
        return Delivery(
            rule_arn, target["Arn"], event, CALLS[arn.service](credentials, arn.region, target["Arn"], payload)
        )
    except RoleNotAssumable as error:
        failed = ("AccessDenied", str(error))
    except ClientError as error:
        failed = (error.response["Error"]["Code"], error.response["Error"]["Message"])
    except (BotoCoreError, ValueError) as error:
        failed = ("InvalidInput", str(error))
    return Delivery(rule_arn, target["Arn"], event, error=failed)
