"""What apply would do, without doing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from xacct_ml.engine.diff import Change, compare
from xacct_ml.engine.events import Failed, OnEvent, Outcome, Reading, Report, Seen, Unchanged, ignore
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.resource import Outputs, Resource
from xacct_ml.engine.walk import READERS, walk
from xacct_ml.errors import CredentialsError, XacctError


class Action(Enum):
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    """It is deleted and created again."""
    NOTHING = "nothing"
    REFUSE = "refuse"
    """It cannot be read, cannot be made as desired, or is not ours; see ``error``."""
    BLOCKED = "blocked"
    """It needs the resources ``because``, which are refused."""


@dataclass(frozen=True, slots=True)
class Step:
    resource: Resource
    action: Action
    changes: tuple[Change, ...] = ()
    error: XacctError | None = None
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One step per resource, in the order of applying them. ``outputs`` are those of existing resources."""

    steps: tuple[Step, ...]
    outputs: Outputs

    @property
    def empty(self) -> bool:
        """Whether apply would write nothing."""
        return all(step.action is Action.NOTHING for step in self.steps)

    @property
    def writes(self) -> bool:
        """Whether apply would write something. What is refused or blocked it would not."""
        return any(step.action in (Action.CREATE, Action.UPDATE, Action.REPLACE) for step in self.steps)

    @property
    def refused(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.action is Action.REFUSE)

    def step(self, id_: str) -> Step:
        """Raises KeyError for a resource that is not in it."""
        for step in self.steps:
            if step.resource.id == id_:
                return step
        raise KeyError(id_)

    def only(self, ids: Iterable[str]) -> Plan:
        """The part of the plan that concerns these resources."""
        wanted = frozenset(ids)
        return Plan(tuple(step for step in self.steps if step.resource.id in wanted), self.outputs)

    def nothing_done(self) -> Report:
        """The report of applying an empty plan."""
        return Report({step.resource.id: Unchanged(step.resource) for step in self.steps}, self.outputs)


OnPlan = Callable[[Plan], None]
"""Is called with a plan before it is carried out, and stops the command by raising."""


def agree(_: Plan) -> None:
    """Accepts every plan."""


def plan(resources: Iterable[Resource], on_event: OnEvent = ignore) -> Plan:
    """Read everything concurrently and compare, without writing. Values that only apply would know are UNKNOWN.

    What cannot be read is refused, and what needs it is blocked. Raises CredentialsError if credentials expire, and
    :class:`~xacct_ml.engine.events.Interrupted`."""
    graph = Graph(resources)
    seen = _seen(graph, on_event)
    steps: dict[str, Step] = {}
    outputs: dict[str, str] = {}
    for id_ in graph.order:
        blockers = tuple(
            need for need in graph.dependencies[id_] if steps[need].action in (Action.REFUSE, Action.BLOCKED)
        )
        steps[id_] = _step(graph.resources[id_], seen, blockers, outputs)
    return Plan(tuple(steps.values()), outputs)


def absent(resources: Iterable[Resource]) -> tuple[tuple[Resource, XacctError | None], ...]:
    """Which of them do not exist, or, with why, cannot be read; in the order of applying them. Raises as plan does."""
    graph = Graph(resources)
    seen = _seen(graph, ignore)
    outcomes = [(graph.resources[id_], seen[id_]) for id_ in graph.order]
    return tuple(
        (resource, outcome.error if isinstance(outcome, Failed) else None)
        for resource, outcome in outcomes
        if isinstance(outcome, Failed) or (isinstance(outcome, Seen) and outcome.observed is None)
    )


def look(resource: Resource, tell: OnEvent) -> Outcome:
    """The work of a walk that only reads."""
    tell(Reading(resource))
    return Seen(resource, resource.read({}))


def _seen(graph: Graph, on_event: OnEvent) -> Mapping[str, Outcome]:
    seen = walk(graph.resources, dict.fromkeys(graph.resources, ()), look, on_event, threads=READERS)
    for outcome in seen.values():
        if isinstance(outcome, Failed) and isinstance(outcome.error, CredentialsError):
            raise outcome.error
    return seen


def _step(resource: Resource, seen: Mapping[str, Outcome], blockers: tuple[str, ...], outputs: dict[str, str]) -> Step:
    outcome = seen[resource.id]
    if isinstance(outcome, Failed):
        return Step(resource, Action.REFUSE, error=outcome.error)
    if blockers:
        return Step(resource, Action.BLOCKED, because=blockers)
    assert isinstance(outcome, Seen)
    try:
        examined = compare(resource, outcome.observed, outputs)
    except XacctError as error:
        return Step(resource, Action.REFUSE, error=error)
    outputs.update(examined.outputs)
    if examined.settled:
        return Step(resource, Action.NOTHING)
    if examined.observed is None:
        return Step(resource, Action.CREATE, examined.changes)
    replaced = resource.replaces(examined.observed)
    return Step(resource, Action.REPLACE if replaced else Action.UPDATE, examined.changes)
