"""Attacks that the pipeline's source invites: on the event bus between two accounts and by the roles of a repository's
account, on the connection to a git host, on the source zip."""

from collections.abc import Iterator

from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, administrators
from xacct_ml.proof.attacks.storage import BEYOND, bucket_places
from xacct_ml.proof.requests.artifacts import with_acl
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import UNRELATED, artifact_key
from xacct_ml.proof.requests.start import PUSH
from xacct_ml.proof.world import World
from xacct_ml.system.statements import actions

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


def source_attacks(world: World) -> Iterator[Attack]:
    names = world.names
    if names.source_account is not None:
        yield from _bus(world.send)
        yield from _source_action(world.send)
    if names.connection_arns:
        yield from _connection(world)
        yield from _uploads(world.send, names.pipeline_role, "pipeline")
    if names.source_key is not None:
        yield from _object(world, names.source_key)


def _bus(send: RequestBuilder) -> Iterator[Attack]:
    """Pushes that nobody made, and what is no push by the role that may forward pushes."""
    names, bus, put = send.names, send.names.event_bus_arn, "events:PutEvents"
    for group, intruder in administrators(names, but=names.shared):
        yield Attack(group, "puts a push on the shared event bus", send.call(intruder, put, bus, PUSH))
        yield Attack(group, "hands an artifact over", with_acl(send, intruder))
        for action in actions("events", "PutPermission RemovePermission PutRule"):
            yield Attack(group, f"{action} on the shared event bus", send.call(intruder, action, bus))
    for words, event in OTHER_EVENTS.items():
        yield Attack("Event bus", f"forward puts {words}", send.call(names.forward_role, put, bus, event))
    other = names.arn("events", names.shared, f"event-bus/{UNRELATED}")
    yield Attack("Event bus", "forward puts a push on another bus", send.call(names.forward_role, put, other, PUSH))


def _source_action(send: RequestBuilder) -> Iterator[Attack]:
    """The source action's role beyond artifacts, and with its artifact opened to others."""
    names, role = send.names, send.names.source_action_role
    for words, key in bucket_places(send).items():
        if key != artifact_key(names):
            yield Attack(BEYOND, f"source-action reads {words}", send.read(role, key))
            opened = send.read(role, key, "s3:PutObjectAcl")
            yield Attack(BEYOND, f"source-action changes the ACL of {words}", opened)
    yield from _uploads(send, role, "source-action")
    for action in actions("codecommit", "GitPush CreateCommit PutFile"):
        for who in (role, names.pipeline_role):
            yield Attack(BEYOND, f"{Arn.parse(who).name}: {action}", send.call(who, action, names.repository_arn))


def _uploads(send: RequestBuilder, role: str, who: str) -> Iterator[Attack]:
    for words, acl in OTHER_ACLS.items():
        yield Attack("Uploads", f"{who} gives its artifact {words}", with_acl(send, role, acl))


def _connection(world: World) -> Iterator[Attack]:
    """Who may use it reads every repository that the provider's app was given."""
    names, send = world.names, world.send
    for arn in names.connection_arns:
        use, *others = actions(Arn.parse(arn).service, "UseConnection PassConnection DeleteConnection")
        for group, intruder in administrators(names, but=names.shared):
            for action in (use, *others):
                yield Attack(group, f"{action} on the connection", send.call(intruder, action, arn))
        for role in world.roles:
            for action in others if role.arn == names.pipeline_role else (use, *others):
                what = f"{role.name} in {role.account}: {action} on the connection"
                yield Attack(BEYOND, what, send.call(role.arn, action, arn))


def _object(world: World, key: str) -> Iterator[Attack]:
    """Who writes it decides what is trained; who reads it sees the team's code."""
    for role in world.roles:
        if role.arn != world.names.pipeline_role:
            for action in ("s3:GetObject", "s3:GetObjectVersion"):
                what = f"{role.name} in {role.account}: {action} of the source zip"
                yield Attack(BEYOND, what, world.send.read(role.arn, key, action))
