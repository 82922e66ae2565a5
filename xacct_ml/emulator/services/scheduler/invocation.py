"""What EventBridge Scheduler does at a schedule's time: assume the target's role for the schedule's group, and call.

That ``aws:SourceArn`` is the group's: EventBridge Scheduler User Guide, cross-service-confused-deputy-prevention [D];
the words that are filled in: managing-schedule-context-attributes [D]. A failed call is recorded and not tried again;
on AWS it is, as the retry policy says."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import RoleNotAssumable

SERVICE = "scheduler.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Invocation:
    """``time`` is the schedule's; ``error`` is code and message."""

    schedule_arn: str
    target_arn: str
    time: datetime
    error: tuple[str, str] | None = None

    def __str__(self) -> str:
        what = f"{self.time:%Y-%m-%d %H:%M} schedule {Arn.parse(self.schedule_arn).name} → {self.target_arn}"
        return f"{what}: invoked" if self.error is None else f"{what} failed: {': '.join(self.error)}"


def invoke(schedule_arn: str, group_arn: str, target: Mapping[str, Any], time: datetime) -> Invocation:
    arn, own = Arn.parse(target["Arn"]), Arn.parse(schedule_arn)
    try:
        credentials = service_credentials(
            target["RoleArn"], SERVICE, session_name=uuid.uuid4().hex, source_arn=group_arn, source_account=own.account
        )
        if arn.service != "lambda":
            raise ValueError("the embedded AWS does not call targets of this service")
        payload = _filled(target.get("Input") or "{}", schedule_arn, time)
        client = credentials.client("lambda", arn.region)
        client.invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=payload.encode())
        return Invocation(schedule_arn, target["Arn"], time)
    except RoleNotAssumable as error:
        failed = ("AccessDenied", str(error))
    except ClientError as error:
        failed = (error.response["Error"]["Code"], error.response["Error"]["Message"])
    except (BotoCoreError, ValueError) as error:
        failed = ("InvalidInput", str(error))
    return Invocation(schedule_arn, target["Arn"], time, error=failed)


def _filled(text: str, schedule_arn: str, time: datetime) -> str:
    attributes = {
        "schedule-arn": schedule_arn,
        "scheduled-time": f"{time:%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
