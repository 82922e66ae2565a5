"""Attacks that a source beside CodeCommit invites: on the connection to a git host, on the source zip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xacct_ml.config.model import Config
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.attacks.source_account import OTHER_ACLS
from xacct_ml.proof.requests.hop import Sender
from xacct_ml.proof.requests.source_account import owned
from xacct_ml.system.roles import RoleDocument

CONNECTION_ACTIONS = ("UseConnection", "PassConnection", "DeleteConnection")


def other_source_attacks(config: Config, send: Sender, made: Sequence[RoleDocument]) -> Iterator[Attack]:
    names = send.names
    if names.connection_arns:
        yield from _connection(config, send, made)
    if names.source_key is not None:
        yield from _object(send, made, names.source_key)


def _connection(config: Config, send: Sender, made: Sequence[RoleDocument]) -> Iterator[Attack]:
    """Who may use it reads every repository that the provider's app was given."""
    names = send.names
    for arn in names.connection_arns:
        service = arn.split(":")[2]
        for words, intruder in intruders(config).items():
            if intruder.split(":")[4] != names.shared:
                for action in CONNECTION_ACTIONS:
                    request = send.call(intruder, f"{service}:{action}", arn, names.shared)
                    yield Attack(f"An administrator of {words}", f"{service}:{action} on the connection", request)
        for role in made:
            for action in CONNECTION_ACTIONS:
                if (role.arn, action) != (names.pipeline_role, "UseConnection"):
                    request = send.call(role.arn, f"{service}:{action}", arn, names.shared)
                    who = f"{role.name} in {role.account}"
                    yield Attack("Beyond the job", f"{who}: {service}:{action} on the connection", request)
    for words, acl in OTHER_ACLS.items():
        yield Attack("Uploads", f"pipeline gives its artifact {words}", owned(send, names.pipeline_role, acl))


def _object(send: Sender, made: Sequence[RoleDocument], key: str) -> Iterator[Attack]:
    """Who writes it decides what is trained; who reads it sees the team's code."""
    for role in made:
        if role.arn != send.names.pipeline_role:
            for action in ("s3:GetObject", "s3:GetObjectVersion"):
                request = send.read(role.arn, key, action)
                yield Attack("Beyond the job", f"{role.name} in {role.account}: {action} of the source zip", request)
