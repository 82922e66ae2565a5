"""What every part of the one running embedded AWS shares: its endpoint, its pace, its background threads.

moto keeps its state in module globals, so a process runs at most one embedded AWS at a time; :func:`current` is it."""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from xacct_ml.emulator.core.clock import utc
from xacct_ml.emulator.core.fault_injection import FaultInjection
from xacct_ml.emulator.core.git_host import HostedRepository
from xacct_ml.emulator.core.log import RequestLog
from xacct_ml.emulator.core.serving_faults import ServingFault
from xacct_ml.emulator.core.unordered import Unordered


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds, and how often they happen. On AWS the same things take seconds to minutes."""

    poll: float = 0.05
    """Between two looks at something under way (an action's execution, a stack, a training job)."""
    lambda_continuation: float = 0.3
    """Until CodePipeline invokes a function again that answered with a continuation token."""
    lambda_reply: float = 20 * 60
    """So long CodePipeline waits for a function's answer: as on AWS, since it is only waited for what never comes."""
    lambda_transition: float = 0.1
    """A new function stays Pending, and a changed one's update InProgress, this long."""
    endpoint_transition: float = 0.2
    """An endpoint stays Creating, Updating or Deleting this long at least."""
    endpoint_bake: float = 0.3
    """Each wait of an update that shifts traffic takes this long, or WaitIntervalInSeconds where that is less."""
    event_bridge_start: float = 0.0
    """Until a bucket whose events are sent to EventBridge really sends them: nothing tells of what is stored before. On
    AWS around five minutes (S3 user guide, "enable-event-notifications-eventbridge" [D])."""
    event_delivery: float = 0.02
    """Until EventBridge delivers an event."""
    spot_interruptions: int = 0
    """So often the instances of each spot training are taken away before it ends."""
    git_poll: float = 0.2
    """Between two looks at the branches behind connections: a push is seen that late."""
    schedule_poll: float = 0.2
    """Between two looks at the clock for schedules that are due."""


class Stopped(Exception):
    """The embedded AWS is shutting down; raised by :meth:`Runtime.pause`, swallowed by :meth:`Runtime.spawn`."""


def to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


@dataclass
class Runtime:
    """One running embedded AWS.

    ``endpoint`` is its URL, ``region`` and ``partition`` those of the account map. ``notices`` receives lines for the
    user, such as "trained with XGBoost 3.2.0, the map asks for 1.7-1"."""

    endpoint: str
    region: str
    partition: str
    log: RequestLog
    pace: Pace = field(default_factory=Pace)
    notices: Callable[[str], None] = to_stderr
    faults: FaultInjection | None = None
    unordered: Unordered = field(default_factory=Unordered)
    repositories: dict[str, HostedRepository] = field(default_factory=dict)
    """Behind the connections: full name (``org/repository``) to repository."""
    serving: dict[str, ServingFault] = field(default_factory=dict)
    """What is wrong with models that serve, by a part of the URL of their archive."""
    clock: Callable[[], datetime] = utc
    """By which schedules are due."""
    directory: Path | None = None
    """Where its files are, removed with it, or by the next one where it was killed."""
    stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spawn(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Run ``work`` in a daemon thread. What it raises is printed with its traceback and ends only that thread.

        After :meth:`stop` nothing starts any more: the thread returned was never started."""

        def run() -> None:
            try:
                work()
            except Stopped:
                pass
            except Exception:  # noqa: BLE001 - the boundary of a background thread: say what happened, serve on
                if not self.stopping.is_set():
                    to_stderr(f"{name}:\n{traceback.format_exc()}")

        thread = threading.Thread(target=run, name=name, daemon=True)
        with self._lock:
            if self.stopping.is_set():
                return thread
            self._threads = [known for known in self._threads if known.is_alive()]
            self._threads.append(thread)
            thread.start()
        return thread

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the embedded AWS.

        :raises Stopped: it is shutting down"""
        if self.stopping.wait(seconds):
            raise Stopped

    def stop(self, timeout: float = 5.0) -> None:
        """Tell the background threads to end and wait for them, ``timeout`` seconds in all."""
        with self._lock:
            self.stopping.set()
            threads = list(self._threads)
        deadline = time.monotonic() + timeout
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))


_running: Runtime | None = None


def current() -> Runtime:
    """The running embedded AWS.

    :raises RuntimeError: none is running"""
    if _running is None:
        raise RuntimeError("no embedded AWS is running in this process")
    return _running


def temporary_directory(prefix: str) -> TemporaryDirectory[str]:
    """One within the running embedded AWS's own directory; without one, where the system has them."""
    return TemporaryDirectory(prefix=prefix, dir=None if _running is None else _running.directory)


def announce(runtime: Runtime | None) -> None:
    """Make ``runtime`` the running one, or none.

    :raises RuntimeError: another one is running"""
    global _running
    if runtime is not None and _running is not None:
        raise RuntimeError(f"an embedded AWS is already running in this process, at {_running.endpoint}")
    _running = runtime
