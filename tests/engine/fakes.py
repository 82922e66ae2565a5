"""Resources that live in a dictionary, and a clock that only moves when someone sleeps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from xacct_ml.engine.resource import UNKNOWN, Outputs, Resource, State
from xacct_ml.errors import XacctError


class FakeClock:
    def __init__(self) -> None:
        self.time = 0.0
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, wake: threading.Event | None = None) -> None:  # noqa: ARG002
        self.time += seconds
        self.on_sleep()


@dataclass
class World:
    """What exists, and every write in order."""

    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)


@dataclass
class Fake:
    """``lag`` reads after a write still see what was before. ``failing`` maps a verb to the error it raises."""

    id: str
    world: World
    wanted: dict[str, Any] = field(default_factory=lambda: {"size": 1})
    depends_on: tuple[str, ...] = ()
    failing: dict[str, Exception] = field(default_factory=dict)
    lag: int = 0
    uses: str | None = None
    publishes: str | None = None
    kind: str = "thing"
    account: str = "111111111111"
    region: str | None = None
    replaced: bool = False
    held: tuple[str, ...] = ()
    _stale: list[dict[str, Any] | None] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.id

    def desired(self, outputs: Outputs) -> State:
        return {**self.wanted, **({"uses": outputs.get(self.uses, UNKNOWN)} if self.uses else {})}

    def read(self, outputs: Outputs) -> State | None:  # noqa: ARG002
        self.world.reads.append(self.id)
        self._fail("read")
        return self._stale.pop(0) if self._stale else self.world.states.get(self.id)

    def check(self, observed: State | None) -> None:  # noqa: ARG002
        self._fail("check")

    def replaces(self, observed: State) -> bool:  # noqa: ARG002
        return self.replaced

    def create(self, desired: State, outputs: Outputs) -> None:  # noqa: ARG002
        self._write("create", dict(desired))

    def update(self, desired: State, observed: State, outputs: Outputs) -> None:  # noqa: ARG002
        self._write("update", dict(desired))

    def delete(self, observed: State, outputs: Outputs) -> None:  # noqa: ARG002
        self._write("delete", None)

    def holds(self, other: Resource) -> bool:
        return other.id in self.held

    def publish(self, observed: State) -> Outputs:  # noqa: ARG002
        return {self.publishes: f"{self.publishes} of {self.id}"} if self.publishes else {}

    def _write(self, verb: str, state: dict[str, Any] | None) -> None:
        self._fail(verb)
        self.world.writes.append((verb, self.id))
        self._stale = [self.world.states.get(self.id)] * self.lag
        if state is None:
            del self.world.states[self.id]
        else:
            self.world.states[self.id] = state

    def _fail(self, verb: str) -> None:
        if verb in self.failing:
            raise self.failing[verb]


def failure(text: str = "refused") -> XacctError:
    return XacctError(text)
