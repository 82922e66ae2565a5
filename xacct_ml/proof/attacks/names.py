"""Attacks by names: what a run does, asked of what is called as ours, and by who is nearly called as we are."""

from collections.abc import Iterator

from xacct_ml.access.model import Request
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack
from xacct_ml.proof.attacks.namesakes import of_resource, of_role
from xacct_ml.proof.matrix.intended import wider
from xacct_ml.proof.world import World

NAMES = "Names like ours"


def name_attacks(world: World) -> Iterator[Attack]:
    """Each role's requests, once; not what AWS documents for more resources than we use."""
    ours = {role.arn for role in world.roles}
    asked = {
        (request.principal.role_arn, request.action, request.resource): request
        for request in (hop.request for hop in world.hops)
        if request.principal.role_arn in ours
    }
    for request in asked.values():
        for other in of_resource(request):
            if wider(world.names, other) is None:
                yield Attack(NAMES, _words(other), other)
        near = of_role(world.names, request)
        if near is not None:
            yield Attack(NAMES, _words(near), near)


def _words(request: Request) -> str:
    who = Arn.parse(request.principal.role_arn or "").name
    of = f" in {request.resource_account}" if ":s3:::" in request.resource else ""
    return f"{who} in {request.principal.account}: {request.action} on {request.resource}{of}"
