"""Going through a graph with many threads: everything once, after what it needs.

The caller's thread is the only one that hands out work and that calls ``on_event``, so a listener needs no lock and
sees the events of one resource in their order. The threads are daemons: a second Ctrl-C ends the process at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from xacct_ml.engine.events import (
    Defect,
    Event,
    Failed,
    Interrupted,
    Noted,
    OnEvent,
    Outcome,
    Report,
    Skipped,
    Stopped,
    Stopping,
    Waiting,
)
from xacct_ml.engine.graph import ReadyQueue
from xacct_ml.engine.progress import Call, Cancelled, Listener, listening
from xacct_ml.engine.resource import Resource
from xacct_ml.errors import XacctError

THREADS = 16
"""Resources written at once."""

READERS = 32
"""Resources read at once where nothing is written: about as many as a project has. What is throttled is tried again."""

QUIET_SECONDS = 8.0
"""After so long without news of a resource the walk itself says what it waits for."""


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
        self.tell(Waiting(self.resource, reason, waited, ahead, limit))

    def note(self, text: str) -> None:
        self.tell(Noted(self.resource, text))


Work = Callable[[Resource, OnEvent], Outcome]
"""Does one resource. Runs in a thread of its own; the second argument is how it tells what it does."""


def walk(
    resources: Mapping[str, Resource],
    prerequisites: Mapping[str, tuple[str, ...]],
    work: Work,
    on_event: OnEvent,
    *,
    threads: int = THREADS,
    quiet: float = QUIET_SECONDS,
) -> dict[str, Outcome]:
    """The outcome of every resource, in the order in which they came; each was told to ``on_event``.

    ``threads`` is how many resources are done at once in up to four accounts; each account more has a quarter of that,
    because services throttle by account.

    An XacctError is its resource's failure, and so is any other exception, as a :class:`Defect`: what needs it is
    skipped, other branches finish. Ctrl-C lets the calls in flight end, begins nothing new and raises
    :class:`Interrupted` with the outcomes; whatever ``on_event`` raises does the same and is raised again.
    """
    accounts = len({resource.account for resource in resources.values()})
    at_once = max(threads, threads // 4 * accounts)
    return _Walk(resources, prerequisites, work, on_event, quiet).run(at_once)


@dataclass
class _Walk:
    resources: Mapping[str, Resource]
    prerequisites: Mapping[str, tuple[str, ...]]
    work: Work
    on_event: OnEvent
    quiet: float
    stop: threading.Event = field(default_factory=threading.Event)
    to_do: SimpleQueue[str | None] = field(default_factory=SimpleQueue)
    news: SimpleQueue[Event] = field(default_factory=SimpleQueue)
    ended: dict[str, Outcome] = field(default_factory=dict)
    """By the threads, as they end."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By the caller's thread, as it hears of them."""
    told: set[str] = field(default_factory=set)
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
            self._tell_rest(Stopping(self.resources[id_]) for id_ in tuple(self.tasks) if id_ not in self.ended)
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
        ready = ReadyQueue(self.prerequisites)
        while ready:
            for id_ in ready.take():
                blockers = self._blockers(id_)
                if blockers:
                    self.news.put(Skipped(self.resources[id_], blockers))
                else:
                    self.begun[id_] = self.heard[id_] = time.monotonic()
                    self.to_do.put(id_)
            for event in self._hear():
                if isinstance(event, Outcome):
                    self.outcomes[event.resource.id] = event
                    self.told.add(event.resource.id)
                    ready.finished(event.resource.id)
                self.on_event(event)

    def _blockers(self, id_: str) -> tuple[str, ...]:
        return tuple(
            need for need in self.prerequisites[id_] if isinstance(self.outcomes[need], Failed | Skipped | Stopped)
        )

    def _hear(self) -> Iterator[Event]:
        """What is new, at least one event; the walk's own where nothing comes for long."""
        while True:
            try:
                event = self.news.get(timeout=self.quiet / 8)
            except Empty:
                quiet = tuple(self._quiet())
                yield from quiet
                if quiet:
                    return
                continue
            self.heard[event.resource.id] = time.monotonic()
            yield event
            return

    def _quiet(self) -> Iterator[Event]:
        now = time.monotonic()
        for id_, since in self.begun.items():
            # A copy: threads add to tasks.
            task = self.tasks.get(id_)
            if id_ in self.outcomes or task is None or now - self.heard[id_] < self.quiet:
                continue
            self.heard[id_] = now
            yield Waiting(self.resources[id_], task.waits_for, now - since, self.quiet)

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
            return Stopped(resource, begun=True)
        except XacctError as error:
            return Failed(resource, error)
        except Exception as error:  # noqa: BLE001 - a bug in one resource must not lose what became of the others
            return Failed(resource, Defect(error))

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
            if event.resource.id not in self.told:
                self.on_event(event)

    def _all_outcomes(self) -> dict[str, Outcome]:
        """Every resource's, told or not. What the threads wrote counts: an interrupt may have cut a message off."""
        known = {**self.outcomes, **{id_: end for id_, end in self.ended.items() if id_ not in self.outcomes}}
        untouched = (id_ for id_ in self.resources if id_ not in known)
        return known | {id_: Stopped(self.resources[id_], begun=False) for id_ in untouched}
