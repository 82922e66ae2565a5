"""Attacks on what endpoints captured: questions of clients, which are nobody's but the production account's."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.attacks.intruder import Attack, administrators, intruder_of
from xacct_ml.proof.attacks.key import USE_OF_DATA, USE_OF_KEY, past_s3
from xacct_ml.proof.attacks.storage import BUCKET_ATTACKS, OBJECT_ATTACKS, plain_http
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import UNRELATED, captured_key
from xacct_ml.proof.world import World
from xacct_ml.system.bucket import ALGORITHM, ENCRYPTION_KEY
from xacct_ml.system.key import ADMINISTRATION

CAPTURED = "Captured requests"


def capture_attacks(world: World) -> Iterator[Attack]:
    """None where the map captures nothing."""
    for target in world.names.capturing:
        there = world.send.of_captured(target)
        yield from _strangers(there, target)
        yield from _our_roles(world, there, target)
        yield from _uploads(there, target)
        yield from _own_account(there, target)


def _strangers(there: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    """Administrators of every other account, the shared and the training account's among them."""
    key = captured_key(there.names)
    for group, intruder in administrators(there.names, but=target.id):
        for action in BUCKET_ATTACKS:
            yield Attack(group, f"{action} on {target.name}'s bucket", there.bucket(intruder, action))
        for action in OBJECT_ATTACKS:
            write = there.write(intruder, key) if action == "s3:PutObject" else there.read(intruder, key, action)
            yield Attack(group, f"{action} on what {target.name} was asked", write)
        for action in (*USE_OF_KEY, *ADMINISTRATION):
            yield Attack(group, f"{action} on {target.name}'s key", there.key(intruder, action))
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            what = f"{action} on {target.name}'s key through S3"
            yield Attack(group, what, there.key_through_s3(intruder, action))


def _our_roles(world: World, there: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    """No role of the project reads it, and none but the endpoint's writes it."""
    key, endpoint = captured_key(there.names), there.names.endpoint_role(target)
    for role in world.roles:
        who, of = f"{role.name} of {role.account}", f"what {target.name} was asked"
        for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject", "s3:DeleteObjectVersion"):
            yield Attack(CAPTURED, f"{who}: {action} of {of}", there.read(role.arn, key, action))
        yield Attack(CAPTURED, f"{who} lists {of}", there.bucket(role.arn, "s3:ListBucket"))
        yield Attack(CAPTURED, f"{who} opens the bucket", there.bucket(role.arn, "s3:PutBucketPolicy"))
        for action in ADMINISTRATION:
            yield Attack(CAPTURED, f"{who}: {action} on {target.name}'s key", there.key(role.arn, action))
        for action in USE_OF_DATA:
            yield from past_s3(there, role.arn, who, action, CAPTURED)
        if role.arn != endpoint:
            yield Attack(CAPTURED, f"{who} writes {of}", there.write(role.arn, key))
            for action in ("kms:Decrypt", "kms:GenerateDataKey"):
                what = f"{who}: {action} on {target.name}'s key through S3"
                yield Attack(CAPTURED, what, there.key_through_s3(role.arn, action))
    beside = there.write(endpoint, f"{UNRELATED}/object")
    yield Attack(CAPTURED, f"the endpoint of {target.name} writes beside its own prefix", beside)


def _uploads(there: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    """By the endpoint, but not encrypted as they must be."""
    role, key = there.names.endpoint_role(target), captured_key(there.names)
    other = there.names.arn("kms", FOREIGN_ACCOUNT, "key/00000000-0000-0000-0000-000000000000", region=there.region)
    headers: Mapping[str, Mapping[str, ContextValue]] = {
        "with another algorithm": {ALGORITHM: "AES256"},
        "with another algorithm and the key": {ALGORITHM: "AES256", ENCRYPTION_KEY: there.key_arn},
        "encrypted, without a key": {ALGORITHM: "aws:kms"},
        "encrypted with another key": {ALGORITHM: "aws:kms", ENCRYPTION_KEY: other},
        "twice encrypted with the key": {ALGORITHM: "aws:kms:dsse", ENCRYPTION_KEY: there.key_arn},
    }
    who = f"the endpoint of {target.name} writes"
    for words, context in headers.items():
        yield Attack(CAPTURED, f"{who} {words}", there.call(role, "s3:PutObject", there.object_arn(key), context))
    yield Attack(CAPTURED, f"{who} over plain HTTP", plain_http(there.write(role, key)))
    listed = plain_http(there.bucket(intruder_of(there.names, target.id), "s3:ListBucket"))
    yield Attack(CAPTURED, f"what {target.name} was asked is listed over plain HTTP", listed)


def _own_account(there: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    """An administrator of the production account, who owns bucket and key: writes nothing into what was captured, and
    uses the key through S3 alone, and not at all where the map names the operator."""
    administrator, key = intruder_of(there.names, target.id), captured_key(there.names)
    group = f"An administrator of production account {target.name}"
    yield Attack(group, "writes what was not asked", there.write(administrator, key))
    yield Attack(group, "reads it over plain HTTP", plain_http(there.read(administrator, key)))
    for action in USE_OF_DATA:
        yield from past_s3(there, administrator, "administrator", action, group)
        if target.role_arn is not None:
            yield from past_s3(there, target.role_arn, "operator", action, CAPTURED)
            yield Attack(group, f"{action} on the key through S3", there.key_through_s3(administrator, action))
    if target.role_arn is not None:
        other = Arn.parse(target.role_arn).name
        yield Attack(CAPTURED, f"{other} writes what was not asked", there.write(target.role_arn, key))
        written = there.key_through_s3(target.role_arn, "kms:GenerateDataKey")
        yield Attack(CAPTURED, f"{other} encrypts with {target.name}'s key", written)
    foreign = replace(there.write(there.names.endpoint_role(target), key), resource_account=FOREIGN_ACCOUNT)
    yield Attack(CAPTURED, f"the endpoint of {target.name} writes into a bucket made again by others", foreign)
