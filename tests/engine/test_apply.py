"""Applying: what is written for what is observed, and how failures spread."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Fake, FakeClock, World, failure
from xacct_ml.engine.apply import apply
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.events import (
    Creating,
    Defect,
    Done,
    Event,
    Failed,
    Interrupted,
    Reading,
    Report,
    Skipped,
    Stopped,
    Unchanged,
    Updating,
    Waiting,
)
from xacct_ml.engine.resource import UNKNOWN
from xacct_ml.errors import ApplyFailed, CredentialsError, NotReady

BACKOFF = Backoff(limit=10, first=1, longest=4)


def run(*resources: Fake, standing: tuple[Fake, ...] = (), events: list[Event] | None = None) -> Report:
    on_event = (lambda _: None) if events is None else events.append
    return apply(resources, on_event, standing=standing, clock=FakeClock(), backoff=BACKOFF)


@pytest.mark.parametrize(
    ("observed", "writes", "outcome"),
    [
        (None, [("create", "thing")], Done),
        ({"size": 1}, [], Unchanged),
        ({"size": 2}, [("update", "thing")], Done),
        ({"size": 1, "extra": True}, [("update", "thing")], Done),
    ],
)
def test_writes_follow_from_what_is_observed(
    observed: dict[str, Any] | None, writes: list[tuple[str, str]], outcome: type
) -> None:
    """Create what is missing, change what differs, leave the rest."""
    world = World({} if observed is None else {"thing": observed})
    report = run(Fake("thing", world))
    assert world.writes == writes
    assert isinstance(report.outcomes["thing"], outcome)
    assert world.states["thing"] == {"size": 1}


def test_what_cannot_be_made_as_desired_fails_before_its_write() -> None:
    """Checked with what was read right before."""
    world = World({"thing": {"size": 2}})
    report = run(Fake("thing", world, failing={"check": failure("disabled")}))
    assert isinstance(report.outcomes["thing"], Failed)
    assert world.writes == []


def test_a_second_run_writes_nothing() -> None:
    """What was applied is as it should be."""
    world = World()
    resources = [Fake("key", world, publishes="key_arn"), Fake("bucket", world, depends_on=("key",), uses="key_arn")]
    run(*resources)
    world.writes.clear()
    report = run(*resources)
    assert world.writes == []
    assert report.written == ()
    assert report.ok


def test_outputs_reach_dependents() -> None:
    """What a resource publishes is in its dependents' desired state, also when it already existed."""
    world = World({"key": {"size": 1}})
    run(Fake("bucket", world, depends_on=("key",), uses="key_arn"), Fake("key", world, publishes="key_arn"))
    assert world.states["bucket"]["uses"] == "key_arn of key"


def test_every_resource_is_read_before_and_after_its_write() -> None:
    """No write without a look right before it, none believed without a look after it."""
    world = World()
    events: list[Event] = []
    run(Fake("a", world), Fake("b", world, depends_on=("a",)), events=events)
    assert world.reads == ["a", "a", "b", "b"]
    assert [type(event) for event in events] == [Reading, Creating, Done] * 2


def test_updating_tells_what_changes() -> None:
    """The event before the write and the outcome carry the changes."""
    events: list[Event] = []
    report = run(Fake("a", World({"a": {"size": 7}})), events=events)
    assert [str(change) for event in events if isinstance(event, Updating) for change in event.changes] == [
        "~ size: 7 → 1"
    ]
    outcome = report.outcomes["a"]
    assert isinstance(outcome, Done)
    assert outcome.changes


def test_a_late_read_is_waited_for() -> None:
    """A write that shows after a few reads is a success."""
    assert run(Fake("a", World(), lag=2)).ok


def test_a_write_that_never_shows_is_a_failure() -> None:
    """Backoff ends, and the message says what still differs."""
    report = run(Fake("a", World({"a": {"size": 3}}), lag=50))
    (failed,) = report.failures
    assert "still differs after 10 seconds" in failed.error.message
    assert failed.error.details == ("~ size: 3 → 1",)


def test_a_failure_skips_its_dependents_only() -> None:
    """Other branches finish; everything has an outcome."""
    world = World()
    report = run(
        Fake("a", world, failing={"create": failure()}),
        Fake("b", world, depends_on=("a",)),
        Fake("c", world, depends_on=("b", "d")),
        Fake("d", world),
    )
    assert {id_: type(outcome) for id_, outcome in report.outcomes.items()} == {
        "a": Failed,
        "b": Skipped,
        "c": Skipped,
        "d": Done,
    }
    skipped = report.outcomes["c"]
    assert isinstance(skipped, Skipped)
    assert skipped.because == ("b",)
    assert world.writes == [("create", "d")]


@pytest.mark.parametrize("verb", ["read", "create"])
def test_failures_raise_as_one_error(verb: str) -> None:
    """The command's error counts failed and skipped and names each cause."""
    world = World()
    report = run(Fake("a", world, failing={verb: failure("no")}), Fake("b", world, depends_on=("a",)))
    with pytest.raises(ApplyFailed, match="1 of 2 resources failed, 1 were skipped") as caught:
        report.raise_failures()
    assert caught.value.details == ("a: no",)


def test_expired_credentials_are_credentials_errors() -> None:
    """Credentials that give out on the way keep their exit code."""
    report = run(Fake("a", World(), failing={"create": CredentialsError("expired")}))
    with pytest.raises(CredentialsError, match="expired"):
        report.raise_failures()


def test_a_bug_loses_nothing_of_the_others() -> None:
    """An exception that is not ours is its resource's failure, with its cause; other branches finish."""
    world = World()
    report = run(
        Fake("a", world, failing={"create": ZeroDivisionError("oops")}),
        Fake("b", world, depends_on=("a",)),
        Fake("c", world),
    )
    failed = report.outcomes["a"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, Defect)
    assert isinstance(failed.error.__cause__, ZeroDivisionError)
    assert isinstance(report.outcomes["b"], Skipped)
    assert isinstance(report.outcomes["c"], Done)
    with pytest.raises(ApplyFailed) as caught:
        report.raise_failures()
    assert caught.value.details == ("a: this is a bug in xacct-ml: ZeroDivisionError: oops",)


def test_outputs_come_from_dependencies_alone() -> None:
    """Not from whatever happened to be finished before: a resource that forgot to say what it needs is found out."""
    world = World()
    run(
        Fake("key", world, publishes="key_arn"),
        Fake("between", world, depends_on=("key",)),
        Fake("bucket", world, depends_on=("between",), uses="key_arn"),
        Fake("forgetful", world, depends_on=("other",), uses="key_arn"),
        Fake("other", world),
    )
    assert world.states["bucket"]["uses"] == "key_arn of key"
    assert world.states["forgetful"]["uses"] == UNKNOWN


def test_a_wait_for_a_late_read_is_told() -> None:
    """What is waited for, for how long so far, and how long at most."""
    events: list[Event] = []
    run(Fake("a", World(), lag=3), events=events)
    told = [(event.reason, event.seconds, event.ahead, event.limit) for event in events if isinstance(event, Waiting)]
    reason = "thing a to show what was written"
    assert told == [(reason, 0, 1, 10), (reason, 1, 2, 10), (reason, 3, 4, 10)]


def test_an_interrupt_carries_the_report() -> None:
    """What is done is done, with its outputs; what was not begun says so."""

    def interrupt(event: Event) -> None:
        if isinstance(event, Done):
            raise KeyboardInterrupt

    world = World()
    resources = [Fake("key", world, publishes="key_arn"), Fake("bucket", world, depends_on=("key",))]
    with pytest.raises(Interrupted) as caught:
        apply(resources, interrupt, clock=FakeClock(), backoff=BACKOFF)
    report = caught.value.report
    assert {id_: type(outcome) for id_, outcome in report.outcomes.items()} == {"key": Done, "bucket": Stopped}
    assert report.outputs == {"key_arn": "key_arn of key"}
    assert not report.ok
    assert world.writes == [("create", "key")]


def test_standing_resources_are_read_and_never_written() -> None:
    """They give their outputs, only those needed are read, and a good one is not reported."""
    world = World({"key": {"size": 9}, "role": {"size": 9}})
    standing = (Fake("key", world, publishes="key_arn"), Fake("role", world, depends_on=("key",)), Fake("other", world))
    report = run(Fake("pipeline", world, depends_on=("key", "role"), uses="key_arn"), standing=standing)
    assert world.writes == [("create", "pipeline")]
    assert world.states["pipeline"]["uses"] == "key_arn of key"
    assert "other" not in world.reads
    assert set(report.outcomes) == {"pipeline"}


def test_a_missing_standing_resource_stops_its_dependents() -> None:
    """The error names what is missing and the command that makes it."""
    report = run(Fake("pipeline", World(), depends_on=("key",)), standing=(Fake("key", World()),))
    (failed,) = report.failures
    assert isinstance(failed.error, NotReady)
    assert failed.error.next_step is not None
    assert "bootstrap" in failed.error.next_step
    assert isinstance(report.outcomes["pipeline"], Skipped)
