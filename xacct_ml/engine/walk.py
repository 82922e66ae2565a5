"""Going through a graph: everything once, after what it needs; what cannot be reached any more is skipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xacct_ml.engine.events import Failed, OnEvent, Outcome, Skipped
from xacct_ml.engine.graph import ReadyQueue
from xacct_ml.engine.resource import Resource
from xacct_ml.errors import XacctError

Work = Callable[[Resource], Outcome]


def walk(
    resources: Mapping[str, Resource], prerequisites: Mapping[str, tuple[str, ...]], work: Work, on_event: OnEvent
) -> dict[str, Outcome]:
    """The outcome of every resource, in the order in which they came; each was told to ``on_event``.

    An XacctError is its resource's failure: what needs it is skipped, other branches finish. Any other exception is a
    bug and ends the walk.
    """
    outcomes: dict[str, Outcome] = {}
    queue = ReadyQueue(prerequisites)
    while queue:
        for id_ in queue.take():
            blockers = tuple(need for need in prerequisites[id_] if isinstance(outcomes[need], Failed | Skipped))
            outcomes[id_] = Skipped(resources[id_], blockers) if blockers else _attempt(work, resources[id_])
            on_event(outcomes[id_])
            queue.finished(id_)
    return outcomes


def _attempt(work: Work, resource: Resource) -> Outcome:
    try:
        return work(resource)
    except XacctError as error:
        return Failed(resource, error)
