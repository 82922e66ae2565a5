"""Planning: reading and comparing, without writing."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from tests.engine.fakes import Fake, World, failure
from xacct_ml.engine.events import Unchanged
from xacct_ml.engine.plan import Action, absent, plan
from xacct_ml.engine.resource import UNKNOWN, NotOurs, Outputs, State
from xacct_ml.errors import CredentialsError


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


def test_what_needs_something_refused_is_blocked() -> None:
    """Nothing is guessed about it; what needs neither is planned."""
    world = World({"policy": {"size": 7}})
    steps = plan(
        [
            Fake("key", world, failing={"read": failure("denied")}),
            Fake("bucket", world, depends_on=("key",), uses="key_arn"),
            Fake("policy", world, depends_on=("bucket",)),
            Fake("other", world),
        ]
    ).steps
    assert {step.resource.id: (step.action, step.because) for step in steps} == {
        "key": (Action.REFUSE, ()),
        "bucket": (Action.BLOCKED, ("key",)),
        "policy": (Action.BLOCKED, ("bucket",)),
        "other": (Action.CREATE, ()),
    }


def test_what_cannot_be_updated_is_replaced() -> None:
    """The resource says so itself."""
    (step,) = plan([Fake("stack", World({"stack": {"size": 0}}), replaced=True)]).steps
    assert step.action is Action.REPLACE


def test_credentials_end_a_plan() -> None:
    """They are no property of one resource."""
    with pytest.raises(CredentialsError):
        plan([Fake("a", World(), failing={"read": CredentialsError("expired")})])


def test_what_is_not_there_or_cannot_be_read() -> None:
    """In the order of the graph, with why; what needs it is looked at too."""
    world, denied = World({"there": {"size": 1}}), failure("denied")
    secret = Fake("secret", world, depends_on=("missing",), failing={"read": denied})
    missing, there = Fake("missing", world), Fake("there", world, depends_on=("secret",))
    also = Fake("also missing", world, depends_on=("secret",))
    assert [(one.id, why) for one, why in absent([also, there, secret, missing])] == [
        ("missing", None),
        ("secret", denied),
        ("also missing", None),
    ]
    with pytest.raises(CredentialsError):
        absent([Fake("a", World(), failing={"read": CredentialsError("expired")})])


@dataclass
class Meeting(Fake):
    """Its read ends when everybody else's has begun."""

    barrier: threading.Barrier = field(default_factory=lambda: threading.Barrier(1))

    def read(self, outputs: Outputs) -> State | None:
        self.barrier.wait(10)
        return super().read(outputs)


def test_everything_is_read_at_once() -> None:
    """Reading waits for no dependency."""
    barrier, world = threading.Barrier(20), World()
    chain = [Meeting(str(n), world, depends_on=(str(n - 1),) if n else (), barrier=barrier) for n in range(20)]
    assert {step.action for step in plan(chain).steps} == {Action.CREATE}


def test_a_part_of_a_plan() -> None:
    """In the same order, with the outputs of the whole; an empty one is its own report."""
    world = World({"key": {"size": 1}, "bucket": {"size": 1}})
    whole = plan(
        [
            Fake("key", world, publishes="key_arn"),
            Fake("bucket", world, depends_on=("key",)),
            Fake("new", world, depends_on=("bucket",)),
        ]
    )
    part = whole.only({"bucket", "key"})
    assert [step.resource.id for step in part.steps] == ["key", "bucket"]
    assert part.empty
    report = part.nothing_done()
    assert {id_: type(outcome) for id_, outcome in report.outcomes.items()} == {"key": Unchanged, "bucket": Unchanged}
    assert report.outputs == {"key_arn": "key_arn of key"}
    assert whole.step("new").action is Action.CREATE
    with pytest.raises(KeyError):
        part.step("new")


def test_what_cannot_be_made_as_desired_is_refused_and_blocks() -> None:
    """The resource looks at what is there, or that nothing is, before anything is compared."""
    world = World()
    error = failure("the map adopts it, and it does not exist")
    first, second = plan(
        [Fake("bucket", world, failing={"check": error}), Fake("role", world, depends_on=("bucket",))]
    ).steps
    assert (first.action, first.error) == (Action.REFUSE, error)
    assert second.action is Action.BLOCKED
    assert world.writes == []
