"""Attacks on the Model Registry: a model that other tools take for released, though nobody approved or deployed it."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, administrators
from xacct_ml.proof.requests.registry import APPROVED, PENDING, STATUS, package
from xacct_ml.proof.world import World
from xacct_ml.system.statements import actions

REGISTRY = "The Model Registry"
_REJECTED: dict[str, ContextValue] = {STATUS: "Rejected"}
_WRITES = actions("sagemaker", "CreateModelPackage UpdateModelPackage")


def registry_attacks(world: World) -> Iterator[Attack]:
    """None where the map has no registry."""
    if world.names.model_package_group is None:
        return
    yield from _by_our_roles(world)
    yield from _by_people(world)


def _by_our_roles(world: World) -> Iterator[Attack]:
    """Each status by whoever may not write it; and no role deletes or opens anything."""
    send, names = world.send, world.names
    may = {
        names.judge_role: ("sagemaker:CreateModelPackage", PENDING),
        names.registry_role: ("sagemaker:UpdateModelPackage", APPROVED),
    }
    words = {"pending": PENDING, "approved": APPROVED, "rejected": _REJECTED, "without a status": {}}
    for role in world.roles:
        who = f"{role.name} of {role.account}"
        for action in _WRITES:
            for status, context in words.items():
                if may.get(role.arn) != (action, context):
                    request = send.call(role.arn, action, package(send), context)
                    yield Attack(REGISTRY, f"{who}: {action}, {status}", request)
        for action, resource in _others(world, invoked=role.arn == names.pipeline_role):
            yield Attack(REGISTRY, f"{who}: {action}", send.call(role.arn, action, resource))


def _by_people(world: World) -> Iterator[Attack]:
    """Who approves runs, the operator, and administrators of all accounts but the group's own."""
    send, names = world.send, world.names
    strangers = [each for _, each in administrators(names) if Arn.parse(each).account != names.shared]
    people = [*strangers, names.approver_role, world.operator]
    for person in dict.fromkeys(each for each in people if each is not None):
        who = Arn.parse(person)
        for action in _WRITES:
            what = f"{who.name} of {who.account}: {action}, approved"
            yield Attack(REGISTRY, what, send.call(person, action, package(send), APPROVED))
        if person != world.operator:
            for action, resource in _others(world):
                yield Attack(REGISTRY, f"{who.name} of {who.account}: {action}", send.call(person, action, resource))
        else:
            opened = "sagemaker:PutModelPackageGroupPolicy"
            request = send.call(person, opened, names.model_package_group_arn)
            yield Attack(REGISTRY, f"{who.name} of {who.account}: {opened}", request)


def _others(world: World, *, invoked: bool = False) -> Iterator[tuple[str, str]]:
    """``invoked`` leaves out what the pipeline does."""
    names = world.names
    yield "sagemaker:DeleteModelPackage", package(world.send)
    for action in actions("sagemaker", "DeleteModelPackageGroup PutModelPackageGroupPolicy AddTags"):
        yield action, names.model_package_group_arn
    yield "lambda:UpdateFunctionCode", names.registry_function_arn
    if not invoked:
        yield "lambda:InvokeFunction", names.registry_function_arn
