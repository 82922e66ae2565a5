"""Delete everything that is ours, dependents first."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from xacct_ml.engine.backoff import SETTLING, Backoff
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.events import Absent, Deleted, Deleting, KeptBack, OnEvent, Outcome, Reading, Report, ignore
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.resource import Kept, Resource, describe
from xacct_ml.engine.walk import walk
from xacct_ml.errors import XacctError


def destroy(
    resources: Iterable[Resource] | Graph,
    on_event: OnEvent = ignore,
    *,
    keep: Collection[str] = (),
    clock: Clock | None = None,
    backoff: Backoff = SETTLING,
) -> Report:
    """Delete what exists, dependents first, except the ids in ``keep``.

    If a deletion fails, what that resource depends on is skipped, so that the next attempt can use it. What raises
    :class:`Kept` stays and stops nothing.

    Raises :class:`~xacct_ml.engine.events.Interrupted` on Ctrl-C, with the report.
    """
    graph = resources if isinstance(resources, Graph) else Graph(resources)
    clock = clock or SystemClock()

    def work(resource: Resource, tell: OnEvent) -> Outcome:
        if resource.id in keep:
            return KeptBack(resource, "asked to keep it")
        tell(Reading(resource))
        try:
            observed = resource.read({})
            if observed is None:
                return Absent(resource)
            tell(Deleting(resource))
            resource.delete(observed, {})
        except Kept as kept:
            return KeptBack(resource, kept.message)
        _await_gone(resource, clock, backoff)
        return Deleted(resource)

    return Report(walk(graph.resources, graph.dependents, work, on_event), {})


def _await_gone(resource: Resource, clock: Clock, backoff: Backoff) -> None:
    for _ in backoff.attempts(clock, f"{describe(resource)} to disappear"):
        if resource.read({}) is None:
            return
    raise XacctError(
        f"{describe(resource)} was deleted, but is still there after {backoff.limit:.0f} seconds",
        next_step="run the same command again",
    )
