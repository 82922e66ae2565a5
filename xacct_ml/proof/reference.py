"""Hops and documents against the Service Authorization Reference, a judge that knows nothing of ours.

A right on an action that AWS does not define, on a resource type that the action does not have, or under a condition
key that the action never fills, is void: it looks like a grant or a guard and is none."""

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.access.context import RequestContext
from xacct_ml.access.model import Principal, Request
from xacct_ml.access.policy import Policy, Statement
from xacct_ml.access.truth import NO
from xacct_ml.proof.actions import Action, service_actions
from xacct_ml.proof.matrix.resource_catalog import ANY, ResourceCatalog
from xacct_ml.proof.policies import DocumentKind, DocumentRef, listed, statements_of
from xacct_ml.proof.requests.hop import Hop
from xacct_ml.proof.world import World
from xacct_ml.system.statements import Document


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``where`` is a hop or a statement; ``why`` is what the reference says instead."""

    where: str
    why: str


def contradictions(world: World) -> tuple[Contradiction, ...]:
    """Everything in hops and documents that AWS's own list of actions does not know."""
    return (
        *(
            Contradiction(f"{hop.stage}: {hop.what}: {hop.request.action}", why)
            for hop in world.hops
            for why in _of_hop(hop, world.places)
        ),
        *(
            Contradiction(f"{ref.title} › {compiled.sid}", why)
            for ref, document in world.policies.entries.items()
            for compiled, statement in zip(
                Policy.parse(document, ref.name).statements, statements_of(document), strict=True
            )
            for why in _of_statement(ref, compiled, statement, world.places)
        ),
    )


def _of_hop(hop: Hop, places: ResourceCatalog) -> Iterator[str]:
    request = hop.request
    action = service_actions().actions.get(request.action.lower())
    if action is None:
        yield f"{request.action} is no action"
        return
    if request.resource == ANY:
        if action.needs_resource:
            yield f"{action.name} names a resource"
    elif not any(place.covers(request.resource) for place in places.of_action(action)):
        yield f"{action.name} has no resource like {request.resource}"
    yield from (f"{action.name} never carries {key}" for key in request.context if not action.fills(key))


def _of_statement(ref: DocumentRef, compiled: Statement, statement: Document, places: ResourceCatalog) -> Iterator[str]:
    for pattern in listed(statement.get("Action", [])):
        if "*" in pattern or "?" in pattern:
            continue
        action = service_actions().actions.get(pattern.lower())
        if action is None:
            yield f"{pattern} is no action"
        elif not _covers(ref, compiled, action, places):
            yield f"{action.name} acts on nothing that the statement covers"
        else:
            for keys in statement.get("Condition", {}).values():
                yield from (f"{action.name} never carries {key}" for key in keys if not action.fills(key))


def _covers(ref: DocumentRef, compiled: Statement, action: Action, places: ResourceCatalog) -> bool:
    """Whether the statement covers some resource of ours that the action has (``*`` for an action without any)."""
    if ref.kind is not DocumentKind.IDENTITY:
        within = f"{ref.owner}/"
        own = (place for place in places.of_action(action) if f"{place.arn}/".startswith(within))
        return any(_matches(compiled, place.arn) for place in own)
    if not action.needs_resource and _matches(compiled, ANY):
        return True
    return any(_matches(compiled, place.arn) for place in places.of_action(action))


def _matches(compiled: Statement, arn: str) -> bool:
    if compiled.resource is None:
        return True
    probe = RequestContext(Request(Principal.anonymous(), "s3:GetObject", arn, ""))
    return compiled.resource.match(arn, probe) is not NO
