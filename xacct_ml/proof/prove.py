"""Every hop against every document; and whether each thing of the project and each action of its pipeline has a hop.

Hops are written by hand, from the services' documentation. What is deployed without one would be proven by saying
nothing of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xacct_ml.access.model import Decision
from xacct_ml.access.store import authorize
from xacct_ml.proof.requests.hop import Hop
from xacct_ml.proof.requests.run import unknown_actions
from xacct_ml.proof.world import World
from xacct_ml.system import thing as things
from xacct_ml.system.thing import Bucket, Key, Thing

ASKED_FOR_BY_NOBODY: Mapping[type[Thing], str] = {
    things.Alias: "for people to find the key by; every request names the key itself",
    things.Schedule: "Scheduler keeps it; what it does at its times is done by roles, for its group",
    things.ModelPackageGroup: "requests of a run are about its versions, whose ARNs do not begin with the group's",
}
"""Types that no request of a run may be about, and why."""


@dataclass(frozen=True)
class ProvenHop:
    """``number`` counts from 1 in the order of a run."""

    number: int
    hop: Hop
    decision: Decision


@dataclass(frozen=True)
class Proof:
    """``unproven`` names what is deployed and has no hop; ``notes`` are what the map cannot tell and the proof
    therefore assumes."""

    hops: tuple[ProvenHop, ...]
    unproven: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.unproven and all(proven.decision.allowed for proven in self.hops)


def prove(world: World) -> Proof:
    """Decides every hop, and looks for what has none."""
    proven = tuple(
        ProvenHop(number, hop, authorize(hop.request, world.store)) for number, hop in enumerate(world.hops, start=1)
    )
    return Proof(proven, tuple(without_requests(world)), tuple(_notes(world)))


def _notes(world: World) -> Iterator[str]:
    config = world.config
    if config.roles.permissions_boundary is not None:
        yield (
            f"the permissions boundary {config.roles.permissions_boundary} is not in the map: "
            "assumed to allow what the roles' own policies allow"
        )
    adopted = {type(thing) for thing in world.things if thing.adopted}
    for what in [words for words, type_ in (("key", Key), ("bucket", Bucket)) if type_ in adopted]:
        yield (
            f"the {what} is adopted: what its owner has in its policy beside is not in the map; "
            "verify --live proves it together with ours"
        )
    if world.operator is None:
        yield "the map names no role_arn for the shared account: the operator's upload is left to that account's IAM"


def without_requests(world: World) -> Iterator[str]:
    """What has no hop, by the words for it."""
    for structure in (world.structure, world.release_structure):
        for action in unknown_actions(world.send, structure):
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
        elif isinstance(thing, things.Rule | things.ScheduleGroup):
            if thing.arn not in sources:
                yield f"{named} has no requests"
        elif type(thing) not in ASKED_FOR_BY_NOBODY:
            within = (f"{thing.arn.removesuffix('/*')}/", f"{thing.arn}:")
            if thing.arn not in sources and not any(
                resource == thing.arn or resource.startswith(within) for resource in resources
            ):
                yield f"{named} has no requests"
