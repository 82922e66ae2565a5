"""Attacks on the key: use by others than the exact roles, past S3, for another bucket; administration by a role of
the pipeline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruder_of, intruders
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.world import World
from xacct_ml.system.key import ADMINISTRATION
from xacct_ml.tables.regions import service_host

USE_OF_KEY = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:CreateGrant",
    "kms:DescribeKey",
)


def key_attacks(world: World, send: RequestBuilder) -> Iterator[Attack]:
    """On the key of the region that ``send`` sends to."""
    yield from _administrators(send)
    yield from _roles(world, send)
    yield from _shared_account(world, send)


def _administrators(send: RequestBuilder) -> Iterator[Attack]:
    for words, intruder in intruders(send.names).items():
        if Arn.parse(intruder).account == send.names.shared:
            continue
        group = f"An administrator of {words}"
        for action in (*USE_OF_KEY, *ADMINISTRATION):
            yield Attack(group, f"{action} on the key", send.key(intruder, action))
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            yield Attack(group, f"{action} on the key through S3", send.key_through_s3(intruder, action))


def _roles(world: World, send: RequestBuilder) -> Iterator[Attack]:
    users = {hop.request.principal.role_arn for hop in world.hops if hop.request.resource == send.key_arn}
    for role in world.roles:
        for action in ADMINISTRATION:
            if action != "kms:DescribeKey":
                yield Attack("Key", f"{role.name}: {action}", send.key(role.arn, action))
        for action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant"):
            yield from _past_s3(send, role.arn, role.name, action)
            if role.arn not in users:
                yield Attack("Key", f"{role.name}: {action} through S3", send.key_through_s3(role.arn, action))


def _shared_account(world: World, send: RequestBuilder) -> Iterator[Attack]:
    """The account that owns the key administrates it, but has no use of it past S3; through S3, if the map names
    its operator, nobody else. The operator has none past S3 either.
    """
    operator = world.operator
    administrator = intruder_of(send.names, send.names.shared)
    group = "An administrator of the shared account"
    for action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant"):
        for attack in _past_s3(send, administrator, "administrator", action):
            yield replace(attack, group=group)
        if operator is not None:
            yield from _past_s3(send, operator, "operator", action)
            yield Attack(group, f"{action} on the key through S3", send.key_through_s3(administrator, action))


def _past_s3(send: RequestBuilder, role_arn: str, who: str, action: str) -> Iterator[Attack]:
    """Directly, for another bucket, and through another service."""
    names = send.names
    through = send.key_through_s3(role_arn, action)
    other_bucket = f"arn:{names.partition}:s3:::another-bucket"
    yield Attack("Key", f"{who}: {action} past S3", send.key(role_arn, action))
    for words, changed in (
        ("for another bucket", {"kms:EncryptionContext:aws:s3:arn": other_bucket}),
        ("through another service", {"kms:ViaService": service_host("sqs", send.region)}),
    ):
        request = replace(through, context={**through.context, **changed})
        yield Attack("Key", f"{who}: {action} {words}", request)
