"""Attacks on what another region has: its bucket, and the way of models into it; and one region's roles in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.attacks.storage import BUCKET_ATTACKS, OBJECT_ATTACKS, plain_http, upload_headers
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import DATASET, EXECUTION, artifact_key, job_name
from xacct_ml.proof.world import World
from xacct_ml.system.names import Names

GROUP = "Another region"


def regional_attacks(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """``there`` sends to the region."""
    yield from _administrators(world, there)
    yield from _uploads(there)
    yield from _beyond_the_job(world, there)
    yield from _across_regions(there)


def _places(names: Names) -> Mapping[str, str]:
    return {"models": names.model_key(job_name(names)), "artifacts": artifact_key(names)}


def _administrators(world: World, there: RequestBuilder) -> Iterator[Attack]:
    names = there.names
    for words, intruder in intruders(world.names).items():
        group, own = f"An administrator of {words}", Arn.parse(intruder).account
        if own == names.shared:
            continue
        for action in BUCKET_ATTACKS:
            yield Attack(group, f"{action} on the bucket of {there.region}", there.bucket(intruder, action))
        for key in _places(names).values():
            for action in OBJECT_ATTACKS:
                write = action == "s3:PutObject"
                request = there.write(intruder, key) if write else there.read(intruder, key, action)
                yield Attack(group, f"{action} on {key} in {there.region}", request)
        function = names.copy_function_arn
        for action in ("lambda:InvokeFunction", "lambda:UpdateFunctionCode"):
            yield Attack(group, f"{action} on the copies", there.call(intruder, action, function))


def _writers(names: Names) -> Mapping[str, str]:
    """Who may upload, and where."""
    places = _places(names)
    return {names.pipeline_role: places["artifacts"], names.copy_role: places["models"]}


def _uploads(there: RequestBuilder) -> Iterator[Attack]:
    """Not encrypted with the region's key, whoever it is that uploads."""
    names = there.names
    mains = there.in_region(names.region)
    headers: Mapping[str, Mapping[str, ContextValue]] = {
        **upload_headers(there),
        "with the pipeline's region's key": {
            "s3:x-amz-server-side-encryption": "aws:kms",
            "s3:x-amz-server-side-encryption-aws-kms-key-id": mains.key_arn,
        },
    }
    for writer, key in _writers(names).items():
        who = Arn.parse(writer).name
        for words, context in headers.items():
            request = there.call(writer, "s3:PutObject", there.object_arn(key), context)
            yield Attack(GROUP, f"{who} uploads {words} in {there.region}", request)
        what = f"{who} uploads over plain HTTP in {there.region}"
        yield Attack(GROUP, what, plain_http(there.write(writer, key)))
    yield Attack(
        GROUP,
        f"the bucket of {there.region} is listed over plain HTTP",
        plain_http(there.bucket(names.copy_role, "s3:ListBucket")),
    )


def _beyond_the_job(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Nobody but the copies brings models there, and nobody but the region's endpoints reads them."""
    names = there.names
    readers = {names.copy_role, *(names.endpoint_role(target) for target in names.targets_in(there.region))}
    writers = _writers(names)
    for role in world.roles:
        who = f"{role.name} in {role.account}"
        for words, key in _places(names).items():
            where = f"{words} of {there.region}"
            if writers.get(role.arn) != key:
                yield Attack(GROUP, f"{who} writes {where}", there.write(role.arn, key))
            yield Attack(GROUP, f"{who} deletes {where}", there.read(role.arn, key, "s3:DeleteObject"))
            allowed = {names.pipeline_role} if words == "artifacts" else readers
            if role.arn not in allowed:
                yield Attack(GROUP, f"{who} reads {where}", there.read(role.arn, key))
        if role.arn != names.copy_role:
            listed = there.bucket(role.arn, "s3:ListBucket")
            yield Attack(GROUP, f"{who} lists the bucket of {there.region}", listed)


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
        yield Attack(GROUP, what, mains.read(role, model))
        what = f"the endpoint of {target.name} decrypts in {names.region}"
        yield Attack(GROUP, what, mains.key_through_s3(role, "kms:Decrypt"))
    for target in names.targets_in(there.region):
        for other in names.production:
            if target.id == other.id and target != other:
                yield from _of_two_targets(there, target, other)
    for words, key in (
        ("data", names.channel_key(DATASET, "train")),
        ("evaluations", names.evaluation_key(EXECUTION)),
        ("artifacts", artifact_key(names)),
    ):
        yield Attack(GROUP, f"the copies read {words}", mains.read(names.copy_role, key))
    yield Attack(GROUP, "the copies write models where they come from", mains.write(names.copy_role, model))


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
        yield Attack(GROUP, what, there.in_region(names.region_of(other)).call(role, call, resource))
