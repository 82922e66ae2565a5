"""Going through a graph with threads: overlap, order, isolation, interrupts. Proven with barriers, not with clocks."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping

import pytest

from tests.engine.fakes import Fake, World
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.clock import SystemClock
from xacct_ml.engine.events import (
    Creating,
    Defect,
    Deleted,
    Done,
    Event,
    Failed,
    Interrupted,
    Noted,
    OnEvent,
    Outcome,
    Reading,
    Skipped,
    Stopped,
    Stopping,
    Waiting,
    ignore,
)
from xacct_ml.engine.progress import call_started, note
from xacct_ml.engine.resource import Resource
from xacct_ml.engine.walk import walk
from xacct_ml.errors import XacctError

pytestmark = pytest.mark.usefixtures("uncollected")

TIMEOUT = 120.0

Doing = Callable[[OnEvent], object]


def go(
    needs: dict[str, tuple[str, ...]],
    on_event: OnEvent = ignore,
    *,
    threads: int = 16,
    quiet: float = TIMEOUT,
    doing: Mapping[str, Doing] | None = None,
) -> dict[str, Outcome]:
    """A walk in which each resource does what is given for it, and is then done."""

    def work(resource: Resource, tell: OnEvent) -> Outcome:
        if doing and resource.id in doing:
            doing[resource.id](tell)
        return Done(resource)

    resources = {id_: Fake(id_, World()) for id_ in needs}
    return walk(resources, needs, work, on_event, threads=threads, quiet=quiet)


def kinds(outcomes: dict[str, Outcome]) -> dict[str, type]:
    return {id_: type(outcome) for id_, outcome in outcomes.items()}


def test_what_needs_nothing_of_each_other_overlaps() -> None:
    """Each of the five only ends when all five have begun."""
    barrier = threading.Barrier(5)
    meeting: dict[str, Doing] = {name: lambda _: barrier.wait(TIMEOUT) for name in "abcde"}
    outcomes = go(dict.fromkeys("abcde", ()), threads=5, doing=meeting)
    assert set(kinds(outcomes).values()) == {Done}


def test_each_account_beyond_four_adds_its_share() -> None:
    """Services throttle by account: eight accounts have twice the threads of four."""
    barrier = threading.Barrier(8)

    def work(resource: Resource, _: OnEvent) -> Outcome:
        barrier.wait(TIMEOUT)
        return Done(resource)

    resources = {str(n): Fake(str(n), World(), account=str(n)) for n in range(8)}
    assert len(walk(resources, dict.fromkeys(resources, ()), work, ignore, threads=4)) == 8
    assert not barrier.broken


def test_a_note_from_deep_inside_is_told_with_its_resource() -> None:
    """Before the outcome, which it does not change."""
    note("nobody hears this")
    events: list[Event] = []
    outcomes = go({"key": ()}, events.append, doing={"key": lambda _: note("there were two")})
    assert kinds(outcomes) == {"key": Done}
    assert [(event.resource.id, event.text) for event in events if isinstance(event, Noted)] == [
        ("key", "there were two")
    ]
    assert isinstance(events[-1], Done)


def test_no_more_at_once_than_allowed() -> None:
    """Two threads: two overlap, and never a third."""
    under_way, most, lock, pair = 0, 0, threading.Lock(), threading.Barrier(2)

    def count(_: OnEvent) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        pair.wait(TIMEOUT)
        with lock:
            under_way -= 1

    go(dict.fromkeys("abcdef", ()), threads=2, doing=dict.fromkeys("abcdef", count))
    assert most == 2


def test_a_slow_branch_holds_up_nobody_else() -> None:
    """c, at the end of the other branch, is what lets a end."""
    finished = threading.Event()
    outcomes = go(
        {"a": (), "b": (), "c": ("b",)},
        doing={
            "a": lambda _: finished.wait(TIMEOUT) or pytest.fail("c had to wait for a"),
            "c": lambda _: finished.set(),
        },
    )
    assert list(outcomes)[-1] == "a"
    assert kinds(outcomes) == {"a": Done, "b": Done, "c": Done}


def test_what_is_needed_ends_before_what_needs_it_begins() -> None:
    """Along every arrow of a diamond."""
    order: list[str] = []
    doing: dict[str, Doing] = {name: lambda _, name=name: order.append(name) for name in "abcd"}  # type: ignore[misc]
    go({"d": ("b", "c"), "b": ("a",), "c": ("a",), "a": ()}, doing=doing)
    assert (order[0], order[-1]) == ("a", "d")
    assert sorted(order) == list("abcd")


def test_events_come_in_the_callers_thread_and_in_order() -> None:
    """Whatever thread tells them, one at a time, those of one resource as they were told, its outcome last and once."""
    events: list[Event] = []
    listeners: set[int] = set()

    def listen(event: Event) -> None:
        listeners.add(threading.get_ident())
        events.append(event)

    def tell_two(name: str) -> Doing:
        resource = Fake(name, World())

        def work(tell: OnEvent) -> None:
            tell(Reading(resource))
            tell(Creating(resource))

        return work

    go(dict.fromkeys("abcdefgh", ()), listen, doing={name: tell_two(name) for name in "abcdefgh"})
    assert listeners == {threading.get_ident()}
    for name in "abcdefgh":
        assert [type(event) for event in events if event.resource.id == name] == [Reading, Creating, Done]


@pytest.mark.parametrize("error", [XacctError("refused"), ZeroDivisionError("a bug")])
def test_a_failure_stays_in_its_branch(error: Exception) -> None:
    """Also a bug's: its dependents are skipped, with the reason, all others finish."""

    def fail(_: OnEvent) -> None:
        raise error

    outcomes = go({"a": (), "b": ("a",), "c": ("b",), "d": (), "e": ("d",)}, doing={"a": fail})
    assert kinds(outcomes) == {"a": Failed, "b": Skipped, "c": Skipped, "d": Done, "e": Done}
    assert outcomes["c"] == Skipped(outcomes["c"].resource, ("b",))
    failed = outcomes["a"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, Defect) is not isinstance(error, XacctError)


def interrupting(when: Callable[[Event], bool], release: threading.Event, told: list[Event]) -> OnEvent:
    """Ctrl-C at one event; what is under way goes on only once it is told that the walk stops."""

    def listen(event: Event) -> None:
        told.append(event)
        if isinstance(event, Stopping):
            release.set()
        elif when(event):
            signal.raise_signal(signal.SIGINT)

    return listen


def test_an_interrupt_lets_what_is_under_way_end_and_begins_nothing() -> None:
    """a ends after the Ctrl-C and counts; b, which needs it, and c, for which there was no thread, never begin."""
    release = threading.Event()
    told: list[Event] = []
    a = Fake("a", World())

    def work(tell: OnEvent) -> None:
        tell(Creating(a))
        assert release.wait(TIMEOUT)

    with pytest.raises(Interrupted) as caught:
        go(
            {"a": (), "b": ("a",), "c": ()},
            interrupting(lambda event: isinstance(event, Creating), release, told),
            threads=1,
            doing={"a": work},
        )
    outcomes = dict(caught.value.report.outcomes)
    assert kinds(outcomes) == {"a": Done, "b": Stopped, "c": Stopped}
    assert [outcomes[id_].begun for id_ in "bc"] == [False, False]  # type: ignore[union-attr]
    assert [type(event) for event in told if event.resource.id == "a"] == [Creating, Stopping, Done]


def test_an_interrupt_begins_no_further_call() -> None:
    """The resource's call under way ends, its next is not made: it stopped on the way."""
    release = threading.Event()
    calls: list[str] = []

    def work(tell: OnEvent) -> None:
        call_started("kms:CreateKey", "111111111111")
        tell(Creating(Fake("a", World())))
        assert release.wait(TIMEOUT)
        calls.append("kms:CreateKey")
        call_started("kms:EnableKeyRotation", "111111111111")
        calls.append("kms:EnableKeyRotation")

    with pytest.raises(Interrupted) as caught:
        go({"a": ()}, interrupting(lambda event: isinstance(event, Creating), release, []), doing={"a": work})
    assert calls == ["kms:CreateKey"]
    assert caught.value.report.outcomes["a"] == Stopped(caught.value.report.outcomes["a"].resource, begun=True)


def test_an_interrupt_ends_a_wait() -> None:
    """A pause of an hour is over at once."""

    def work(_: OnEvent) -> None:
        for _attempt in Backoff(limit=7200, first=3600).attempts(SystemClock(), "a role to be usable"):
            pass

    told: list[Event] = []
    with pytest.raises(Interrupted) as caught:
        go({"a": ()}, interrupting(lambda e: isinstance(e, Waiting), threading.Event(), told), doing={"a": work})
    assert kinds(dict(caught.value.report.outcomes)) == {"a": Stopped}
    waiting = told[0]
    assert isinstance(waiting, Waiting)
    assert (waiting.reason, waiting.ahead, waiting.limit) == ("a role to be usable", 3600, 7200)


def test_a_listener_that_fails_loses_no_call() -> None:
    """Its error comes out, after what was under way has ended."""
    begun, ended = threading.Event(), threading.Event()

    def fail(_: Event) -> None:
        begun.wait(TIMEOUT)
        raise BrokenPipeError

    def work(_: OnEvent) -> None:
        begun.set()
        threading.Event().wait(0.05)
        ended.set()

    with pytest.raises(BrokenPipeError):
        go({"a": (), "b": ()}, fail, doing={"b": work})
    assert ended.is_set()


def test_silence_is_explained() -> None:
    """Nothing heard for a while: the walk names the call that has not been answered."""
    release = threading.Event()
    told: list[Waiting] = []

    def listen(event: Event) -> None:
        if isinstance(event, Waiting) and event.reason != "an answer":  # so it is until the call was sent
            told.append(event)
            release.set()

    def work(_: OnEvent) -> None:
        call_started("iam:CreateRole", "111111111111")
        assert release.wait(TIMEOUT)

    outcomes = go({"a": ()}, listen, quiet=0.02, doing={"a": work})
    assert kinds(outcomes) == {"a": Done}
    assert told[0].reason == "the answer to iam:CreateRole"
    assert told[0].resource.account == "111111111111"


def test_a_walk_through_nothing() -> None:
    """Has no outcome."""
    assert go({}) == {}


def test_deleting_overlaps_too() -> None:
    """The same graph reversed: both that need the key go at once, the key after them."""
    from tests.engine.fakes import FakeClock
    from xacct_ml.engine.apply import destroy

    world, barrier = World({name: {"size": 1} for name in ("key", "role", "bucket")}), threading.Barrier(2)

    class Meeting(Fake):
        def delete(self, observed: object, outputs: object) -> None:
            if self.id != "key":
                barrier.wait(TIMEOUT)
            super().delete(observed, outputs)  # type: ignore[arg-type]

    resources = [Meeting("key", world), *(Meeting(name, world, depends_on=("key",)) for name in ("role", "bucket"))]
    assert set(kinds(dict(destroy(resources, clock=FakeClock()).outcomes)).values()) == {Deleted}
    assert world.writes[-1] == ("delete", "key")
