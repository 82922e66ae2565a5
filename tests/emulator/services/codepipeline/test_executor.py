"""How runs move through the stages: locks, order, stopping, retrying. Providers are small fakes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.services.codepipeline.declarations import ACCOUNT, REGION, action, pipeline, stage
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.log import RequestLog
from xacct_ml.emulator.core.runtime import Runtime
from xacct_ml.emulator.services.codepipeline.actions import manual_approval
from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.declaration import with_defaults
from xacct_ml.emulator.services.codepipeline.executor import Executor
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed
from xacct_ml.emulator.services.codepipeline.model import Artifact, Pipeline, Run, Transition, Trigger, Verdict

TIMEOUT = 120


class Bench:
    """An executor whose Lambda actions do what the test says, by function name."""

    def __init__(self) -> None:
        self.gates: dict[str, threading.Event] = {}
        self.failing: set[str] = set()
        self.seen: list[tuple[str, str]] = []
        """(function, UserParameters) of each Lambda action, in the order of their start."""
        providers = {
            ("Source", "AWS", "CodeCommit"): self.source,
            ("Invoke", "AWS", "Lambda"): self.function,
            ("Approval", "AWS", "Manual"): manual_approval.run,
        }
        self.executor = Executor(ACCOUNT, REGION, "aws", providers)

    def source(self, _: ActionContext) -> Outcome:
        commit = f"commit-{len(self.seen)}"
        return Outcome({"CommitId": commit}, (Artifact("Code", "b", "k", commit),))

    def function(self, context: ActionContext) -> Outcome:
        name = context.configuration["FunctionName"]
        self.seen.append((name, context.configuration.get("UserParameters", "")))
        if name in self.gates:
            assert self.gates[name].wait(TIMEOUT)
        if name in self.failing:
            raise ActionFailed("JobFailed", f"{name} failed")
        return Outcome({"Done": name})

    def create(self, *later: dict[str, Any], **changes: Any) -> Pipeline:
        return Pipeline("arn", with_defaults(pipeline(*later, **changes), 1, REGION))

    def start(self, of: Pipeline) -> Run:
        run = Run(of.declaration, Trigger("StartPipelineExecution", "me"))
        self.executor.start(of, run)
        return run

    def until(self, ready: Any) -> None:
        with self.executor.condition:
            assert self.executor.condition.wait_for(ready, TIMEOUT)

    def waits_in(self, run: Run, stage_name: str, name: str = "Ok") -> None:
        """Wait until the run's approval waits."""
        self.until(lambda: (found := run.latest(stage_name, name)) is not None and found.token is not None)

    def answer(self, run: Run, stage_name: str, approved: bool = True) -> None:
        with self.executor.condition:
            found = run.latest(stage_name, "Ok")
            assert found is not None
            found.verdict = Verdict(approved, "because", "arn:approver")
            self.executor.condition.notify_all()


@pytest.fixture
def bench() -> Iterator[Bench]:
    running = Runtime("http://127.0.0.1:1", REGION, "aws", RequestLog())
    runtime.announce(running)
    try:
        yield Bench()
    finally:
        running.stop()
        runtime.announce(None)


def function(name: str, **more: Any) -> dict[str, Any]:
    configuration = {"FunctionName": name, **more.pop("configuration", {})}
    return action(name, "Invoke", "Lambda", configuration=configuration, **more)


APPROVE = stage("Approve", action("Ok"))


def test_a_run_goes_through_all_stages_with_variables_resolved(bench: Bench) -> None:
    """Output variables of earlier actions and the run's own id reach later actions."""
    use = function("use", configuration={"UserParameters": "#{first.Done} #{codepipeline.PipelineExecutionId}"})
    run = bench.start(bench.create(stage("A", function("one", namespace="first")), stage("B", use)))
    bench.until(lambda: run.status == "Succeeded")
    assert bench.seen == [("one", ""), ("use", f"one {run.id}")]


def test_actions_of_one_run_order_run_together_and_later_ones_after_them(bench: Bench) -> None:
    """The second order starts when both of the first have ended."""
    bench.gates = {"a": threading.Event(), "b": threading.Event()}
    run = bench.start(bench.create(stage("X", function("last", runOrder=2), function("a"), function("b"))))
    bench.until(lambda: len(run.actions) == 3)  # source, a, b
    bench.gates["b"].set()
    bench.until(lambda: run.latest("X", "b").status == "Succeeded")
    assert run.latest("X", "last") is None
    bench.gates["a"].set()
    bench.until(lambda: run.status == "Succeeded")
    assert [name for name, _ in bench.seen][-1] == "last"


def test_a_failed_action_fails_stage_and_run_and_lets_the_next_run_in(bench: Bench) -> None:
    """The failure's message is kept; what follows in the stage does not start."""
    made = bench.create(stage("X", function("a"), function("never", runOrder=2)), stage("Y", function("y")))
    bench.failing = {"a"}
    first = bench.start(made)
    bench.until(lambda: first.status == "Failed")
    assert first.latest("X", "a").error == ("JobFailed", "a failed")
    assert first.stage_status("X") == "Failed"
    assert first.latest("X", "never") is None
    bench.failing = set()
    second = bench.start(made)
    bench.until(lambda: second.status == "Succeeded")


def test_an_unknown_provider_fails_the_action_in_words(bench: Bench) -> None:
    """The pipeline may declare it, the embedded AWS cannot run it."""
    run = bench.start(bench.create(stage("X", action("Build", "Build", "CodeBuild"))))
    bench.until(lambda: run.status == "Failed")
    assert "CodeBuild" in run.latest("X", "Build").error[1]


def test_a_run_waiting_in_an_approval_holds_its_stage_and_the_waiting_are_superseded(bench: Bench) -> None:
    """The newest waits at the door; the one it overtook is Superseded; the holder is not."""
    made = bench.create(APPROVE)
    first = bench.start(made)
    bench.waits_in(first, "Approve")
    second = bench.start(made)
    bench.until(lambda: made.slot("Approve").waiting == [second])
    third = bench.start(made)
    bench.until(lambda: second.status == "Superseded")
    assert (first.status, third.status) == ("InProgress", "InProgress")
    bench.answer(first, "Approve")
    bench.waits_in(third, "Approve")
    assert first.status == "Succeeded"


def test_queued_runs_all_wait_their_turn(bench: Bench) -> None:
    """None is superseded; they enter in the order in which they came."""
    made = bench.create(APPROVE, pipelineType="V2", executionMode="QUEUED")
    runs = []
    for _ in range(3):
        runs.append(bench.start(made))
        bench.until(lambda: len([r for r in runs if r.actions and r.actions[0].status == "Succeeded"]) == len(runs))
        bench.until(lambda: made.slot("Approve").waiting == runs[1:])
    for run in runs:
        bench.waits_in(run, "Approve")
        bench.answer(run, "Approve")
        bench.until(lambda run=run: run.status == "Succeeded")


def test_parallel_runs_do_not_wait_for_each_other(bench: Bench) -> None:
    """Two runs are in the same stage at once."""
    made = bench.create(APPROVE, pipelineType="V2", executionMode="PARALLEL")
    runs = [bench.start(made), bench.start(made)]
    for run in runs:
        bench.waits_in(run, "Approve")


def test_a_rejected_approval_fails_the_run_with_its_summary(bench: Bench) -> None:
    """Approver and summary are kept."""
    run = bench.start(bench.create(APPROVE))
    bench.waits_in(run, "Approve")
    bench.answer(run, "Approve", approved=False)
    bench.until(lambda: run.status == "Failed")
    found = run.latest("Approve", "Ok")
    assert (found.summary, found.updated_by) == ("because", "arn:approver")
    assert found.error is not None


def test_stop_and_wait_lets_the_action_end(bench: Bench) -> None:
    """Stopping until then, Stopped after; the next stage is not entered."""
    bench.gates = {"a": threading.Event()}
    run = bench.start(bench.create(stage("X", function("a")), stage("Y", function("y"))))
    bench.until(lambda: bool(bench.seen) or run.latest("X", "a") is not None)
    bench.executor.stop(run, "enough", abandon=False)
    assert (run.status, run.stop_reason) == ("Stopping", "enough")
    bench.gates["a"].set()
    bench.until(lambda: run.status == "Stopped")
    assert run.latest("X", "a").status == "Succeeded"
    assert run.latest("Y", "y") is None


def test_stop_and_abandon_ends_at_once(bench: Bench) -> None:
    """The waiting approval is Abandoned, and the stage is free for the next run."""
    made = bench.create(APPROVE)
    run = bench.start(made)
    bench.waits_in(run, "Approve")
    bench.executor.stop(run, None, abandon=True)
    assert (run.status, run.latest("Approve", "Ok").status) == ("Stopped", "Abandoned")
    bench.waits_in(bench.start(made), "Approve")


def test_an_abandoned_action_cannot_succeed_later(bench: Bench) -> None:
    """Its outcome is dropped."""
    bench.gates = {"a": threading.Event()}
    run = bench.start(bench.create(stage("X", function("a", namespace="N"))))
    bench.until(lambda: run.latest("X", "a") is not None)
    bench.executor.stop(run, None, abandon=True)
    bench.gates["a"].set()
    end_of(run)
    assert (run.status, run.latest("X", "a").status, run.namespaces.get("N")) == ("Stopped", "Abandoned", None)


def end_of(run: Run) -> None:
    """Wait for the threads of a run."""
    for thread in threading.enumerate():
        if thread.name.endswith(run.id):
            thread.join(TIMEOUT)
            assert not thread.is_alive()


def test_changing_the_pipeline_cancels_what_is_in_flight(bench: Bench) -> None:
    """Runs that have ended stay as they are."""
    made = bench.create(APPROVE)
    first = bench.start(made)
    bench.waits_in(first, "Approve")
    bench.answer(first, "Approve")
    bench.until(lambda: first.status == "Succeeded")
    second = bench.start(made)
    bench.waits_in(second, "Approve")
    bench.executor.cancel(made)
    assert (first.status, second.status, second.latest("Approve", "Ok").status) == (
        "Succeeded",
        "Cancelled",
        "Abandoned",
    )


@pytest.mark.parametrize(("every", "again"), [(False, ["b"]), (True, ["a", "b"])])
def test_retrying_a_stage_runs_its_failed_or_all_actions_again(bench: Bench, every: bool, again: list[str]) -> None:
    """The same run goes on to its end."""
    bench.failing = {"b"}
    made = bench.create(stage("X", function("a"), function("b")), stage("Y", function("y")))
    run = bench.start(made)
    bench.until(lambda: run.status == "Failed" and made.slot("X").occupant is None)
    bench.failing, bench.seen = set(), []
    bench.executor.retry(made, run, "X", all_actions=every)
    bench.until(lambda: run.status == "Succeeded")
    assert sorted(name for name, _ in bench.seen) == [*again, "y"]


def test_a_disabled_transition_holds_runs_at_the_door(bench: Bench) -> None:
    """Enabling it lets the newest in."""
    made = bench.create(stage("X", function("a")))
    made.slot("X").transition = Transition(enabled=False)
    run = bench.start(made)
    bench.until(lambda: made.slot("X").waiting == [run])
    with bench.executor.condition:
        made.slot("X").transition = Transition()
        bench.executor.condition.notify_all()
    bench.until(lambda: run.status == "Succeeded")


def test_the_end_of_the_embedded_aws_ends_waiting_runs(bench: Bench) -> None:
    """Nothing is left waiting in an approval."""
    run = bench.start(bench.create(APPROVE))
    bench.waits_in(run, "Approve")
    runtime.current().stop()
    end_of(run)
    assert run.status == "InProgress"
