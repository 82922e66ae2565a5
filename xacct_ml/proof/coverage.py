"""Whether everything that is deployed is proven: each thing of the project, and each action of its pipeline, by a hop.

Hops are written by hand, from the services' documentation. What is deployed without one would be proven by saying
nothing of it.
"""

from collections.abc import Iterator, Mapping

from xacct_ml.proof.requests.run import unknown_actions
from xacct_ml.proof.world import World
from xacct_ml.system import thing as things
from xacct_ml.system.thing import Thing

ASKED_FOR_BY_NOBODY: Mapping[type[Thing], str] = {
    things.Alias: "for people to find the key by; every request names the key itself",
}
"""Types that no request of a run may be about, and why."""


def without_requests(world: World) -> Iterator[str]:
    """What has no hop, by the words for it."""
    for action in unknown_actions(world.send, world.structure):
        yield f"{action} has no requests"
    requests = [hop.request for hop in world.hops]
    sources = {request.context.get("aws:SourceArn") for request in requests}
    resources = {request.resource for request in requests}
    assumed = {request.resource for request in requests if request.action == "sts:AssumeRole"}
    acting = {request.principal.role_arn for request in requests}
    for thing in world.things:
        named = f"{thing.type.rpartition(':')[2].lower()} {thing.name} in {thing.account}"
        if world.places.of(thing.arn.replace("*", "any")) is None:
            yield f"{named} is of a type that the whole matrix does not know"
        if isinstance(thing, things.Role):
            if thing.arn not in assumed:
                yield f"{named} is assumed by nobody"
            if thing.arn not in acting:
                yield f"{named} has no requests"
        elif isinstance(thing, things.Rule):
            if thing.arn not in sources:
                yield f"{named} has no requests"
        elif type(thing) not in ASKED_FOR_BY_NOBODY:
            within = (f"{thing.arn.removesuffix('/*')}/", f"{thing.arn}:")
            if not any(resource == thing.arn or resource.startswith(within) for resource in resources):
                yield f"{named} has no requests"
