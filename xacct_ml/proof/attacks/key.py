"""Attacks on the key: use by others than the exact roles, past S3, for another bucket; administration by a role of
the pipeline."""

from collections.abc import Iterator
from dataclasses import replace

from xacct_ml.proof.attacks.intruder import Attack, administrators, intruder_of
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.world import World
from xacct_ml.system.key import ADMINISTRATION
from xacct_ml.system.statements import actions
from xacct_ml.tables.regions import service_host

USE_OF_KEY = actions("kms", "Decrypt Encrypt GenerateDataKey ReEncryptFrom CreateGrant DescribeKey")
USE_OF_DATA = actions("kms", "Decrypt GenerateDataKey Encrypt CreateGrant")


def key_attacks(world: World, send: RequestBuilder) -> Iterator[Attack]:
    """On the key of the region that ``send`` sends to."""
    for group, intruder in administrators(send.names, but=send.names.shared):
        for action in (*USE_OF_KEY, *ADMINISTRATION):
            yield Attack(group, f"{action} on the key", send.key(intruder, action))
        for action in actions("kms", "Decrypt GenerateDataKey"):
            yield Attack(group, f"{action} on the key through S3", send.key_through_s3(intruder, action))
    asked_for = [hop.request for hop in world.hops if hop.request.resource == send.key_arn]
    users = {asked.principal.role_arn for asked in asked_for}
    direct = {(asked.principal.role_arn, asked.action) for asked in asked_for if "kms:ViaService" not in asked.context}
    for role in world.roles:
        for action in ADMINISTRATION:
            if action != "kms:DescribeKey":
                yield Attack("Key", f"{role.name}: {action}", send.key(role.arn, action))
        for action in USE_OF_DATA:
            if (role.arn, action) not in direct:
                yield from past_s3(send, role.arn, role.name, action)
            if role.arn not in users:
                yield Attack("Key", f"{role.name}: {action} through S3", send.key_through_s3(role.arn, action))
    yield from _shared_account(world, send)


def _shared_account(world: World, send: RequestBuilder) -> Iterator[Attack]:
    """The account that owns the key administrates it, but has no use of it past S3; through S3, if the map names
    its operator, nobody else. The operator has none past S3 either."""
    administrator = intruder_of(send.names, send.names.shared)
    group = "An administrator of the shared account"
    for action in USE_OF_DATA:
        yield from past_s3(send, administrator, "administrator", action, group)
        if world.operator is not None:
            yield from past_s3(send, world.operator, "operator", action)
            yield Attack(group, f"{action} on the key through S3", send.key_through_s3(administrator, action))


def past_s3(send: RequestBuilder, role_arn: str, who: str, action: str, group: str = "Key") -> Iterator[Attack]:
    """Directly, for another bucket, and through another service."""
    through = send.key_through_s3(role_arn, action)
    other_bucket = {"kms:EncryptionContext:aws:s3:arn": f"arn:{send.names.partition}:s3:::another-bucket"}
    other_service = {"kms:ViaService": service_host("sqs", send.region)}
    yield Attack(group, f"{who}: {action} past S3", send.key(role_arn, action))
    for words, changed in (("for another bucket", other_bucket), ("through another service", other_service)):
        request = replace(through, context={**through.context, **changed})
        yield Attack(group, f"{who}: {action} {words}", request)
