"""Attacks that a repository in another account invites: on the event bus, and by the roles of that account."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.attacks.targets import bucket_places
from xacct_ml.proof.matrix.resource_catalog import UNRELATED
from xacct_ml.proof.requests.artifacts import with_acl
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import artifact_key
from xacct_ml.proof.requests.start import PUSH
from xacct_ml.proof.world import World

OTHER_EVENTS = {
    "an event of another source": {**PUSH, "events:source": "aws.s3"},
    "another event of CodeCommit": {**PUSH, "events:detail-type": "CodeCommit Comment on Pull Request"},
    "an event without a source": {"events:detail-type": PUSH["events:detail-type"]},
}
OTHER_ACLS = {
    "to everybody": {"s3:x-amz-acl": "public-read"},
    "to its own account": {"s3:x-amz-acl": "private"},
    "by explicit grants": {},
}


def source_account_attacks(world: World) -> Iterator[Attack]:
    if world.names.source_account is not None:
        yield from _bus(world)
        yield from _source_action(world.send)


def _bus(world: World) -> Iterator[Attack]:
    """Pushes that nobody made, and what is no push by the role that may forward pushes."""
    names, send = world.names, world.send
    for words, intruder in intruders(world.names).items():
        if Arn.parse(intruder).account == names.shared:
            continue
        forged = send.call(intruder, "events:PutEvents", names.event_bus_arn, PUSH)
        yield Attack(f"An administrator of {words}", "puts a push on the shared event bus", forged)
        yield Attack(f"An administrator of {words}", "hands an artifact over", with_acl(send, intruder))
        for action in ("events:PutPermission", "events:RemovePermission", "events:PutRule"):
            request = send.call(intruder, action, names.event_bus_arn)
            yield Attack(f"An administrator of {words}", f"{action} on the shared event bus", request)
    for words, event in OTHER_EVENTS.items():
        request = send.call(names.forward_role, "events:PutEvents", names.event_bus_arn, event)
        yield Attack("Event bus", f"forward puts {words}", request)
    other = names.arn("events", names.shared, f"event-bus/{UNRELATED}")
    request = send.call(names.forward_role, "events:PutEvents", other, PUSH)
    yield Attack("Event bus", "forward puts a push on another bus", request)


def _source_action(send: RequestBuilder) -> Iterator[Attack]:
    """The source action's role beyond artifacts, and with its artifact opened to others."""
    names, role = send.names, send.names.source_action_role
    for words, key in bucket_places(send).items():
        if key != artifact_key(names):
            yield Attack("Beyond the job", f"source-action reads {words}", send.read(role, key))
            request = send.read(role, key, "s3:PutObjectAcl")
            yield Attack("Beyond the job", f"source-action changes the ACL of {words}", request)
    for words, acl in OTHER_ACLS.items():
        yield Attack("Uploads", f"source-action gives its artifact {words}", with_acl(send, role, acl))
    for action in ("codecommit:GitPush", "codecommit:CreateCommit", "codecommit:PutFile"):
        for who in (role, names.pipeline_role):
            name = Arn.parse(who).name
            request = send.call(who, action, names.repository_arn)
            yield Attack("Beyond the job", f"{name}: {action}", request)
