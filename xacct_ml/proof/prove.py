"""Every hop against every document."""

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.access.model import Decision
from xacct_ml.access.store import authorize
from xacct_ml.proof.coverage import without_requests
from xacct_ml.proof.requests.hop import Hop
from xacct_ml.proof.world import World
from xacct_ml.system.thing import Bucket, Key


@dataclass(frozen=True)
class ProvenHop:
    """``number`` counts from 1 in the order of a run."""

    number: int
    hop: Hop
    decision: Decision


@dataclass(frozen=True)
class Proof:
    """``unproven`` names what is deployed and has no hop; ``notes`` are what the map cannot tell and the proof
    therefore assumes.
    """

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
