"""Everything that a principal can become, and every policy that it can then write."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from xacct_ml.access.model import Request
from xacct_ml.arn import Arn
from xacct_ml.proof.reach.decisions import Decisions, Holder, policy_writer
from xacct_ml.proof.reach.steps import Steps
from xacct_ml.proof.world import World

Path = tuple[str, ...]
"""Step by step, in words."""


@dataclass(frozen=True)
class Reach:
    """``holders`` are those that it can be, itself among them; ``writable`` the resources, by ARN, whose policy one of
    them may write. Each with the shortest way found."""

    holders: Mapping[Holder, Path]
    writable: Mapping[str, Path]


def reach_of(start: Holder, world: World, steps: Steps, decisions: Decisions) -> Reach:
    paths: dict[Holder, Path] = {start: ()}
    queue = deque([start])
    while queue:
        while queue:
            holder = queue.popleft()
            for step in steps.of(holder):
                if step.to not in paths and replace(step.to, everything=True) not in paths:
                    paths[step.to] = (*paths[holder], step.words)
                    queue.append(step.to)
        queue.extend(_written(paths, steps))
    return Reach(paths, _writable(paths, world, decisions))


def _written(paths: dict[Holder, Path], steps: Steps) -> list[Holder]:
    """Those of the holders whose policies one of them may write, who are then limited by nothing."""
    found = []
    for holder, path in list(paths.items()):
        unlimited = replace(holder, everything=True)
        if unlimited not in paths:
            writers = [way for writer, way in paths.items() if steps.writes(writer, holder.arn)]
            if writers:
                way = min(writers, key=len)
                before = way if len(way) > len(path) else path
                paths[unlimited] = (*before, f"writes the policies of {holder.name}")
                found.append(unlimited)
    return found


def _writable(paths: Mapping[Holder, Path], world: World, decisions: Decisions) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for resource, words in _guarded(world).items():
        account = Arn.parse(resource).account or world.names.shared
        writer = policy_writer(world.send.call(world.names.pipeline_role, "any:Action", resource, account=account))
        assert writer is not None
        way = shortest(paths, writer, decisions)
        if way is not None:
            found[resource] = (*way.path, f"writes the policy of {words}")
    return found


class Way(NamedTuple):
    """``by`` asks, after the calls of ``path``."""

    path: Path
    by: Holder


def shortest(holders: Mapping[Holder, Path], request: Request, decisions: Decisions) -> Way | None:
    """For one of the holders to what is asked; None where none of them may."""
    ways = (
        Way((*path, *before), holder)
        for holder, path in holders.items()
        if (before := decisions.how(holder, request)) is not None
    )
    return min(ways, key=lambda way: len(way.path), default=None)


def _guarded(world: World) -> dict[str, str]:
    """Keys, buckets and event buses with a policy of the project's, and the words for each."""
    return {
        ref.owner: ref.kind.value.removesuffix(" policy").replace("key", "the key").replace("bucket", "the bucket")
        for ref in world.policies.entries
        if not ref.of_role
    }
