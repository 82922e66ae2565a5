"""Attacks by way of roles: assuming them, having a service assume them, passing them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xacct_ml.access.model import ContextValue, PrincipalKind
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.requests.samples import UNRELATED
from xacct_ml.proof.world import World
from xacct_ml.system.thing import Role

STRANGERS = {
    "states:stateMachine": (f"activity:{UNRELATED}", "something that is no state machine"),
    "sagemaker:training-job": (f"processing-job/{UNRELATED}", "something that is no training job"),
    "sagemaker:": (f"notebook-instance/{UNRELATED}", "something that is no endpoint"),
    "codepipeline:": (UNRELATED, "another pipeline"),
    "cloudformation:stack": (f"stack/{UNRELATED}/id", "another stack"),
}
"""By service and type of what a service acts for: resources of the role's own account that must not act under the role.
Those of other types are another of the same. SageMaker hosting sends ``*`` literally, without a type."""


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


def service_roles(world: World) -> Mapping[str, tuple[str, Arn | None]]:
    """By role, the service that assumes it in a run and what it acts for, where it says so."""
    found: dict[str, tuple[str, Arn | None]] = {}
    for request in (hop.request for hop in world.hops if hop.request.principal.kind is PrincipalKind.SERVICE):
        if request.action != "sts:AssumeRole":
            continue
        source = request.context.get("aws:SourceArn")
        if request.resource not in found or (found[request.resource][1] is None and source):
            acting_for = Arn.parse(source) if isinstance(source, str) else None
            found[request.resource] = (request.principal.arn, acting_for)
    return found


def _confused_deputies(world: World) -> Iterator[Attack]:
    """A service that acts for somebody else and says so, in whichever of the two keys it sends; and services that
    have no business with a role."""
    send, meant = world.send, service_roles(world)
    by_services = [hop.request for hop in world.hops if hop.request.principal.kind is PrincipalKind.SERVICE]
    silent = {request.resource for request in by_services if "aws:SourceArn" not in request.context}
    for role in world.roles:
        own, source = meant.get(role.arn, (None, None))
        for service in sorted({service for service, _ in meant.values()}):
            if service != own:
                what = f"{service} assumes {role.name} in {role.account}"
                request = send.assume(service, role.arn, {"aws:SourceAccount": role.account})
                yield Attack("Confused deputy", what, request)
                continue
            for words, context in _sources(role, source, says_so=role.arn not in silent).items():
                what = f"{service} assumes {role.name} {words}"
                yield Attack("Confused deputy", what, send.assume(service, role.arn, context))


def _sources(role: Role, source: Arn | None, *, says_so: bool) -> Mapping[str, Mapping[str, ContextValue]]:
    """Contexts in which the very service of the role must be refused, by their words. ``says_so``: it always says for
    what it acts."""
    account: dict[str, ContextValue] = {"aws:SourceAccount": FOREIGN_ACCOUNT}
    if source is None:
        return {"for a foreign account (naming only the account)": account}
    foreign = str(replace(source, account=FOREIGN_ACCOUNT))
    another = f"{source.resource.removesuffix(source.name)}{UNRELATED}", f"another {source.type}"
    stranger, words = STRANGERS.get(f"{source.service}:{source.type}", another)
    arn = str(replace(source, account=role.account, resource=stranger))
    return {
        **({"without saying for whom": {}} if says_so else {}),
        "for a foreign account": {**account, "aws:SourceArn": foreign},
        "for a foreign account (naming only the account)": account,
        "for a foreign account (naming only the resource)": {"aws:SourceArn": foreign},
        f"for {words}": {"aws:SourceAccount": role.account, "aws:SourceArn": arn},
    }


def _passing_roles(world: World) -> Iterator[Attack]:
    """Any role of the same account to any service, but the intended role to the intended service."""
    intended = _meant(world, "iam:PassRole")
    services = sorted({*(service for service, _ in service_roles(world).values()), "ec2.amazonaws.com"})
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
