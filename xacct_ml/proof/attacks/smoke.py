"""Attacks on smoke tests: temporary endpoints by whom they are not for, the deploying function beyond its own, and the
golden rows."""

from collections.abc import Iterator

from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.attacks.intruder import Attack
from xacct_ml.proof.requests.lambda_judge import once
from xacct_ml.proof.requests.samples import DATASET, DIGEST, smoke_config
from xacct_ml.proof.world import World

SMOKE = "Smoke tests"
_CALLS = (
    "CreateEndpoint/endpoint",
    "DeleteEndpoint/endpoint",
    "InvokeEndpoint/endpoint",
    "CreateEndpointConfig/config",
    "DeleteEndpointConfig/config",
)


def smoke_attacks(world: World) -> Iterator[Attack]:
    for target in world.names.production:
        yield from _beyond_its_own(world, target)
        yield from _by_others(world, target)
    yield from _golden_rows(world)


def _beyond_its_own(world: World, target: ProductionTarget) -> Iterator[Attack]:
    """What serves is asked, deleted and taken its configuration by nobody; nor is another endpoint made."""
    names = world.names
    send, role = world.send.in_region(names.region_of(target)), names.deploy_function_role(target)
    other = names.target_arn(target, "sagemaker", f"endpoint/{names.smoke_prefix}of-others")
    config = names.target_arn(target, "sagemaker", f"endpoint-config/{names.model_prefix}-{DATASET}")
    for words, action, resource in (
        ("deletes what serves", "DeleteEndpoint", names.endpoint_arn(target)),
        ("deletes what serves' configuration", "DeleteEndpointConfig", config),
        ("changes its temporary endpoint to serve", "UpdateEndpoint", names.smoke_endpoint_arn(target)),
        ("makes another temporary endpoint", "CreateEndpoint", other),
        ("deletes another's temporary endpoint", "DeleteEndpoint", other),
    ):
        yield Attack(SMOKE, f"{target.name}'s function {words}", send.call(role, f"sagemaker:{action}", resource))


def _by_others(world: World, target: ProductionTarget) -> Iterator[Attack]:
    names = world.names
    send = world.send.in_region(names.region_of(target))
    resources = {"endpoint": names.smoke_endpoint_arn(target), "config": smoke_config(names, target)}
    for role in world.roles:
        if role.arn == names.deploy_function_role(target):
            continue
        for action, what in (call.split("/") for call in _CALLS):
            told = f"{role.name} of {role.account}: {action} of {target.name}'s temporary {what}"
            yield Attack(SMOKE, told, send.call(role.arn, f"sagemaker:{action}", resources[what]))


def _golden_rows(world: World) -> Iterator[Attack]:
    """The judge alone writes them, once; who reports job results reads no model with them."""
    send, names = world.send, world.names
    for kind in ("csv", "json"):
        key = names.golden_key(DIGEST, kind)
        for role in world.roles:
            who = f"{role.name} of {role.account}"
            if role.arn == names.judge_role:
                yield Attack(SMOKE, f"{who} writes over golden.{kind}", send.write(role.arn, key))
            else:
                yield Attack(SMOKE, f"{who} writes golden.{kind}", once(send.write(role.arn, key)))
    reader = names.job_result_role
    model = send.read(reader, names.judged_key(DIGEST))
    yield Attack(SMOKE, "Who reads the golden answers reads the model", model)
    yield Attack(SMOKE, "Who reads the golden answers lists everything", send.bucket(reader, "s3:ListBucket"))
