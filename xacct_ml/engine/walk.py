"""Works on the resources of a graph in many threads, each after its prerequisites.

Only the caller's thread hands out work and calls ``on_event``, so ``on_event`` needs no lock and gets the events of a
resource in order. The threads are daemons: a second Ctrl-C ends the process at once."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from queue import Empty, SimpleQueue

from xacct_ml.engine import events
from xacct_ml.engine.events import Event, Interrupted, OnEvent, Outcome, Report
from xacct_ml.engine.progress import QUIET_SECONDS, Call, Cancelled, Listener, listening
from xacct_ml.engine.resource import Resource
from xacct_ml.errors import XacctError

THREADS = 16
"""How many resources are written concurrently."""

READERS = 32
"""How many are read concurrently: about as many as a project has. Throttled calls are retried."""


@dataclass
class Task(Listener):
    """The work on one resource: turns its progress into events. ``cancelled`` is set when the walk stops."""

    resource: Resource
    tell: OnEvent
    cancelled: threading.Event | None
    waits_for: str = "an answer"
    """Completes "waiting for …"."""

    def call_started(self, call: Call) -> None:
        self.waits_for = f"the answer to {call.name}"

    def waiting(self, reason: str, *, waited: float, ahead: float, limit: float) -> None:
        self.waits_for = reason
        self.tell(events.Waiting(self.resource, reason, waited, ahead, limit))

    def note(self, text: str) -> None:
        self.tell(events.Noted(self.resource, text))


Work = Callable[[Resource, OnEvent], Outcome]
"""Works on one resource, in a thread of its own, and reports through the second argument."""


def walk(
    resources: Mapping[str, Resource],
    prerequisites: Mapping[str, tuple[str, ...]],
    work: Work,
    on_event: OnEvent,
    *,
    threads: int = THREADS,
    quiet: float = QUIET_SECONDS,
    lets_through: Callable[[Outcome, Resource], bool] = lambda *_: False,
) -> dict[str, Outcome]:
    """The outcome of every resource, in the order in which they ended. ``on_event`` has received each.

    ``threads`` is the number of resources done concurrently in up to four accounts; each further account adds a
    quarter of it, because services throttle by account.

    If a resource fails, its dependents are skipped, but those that its outcome ``lets_through``; all other resources
    are finished. An exception other than XacctError is a failure too, as a :class:`Defect`. After Ctrl-C the calls
    under way finish, nothing new begins, and :class:`Interrupted` is raised with the outcomes. An exception of
    ``on_event`` ends the walk in the same way."""
    accounts = len({resource.account for resource in resources.values()})
    at_once = max(threads, threads // 4 * accounts)
    return _Walk(resources, prerequisites, work, on_event, quiet, lets_through).run(at_once)


@dataclass
class _Walk:
    resources: Mapping[str, Resource]
    prerequisites: Mapping[str, tuple[str, ...]]
    work: Work
    on_event: OnEvent
    quiet: float
    lets_through: Callable[[Outcome, Resource], bool]
    stop: threading.Event = field(default_factory=threading.Event)
    to_do: SimpleQueue[str | None] = field(default_factory=SimpleQueue)
    news: SimpleQueue[Event] = field(default_factory=SimpleQueue)
    ended: dict[str, Outcome] = field(default_factory=dict)
    """Written by the threads, when they finish a resource."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """Written by the caller's thread, when it takes them from ``news`` and tells them."""
    tasks: dict[str, Task] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)

    def run(self, threads: int) -> dict[str, Outcome]:
        workers = [
            threading.Thread(target=self._serve, name=f"resource-{n}", daemon=True)
            for n in range(min(threads, len(self.resources)))
        ]
        for worker in workers:
            worker.start()
        try:
            self._hand_out()
            return self.outcomes
        except KeyboardInterrupt as interrupt:
            self.stop.set()
            self._tell_rest(events.Stopping(self.resources[id_]) for id_ in tuple(self.tasks) if id_ not in self.ended)
            self._wind_up(workers)
            outcomes = self._all_outcomes()
            self._tell_rest(end for id_, end in outcomes.items() if id_ in self.begun)
            raise Interrupted(Report(outcomes, {})) from interrupt
        except BaseException:
            self._wind_up(workers)
            raise
        finally:
            for _ in workers:
                self.to_do.put(None)

    def _hand_out(self) -> None:
        ready = TopologicalSorter(self.prerequisites)  # touched by this thread alone
        ready.prepare()
        while ready:
            for id_ in ready.get_ready():
                blockers = self._blockers(id_)
                if blockers:
                    self.news.put(events.Skipped(self.resources[id_], blockers))
                else:
                    self.begun[id_] = self.heard[id_] = time.monotonic()
                    self.to_do.put(id_)
            for event in self._hear():
                if isinstance(event, Outcome):
                    self.outcomes[event.resource.id] = event
                    ready.done(event.resource.id)
                self.on_event(event)

    def _blockers(self, id_: str) -> tuple[str, ...]:
        undone = events.Failed | events.Skipped | events.Stopped
        return tuple(
            need
            for need in self.prerequisites[id_]
            if isinstance(self.outcomes[need], undone)
            and not self.lets_through(self.outcomes[need], self.resources[id_])
        )

    def _hear(self) -> tuple[Event, ...]:
        """At least one event: the next of the threads, or the walk's own ones if none comes for long."""
        while True:
            try:
                event = self.news.get(timeout=self.quiet / 8)
            except Empty:
                if quiet := tuple(self._quiet()):
                    return quiet
            else:
                self.heard[event.resource.id] = time.monotonic()
                return (event,)

    def _quiet(self) -> Iterator[Event]:
        now = time.monotonic()
        for id_, since in self.begun.items():
            # Threads add to tasks meanwhile.
            task = self.tasks.get(id_)
            if id_ in self.outcomes or task is None or now - self.heard[id_] < self.quiet:
                continue
            self.heard[id_] = now
            yield events.Waiting(self.resources[id_], task.waits_for, now - since, self.quiet)

    # -- in the threads --------------------------------------------------------------------------------------------
    def _serve(self) -> None:
        while (id_ := self.to_do.get()) is not None:
            if not self.stop.is_set():
                outcome = self._attempt(id_)
                self.ended[id_] = outcome
                self.news.put(outcome)

    def _attempt(self, id_: str) -> Outcome:
        resource = self.resources[id_]
        self.tasks[id_] = task = Task(resource, self.news.put, self.stop)
        try:
            with listening(task):
                return self.work(resource, self.news.put)
        except Cancelled:
            return events.Stopped(resource, begun=True)
        except XacctError as error:
            return events.Failed(resource, error)
        except Exception as error:  # noqa: BLE001 - a bug in one resource must not lose what became of the others
            return events.Failed(resource, events.Defect(error))

    # -- after an interrupt ----------------------------------------------------------------------------------------
    def _wind_up(self, workers: list[threading.Thread]) -> None:
        """Begin nothing new, and wait for what is under way."""
        self.stop.set()
        for _ in workers:
            self.to_do.put(None)
        for worker in workers:
            worker.join()

    def _tell_rest(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.resource.id not in self.outcomes:
                self.on_event(event)

    def _all_outcomes(self) -> dict[str, Outcome]:
        """Those of all resources, also where an interrupt kept the caller's thread from hearing of them."""
        known = self.outcomes | self.ended
        untouched = (id_ for id_ in self.resources if id_ not in known)
        return known | {id_: events.Stopped(self.resources[id_], begun=False) for id_ in untouched}
