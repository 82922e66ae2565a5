"""Making everything as it should be."""

from __future__ import annotations

from collections.abc import Iterable

from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.events import Creating, Done, Event, OnEvent, Outcome, Reading, Report, Unchanged, Updating, ignore
from xacct_ml.engine.examine import examine
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.patience import SETTLING, Patience
from xacct_ml.engine.resource import Outputs, Resource
from xacct_ml.engine.walk import walk
from xacct_ml.errors import NotReady, XacctError


def apply(
    resources: Iterable[Resource],
    on_event: OnEvent = ignore,
    *,
    standing: Iterable[Resource] = (),
    clock: Clock | None = None,
    patience: Patience = SETTLING,
) -> Report:
    """Create what is missing, change what differs, leave the rest.

    Each resource is read right before its write and again after it, until nothing differs any more; within
    ``patience``, because AWS may show a write late. ``standing`` resources are those that others depend on but that are
    not this run's to write: where one is missing, its dependents are skipped. They are reported only where they fail.
    """
    resources, clock = tuple(resources), clock or SystemClock()
    needed = {dependency for resource in resources for dependency in resource.depends_on}
    foundation = {resource.id: resource for resource in standing if resource.id in needed}
    graph = Graph((*foundation.values(), *resources), roots=foundation)
    outputs: dict[str, str] = {}

    def work(resource: Resource) -> Outcome:
        if resource.id in foundation:
            return _found(resource, outputs)
        on_event(Reading(resource))
        return _bring_about(resource, outputs, on_event, clock, patience)

    def tell(event: Event) -> None:
        if not (event.resource.id in foundation and isinstance(event, Unchanged)):
            on_event(event)

    outcomes = walk(graph.resources, graph.dependencies, work, tell)
    reported = {i: o for i, o in outcomes.items() if not (i in foundation and isinstance(o, Unchanged))}
    return Report(reported, outputs)


def _found(resource: Resource, outputs: dict[str, str]) -> Outcome:
    observed = resource.read(outputs)
    if observed is None:
        raise NotReady(
            f"{resource.kind} {resource.name} does not exist in account {resource.account}",
            next_step="xacct-ml bootstrap",
        )
    outputs.update(resource.publish(observed))
    return Unchanged(resource)


def _bring_about(
    resource: Resource, outputs: dict[str, str], on_event: OnEvent, clock: Clock, patience: Patience
) -> Outcome:
    before = examine(resource, outputs)
    if before.settled:
        outputs.update(before.outputs)
        return Unchanged(resource)
    if before.observed is None:
        on_event(Creating(resource))
        resource.create(before.desired, before.outputs)
    else:
        on_event(Updating(resource, before.changes))
        resource.update(before.desired, before.observed, before.outputs)
    outputs.update(_settle(resource, outputs, clock, patience))
    return Done(resource, None if before.observed is None else before.changes)


def _settle(resource: Resource, outputs: Outputs, clock: Clock, patience: Patience) -> Outputs:
    """The outputs once the write is seen. Raises XacctError where it is not within the patience."""
    for _ in patience.attempts(clock):
        after = examine(resource, outputs)
        if after.settled:
            return after.outputs
    what = "it does not show up" if after.observed is None else "it still differs"
    raise XacctError(
        f"{resource.kind} {resource.name} was written, but {what} after {patience.limit:.0f} seconds",
        details=() if after.observed is None else tuple(str(change) for change in after.changes[:5]),
        next_step="run the same command again; if it stays so, something else changes this resource",
    )
