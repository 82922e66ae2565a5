"""Attacks on what another region has: its bucket, and the way of models into it; and one region's roles in another."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.arn import Arn
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.attacks.intruder import Attack
from xacct_ml.proof.attacks.targets import bucket_places, writers
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import DATASET, EXECUTION, artifact_key, job_name
from xacct_ml.proof.world import World

ANOTHER_REGION = "Another region"


def regional_attacks(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """``there`` sends to the region."""
    yield from _beyond_the_job(world, there)
    yield from _across_regions(there)


def _beyond_the_job(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Nobody but the copies brings models there, and nobody but the region's endpoints reads them."""
    names = there.names
    readers = {names.copy_role, *(names.endpoint_role(target) for target in names.targets_in(there.region))}
    writing = writers(there)
    for role in world.roles:
        who = f"{role.name} in {role.account}"
        for words, key in bucket_places(there).items():
            where = f"{words} of {there.region}"
            if writing.get(role.arn) != key:
                yield Attack(ANOTHER_REGION, f"{who} writes {where}", there.write(role.arn, key))
            yield Attack(ANOTHER_REGION, f"{who} deletes {where}", there.read(role.arn, key, "s3:DeleteObject"))
            allowed = {names.pipeline_role} if words == "artifacts" else readers
            if role.arn not in allowed:
                yield Attack(ANOTHER_REGION, f"{who} reads {where}", there.read(role.arn, key))
        if role.arn != names.copy_role:
            listed = there.bucket(role.arn, "s3:ListBucket")
            yield Attack(ANOTHER_REGION, f"{who} lists the bucket of {there.region}", listed)


def _across_regions(there: RequestBuilder) -> Iterator[Attack]:
    """A region's endpoints at the pipeline's region's models, functions at other regions' endpoints, and the copies at
    anything but models.
    """
    names = there.names
    mains = there.in_region(names.region)
    model = names.model_key(job_name(names))
    for target in names.targets_in(there.region):
        role = names.endpoint_role(target)
        what = f"the endpoint of {target.name} reads models of {names.region}"
        yield Attack(ANOTHER_REGION, what, mains.read(role, model))
        what = f"the endpoint of {target.name} decrypts in {names.region}"
        yield Attack(ANOTHER_REGION, what, mains.key_through_s3(role, "kms:Decrypt"))
    for target in names.targets_in(there.region):
        for other in names.production:
            if target.id == other.id and target != other:
                yield from _of_two_targets(there, target, other)
    for words, key in (
        ("data", names.channel_key(DATASET, "train")),
        ("evaluations", names.evaluation_key(EXECUTION)),
        ("artifacts", artifact_key(names)),
    ):
        yield Attack(ANOTHER_REGION, f"the copies read {words}", mains.read(names.copy_role, key))
    yield Attack(ANOTHER_REGION, "the copies write models where they come from", mains.write(names.copy_role, model))


def _of_two_targets(there: RequestBuilder, target: ProductionTarget, other: ProductionTarget) -> Iterator[Attack]:
    """One account's roles for two regions, each at the other's."""
    names = there.names
    function, action = names.deploy_function_role(target), names.deploy_action_role(target)
    for role, call, resource in (
        (action, "lambda:InvokeFunction", names.function_arn(other)),
        (function, "sagemaker:UpdateEndpoint", names.endpoint_arn(other)),
        (function, "sagemaker:CreateModel", names.target_arn(other, "sagemaker", f"model/{names.model_prefix}-0")),
    ):
        what = f"{target.name}'s role {Arn.parse(role).name}: {call} in {names.region_of(other)}"
        yield Attack(ANOTHER_REGION, what, there.in_region(names.region_of(other)).call(role, call, resource))
