"""Attacks by way of batch transforms in production: at the files, and by the role that predicts them at all else."""

from collections.abc import Iterator
from dataclasses import replace

from xacct_ml.arn import Arn
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.attacks.intruder import Attack, administrators
from xacct_ml.proof.attacks.storage import bucket_places
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.requests.batch import ANSWER, FILE, on_file
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.lambda_judge import once
from xacct_ml.proof.requests.samples import batch_name
from xacct_ml.proof.world import World

FILES = "Predicting files"


def batch_attacks(world: World) -> Iterator[Attack]:
    """None where the map has no ``batch``."""
    if (target := world.names.batch_target) is not None:
        send = world.send.in_region(world.names.region_of(target))
        yield from _at_the_files(world, send, target)
        yield from _by_the_role(send, target)
        yield from _by_others(world, send, target)


def _at_the_files(world: World, send: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    """By every other role, and by administrators of other accounts: the bucket's own account alone lets in."""
    asked = (("reads files", "s3:GetObject", FILE), ("writes answers", "s3:PutObject", ANSWER))
    others = [role.arn for role in world.roles if role.arn != world.names.batch_role(target)]
    for who in (*others, *dict.fromkeys(intruder for _, intruder in administrators(world.names, but=target.id))):
        arn = Arn.parse(who)
        for words, action, key in asked:
            yield Attack(FILES, f"{arn.name} of {arn.account} {words}", on_file(send, who, action, key))


def _by_the_role(send: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    """Judged models, and files in the bucket of its account: nothing else of ours, and no bucket that somebody else
    made under its name."""
    names, role = send.names, send.names.batch_role(target)
    mains = send.in_region(names.region)
    for words, key in bucket_places(mains).items():
        if words != "judged models" or not send.is_pipelines:
            yield Attack(FILES, f"the role of batch transforms reads {words}", mains.read(role, key))
        yield Attack(FILES, f"the role of batch transforms writes {words}", once(mains.write(role, key)))
    for words, action, key in (("reads", "s3:GetObject", FILE), ("writes", "s3:PutObject", ANSWER)):
        there = replace(on_file(send, role, action, key), resource_account=FOREIGN_ACCOUNT)
        yield Attack(FILES, f"the role of batch transforms {words} in a bucket made again by others", there)
        deleted = on_file(send, role, "s3:DeleteObject", key)
        yield Attack(FILES, f"the role of batch transforms deletes what it {words}", deleted)
    for action, resource in (
        ("sagemaker:InvokeEndpoint", names.endpoint_arn(target)),
        ("sagemaker:CreateModel", names.target_arn(target, "sagemaker", f"model/{batch_name(names)}")),
    ):
        yield Attack(FILES, f"the role of batch transforms: {action}", send.call(role, action, resource))


def _by_others(world: World, send: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    """No role of the project makes such a model or job, or passes the role: the operator does."""
    names = world.names
    for role in world.roles:
        who = f"{role.name} of {role.account}"
        for call, kind in (("CreateModel", "model"), ("CreateTransformJob", "transform-job")):
            resource = names.target_arn(target, "sagemaker", f"{kind}/{batch_name(names)}")
            yield Attack(
                FILES, f"{who}: {call} of batch transforms", send.call(role.arn, f"sagemaker:{call}", resource)
            )
        passed = send.pass_role(role.arn, names.batch_role(target), "sagemaker.amazonaws.com")
        yield Attack(FILES, f"{who} passes the role of batch transforms", passed)
