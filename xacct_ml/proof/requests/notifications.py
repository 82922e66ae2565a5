"""Who is told: EventBridge and CloudWatch publish to the topics, each as itself, and use the topics' keys for it."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import Evidence, Row
from xacct_ml.proof.requests.start import EVENTS
from xacct_ml.tables.regions import service_host

NOTIFICATION_STAGE = "Notification"

CLOUDWATCH = "cloudwatch.amazonaws.com"
EVENTS_TOPIC = "EventBridge User Guide, eb-use-resource-based (Amazon SNS permissions)"
ALARMS_TOPIC = "SNS Developer Guide, sns-access-policy-use-cases (CloudWatch alarms of another account)"
ALARMS_OWN_TOPIC = "SNS Developer Guide, sns-access-policy-use-cases (CloudWatch alarms)"
TOPIC_KEY = (
    "SNS Developer Guide, sns-key-management (event sources and encrypted topics), sns-enable-encryption-for-topic"
)
USE = ("kms:GenerateDataKey", "kms:Decrypt")
OF_SCHEDULE = ("schedule-call", "schedule-function")
OF_ROLLOUT = ("model-errors", "latency")
TOPIC_CONTEXT = "kms:EncryptionContext:aws:sns:topicArn"


def requests(send: RequestBuilder) -> Iterator[Row]:
    """None where the map has no notifications."""
    if send.names.config.notifications is None:
        return
    yield from _of_events(send)
    for region in send.names.regions:
        yield from _of_alarms(send.in_region(region))
    operator = send.names.config.accounts.shared.role_arn
    if operator is not None:
        yield from told_by_hand(send, operator)


def told_by_hand(send: RequestBuilder, operator: str) -> Iterator[Row]:
    """Where what an endpoint is asked drifts."""
    topic, given = send.names.topic_arn(), send.names.config.notifications
    yield Row("The operator tells of a drift", send.call(operator, "sns:Publish", topic), TOPIC_KEY)
    if given is not None and given.topic_arn is None:
        through: dict[str, ContextValue] = {
            TOPIC_CONTEXT: topic,
            "kms:ViaService": service_host("sns", send.region),
            "kms:CallerAccount": send.names.shared,
        }
        used = [send.call(operator, action, send.key_arn, through) for action in USE]
        yield Row("… SNS encrypts it for the operator", used, TOPIC_KEY)


def _of_events(send: RequestBuilder) -> Iterator[Row]:
    names, topic = send.names, send.names.topic_arn()
    what = "EventBridge tells of the pipeline"
    yield Row(what, send.by_service(EVENTS, "sns:Publish", topic), EVENTS_TOPIC)
    for rule in names.notification_rules:
        source: dict[str, ContextValue] = {"aws:SourceAccount": names.shared, "aws:SourceArn": names.rule_arn(rule)}
        told = send.by_service(EVENTS, "sns:Publish", topic, source)
        yield Row(f"{what} (if it sends the rule {rule})", told, EVENTS_TOPIC, Evidence.ASSUMED)
    yield from _encrypted(send, EVENTS)


def _of_alarms(send: RequestBuilder) -> Iterator[Row]:
    names = send.names
    topic = names.topic_arn(send.region)
    targets = names.targets_in(send.region)
    if send.is_pipelines and names.config.schedule is not None:
        for kind in OF_SCHEDULE:
            alarm = names.arn("cloudwatch", names.shared, f"alarm:{names.project}-{kind}")
            missed: dict[str, ContextValue] = {"aws:SourceAccount": names.shared, "aws:SourceArn": alarm}
            told = send.by_service(CLOUDWATCH, "sns:Publish", topic, missed)
            yield Row(f"CloudWatch tells of {Arn.parse(alarm).id}", told, ALARMS_OWN_TOPIC)
    for target in targets:
        for kind in ("4xx", "5xx", *(OF_ROLLOUT if names.config.endpoint.rollout is not None else ())):
            alarm = names.alarm_arn(target, kind)
            source: dict[str, ContextValue] = {"aws:SourceAccount": target.id, "aws:SourceArn": alarm}
            told = send.by_service(CLOUDWATCH, "sns:Publish", topic, source)
            yield Row(f"CloudWatch tells of {Arn.parse(alarm).id} of {target.name}", told, ALARMS_TOPIC)
    if targets or send.is_pipelines:
        yield from _encrypted(send, CLOUDWATCH)


def _encrypted(send: RequestBuilder, service: str) -> Iterator[Row]:
    """Of an existing topic, the key is not the project's."""
    given = send.names.config.notifications
    if given is not None and given.topic_arn is None:
        context: dict[str, ContextValue] = {TOPIC_CONTEXT: send.names.topic_arn(send.region)}
        for action in USE:
            used = send.by_service(service, action, send.key_arn, context)
            yield Row("… SNS encrypts it with the key", used, TOPIC_KEY)
