"""A project in an embedded AWS whose whole state can be put back, with nothing running in the background."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.configs import example
from tests.emulator.checkpoint import Checkpoint
from tests.operator_calls import kept
from tests.sweeps.everything import everything
from tests.sweeps.wire import Strike, Wire, undisturbed
from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.codepipeline import moto_patches as codepipeline
from xacct_ml.operations.demo import client_environment
from xacct_ml.operations.embedded import embedded
from xacct_ml.system.names import Names

HURRIED = Pace(lambda_transition=0)
"""Lambda's states end at once: how often they are asked for would depend on how threads take turns."""


class HurriedClock:
    """A clock for which time passes as soon as somebody waits."""

    def __init__(self) -> None:
        self._slept = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return time.monotonic() + self._slept

    def sleep(self, seconds: float, wake: threading.Event | None = None) -> None:  # noqa: ARG002
        with self._lock:
            self._slept += seconds
        time.sleep(0.0005)  # let the other threads have a turn


@dataclass
class World:
    """``empty``: the accounts of the map and nothing else. ``rival``: sessions of somebody else who runs commands."""

    config: Config
    aws: EmbeddedAws
    wire: Wire
    rival: Wire
    empty: Checkpoint
    clock: HurriedClock

    @property
    def names(self) -> Names:
        return Names(self.config)

    def everything(self) -> dict[str, object]:
        """Seen with the rival's sessions: on a bad day others expire."""
        self.begin()
        return everything(self.aws, self.names, self.rival.client(self.names.shared, "s3"))

    @contextmanager
    def background(self) -> Iterator[None]:
        """Inside, the embedded AWS works by itself, as it otherwise does not; what is under way at the end stands
        still from then on."""
        runtime = self.aws.runtime
        runtime.stopping.clear()
        try:
            yield
        finally:
            runtime.stopping.set()
            for account in self.names.accounts:
                executor = codepipeline.backend(account, self.names.region).executor
                with executor.condition:
                    executor.condition.notify_all()
            runtime.stop()

    def begin(self, strike: Strike = undisturbed) -> None:
        self.clock = HurriedClock()
        self.wire.begin(strike)
        self.rival.begin()


@contextmanager
def world(config: Config | None = None) -> Iterator[World]:
    """One per process at a time, of the example map unless given. Background work of the embedded AWS never begins:
    pipelines are made, runs stand."""
    config = config or example()
    with (
        embedded(config, pace=HURRIED, notices=lambda _: None) as aws,
        client_environment(aws.environment()),
        kept(aws),
    ):
        aws.runtime.stopping.set()
        wire, rival = Wire(Accounts(config)), Wire(Accounts(config))
        for account in Names(config).accounts:
            for own in (wire, rival):
                own.client(account, "sts").get_caller_identity()  # the sessions are part of the empty state
            aws.administrator(account).client("sts").get_caller_identity()
        empty = Checkpoint()
        yield World(config, aws, wire, rival, empty, HurriedClock())
        empty.restore()
        gc.collect()  # moto's objects close their files when they are collected, which must not be at exit
