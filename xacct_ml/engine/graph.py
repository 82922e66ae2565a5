"""The order of resources by their dependencies, and a queue of those that are ready."""

from collections.abc import Container, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from xacct_ml.engine.resource import Resource

Edges = Mapping[str, tuple[str, ...]]
"""A resource's id to the ids of what must exist before it can."""


class GraphError(ValueError):
    """The blueprint is wrong, which is a bug of ours."""


class Graph:
    """Resources and what each depends on; ids unique, every dependency known, no cycles: else :class:`GraphError`.

    ``roots`` are ids whose own dependencies do not count; ``more_edges`` are dependencies beside the resources' own, by
    id."""

    def __init__(
        self, resources: Iterable[Resource], roots: Container[str] = (), more_edges: Edges | None = None
    ) -> None:
        self.resources: dict[str, Resource] = {}
        for resource in resources:
            if resource.id in self.resources:
                raise GraphError(f"two resources are called {resource.id}")
            self.resources[resource.id] = resource
        self.dependencies: Edges = {
            id_: () if id_ in roots else (*(more_edges or {}).get(id_, ()), *resource.depends_on)
            for id_, resource in self.resources.items()
        }
        for id_, dependencies in self.dependencies.items():
            for dependency in dependencies:
                if dependency not in self.resources:
                    raise GraphError(f"{id_} depends on {dependency}, which does not exist")
        try:
            self.order = tuple(TopologicalSorter(self.dependencies).static_order())
        except CycleError as error:
            raise GraphError(f"dependencies form a cycle: {' → '.join(error.args[1])}") from error

    @property
    def dependents(self) -> Edges:
        """The graph reversed: each resource's dependents."""
        return {
            id_: tuple(other for other, needs in self.dependencies.items() if id_ in needs) for id_ in self.resources
        }


class ReadyQueue:
    """Hands out ids whose prerequisites are finished, to one loop that reports what it has finished.

    The loop may do the work itself or give it to threads; the queue is only touched by the loop."""

    def __init__(self, prerequisites: Mapping[str, tuple[str, ...]]) -> None:
        self._sorter = TopologicalSorter(prerequisites)
        self._sorter.prepare()

    def __bool__(self) -> bool:
        """Whether anything is unfinished."""
        return self._sorter.is_active()

    def take(self) -> tuple[str, ...]:
        """The ids that became ready since the last call."""
        return tuple(self._sorter.get_ready())

    def finished(self, id_: str) -> None:
        self._sorter.done(id_)
