"""Create what is missing and change what differs; or delete everything that is ours, dependents first."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from xacct_ml.engine import events
from xacct_ml.engine.backoff import SETTLING, Backoff
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.diff import examine
from xacct_ml.engine.events import Event, Interrupted, OnEvent, Outcome, Report, ignore
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.resource import Kept, Outputs, Resource, describe
from xacct_ml.engine.walk import walk
from xacct_ml.errors import CredentialsError, NotReady, XacctError


def apply(
    resources: Iterable[Resource],
    on_event: OnEvent = ignore,
    *,
    standing: Iterable[Resource] = (),
    clock: Clock | None = None,
    backoff: Backoff = SETTLING,
) -> Report:
    """Create what is missing, change what differs, leave the rest. Independent resources are done concurrently.

    Each resource is read right before its write, and after it until nothing differs any more, for as long as
    ``backoff`` lasts: AWS may show a write late. ``standing`` resources are needed by others but not written here. If
    one is missing, its dependents are skipped. They are reported only if they fail.

    Raises :class:`~xacct_ml.engine.events.Interrupted` on Ctrl-C, with the report."""
    resources = tuple(resources)
    needed = {dependency for resource in resources for dependency in resource.depends_on}
    foundation = {resource.id: resource for resource in standing if resource.id in needed}
    graph = Graph((*foundation.values(), *resources), roots=foundation)
    applying = _Applying(graph, frozenset(foundation), clock or SystemClock(), backoff)

    def tell(event: Event) -> None:
        if not (event.resource.id in foundation and isinstance(event, events.Unchanged)):
            on_event(event)

    try:
        outcomes = walk(graph.resources, graph.dependencies, applying.work, tell)
    except Interrupted as interrupt:
        raise Interrupted(applying.report(interrupt.report.outcomes.values())) from interrupt
    return applying.report(outcomes.values())


@dataclass
class _Applying:
    graph: Graph
    foundation: frozenset[str]
    clock: Clock
    backoff: Backoff
    known: dict[str, Outputs] = field(default_factory=dict)
    """For each finished resource its outputs and those of its dependencies. Only its own thread writes its entry."""

    def work(self, resource: Resource, tell: OnEvent) -> Outcome:
        outputs = self._outputs_for(resource)
        if resource.id in self.foundation:
            return self._found(resource, outputs)
        tell(events.Reading(resource))
        before = examine(resource, outputs)
        if before.settled:
            self.known[resource.id] = before.outputs
            return events.Unchanged(resource)
        if before.observed is None:
            tell(events.Creating(resource))
            resource.create(before.desired, before.outputs)
        else:
            tell(events.Updating(resource, before.changes))
            resource.update(before.desired, before.observed, before.outputs)
        self.known[resource.id] = _settle(resource, outputs, self.clock, self.backoff)
        return events.Done(resource, None if before.observed is None else before.changes)

    def report(self, outcomes: Iterable[Outcome]) -> Report:
        reported = {
            outcome.resource.id: outcome
            for outcome in outcomes
            if not (outcome.resource.id in self.foundation and isinstance(outcome, events.Unchanged))
        }
        return Report(reported, {name: value for known in self.known.values() for name, value in known.items()})

    def _found(self, resource: Resource, outputs: Outputs) -> Outcome:
        observed = resource.read(outputs)
        if observed is None:
            raise NotReady(
                f"{describe(resource)} does not exist in account {resource.account}", next_step="xacct-ml bootstrap"
            )
        self.known[resource.id] = resource.publish(observed)
        return events.Unchanged(resource)

    def _outputs_for(self, resource: Resource) -> Outputs:
        """The outputs of all its dependencies, direct or not, and no others: those would depend on timing."""
        needs = self.graph.dependencies[resource.id]
        return {name: value for need in needs for name, value in self.known[need].items()}


def _settle(resource: Resource, outputs: Outputs, clock: Clock, backoff: Backoff) -> Outputs:
    """The outputs, once AWS shows the write. Raises XacctError if it does not within the backoff's limit."""
    for _ in backoff.attempts(clock, f"{describe(resource)} to show what was written"):
        after = examine(resource, outputs)
        if after.settled:
            return after.outputs
    what = "it does not show up" if after.observed is None else "it still differs"
    raise XacctError(
        f"{describe(resource)} was written, but {what} after {backoff.limit:.0f} seconds",
        details=() if after.observed is None else tuple(str(change) for change in after.changes[:5]),
        next_step="run the same command again; if it stays so, something else changes this resource",
    )


def destroy(
    resources: Iterable[Resource] | Graph,
    on_event: OnEvent = ignore,
    *,
    keep: Collection[str] = (),
    clock: Clock | None = None,
    backoff: Backoff = SETTLING,
) -> Report:
    """Delete what exists, dependents first, except the ids in ``keep``.

    If a deletion fails, what that resource depends on is skipped, so that the next attempt can use it. What cannot be
    read fails, and only what it :meth:`~xacct_ml.engine.resource.Resource.holds` is skipped. What raises :class:`Kept`
    stays and stops nothing.

    Raises :class:`~xacct_ml.engine.events.Interrupted` on Ctrl-C, with the report."""
    graph = resources if isinstance(resources, Graph) else Graph(resources)
    clock = clock or SystemClock()

    def work(resource: Resource, tell: OnEvent) -> Outcome:
        if resource.id in keep:
            return events.KeptBack(resource, "asked to keep it")
        tell(events.Reading(resource))
        try:
            observed = resource.read({})
        except Kept as kept:
            return events.KeptBack(resource, kept.message)
        except CredentialsError:
            raise
        except XacctError as error:
            return events.Failed(resource, error, unread=True)
        if observed is None:
            return events.Absent(resource)
        tell(events.Deleting(resource))
        try:
            resource.delete(observed, {})
        except Kept as kept:
            return events.KeptBack(resource, kept.message)
        _await_gone(resource, clock, backoff)
        return events.Deleted(resource)

    def lets_through(outcome: Outcome, other: Resource) -> bool:
        return isinstance(outcome, events.Failed) and outcome.unread and not outcome.resource.holds(other)

    return Report(walk(graph.resources, graph.dependents, work, on_event, lets_through=lets_through), {})


def _await_gone(resource: Resource, clock: Clock, backoff: Backoff) -> None:
    for _ in backoff.attempts(clock, f"{describe(resource)} to disappear"):
        if resource.read({}) is None:
            return
    raise XacctError(
        f"{describe(resource)} was deleted, but is still there after {backoff.limit:.0f} seconds",
        next_step="run the same command again",
    )
