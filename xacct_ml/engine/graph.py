"""The order of resources by their dependencies."""

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
