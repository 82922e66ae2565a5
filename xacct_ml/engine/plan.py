"""What apply would do, without doing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from xacct_ml.engine.diff import Change
from xacct_ml.engine.examine import examine
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.resource import Resource
from xacct_ml.errors import XacctError


class Action(Enum):
    CREATE = "create"
    UPDATE = "update"
    NOTHING = "nothing"
    REFUSE = "refuse"
    """It cannot be read, or is not ours: ``error`` says which."""


@dataclass(frozen=True, slots=True)
class Step:
    resource: Resource
    action: Action
    changes: tuple[Change, ...] = ()
    error: XacctError | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One step per resource, in the order in which they would be applied."""

    steps: tuple[Step, ...]

    @property
    def empty(self) -> bool:
        """Whether apply would write nothing."""
        return all(step.action is Action.NOTHING for step in self.steps)


def plan(resources: Iterable[Resource]) -> Plan:
    """Read everything and compare; writes nothing. Values that only applying would tell show as UNKNOWN."""
    graph = Graph(resources)
    outputs: dict[str, str] = {}
    return Plan(tuple(_step(graph.resources[id_], outputs) for id_ in graph.order))


def _step(resource: Resource, outputs: dict[str, str]) -> Step:
    try:
        examined = examine(resource, outputs)
    except XacctError as error:
        return Step(resource, Action.REFUSE, error=error)
    outputs.update(examined.outputs)
    if examined.settled:
        return Step(resource, Action.NOTHING)
    return Step(resource, Action.CREATE if examined.observed is None else Action.UPDATE, examined.changes)
