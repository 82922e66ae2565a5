"""A run that is under way is stopped, with what would go on costing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.cli.test_terminal import Screen
from tests.configs import SHARED, TRAINING, example
from tests.operations.runs.pipelines import TRAINED, accounts, codepipeline, detail, execution, state, two_approvals
from xacct_ml.cli.main import main
from xacct_ml.cli.stop import run_stop
from xacct_ml.cli.terminal import Terminal
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.runs.stopping import checked_reason, do, look, look_again

CONFIG = example()


class Jobs(FakeClient):
    """SageMaker with a training job that runs, and batch transforms."""

    def get_paginator(self, operation: str) -> Any:
        def paginate(**_: Any) -> list[dict[str, Any]]:
            names = ("churn-scoring-0123456789abcdef", "churn-scoring-mine")
            return [{"TransformJobSummaries": [{"TransformJobName": name} for name in names]}]

        assert operation == "list_transform_jobs"
        return type("Paginator", (), {"paginate": staticmethod(paginate)})


def under_way(*details: dict[str, Any], status: str = "InProgress", **answers: Any) -> FakeAccounts:
    pipeline = codepipeline(
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", status)]},
        list_action_executions={"actionExecutionDetails": list(details)},
        **{
            "get_pipeline_state": state(waiting=None),
            "stop_pipeline_execution": {"pipelineExecutionId": "run-1"},
            **answers,
        },
    )
    found = accounts(pipeline, record=None)
    found.clients[TRAINING, "sagemaker"] = Jobs(
        describe_training_job={"TrainingJobStatus": "InProgress"}, stop_training_job={}, stop_transform_job={}
    )
    return found


def asked(there: FakeAccounts) -> list[tuple[str, dict[str, Any]]]:
    return [
        call
        for client in there.clients.values()
        for call in getattr(client, "calls", ())
        if call[0].startswith("stop_")
    ]


TRAINS = detail("Train", "StateMachine", "InProgress", external_id=TRAINED)


def test_a_training_ends_with_its_job() -> None:
    """The pipeline first, so that nothing begins meanwhile; its action comes to its end, as the job has."""
    there = under_way(TRAINS)
    stop = look(CONFIG, there, None, abandon=False)
    assert (stop.at, stop.job, stop.abandon) == (("Train/StateMachine",), "churn-1", False)
    assert do(CONFIG, there, stop, "enough") == ("training job churn-1",)
    assert asked(there) == [
        (
            "stop_pipeline_execution",
            {"pipelineName": "churn", "pipelineExecutionId": "run-1", "abandon": False, "reason": "enough"},
        ),
        ("stop_training_job", {"TrainingJobName": "churn-1"}),
    ]


def test_a_judgement_ends_with_its_batch_transforms() -> None:
    """Those of the project's own names."""
    there = under_way(detail("Judge", "Evaluation", "InProgress"))
    stop = look(CONFIG, there, "run-1", abandon=False)
    assert do(CONFIG, there, stop, "enough") == ("batch transform churn-scoring-0123456789abcdef",)


def test_an_approval_is_taken_back() -> None:
    """CodePipeline would wait for its answer otherwise."""
    there = under_way(detail("Approve", "Review", "InProgress"), get_pipeline_state=state())
    stop = look(CONFIG, there, None, abandon=False)
    assert stop.abandon
    assert stop.told == ("its approval is taken back: nobody can answer it any more",)


def test_two_approvals_are_taken_back() -> None:
    """Nobody answered yet: neither is waited for."""
    asked_of = [detail("Approve", action, "InProgress") for action in ("Review", "SecondReview")]
    there = under_way(*asked_of, get_pipeline_state=two_approvals())
    stop = look(CONFIG, there, None, abandon=False)
    assert (stop.at, stop.abandon) == (("Approve/Review", "Approve/SecondReview"), True)
    assert stop.told == ("its approval is taken back: nobody can answer it any more",)
    do(CONFIG, there, stop, "enough")
    assert [request["abandon"] for _, request in asked(there)] == [True]


@pytest.mark.parametrize(
    ("abandon", "told"),
    [
        (
            False,
            "the deployment under way comes to its end, and the endpoint may serve its model; nothing after it begins",
        ),
        (True, "SageMaker goes on with the deployment, unwatched: what serves then is not written down"),
    ],
)
def test_a_deployment_is_not_cut_short_unless_told(abandon: bool, told: str) -> None:
    there = under_way(detail("Deploy", "production", "InProgress"))
    stop = look(CONFIG, there, None, abandon=abandon)
    assert (stop.abandon, stop.told) == (abandon, (told,))


def test_who_was_cut_short_runs_it_again() -> None:
    """The pipeline was told, the job runs on: it is stopped, and nothing but that; then there is nothing to do."""
    duplicate = refused("StopPipelineExecution", "DuplicatedStopRequestException")
    there = under_way(TRAINS, status="Stopping", stop_pipeline_execution=duplicate)
    assert do(CONFIG, there, look(CONFIG, there, "run-1", abandon=False), "x") == ("training job churn-1",)
    abandoned = detail("Train", "StateMachine", "Abandoned", external_id=TRAINED)
    there = under_way(abandoned, status="Stopped")
    stop = look(CONFIG, there, "run-1", abandon=True)
    assert not stop.over
    assert do(CONFIG, there, stop, "x") == ("training job churn-1",)
    assert [name for name, _ in asked(there)] == ["stop_training_job"]
    there.clients[TRAINING, "sagemaker"].answers["describe_training_job"] = {"TrainingJobStatus": "Stopped"}
    assert look(CONFIG, there, "run-1", abandon=True).over


@pytest.mark.parametrize(("judged_last", "left"), [("run-1", True), ("run-2", False)])
def test_batch_transforms_of_an_abandoned_judgement(judged_last: str, left: bool) -> None:
    """Who was cut short before they were stopped runs it again; those of a run that is judged since are not touched."""
    there = under_way(
        detail("Judge", "Evaluation", "Abandoned"), status="Stopped", get_pipeline_state=last(judged_last)
    )
    stop = look(CONFIG, there, "run-1", abandon=True)
    assert stop.over is not left
    assert do(CONFIG, there, stop, "x") == (("batch transform churn-scoring-0123456789abcdef",) if left else ())


def last(judged: str) -> dict[str, Any]:
    """A pipeline whose last judgement was of that run."""
    found = state(waiting=None)
    found["stageStates"][2]["latestExecution"] = {"pipelineExecutionId": judged, "status": "Stopped"}
    return found


def went_on(there: FakeAccounts, *details: dict[str, Any]) -> None:
    answers = there.clients[SHARED, "codepipeline"].answers
    answers["list_action_executions"] = {"actionExecutionDetails": list(details)}
    answers["get_pipeline_state"] = state(waiting=None)


DEPLOYS = detail("Deploy", "production", "InProgress")


def test_what_nobody_agreed_to_is_not_stopped() -> None:
    """The approval was given, or the training began, while the question stood."""
    there = under_way(detail("Approve", "Review", "InProgress"), get_pipeline_state=state())
    before = look(CONFIG, there, None, abandon=False)
    assert look_again(CONFIG, there, before, abandon=False) == before
    went_on(there, DEPLOYS)
    with pytest.raises(XacctError, match="run run-1 has changed meanwhile, and is at Deploy/production; nothing was"):
        look_again(CONFIG, there, before, abandon=False)
    there = under_way(detail("Workflow", "TrainingStack", "InProgress"))
    before = look(CONFIG, there, None, abandon=False)
    went_on(there, TRAINS)
    with pytest.raises(XacctError, match="and is at Train/StateMachine; nothing was stopped") as caught:
        look_again(CONFIG, there, before, abandon=False)
    assert (caught.value.next_step or "").startswith("run the same command again")
    went_on(there, TRAINS)
    before = look(CONFIG, there, None, abandon=False)
    there.clients[TRAINING, "sagemaker"].answers["describe_training_job"] = {"TrainingJobStatus": "Completed"}
    with pytest.raises(XacctError, match="run-1 has changed meanwhile"):
        look_again(CONFIG, there, before, abandon=False)


class Slow(Screen):
    """Somebody who agrees, and what happens until then."""

    def __init__(self, until_then: Callable[[], None]) -> None:
        super().__init__("y\n")
        self.until_then = until_then

    def readline(self, size: int | None = -1, /) -> str:
        self.until_then()
        return super().readline(size)


@pytest.mark.parametrize("changes", [True, False])
def test_the_command_looks_again_after_the_answer(changes: bool) -> None:
    """A deployment that began while the question stood is not abandoned."""
    there = under_way(detail("Approve", "Review", "InProgress"), get_pipeline_state=state())
    agrees = Slow(lambda: went_on(there, DEPLOYS) if changes else None)
    terminal = Terminal(out=Screen(), err=Screen(), keys=agrees)
    with pytest.raises(XacctError, match="has changed meanwhile") if changes else nullcontext():
        run_stop(CONFIG, there, terminal, None, "enough", abandon=False, yes=False)
    assert len(asked(there)) == (0 if changes else 1)


def test_what_cannot_be_stopped() -> None:
    """Nothing under way, several, one that ended, and one that ends meanwhile."""
    with pytest.raises(XacctError, match="no run is under way"):
        look(CONFIG, under_way(status="Succeeded"), None, abandon=False)
    with pytest.raises(XacctError, match="run run-1 is Failed: only what is under way can be stopped"):
        look(CONFIG, under_way(status="Failed"), "run-1", abandon=False)
    two = {"pipelineExecutionSummaries": [execution("run-2"), execution("run-1")]}
    there = under_way(TRAINS)
    there.clients[("111111111111", "codepipeline")].answers["list_pipeline_executions"] = two
    with pytest.raises(XacctError, match="2 runs are under way") as caught:
        look(CONFIG, there, None, abandon=False)
    assert caught.value.next_step == "xacct-ml stop --execution ID"
    ended = refused("StopPipelineExecution", "PipelineExecutionNotStoppableException")
    there = under_way(TRAINS, stop_pipeline_execution=ended)
    with pytest.raises(XacctError, match="run run-1 ended meanwhile"):
        do(CONFIG, there, look(CONFIG, there, None, abandon=False), "x")
    assert [name for name, _ in asked(there)] == ["stop_pipeline_execution"]
    stop = look(CONFIG, under_way(TRAINS), "run-1", abandon=False)
    lost = under_way(TRAINS, status="Stopped", stop_pipeline_execution=ended)  # it landed, and its answer was lost
    assert do(CONFIG, lost, stop, "x") == ("training job churn-1",)
    with pytest.raises(InputError, match="201 characters"):
        checked_reason("x" * 201)


def test_the_command_says_what_it_does_and_asks(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an answer nothing is stopped; a script names the run."""
    there = under_way(TRAINS)
    assert main(["stop", "--yes"], FakeServices(there)) == 2
    assert main(["stop"], FakeServices(there)) == 2
    assert "--execution run-1 --yes" in capsys.readouterr().err
    assert asked(there) == []
    assert main(["stop", "--execution", "run-1", "--yes", "--reason", "wrong data"], FakeServices(there)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "run run-1 of churn is at Train/StateMachine",
        "  training job churn-1 is stopped: that takes two minutes at most, and no model of it is used",
        "stopped run run-1, training job churn-1",
        "next: xacct-ml status --watch --execution run-1",
    ]
    done = under_way(status="Stopped")
    assert main(["stop", "--execution", "run-1", "--yes", "--output", "json"], FakeServices(done)) == 0
