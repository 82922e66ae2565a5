"""What a run printed: which logs, and what is read of them, once and while they grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import PRODUCTION, SHARED, TRAINING, example, ireland
from tests.operations.runs.pipelines import TRAINED, codepipeline, detail, execution
from xacct_ml.errors import XacctError
from xacct_ml.operations.runs import logs
from xacct_ml.operations.runs.log_places import Log, Of, places, usual
from xacct_ml.operations.runs.logs import Line, Reader, RunLogs, follow, run_logs
from xacct_ml.operations.runs.stages import Action, Stage
from xacct_ml.system.names import Names

CONFIG = example()
NAMES = Names(CONFIG)
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENDED = BEGAN + timedelta(minutes=10)


def action(name: str, status: str = "Succeeded", external: str | None = None) -> Action:
    return Action(name, status, external_id=external, started=BEGAN, updated=ENDED)


def run(**stages: Action) -> tuple[Stage, ...]:
    return tuple(Stage(name, one.status, (one,)) for name, one in stages.items())


WHOLE = run(
    Source=action("Repository"),
    Check=action("Configuration"),
    Workflow=action("TrainingStack"),
    Train=action("StateMachine", external=TRAINED),
    Judge=action("Evaluation", "Failed"),
    Deploy=replace(action("production"), status="NotStarted", started=None, updated=None),
)


@pytest.mark.parametrize(
    ("of", "place"),
    [
        (Of.TRAINING, f"log group /aws/sagemaker/TrainingJobs of account {TRAINING}, streams churn-1/"),
        (Of.SCORING, f"log group /aws/sagemaker/TransformJobs of account {TRAINING}, streams churn-scoring-"),
        (Of.WORKFLOW, f"history of execution churn-1 in account {TRAINING}"),
        (Of.STACK, f"events of stack churn-training in account {TRAINING}"),
        (Of.JUDGE, f"log group /aws/lambda/churn-judge of account {SHARED}"),
        (Of.DEPLOY, f"log group /aws/lambda/churn-deploy of account {PRODUCTION}"),
        (Of.ENDPOINT, f"log group /aws/sagemaker/Endpoints/churn of account {PRODUCTION}"),
    ],
)
def test_where_each_part_of_a_run_prints(of: Of, place: str) -> None:
    """In which account, and which of a group's streams are the run's."""
    (log,) = places(NAMES, WHOLE, of)
    assert log.place == place
    assert log.region == "us-east-1"


def test_both_actions_of_the_judge_are_one_log() -> None:
    """From the beginning of the check to the end of the judgement; a function of each account that has one."""
    late = replace(WHOLE[4].actions[0], started=BEGAN + timedelta(hours=1), updated=ENDED + timedelta(hours=1))
    stages = (*WHOLE[:4], Stage("Judge", "Failed", (late,)), WHOLE[5])
    judge, deploy = places(NAMES, stages, Of.FUNCTION)
    assert (judge.begins, judge.ends, judge.over) == (BEGAN, ENDED + timedelta(hours=1), True)
    assert (deploy.account, deploy.begins, deploy.over) == (PRODUCTION, None, False)


def test_the_transforms_of_a_run_are_those_of_the_time_of_its_judgement() -> None:
    """Their names say nothing of the run, and one run is judged at a time."""
    late = replace(WHOLE[4].actions[0], started=BEGAN + timedelta(hours=1), updated=ENDED + timedelta(hours=1))
    (log,) = places(NAMES, (*WHOLE[:4], Stage("Judge", "Failed", (late,)), WHOLE[5]), Of.SCORING)
    assert (log.begins, log.ends, log.over) == (late.started, late.updated, True)


def test_a_target_in_another_region_prints_there() -> None:
    names = Names(ireland())
    stages = (Stage("Deploy", "Succeeded", (action("ireland"),)), Stage("Deploy", "", (action("copy-eu-west-1"),)))
    assert [log.region for log in places(names, stages, Of.DEPLOY)] == ["eu-west-1"]
    assert [(log.name, log.account) for log in places(names, stages, Of.COPY)] == [("/aws/lambda/churn-copy", SHARED)]
    assert places(NAMES, run(Deploy=action("ireland")), Of.DEPLOY) == ()  # the map has it no longer


def test_the_release_prints_in_the_shared_account() -> None:
    """Where models are registered."""
    stages = run(Registry=action("Package", "Failed"))
    assert usual(NAMES, stages) is Of.REGISTRY
    found = places(NAMES, stages, Of.FUNCTION)
    assert ("/aws/lambda/churn-registry", SHARED) in [(log.name, log.account) for log in found]


def test_the_log_that_is_wanted_first() -> None:
    """Of what failed, else of what is under way, else of the training."""
    assert usual(NAMES, WHOLE) is Of.JUDGE
    assert usual(NAMES, run(Workflow=action("TrainingStack", "InProgress"))) is Of.STACK
    assert usual(NAMES, run(Source=action("Repository", "Failed"))) is Of.TRAINING


def events(*messages: tuple[int, str], token: str | None = None) -> dict[str, Any]:
    """An answer of FilterLogEvents: seconds since the beginning, and what was printed then."""
    found = [
        {
            "timestamp": int((BEGAN + timedelta(seconds=seconds)).timestamp() * 1000),
            "message": message,
            "logStreamName": "churn-1/algo",
            "eventId": f"{seconds}-{message}",
        }
        for seconds, message in messages
    ]
    return {"events": found, **({"nextToken": token} if token else {})}


TRAINING_LOG = Log(Of.TRAINING, TRAINING, "us-east-1", "/aws/sagemaker/TrainingJobs", "churn-1/", BEGAN, ENDED, True)


def reader(client: FakeClient, service: str = "logs", since: datetime | None = None) -> Reader:
    return Reader(FakeAccounts({(TRAINING, service): client}), since)


def said(lines: Sequence[Line]) -> list[str]:
    return [line.message for line in lines]


def test_all_pages_are_read_an_empty_one_too() -> None:
    """AWS answers with empty pages while it searches; only what lies within the action's time is asked for."""
    pages = {None: events((1, "a"), token="2"), "2": events(token="3"), "3": events((2, "b"))}
    client = FakeClient(filter_log_events=lambda nextToken=None, **_: pages[nextToken])  # noqa: N803
    assert said(list(reader(client).read([TRAINING_LOG]))) == ["a", "b"]
    request = client.calls[0][1]
    assert (request["logStreamNamePrefix"], request["limit"]) == ("churn-1/", 1_000)
    assert request["startTime"] == int((BEGAN - timedelta(seconds=5)).timestamp() * 1000)
    assert request["endTime"] == int((ENDED + timedelta(seconds=30)).timestamp() * 1000)


def test_pages_without_an_end_are_given_up() -> None:
    """And it is said that there may be more."""
    client = FakeClient(filter_log_events=events(token="again"))
    one = reader(client)
    assert list(one.read([TRAINING_LOG])) == []
    assert one.more
    assert len(client.calls) == 100


def test_no_more_lines_than_can_be_looked_at() -> None:
    """The rest is there for the next look, none twice."""
    many = [(0, str(number)) for number in range(logs.MOST_LINES + 3)]
    one = reader(FakeClient(filter_log_events=events(*many)))
    assert len(list(one.read([TRAINING_LOG]))) == logs.MOST_LINES
    assert one.more
    assert said(list(one.read([TRAINING_LOG]))) == [str(number) for number in range(logs.MOST_LINES, len(many))]


def test_a_group_that_nobody_wrote_into_is_empty() -> None:
    missing = refused("FilterLogEvents", "ResourceNotFoundException")
    assert list(reader(FakeClient(filter_log_events=missing)).read([TRAINING_LOG])) == []


def test_what_comes_late_is_shown_once() -> None:
    """Events of before the last one that was seen turn up afterwards."""
    answers = [events((1, "a"), (9, "c")), events((1, "a"), (5, "b"), (9, "c"), (10, "d"))]
    one = reader(FakeClient(filter_log_events=lambda **_: answers.pop(0)))
    assert said(list(one.read([TRAINING_LOG]))) == ["a", "c"]
    assert said(list(one.read([TRAINING_LOG]))) == ["b", "d"]


def test_several_logs_are_merged_by_time() -> None:
    """Whichever account they are in."""
    other = replace(TRAINING_LOG, account=SHARED, name="/aws/lambda/churn-judge")
    there = FakeAccounts(
        {
            (TRAINING, "logs"): FakeClient(filter_log_events=events((1, "a"), (3, "c"))),
            (SHARED, "logs"): FakeClient(filter_log_events=events((2, "b"), (4, "d"))),
        }
    )
    assert said(list(Reader(there).read([TRAINING_LOG, other]))) == ["a", "b", "c", "d"]


CAUSE = (
    '{"TrainingJobName": "churn-1", "FailureReason": "CapacityError: no such instance at the moment.", "More": "%s"}'
)


def test_the_history_of_an_execution() -> None:
    """Type, state and reason; not the run's data, and of a cause that is a service's whole answer the reason alone."""
    history = [
        {"id": 1, "timestamp": BEGAN, "type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Train"}},
        {
            "id": 2,
            "timestamp": ENDED,
            "type": "TaskFailed",
            "taskFailedEventDetails": {
                "resource": "createTrainingJob.sync",
                "error": "States.TaskFailed",
                "cause": CAUSE,
            },
        },
    ]
    log = replace(TRAINING_LOG, of=Of.WORKFLOW, name=TRAINED, streams="")
    one = reader(FakeClient(get_execution_history={"events": history}), "stepfunctions")
    assert said(list(one.read([log]))) == [
        "TaskStateEntered Train",
        "TaskFailed createTrainingJob.sync States.TaskFailed CapacityError: no such instance at the moment.",
    ]


def test_the_events_of_a_stack_come_in_the_order_of_time() -> None:
    """Only those of the run: older operations are not read."""
    found = [
        {"Timestamp": time, "EventId": str(time), "ResourceStatus": status, "LogicalResourceId": "Machine"}
        for time, status in (
            (BEGAN + timedelta(seconds=9), "UPDATE_FAILED"),
            (BEGAN + timedelta(seconds=1), "UPDATE_IN_PROGRESS"),
            (BEGAN - timedelta(days=1), "CREATE_COMPLETE"),
        )
    ]
    client = FakeClient(describe_stack_events={"StackEvents": found, "NextToken": "more"})
    log = replace(TRAINING_LOG, of=Of.STACK, name="churn-training", streams="")
    assert said(list(reader(client, "cloudformation").read([log]))) == [
        "UPDATE_IN_PROGRESS Machine",
        "UPDATE_FAILED Machine",
    ]
    assert len(client.calls) == 1


def accounts(*details: dict[str, Any], status: str = "InProgress") -> FakeAccounts:
    pipeline = codepipeline(
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", status)]},
        list_action_executions={"actionExecutionDetails": list(details)},
    )
    return FakeAccounts({(SHARED, "codepipeline"): pipeline})


def train(status: str) -> dict[str, Any]:
    return {**detail("Train", "StateMachine", status, external_id=TRAINED), "startTime": BEGAN, "lastUpdateTime": ENDED}


def test_following_ends_some_looks_after_what_is_followed() -> None:
    """What was written last comes late; and the accounts that come into it are entered."""
    there = accounts(train("InProgress"))
    answers = [events((1, "a")), events((1, "a")), events((2, "b")), events((3, "c")), events()]
    there.clients[TRAINING, "logs"] = FakeClient(filter_log_events=lambda **_: answers.pop(0))
    pauses: list[int] = []

    def pause() -> None:
        pauses.append(1)
        if len(pauses) == 2:
            ended = {"actionExecutionDetails": [train("Succeeded")]}
            there.clients[SHARED, "codepipeline"].answers["list_action_executions"] = ended

    first = run_logs(CONFIG, there, None, None)
    assert (first.run, first.of, first.over) == ("run-1", Of.TRAINING, False)
    entered: list[str] = []
    lines = list(follow(CONFIG, there, first, Reader(there), pause, entered.extend))
    assert said(lines) == ["a", "b", "c"]
    assert (len(pauses), entered) == (4, [])


def test_following_what_never_begins_ends_with_the_run() -> None:
    there = accounts(status="Failed")
    first = RunLogs("run-1", Of.DEPLOY, ())
    assert list(follow(CONFIG, there, first, Reader(there), lambda: None, lambda _: None)) == []


def test_before_the_first_run_there_is_none() -> None:
    empty = FakeAccounts(
        {(SHARED, "codepipeline"): codepipeline(list_pipeline_executions={"pipelineExecutionSummaries": []})}
    )
    with pytest.raises(XacctError, match="the pipeline has not run yet"):
        run_logs(CONFIG, empty, None, None)


def test_the_log_of_the_schedule_is_no_runs() -> None:
    """Nothing is asked of the pipeline for it; where the map has none, or a run is named, it says so."""
    nobody = FakeAccounts({})
    found = run_logs(example(schedule={"expression": "rate(1 day)"}), nobody, None, Of.SCHEDULE)
    (log,) = found.logs
    assert log.place == f"log group /aws/lambda/churn-schedule of account {SHARED}"
    assert (found.run, found.over, log.begins is not None) == (None, False, True)
    with pytest.raises(XacctError, match="no run's"):
        run_logs(example(schedule={"expression": "rate(1 day)"}), nobody, "run-1", Of.SCHEDULE)
    with pytest.raises(XacctError, match="has no `schedule`"):
        run_logs(CONFIG, nobody, None, Of.SCHEDULE)


def test_the_log_of_the_temporary_endpoint_is_of_the_time_of_the_deployment() -> None:
    """One name for every candidate; where the map has no smoke test, it says so."""
    (log,) = places(NAMES, run(Deploy=action("production", "Failed")), Of.SMOKE)
    assert log.place == f"log group {NAMES.smoke_log_group} of account {PRODUCTION}"
    assert (log.begins, log.ends, log.over) == (BEGAN, ENDED, True)
    with pytest.raises(XacctError, match="has no smoke test"):
        run_logs(example(endpoint={"smoke_test": False}), FakeAccounts({}), None, Of.SMOKE)


def test_the_logs_of_files_that_were_predicted_are_no_runs() -> None:
    """All of this project's batch transforms, or the one that is named."""
    nobody, config = FakeAccounts({}), example(batch={"bucket": "my-files", "instance_type": "ml.m5.large"})
    (log,) = run_logs(config, nobody, None, Of.BATCH).logs
    assert log.place == f"log group /aws/sagemaker/TransformJobs of account {PRODUCTION}, streams churn--batch-"
    found = run_logs(config, nobody, "churn--batch-0123", Of.BATCH)
    assert (found.run, found.logs[0].streams) == ("churn--batch-0123", "churn--batch-0123/")
    with pytest.raises(XacctError, match="is no batch transform of this project"):
        run_logs(config, nobody, "run-1", Of.BATCH)
    with pytest.raises(XacctError, match="has no `batch`"):
        run_logs(CONFIG, nobody, None, Of.BATCH)
