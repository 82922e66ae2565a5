"""Attacks on what people are told: messages that nobody of the project sent, subscribers that nobody invited, and use
of the key in the name of the services that may publish."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, administrators, intruder_of
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.notifications import CLOUDWATCH, TOPIC_CONTEXT, USE
from xacct_ml.proof.requests.samples import UNRELATED
from xacct_ml.proof.requests.start import EVENTS
from xacct_ml.proof.world import World
from xacct_ml.system.statements import actions
from xacct_ml.tables.regions import service_host

NOTIFICATIONS = "Notifications"
_ON_TOPIC = actions("sns", "Publish Subscribe SetTopicAttributes AddPermission DeleteTopic")


def notification_attacks(world: World) -> Iterator[Attack]:
    """None where the map has no notifications."""
    if world.config.notifications is None:
        return
    for region in world.names.regions:
        there = world.send.in_region(region)
        if world.config.notifications.topic_arn is None or there.is_pipelines:
            yield from _by_people(world, there)
            yield from _by_services(there)
            if world.config.notifications.topic_arn is None:
                yield from _on_the_key(world, there)


def _by_people(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Our own roles, administrators of other accounts, who approves."""
    names = world.names
    strangers = [each for _, each in administrators(names) if Arn.parse(each).account != names.shared]
    approver = [each for each in (names.approver_role,) if each is not None]
    for asking in (*(role.arn for role in world.roles), *strangers, *approver):
        who = Arn.parse(asking)
        for action in _ON_TOPIC:
            request = there.call(asking, action, names.topic_arn(there.region))
            yield Attack(NOTIFICATIONS, f"{who.name} of {who.account}: {action} in {there.region}", request)


def _by_services(there: RequestBuilder) -> Iterator[Attack]:
    """The very services, for somebody else, in whichever of the keys they send; and others."""
    names = there.names
    topic, account = names.topic_arn(there.region), names.shared
    foreign_rule = names.arn("events", FOREIGN_ACCOUNT, f"rule/{names.approval_rule}", region=there.region)
    other_rule = names.arn("events", account, f"rule/{UNRELATED}", region=there.region)
    foreign_alarm = names.arn("cloudwatch", FOREIGN_ACCOUNT, f"alarm:{names.alarm('5xx')}", region=there.region)
    contexts: dict[tuple[str, str], dict[str, ContextValue]] = {
        (EVENTS, "a foreign account"): {"aws:SourceAccount": FOREIGN_ACCOUNT, "aws:SourceArn": foreign_rule},
        (EVENTS, "a foreign account (naming only the account)"): {"aws:SourceAccount": FOREIGN_ACCOUNT},
        (EVENTS, "a foreign account (naming only the rule)"): {"aws:SourceArn": foreign_rule},
        (EVENTS, "another rule"): {"aws:SourceAccount": account, "aws:SourceArn": other_rule},
        (CLOUDWATCH, "a foreign account"): {"aws:SourceAccount": FOREIGN_ACCOUNT, "aws:SourceArn": foreign_alarm},
        (CLOUDWATCH, "nobody knows whom"): {},
        ("s3.amazonaws.com", "a bucket"): {"aws:SourceAccount": account},
    }
    if there.is_pipelines and names.config.schedule is not None:
        missed, unrelated = (
            names.arn("cloudwatch", account, f"alarm:{one}") for one in (names.schedule_function_alarm, UNRELATED)
        )
        ours: dict[str, ContextValue] = {"aws:SourceAccount": FOREIGN_ACCOUNT, "aws:SourceArn": missed}
        contexts[CLOUDWATCH, "an alarm of the schedule and a foreign account"] = ours
        any_of_account: dict[str, ContextValue] = {"aws:SourceAccount": account, "aws:SourceArn": unrelated}
        contexts[CLOUDWATCH, "another alarm of the schedule's account"] = any_of_account
    for target in names.targets_in(there.region):
        own, other = names.alarm_arn(target, "5xx"), names.target_arn(target, "cloudwatch", f"alarm:{UNRELATED}")
        whose: dict[str, ContextValue] = {"aws:SourceAccount": FOREIGN_ACCOUNT, "aws:SourceArn": own}
        contexts[CLOUDWATCH, f"an alarm of {target.name} and a foreign account"] = whose
        another: dict[str, ContextValue] = {"aws:SourceAccount": target.id, "aws:SourceArn": other}
        contexts[CLOUDWATCH, f"another alarm of {target.name}'s account"] = another
    for (service, words), context in contexts.items():
        request = there.by_service(service, "sns:Publish", topic, context)
        yield Attack(NOTIFICATIONS, f"{service} publishes for {words} in {there.region}", request)


def _on_the_key(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """For another topic, for an object, without saying for what; and by a role, through SNS."""
    names = there.names
    own: dict[str, ContextValue] = {TOPIC_CONTEXT: names.topic_arn(there.region)}
    contexts: dict[str, dict[str, ContextValue]] = {
        "for another topic": {TOPIC_CONTEXT: names.arn("sns", names.shared, UNRELATED, region=there.region)},
        "for an object": {"kms:EncryptionContext:aws:s3:arn": there.bucket_arn},
        "for nothing that it says": {},
    }
    for service in (EVENTS, CLOUDWATCH):
        for action in USE:
            for words, context in contexts.items():
                request = there.by_service(service, action, there.key_arn, context)
                yield Attack(NOTIFICATIONS, f"{service}: {action} {words} in {there.region}", request)
    for action in USE:
        request = there.by_service("sns.amazonaws.com", action, there.key_arn, own)
        yield Attack(NOTIFICATIONS, f"sns.amazonaws.com: {action} in {there.region}", request)
        for role in world.roles:
            through = {**own, "kms:ViaService": service_host("sns", there.region)}
            used = there.call(role.arn, action, there.key_arn, through)
            yield Attack(NOTIFICATIONS, f"{role.name} of {role.account}: {action} through SNS in {there.region}", used)
    yield from _by_the_operator(world, there)


def _by_the_operator(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Past SNS, and for another topic, also by who administers the account; who may so through SNS, where the map names
    no operator."""
    names = there.names
    through: dict[str, ContextValue] = {"kms:ViaService": service_host("sns", there.region)}
    own: dict[str, ContextValue] = {TOPIC_CONTEXT: names.topic_arn(there.region)}
    other: dict[str, ContextValue] = {TOPIC_CONTEXT: names.arn("sns", names.shared, UNRELATED, region=there.region)}
    administrator = intruder_of(names, names.shared)
    tried = [("past SNS", own), ("for another topic", {**through, **other})]
    asked = [(administrator, *one) for one in tried]
    if world.operator is not None:
        asked += [*((world.operator, *one) for one in tried), (administrator, "through SNS", {**through, **own})]
    for who, words, context in asked:
        for action in USE:
            what = f"{Arn.parse(who).name} of {names.shared}: {action} {words} in {there.region}"
            yield Attack(NOTIFICATIONS, what, there.call(who, action, there.key_arn, context))
