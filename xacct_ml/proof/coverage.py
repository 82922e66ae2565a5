"""Whether everything that is deployed is proven: what the pipeline, its rules and its roles are, against the hops.

Hops are written by hand, from the services' documentation. What is deployed without one would be proven by saying
nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.proof.requests.run import unknown_actions
from xacct_ml.proof.world import World
from xacct_ml.system.events import rules


def without_requests(world: World) -> Iterator[str]:
    """What has no hop, by the words for it."""
    for action in unknown_actions(world.send, world.structure):
        yield f"{action} has no requests"
    sources = {hop.request.context.get("aws:SourceArn") for hop in world.hops}
    for rule in rules(world.names):
        if rule.arn not in sources:
            yield f"rule {rule.name} has no requests"
    assumed = {hop.request.resource for hop in world.hops if hop.request.action == "sts:AssumeRole"}
    acting = {hop.request.principal.role_arn for hop in world.hops}
    for role in world.roles:
        if role.arn not in assumed:
            yield f"role {role.name} in {role.account} is assumed by nobody"
        if role.arn not in acting:
            yield f"role {role.name} in {role.account} has no requests"
