"""What overlapping saves: bootstrap and teardown where every call takes 200 ms longer, as a call to AWS does.

The embedded AWS runs in a process of its own. The latency is added on the client's side, in the thread that makes the
call, right before the request is sent; the AssumeRole calls that enter the accounts have it too.

A command's *chain* is the longest sequence of its calls in which each needs the one before: no number of threads makes
it shorter. It is counted, not timed: the calls of each resource (of those that overlap, one), summed along the path
through the dependencies where they are most; then the same over the phases of the command."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.session

from benchmarks.embedded import embedded_aws
from benchmarks.figures import Figure, at_least, at_most
from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.plan import Plan
from xacct_ml.engine.progress import current
from xacct_ml.engine.walk import Task
from xacct_ml.operations.bootstrap import bootstrap
from xacct_ml.operations.demo import client_environment, without_profiles
from xacct_ml.operations.teardown.deletion import deletable, inventory, teardown
from xacct_ml.resources.blueprint import bootstrap_resources
from xacct_ml.validation import load

LATENCY_SECONDS = 0.2
SPEED_UP = 5
"""How many times faster than its calls one after another a command has to be."""

Dependencies = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One command: wall-clock ``seconds``, its ``calls`` and the length of its ``chain`` in calls."""

    name: str
    seconds: float
    calls: int
    chain: int
    bound: float
    """What :attr:`over_chain` may be."""

    @property
    def over_chain(self) -> float:
        """Time over that of the chain alone: 1 cannot be reached, because the calls themselves take time."""
        return self.seconds / (self.chain * LATENCY_SECONDS)

    @property
    def speed_up(self) -> float:
        """How many times faster than the added latency alone, call after call: less than the real gain."""
        return self.calls * LATENCY_SECONDS / self.seconds


@dataclass(frozen=True, slots=True)
class Call:
    operation: str
    phase: str
    resource: str | None
    start: float
    end: float


@dataclass
class Latency:
    """Delays every call, and remembers it."""

    phase: str = ""
    calls: list[Call] = field(default_factory=list)
    _begun: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_to(self, session: botocore.session.Session) -> None:
        events = session.get_component("event_emitter")
        events.register("before-send", self._delay)
        events.register("response-received", self._remember)

    def _delay(self, request: Any, **_: Any) -> None:  # noqa: ARG002 - the name is botocore's
        self._begun[threading.get_ident()] = time.perf_counter()
        time.sleep(LATENCY_SECONDS)

    def _remember(self, context: Mapping[str, Any], **_: Any) -> None:
        task = current()
        call = Call(
            str(context.get("xacct-ml:call", "sts:AssumeRole")),
            self.phase,
            task.resource.id if isinstance(task, Task) else None,
            self._begun[threading.get_ident()],
            time.perf_counter(),
        )
        with self._lock:
            self.calls.append(call)


class SlowAccounts(Accounts):
    def __init__(self, config: Config, latency: Latency) -> None:
        super().__init__(config)
        self._latency = latency

    def _bare(self, profile: str | None) -> botocore.session.Session:
        session = super()._bare(profile)
        self._latency.add_to(session)
        return session


def figures(map_file: Path, *, quick: bool = False) -> Iterator[Figure]:
    """Of each command: its time over that of its chain, and over that of its calls one after another."""
    for each in measure(map_file, again=1 if quick else 5):
        what = f"{each.calls} calls, chain of {each.chain}, {each.seconds:.2f} s"
        yield Figure(f"{each.name}, {LATENCY_SECONDS * 1000:.0f} ms a call", what)
        yield at_most("  ÷ its longest chain", each.over_chain, each.bound)
        yield at_least("  faster than one call after another", each.speed_up, SPEED_UP, "times")


def measure(map_file: Path, *, again: int = 5) -> Iterator[Measured]:
    """First bootstrap, bootstrap with nothing to do (the best of ``again``), teardown.

    Each in fresh sessions, as commands of their own would be."""
    config = without_profiles(load(map_file))
    with embedded_aws(map_file) as served, client_environment(served.environment):
        inventory(config, Accounts(config))  # the embedded AWS loads each service on its first call
        foundation = Graph(bootstrap_resources(config, Accounts(config))).dependencies
        graphs = {"plan": dict.fromkeys(foundation, ()), "apply": foundation}
        yield _timed("first bootstrap", config, _bootstrap, graphs, 1.4)
        repeated = (_timed("bootstrap with nothing to do", config, _bootstrap, graphs, 1.5) for _ in range(again))
        yield min(repeated, key=lambda measured: measured.seconds)  # the best of several, as it is short
        there = deletable(config, Accounts(config))
        graphs = {"plan": dict.fromkeys(there.resources, ()), "apply": there.dependents}
        yield _timed("teardown of what bootstrap made", config, _teardown, graphs, 1.5)


def first_bootstrap(map_file: Path) -> Measured:
    """Bootstrap of a map in an embedded AWS of its own, from fresh sessions."""
    config = without_profiles(load(map_file))
    with embedded_aws(map_file) as served, client_environment(served.environment):
        inventory(config, Accounts(config))  # the embedded AWS loads each service on its first call
        foundation = Graph(bootstrap_resources(config, Accounts(config))).dependencies
        graphs = {"plan": dict.fromkeys(foundation, ()), "apply": foundation}
        return _timed("first bootstrap", config, _bootstrap, graphs, 1.4)


def _bootstrap(config: Config, accounts: Accounts, latency: Latency) -> None:
    def planned(_: Plan) -> None:
        latency.phase = "apply"

    latency.phase = "plan"
    bootstrap(config, accounts, on_plan=planned).report.raise_failures()


def _teardown(config: Config, accounts: Accounts, latency: Latency) -> None:
    latency.phase = "plan"
    inventory(config, accounts)
    latency.phase = "apply"
    teardown(config, accounts, lambda _: None, delete_evidence=True).report.raise_failures()


def _timed(
    name: str,
    config: Config,
    command: Callable[[Config, Accounts, Latency], None],
    graphs: Mapping[str, Dependencies],
    bound: float,
) -> Measured:
    latency = Latency(phase="enter")
    accounts = SlowAccounts(config, latency)
    start = time.perf_counter()
    accounts.verify()
    command(config, accounts, latency)
    seconds = time.perf_counter() - start
    return Measured(name, seconds, len(latency.calls), chain(latency.calls, graphs), bound)


def chain(calls: Iterable[Call], graphs: Mapping[str, Dependencies]) -> int:
    """The longest chain, in calls. ``graphs`` has each phase's dependencies between resources."""
    by_phase: dict[str, dict[str | None, list[Call]]] = defaultdict(lambda: defaultdict(list))
    for call in calls:
        by_phase[call.phase][call.resource].append(call)
    total = 0
    for phase, by_resource in by_phase.items():
        lengths = {resource: one_after_another(made) for resource, made in by_resource.items()}
        total += lengths.pop(None, 0) + longest_path(graphs.get(phase, {}), lengths)
    return total


def longest_path(dependencies: Dependencies, lengths: Mapping[str | None, int]) -> int:
    """The largest sum of lengths along a path through the dependencies."""
    ends: dict[str, int] = {}

    def end(id_: str) -> int:
        if id_ not in ends:
            ends[id_] = lengths.get(id_, 0) + max((end(need) for need in dependencies[id_]), default=0)
        return ends[id_]

    return max(map(end, dependencies), default=0)


def one_after_another(calls: Iterable[Call]) -> int:
    """The most calls of which no two overlap."""
    count, free = 0, float("-inf")
    for call in sorted(calls, key=lambda call: call.end):
        if call.start >= free:
            count, free = count + 1, call.end
    return count
