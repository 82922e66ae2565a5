"""Attacks by way of roles: assuming them, having a service assume them, passing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT, UNRELATED
from xacct_ml.proof.world import World
from xacct_ml.system.names import Names
from xacct_ml.system.thing import Role

SERVICE_ROLES = {
    "pipeline": "codepipeline.amazonaws.com",
    "start": "events.amazonaws.com",
    "forward": "events.amazonaws.com",
    "copy-model": "lambda.amazonaws.com",
    "cloudformation": "cloudformation.amazonaws.com",
    "state-machine": "states.amazonaws.com",
    "training": "sagemaker.amazonaws.com",
    "deploy-function": "lambda.amazonaws.com",
    "endpoint": "sagemaker.amazonaws.com",
}
SOURCES = {
    "pipeline": ("codepipeline", "any"),
    "start": ("events", "rule/any"),
    "forward": ("events", "rule/any"),
    "copy-model": ("lambda", "function:any"),
    "cloudformation": ("cloudformation", "stack/any/id"),
    "state-machine": ("states", "stateMachine:any"),
    "training": ("sagemaker", "training-job/any"),
    "deploy-function": ("lambda", "function:any"),
    "endpoint": ("sagemaker", "*"),
}
"""For whom a service acts, as ``aws:SourceArn`` would say it; ``*`` is what SageMaker hosting sends literally."""

STRANGERS = {
    "pipeline": ("codepipeline", UNRELATED, "another pipeline"),
    "start": ("events", f"rule/{UNRELATED}", "another rule"),
    "forward": ("events", f"rule/{UNRELATED}", "another rule"),
    "copy-model": ("lambda", f"function:{UNRELATED}", "another function"),
    "cloudformation": ("cloudformation", f"stack/{UNRELATED}/id", "another stack"),
    "state-machine": ("states", f"activity:{UNRELATED}", "something that is no state machine"),
    "training": ("sagemaker", f"processing-job/{UNRELATED}", "something that is no training job"),
    "deploy-function": ("lambda", f"function:{UNRELATED}", "another function"),
    "endpoint": ("sagemaker", f"notebook-instance/{UNRELATED}", "something that is no endpoint"),
}
"""Resources of the role's own account that must not act under the role."""


def role_attacks(world: World) -> Iterator[Attack]:
    yield from _administrators(world)
    yield from _role_assumption(world)
    yield from _confused_deputies(world)
    yield from _passing_roles(world)


def _administrators(world: World) -> Iterator[Attack]:
    for words, intruder in intruders(world.names).items():
        for role in world.roles:
            if role.account != Arn.parse(intruder).account:
                what = f"assumes {role.name} in {role.account}"
                yield Attack(f"An administrator of {words}", what, world.send.assume_from(intruder, role.arn))


def _role_assumption(world: World) -> Iterator[Attack]:
    """Every role into every other, but the intended."""
    intended = _meant(world, "sts:AssumeRole")
    for role in world.roles:
        for other in world.roles:
            if role.arn != other.arn and (role.arn, other.arn, None) not in intended:
                what = f"{role.name} assumes {other.name} in {other.account}"
                yield Attack("Role assumption", what, world.send.assume_from(role.arn, other.arn))


def _confused_deputies(world: World) -> Iterator[Attack]:
    """A service that acts for somebody else and says so, in whichever of the two keys it sends; and services that
    have no business with a role.
    """
    send = world.send
    for role in world.roles:
        for service in sorted(set(SERVICE_ROLES.values())):
            if SERVICE_ROLES.get(role.job) != service:
                what = f"{service} assumes {role.name} in {role.account}"
                request = send.assume(service, role.arn, {"aws:SourceAccount": role.account})
                yield Attack("Confused deputy", what, request)
                continue
            for words, context in _sources(send.names, role).items():
                what = f"{service} assumes {role.name} {words}"
                yield Attack("Confused deputy", what, send.assume(service, role.arn, context))


def _sources(names: Names, role: Role) -> Mapping[str, Mapping[str, ContextValue]]:
    """Contexts in which the very service of the role must be refused, by their words."""
    kind, source = SOURCES[role.job]
    foreign = names.arn(kind, FOREIGN_ACCOUNT, source)
    account: dict[str, ContextValue] = {"aws:SourceAccount": FOREIGN_ACCOUNT}
    found: dict[str, dict[str, ContextValue]] = {
        "for a foreign account": {**account, "aws:SourceArn": foreign},
        "for a foreign account (naming only the account)": account,
    }
    if role.job in STRANGERS:
        found["for a foreign account (naming only the resource)"] = {"aws:SourceArn": foreign}
        stranger_kind, stranger, words = STRANGERS[role.job]
        arn = names.arn(stranger_kind, role.account, stranger)
        found[f"for {words}"] = {"aws:SourceAccount": role.account, "aws:SourceArn": arn}
    return found


def _passing_roles(world: World) -> Iterator[Attack]:
    """Any role of the same account to any service, but the intended role to the intended service."""
    intended = _meant(world, "iam:PassRole")
    services = sorted({*SERVICE_ROLES.values(), "ec2.amazonaws.com"})
    for role in world.roles:
        for passed in world.roles:
            if passed.account != role.account:
                continue
            for service in services:
                if (role.arn, passed.arn, service) not in intended:
                    what = f"{role.name} passes {passed.name} to {service}"
                    yield Attack("Passing roles", what, world.send.pass_role(role.arn, passed.arn, service))


def _meant(world: World, action: str) -> set[tuple[str | None, str, ContextValue | None]]:
    """Who does so to which role in a run, and for which service."""
    requests = (hop.request for hop in world.hops if hop.request.action == action)
    return {(one.principal.role_arn, one.resource, one.context.get("iam:PassedToService")) for one in requests}
