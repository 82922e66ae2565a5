"""A context for one action, with clients and a host that the test scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.emulator.services.codepipeline.declarations import ACCOUNT, REGION, pipeline
from xacct_ml.emulator.services.codepipeline.artifacts import ArtifactStore
from xacct_ml.emulator.services.codepipeline.context import ActionContext
from xacct_ml.emulator.services.codepipeline.model import ActionExecution, Artifact, Job, Reply, Run, Trigger, Verdict

Answer = Any
"""What a fake call returns; an exception is raised, a list gives one answer per call, its last one for ever."""


def error(operation: str, message: str, code: str = "ValidationError") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeClient:
    """A client whose calls are scripted by name and recorded in order."""

    def __init__(self, **answers: Answer) -> None:
        self._answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self.calls.append((name, parameters))
            answer = self._answers[name]
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def parameters(self, name: str) -> dict[str, Any]:
        """Of the first call of that name."""
        return next(parameters for called, parameters in self.calls if called == name)


class FakeHost:
    """A host at which nothing takes time. ``replies`` answer jobs in order; None is a reply that never came."""

    def __init__(self, replies: tuple[Reply | None, ...] = ()) -> None:
        self.replies = list(replies)
        self.jobs: list[Job] = []
        self.pauses: list[float] = []
        self.waited: list[float] = []

    def report(self, action: ActionExecution, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(action, name, value)

    def pause(self, _: ActionExecution, seconds: float) -> None:
        self.pauses.append(seconds)

    def await_verdict(self, _: ActionExecution, seconds: float) -> Verdict | None:
        self.waited.append(seconds)
        return None

    def open_job(self, job: Job) -> None:
        self.jobs.append(job)

    def await_reply(self, _: Job, seconds: float) -> Reply | None:
        self.waited.append(seconds)
        return self.replies.pop(0)


class FakeContext(ActionContext):
    """An action's context whose clients are the test's."""

    clients: Mapping[str, FakeClient]

    def client(self, service: str) -> Any:
        return self.clients[service]


def context(
    declaration: dict[str, Any],
    *,
    host: FakeHost | None = None,
    archives: Mapping[str, bytes] | None = None,
    **clients: FakeClient,
) -> FakeContext:
    """The action's context; ``archives`` are the zips of its input artifacts."""
    execution = ActionExecution("Stage", declaration, 1, id="00000000-1111-2222-3333-444444444444")
    inputs = tuple(Artifact(name["name"], "store", f"p/{name['name']}/x.zip") for name in declaration["inputArtifacts"])
    made = FakeContext(
        account=ACCOUNT,
        region=REGION,
        partition="aws",
        run=Run(pipeline(), Trigger("StartPipelineExecution", "me")),
        execution=execution,
        configuration=declaration["configuration"],
        inputs=inputs,
        store=ArtifactStore("p", "store", "arn:aws:kms:eu-west-1:111111111111:key/k"),
        host=host or FakeHost(),
        poll=0.5,
        continuation=30,
        reply=20 * 60,
    )
    made.clients = clients
    made._archives.update(archives or {})
    return made
