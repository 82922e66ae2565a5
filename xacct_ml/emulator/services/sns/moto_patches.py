"""SNS over moto's topics: publications of AWS services are decided, and what subscribers are told is told here too.

A service that publishes needs the topic's policy, and of the key of an encrypted topic ``kms:GenerateDataKey`` and
``kms:Decrypt``, with the topic as encryption context (SNS Developer Guide, sns-key-management,
sns-enable-encryption-for-topic) [D]. That EventBridge sends neither rule nor account with it: the same pages say that
conditions on them are not supported there; CloudWatch sends both (sns-access-policy-use-cases) [D]."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import moto.sns.models as moto_models
from moto.cloudwatch.models import Alarm

from xacct_ml.access.model import ContextValue, Principal, Request, ResourcePolicyKind
from xacct_ml.arn import Arn, account_of
from xacct_ml.emulator.core import authorizer, runtime
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.context import constant
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.core.policies import ResourcePolicy, resource_policies

EVENTS, CLOUDWATCH = "events.amazonaws.com", "cloudwatch.amazonaws.com"
_USE = ("kms:GenerateDataKey", "kms:Decrypt")


@dataclass(frozen=True, slots=True)
class Notification:
    """``told`` are the endpoints of the subscriptions; ``error`` is why nobody was."""

    topic_arn: str
    service: str
    message: str
    told: tuple[str, ...] = ()
    error: str | None = None

    def __str__(self) -> str:
        topic = Arn.parse(self.topic_arn).resource
        if self.error is not None:
            return f"SNS {topic}: {self.service} could not publish: {self.error}"
        return f"SNS {topic} → {', '.join(self.told) or 'nobody'}: {self.message}"


class SNSBackend(moto_models.SNSBackend):
    """moto's, with a record of what services published."""

    __module__ = moto_models.__name__  # moto derives the service's urls from it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.notifications: list[Notification] = []

    def publish(self, message: str, arn: str | None, *more: Any, **others: Any) -> str:
        """Of a caller with credentials: what subscribers are told is said where services' publications are."""
        message_id: str = super().publish(message, arn, *more, **others)
        if arn is not None and arn in self.topics:
            subscriptions, _ = self.list_subscriptions_by_topic(topic_arn=arn)
            told = tuple(str(one.endpoint) for one in subscriptions)
            runtime.current().notices(str(Notification(arn, "a caller", message, told)))
        return message_id


def notifications(account: str, region: str) -> list[Notification]:
    """What was published to the account's topics by services, failures included, oldest first."""
    return list(moto_models.sns_backends[account][region].notifications)


def publish(
    service: str, topic_arn: str, message: str, source: Mapping[str, ContextValue] | None = None
) -> Notification:
    """As the service, for ``source``. A refusal is recorded, never raised."""
    arn = Arn.parse(topic_arn)
    backend = moto_models.sns_backends[arn.account][arn.region]
    topic = backend.topics.get(topic_arn)
    if topic is None:
        done = Notification(topic_arn, service, message, error="there is no such topic")
    elif (refusal := _refusal(service, topic, source or {})) is not None:
        done = Notification(topic_arn, service, message, error=refusal)
    else:
        topic.publish(message)
        subscriptions, _ = backend.list_subscriptions_by_topic(topic_arn=topic_arn)
        done = Notification(topic_arn, service, message, tuple(str(one.endpoint) for one in subscriptions))
    backend.notifications.append(done)
    runtime.current().notices(str(done))
    return done


def _refusal(service: str, topic: Any, source: Mapping[str, ContextValue]) -> str | None:
    """The first request that is denied, with the reason; None where the service may publish."""
    asked = [AuthorizationRequest("sns:Publish", topic.arn, topic.account_id, source, by=service)]
    key = topic.kms_master_key_id
    if key:
        context: dict[str, ContextValue] = {"kms:EncryptionContext:aws:sns:topicArn": topic.arn}
        owner = account_of(key, topic.account_id)
        asked += [AuthorizationRequest(action, key, owner, context, by=service) for action in _USE]
    for each in asked:
        decision = authorizer.decide(
            Principal.service(service),
            each,
            service="sns",
            operation="Publish",
            context_keys=constant(runtime.current().region),
        )
        if not decision.allowed:
            return f"{each.action} on {each.resource}: {decision.reason}"
    return None


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """Who publishes to an encrypted topic uses its key, through SNS.

    :raises ServiceError: KMSAccessDenied"""
    if call.operation != "Publish" or not asked:
        return
    arn = Arn.parse(asked[0].resource)
    topic = moto_models.sns_backends[arn.account][arn.region].topics.get(asked[0].resource)
    if topic is None or not topic.kms_master_key_id:
        return
    key = topic.kms_master_key_id
    suffix = {"aws-cn": "amazonaws.com.cn"}.get(call.partition, "amazonaws.com")
    keys: dict[str, ContextValue] = {
        "kms:EncryptionContext:aws:sns:topicArn": topic.arn,
        "kms:ViaService": f"sns.{arn.region}.{suffix}",
        "kms:CallerAccount": call.account,
    }
    for action in _USE:
        request = AuthorizationRequest(action, key, account_of(key, topic.account_id), keys, by="sns")
        decision = authorizer.decide(
            call.principal, request, service="sns", operation="Publish", context_keys=constant(runtime.current().region)
        )
        if not decision.allowed:
            raise ServiceError("KMSAccessDenied", f"{action} on {key}: {decision.reason}", 400)


@resource_policies("sns")
def _topic_policy(request: Request) -> ResourcePolicy:
    """A topic's policy."""
    try:
        arn = Arn.parse(request.resource)
    except ValueError:
        return None, ResourcePolicyKind.NONE
    topic = moto_models.sns_backends[arn.account][arn.region].topics.get(request.resource) if arn.account else None
    return (None, ResourcePolicyKind.NONE) if topic is None else (topic.policy, ResourcePolicyKind.BUCKET)


def _telling(update: Any) -> Any:
    """An alarm that goes off tells the topics among its actions (CloudWatch user guide, "Alarm actions" [D])."""

    def update_state(self: Any, reason: str, reason_data: str, state_value: str) -> None:
        before = self.state_value
        update(self, reason, reason_data, state_value)
        if state_value == "ALARM" and before != "ALARM" and self.actions_enabled:
            account = Arn.parse(self.alarm_arn).account
            source: dict[str, ContextValue] = {"aws:SourceAccount": account, "aws:SourceArn": self.alarm_arn}
            for action in self.alarm_actions or ():
                if Arn.parse(action).service == "sns":
                    publish(CLOUDWATCH, action, f"ALARM: {self.name}: {self.description}", source)

    return update_state


def install() -> None:
    moto_models.sns_backends.backend = SNSBackend
    dispatch.checks["sns"] = check
    Alarm.update_state = _telling(Alarm.update_state)
