"""What actions report to and wait at, until they are no longer wanted or the embedded AWS ends."""

import threading
from collections.abc import Callable
from typing import Any

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.runtime import Runtime, Stopped
from xacct_ml.emulator.services.codepipeline import model
from xacct_ml.emulator.services.codepipeline.failures import Abandoned
from xacct_ml.emulator.services.codepipeline.model import ActionExecution, Job, Reply, Verdict


class ActionHost:
    """``condition`` guards all state it is handed; it is notified whenever something changes."""

    def __init__(self) -> None:
        self.condition = threading.Condition(threading.RLock())
        self.jobs: dict[str, Job] = {}
        self._runtime: Runtime | None = None

    def report(self, action: ActionExecution, **changes: Any) -> None:
        with self.condition:
            for name, value in changes.items():
                setattr(action, name, value)
            action.updated = model.now()
            self.condition.notify_all()

    def pause(self, action: ActionExecution, seconds: float) -> None:
        with self.condition:
            self._until(lambda: not action.under_way, seconds)
            self._wanted(action)

    def await_verdict(self, action: ActionExecution, seconds: float) -> Verdict | None:
        with self.condition:
            self._until(lambda: action.verdict is not None or not action.under_way, seconds)
            self._wanted(action)
            return action.verdict

    def open_job(self, job: Job) -> None:
        with self.condition:
            self._wanted(job.action)
            self.jobs[job.id] = job

    def await_reply(self, job: Job, seconds: float) -> Reply | None:
        with self.condition:
            self._until(lambda: job.reply is not None or not job.action.under_way, seconds)
            self._wanted(job.action)
            return job.reply

    def _wanted(self, action: ActionExecution) -> None:
        if not action.under_way:
            raise Abandoned

    # -- threads -------------------------------------------------------------------------------------------------
    @property
    def _running(self) -> Runtime:
        if self._runtime is None:
            self._runtime = runtime.current()
            self._runtime.spawn("codepipeline: end of the embedded AWS", self._wake_at_the_end)
        return self._runtime

    def _wake_at_the_end(self) -> None:
        self._running.stopping.wait()
        with self.condition:
            self.condition.notify_all()

    def _until(self, ready: Callable[[], bool], seconds: float | None = None) -> None:
        """Wait, holding the condition, until ``ready`` or for ``seconds``. Raises Stopped at the embedded AWS's end."""
        stopping = self._running.stopping
        self.condition.wait_for(lambda: stopping.is_set() or ready(), seconds)
        if stopping.is_set():
            raise Stopped
