"""The whole matrix: every action that AWS defines, on all our resources and on unrelated ones, by all our roles and
intruders who may do everything at home. Exactly the hops must come out as allowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.model import Decision, Outcome, Request
from xacct_ml.access.store import authorize
from xacct_ml.proof.matrix.intended import Intended, acting_role
from xacct_ml.proof.matrix.request_classes import DeniedByDefault, RequestClass, RequestClasses
from xacct_ml.proof.matrix.resource_catalog import ANY
from xacct_ml.proof.requests.hop import Hop
from xacct_ml.proof.world import World


@dataclass(frozen=True, slots=True)
class Cell:
    """One allowed (or undetermined) request. ``hop`` is the number of a hop that means it; ``why`` a documented
    reason for it where there is none."""

    request: Request
    resource_class: str
    decision: Decision
    hop: int | None
    why: str | None


@dataclass(frozen=True)
class Matrix:
    """``decisions`` settled the ``requests`` (:mod:`~xacct_ml.proof.matrix.request_classes`). ``unintended`` are the
    allowed or undetermined requests that no hop and no documented exception means; ``unexercised`` the hops that no
    allowed request showed."""

    requests: int
    decisions: int
    allowed: tuple[Cell, ...]
    unintended: tuple[Cell, ...]
    unexercised: tuple[Hop, ...]

    @property
    def holds(self) -> bool:
        return not self.unintended and not self.unexercised


def whole_matrix(world: World) -> Matrix:
    """Decides the matrix."""
    classes = RequestClasses(world)
    listed = [
        (number, hop)
        for number, hop in enumerate(world.hops, 1)
        if acting_role(hop.request.principal) not in world.policies.principals
    ]
    intended = Intended(world.names, listed, world.places)
    decided = decide_classes(classes, classes.store)
    cells = [_cell(request, one, decision, intended) for one, decision in decided.not_denied for request in one.each()]
    return Matrix(
        decided.requests,
        decided.decisions,
        tuple(cell for cell in cells if cell.hop is not None or cell.why is not None),
        tuple(cell for cell in cells if cell.hop is None and cell.why is None),
        tuple(hop for number, hop in listed if number not in intended.used),
    )


class Decided(NamedTuple):
    """``decisions`` settled the ``requests``; ``not_denied`` are the classes that are allowed or undetermined."""

    requests: int
    decisions: int
    not_denied: list[tuple[RequestClass, Decision]]


def decide_classes(asked: Iterable[RequestClass | DeniedByDefault], store: DocumentStore) -> Decided:
    requests = decisions = 0
    not_denied: list[tuple[RequestClass, Decision]] = []
    for one in asked:
        requests += one.requests
        if isinstance(one, DeniedByDefault):
            continue
        decisions += 1
        decision = authorize(one.request, store)
        if decision.outcome is not Outcome.DENIED:
            not_denied.append((one, decision))
    return Decided(requests, decisions, not_denied)


def _cell(request: Request, one: RequestClass, decision: Decision, intended: Intended) -> Cell:
    resource_class = one.place.resource_class if one.place else ANY
    if not decision.allowed:
        return Cell(request, resource_class, decision, None, None)
    hop = intended.covering(request, one.place)
    wider = intended.wider(request) if hop is None else None
    return Cell(request, resource_class, decision, hop, wider.why if wider else None)
