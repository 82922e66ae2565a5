"""Attacks that a source other than CodeCommit invites: on the connection to a git host, on the source zip."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.attacks.source_account import OTHER_ACLS
from xacct_ml.proof.requests.artifacts import with_acl
from xacct_ml.proof.world import World

CONNECTION_ACTIONS = ("UseConnection", "PassConnection", "DeleteConnection")


def other_source_attacks(world: World) -> Iterator[Attack]:
    names = world.names
    if names.connection_arns:
        yield from _connection(world)
    if names.source_key is not None:
        yield from _object(world, names.source_key)


def _connection(world: World) -> Iterator[Attack]:
    """Who may use it reads every repository that the provider's app was given."""
    names, send = world.names, world.send
    for arn in names.connection_arns:
        service = Arn.parse(arn).service
        for words, intruder in intruders(world.names).items():
            if Arn.parse(intruder).account != names.shared:
                for action in CONNECTION_ACTIONS:
                    request = send.call(intruder, f"{service}:{action}", arn)
                    yield Attack(f"An administrator of {words}", f"{service}:{action} on the connection", request)
        for role in world.roles:
            for action in CONNECTION_ACTIONS:
                if (role.arn, action) != (names.pipeline_role, "UseConnection"):
                    request = send.call(role.arn, f"{service}:{action}", arn)
                    who = f"{role.name} in {role.account}"
                    yield Attack("Beyond the job", f"{who}: {service}:{action} on the connection", request)
    for words, acl in OTHER_ACLS.items():
        yield Attack("Uploads", f"pipeline gives its artifact {words}", with_acl(send, names.pipeline_role, acl))


def _object(world: World, key: str) -> Iterator[Attack]:
    """Who writes it decides what is trained; who reads it sees the team's code."""
    for role in world.roles:
        if role.arn != world.names.pipeline_role:
            for action in ("s3:GetObject", "s3:GetObjectVersion"):
                request = world.send.read(role.arn, key, action)
                yield Attack("Beyond the job", f"{role.name} in {role.account}: {action} of the source zip", request)
