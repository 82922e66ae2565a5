"""The graph."""

from __future__ import annotations

import pytest

from tests.engine.fakes import Fake, World
from xacct_ml.engine.graph import Graph, GraphError


def fakes(**dependencies: tuple[str, ...]) -> list[Fake]:
    return [Fake(id_, World(), depends_on=needs) for id_, needs in dependencies.items()]


def test_order_respects_dependencies() -> None:
    """What is needed comes first."""
    order = Graph(fakes(pipeline=("role", "bucket"), bucket=("key",), key=(), role=("key",))).order
    assert order[0] == "key"
    assert order[-1] == "pipeline"


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        (fakes(a=("b",), b=("a",)), "cycle"),
        (fakes(a=("a",)), "cycle"),
        (fakes(a=("nobody",)), "a depends on nobody, which does not exist"),
        ([*fakes(a=()), *fakes(a=())], "two resources are called a"),
    ],
)
def test_a_wrong_graph_is_refused(resources: list[Fake], message: str) -> None:
    """Cycles, unknown dependencies and double ids are bugs, found before anything is called."""
    with pytest.raises(GraphError, match=message):
        Graph(resources)


def test_roots_may_depend_on_what_is_not_there() -> None:
    """The dependencies of a root do not count."""
    assert Graph(fakes(role=("key",), pipeline=("role",)), roots={"role"}).order == ("role", "pipeline")


def test_dependents_are_the_graph_reversed() -> None:
    """Deleting follows the arrows backwards."""
    assert Graph(fakes(key=(), bucket=("key",), role=("key",))).dependents == {
        "key": ("bucket", "role"),
        "bucket": (),
        "role": (),
    }


def test_more_edges_come_beside_those_of_the_resources() -> None:
    graph = Graph(fakes(key=(), role=("key",), job=()), more_edges={"job": ("role",)})
    assert graph.order == ("key", "role", "job")
    with pytest.raises(GraphError, match="job depends on bucket"):
        Graph(fakes(job=()), more_edges={"job": ("bucket",)})
