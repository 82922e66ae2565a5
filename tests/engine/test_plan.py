"""Planning: reading and comparing, without writing."""

from __future__ import annotations

from tests.engine.fakes import Fake, World
from xacct_ml.engine.plan import Action, plan
from xacct_ml.engine.resource import UNKNOWN, NotOurs


def test_a_plan_of_nothing_to_do_is_empty() -> None:
    """Everything as it should be: no step that does anything."""
    assert plan([Fake("a", World({"a": {"size": 1}}))]).empty


def test_a_plan_writes_nothing_and_says_what_apply_would() -> None:
    """Create, update, nothing and refuse, in the order of the graph."""
    world = World({"changed": {"size": 2}, "same": {"size": 1}})
    result = plan(
        [
            Fake("missing", world),
            Fake("changed", world, depends_on=("missing",)),
            Fake("same", world, depends_on=("changed",)),
            Fake("foreign", world, depends_on=("same",), failing={"read": NotOurs("not ours")}),
        ]
    )
    assert [(step.resource.id, step.action) for step in result.steps] == [
        ("missing", Action.CREATE),
        ("changed", Action.UPDATE),
        ("same", Action.NOTHING),
        ("foreign", Action.REFUSE),
    ]
    assert not result.empty
    assert world.writes == []


def test_what_only_applying_tells_is_unknown() -> None:
    """A key that does not exist has no ARN yet, and the plan says so."""
    world = World({"bucket": {"size": 1, "uses": "the old key"}})
    _, step = plan(
        [Fake("key", world, publishes="key_arn"), Fake("bucket", world, depends_on=("key",), uses="key_arn")]
    ).steps
    assert [(change.place, change.after) for change in step.changes] == [("uses", UNKNOWN)]
