"""What keeps a run that is under way from going on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import PRODUCTION, SHARED, example
from tests.operations.runs.pipelines import STARTED, accounts, codepipeline, detail, execution, state, two_approvals
from xacct_ml.cli.views.status import status_json, status_lines
from xacct_ml.operations.runs.hanging import alerts, wait_of
from xacct_ml.operations.runs.stages import WAITING, Action, Stage
from xacct_ml.operations.runs.status import status

CONFIG = example()
DEPLOY_LOG = [
    "START RequestId: 1",
    "[INFO]\t2026-03-01T12:00:05Z\t1\tbegins",
    "[ERROR] KeyError: 'JOB_RESULT_ROLE_ARN'\nTraceback (most recent call last):\n  File …",
    "END RequestId: 1",
]


def running(stage: str, action: str, status: str = "InProgress") -> tuple[Stage, ...]:
    return (Stage(stage, status, (Action(action, status, external_id="x", started=STARTED),)),)


def logged(*messages: str) -> FakeClient:
    first = int(STARTED.timestamp() * 1000) + 1000
    events = [{"timestamp": first + at, "message": text, "eventId": str(at)} for at, text in enumerate(messages)]
    return FakeClient(filter_log_events={"events": events})


def there(logs: FakeClient, account: str = PRODUCTION) -> FakeAccounts:
    return FakeAccounts({(account, "logs"): logs})


def test_a_function_that_ended_without_a_word() -> None:
    """Its last error, when CodePipeline gives up, and what puts it back."""
    found = alerts(CONFIG, there(logged(*DEPLOY_LOG)), "run-1", running("Deploy", "production"), STARTED)
    (alert,) = found
    assert alert.stuck
    assert alert.sentence.endswith("which fails it by 12:20 UTC: KeyError: 'JOB_RESULT_ROLE_ARN'")
    assert alert.next_step.startswith("xacct-ml bootstrap ")
    assert alert.next_step.endswith("from 12:20 UTC on: xacct-ml retry --execution run-1")
    assert alert.logs == "xacct-ml logs run-1 --of deploy"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("2026-03-01T12:00:05Z 1 Task timed out after 900.10 seconds", "Task timed out after 900.10 seconds"),
        ("RequestId: 1 Error: Runtime exited with error: signal: killed", "Runtime exited with error: signal: killed"),
        ("[ERROR] Runtime.ImportModuleError: Unable to import module 'x'", "Runtime.ImportModuleError: Unable"),
        ("[ERROR]\t2026-03-01T12:00:05Z\t1\tone that it went on after", None),
        ("END RequestId: 1", None),
    ],
)
def test_how_a_function_ends(message: str, told: str | None) -> None:
    """As Lambda logs it."""
    found = alerts(CONFIG, there(logged(message), SHARED), "run-1", running("Judge", "Evaluation"), STARTED)
    assert [told in alert.sentence for alert in found] == ([True] if told else [])


def test_a_log_that_cannot_be_read_hides_nothing() -> None:
    """Nor is an error from before the action its own."""
    denied = FakeClient(filter_log_events=refused("FilterLogEvents", "AccessDeniedException", "no"))
    late = STARTED + timedelta(days=1)
    (slow,) = alerts(CONFIG, there(denied), "run-1", running("Deploy", "production"), late)
    assert not slow.stuck
    assert slow.sentence.startswith("under way for 1 d; a deployment takes 3 h at most. CodePipeline fails it at")
    before = FakeClient(
        filter_log_events={"events": [{"timestamp": 0, "message": "[ERROR] KeyError: 'x'", "eventId": "1"}]}
    )
    assert alerts(CONFIG, there(before), "run-1", running("Deploy", "production"), STARTED) == ()


@pytest.mark.parametrize(
    ("stage", "action", "hours", "told"),
    [
        (
            "Source",
            "Repository",
            0.5,
            "a source action takes 15 min at most. CodePipeline fails it at 2026-03-01 13:00",
        ),
        (
            "Workflow",
            "TrainingStack",
            2,
            "a CloudFormation action takes 1 h at most. CodePipeline fails it at 2026-03-04",
        ),
        ("Train", "StateMachine", 3, "a training of the map's longest run takes 2 h at most"),
        ("Judge", "Evaluation", 5, "a judgement takes 4 h at most. CodePipeline fails it at 2026-03-02 12:00"),
        ("Check", "Configuration", 1, "a function's action takes 20 min at most"),
    ],
)
def test_longer_than_its_kind_takes(stage: str, action: str, hours: float, told: str) -> None:
    """Told once it is; until then nothing is."""
    quiet = there(logged(), SHARED)
    late = STARTED + timedelta(hours=hours)
    (alert,) = alerts(CONFIG, quiet, "run-1", running(stage, action), late)
    assert told in alert.sentence
    assert not alert.stuck
    assert "xacct-ml stop --execution run-1" in alert.next_step
    assert alerts(CONFIG, quiet, "run-1", running(stage, action), STARTED + timedelta(seconds=30)) == ()


def test_an_approval_that_nobody_answers() -> None:
    """On its last day."""
    waiting = running("Approve", "Review", WAITING)
    assert alerts(CONFIG, there(logged()), "run-1", waiting, STARTED + timedelta(days=5)) == ()
    (alert,) = alerts(CONFIG, there(logged()), "run-1", waiting, STARTED + timedelta(days=6, hours=1))
    assert alert.sentence == "nobody has answered for 6 d 1 h. CodePipeline fails it at 2026-03-08 12:00 UTC"


@pytest.mark.parametrize(("days", "told"), [(1, []), (6.5, ["Review", "SecondReview"])])
def test_two_approvals_wait_as_one_does(days: float, told: list[str]) -> None:
    """Neither is an action that hangs."""
    asked = [detail("Approve", action, "InProgress") for action in ("Review", "SecondReview")]
    pipeline = codepipeline(
        get_pipeline_state=two_approvals(), list_action_executions={"actionExecutionDetails": asked}
    )
    seen = status(CONFIG, accounts(pipeline, record=None), now=lambda: STARTED + timedelta(days=days))
    assert [alert.action for alert in seen.alerts] == told
    assert all(alert.sentence.startswith("nobody has answered for") for alert in seen.alerts)


def test_a_rollout_and_a_spot_training_take_longer() -> None:
    """By what the map says of them."""
    slow = example(
        endpoint={"instance_type": "ml.m5.large", "instance_count": 2, "rollout": {"wait_seconds": 600}},
        training={"hyperparameters": {"num_round": 5}, "spot": True, "max_wait_seconds": 20_000},
    )
    deploy, train = Action("production", "InProgress"), Action("StateMachine", "InProgress")
    assert wait_of(slow, "Deploy", deploy).usual == wait_of(CONFIG, "Deploy", deploy).usual + 1200
    assert wait_of(slow, "Train", train).usual == 20_000 + 3600


def test_a_stage_that_somebody_closed() -> None:
    """Who and why, and the call that opens it again."""
    closed: dict[str, Any] = state(waiting=None)
    closed["stageStates"][3] |= {
        "inboundExecutions": [{"pipelineExecutionId": "run-1", "status": "InProgress"}],
        "inboundTransitionState": {"enabled": False, "lastChangedBy": "ann", "disabledReason": "release freeze"},
    }
    pipeline = codepipeline(
        get_pipeline_state=closed,
        list_action_executions={"actionExecutionDetails": [detail("Judge", "Evaluation", "Succeeded")]},
    )
    seen = status(CONFIG, accounts(pipeline, record=None))
    assert seen.settled
    assert "nothing may enter it: ann disabled the transition into it: release freeze" in seen.alerts[0].sentence
    assert (seen.next_step or "").startswith("aws codepipeline enable-stage-transition --stage-name Approve")
    failure = seen.failure()
    assert failure is not None
    assert failure.message == "run run-1 does not go on"


def silent() -> FakeAccounts:
    """A run whose deploying function was lost."""
    pipeline = codepipeline(
        get_pipeline_state=state(waiting=None),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1")]},
        list_action_executions={"actionExecutionDetails": [detail("Deploy", "production", "InProgress")]},
    )
    found = accounts(pipeline, record=None)
    found.clients[PRODUCTION, "logs"] = logged(*DEPLOY_LOG)
    return found


def test_status_tells_of_it() -> None:
    """Cause, log, page of the console, next step, and how long it takes already: in text and JSON."""
    seen = status(CONFIG, silent(), now=lambda: STARTED + timedelta(minutes=3, seconds=12))
    lines = status_lines(seen)
    assert seen.settled
    assert lines[1] == "  started  2026-03-01 12:00:00 UTC by an event, for 3 min 12 s"
    assert "  Deploy   InProgress  3 min 12 s" in lines
    assert any(line.startswith("  stuck    Deploy/production: its function ended") for line in lines)
    assert "  log      xacct-ml logs run-1 --of deploy" in lines
    console = next(line for line in lines if line.startswith("  console"))
    assert console.startswith(f"  console  (account {PRODUCTION}) https://")
    assert console.endswith("log-group/$252Faws$252Flambda$252Fchurn-deploy")
    assert lines[-1].startswith("next: xacct-ml bootstrap")
    told = status_json(seen)
    assert (told["alerts"][0]["stuck"], told["next_step"]) == (True, seen.next_step)
    assert told["execution"]["seconds"] == 192.0
    deploy = told["stages"][-1]
    assert (deploy["seconds"], deploy["console_account"]) == (192.0, PRODUCTION)
    assert deploy["actions"][0]["console"] == deploy["console"]


def test_where_lines_are_kept_minutes_are_whole() -> None:
    """So that a log of --watch has a line a minute, not one for each look."""
    seen = status(CONFIG, silent(), now=lambda: STARTED + timedelta(minutes=3, seconds=12))
    assert "  Deploy   InProgress  3 min" in status_lines(seen, whole_minutes=True)


def test_links_to_each_action() -> None:
    """The run's page, and that of each action that has one of its own."""
    seen = status(CONFIG, silent(), now=lambda: STARTED)
    pages = [line.split()[1:] for line in status_lines(seen, links=True) if line.startswith("  console")]
    assert pages[0][-1].endswith("/pipelines/churn/executions/run-1/timeline?region=us-east-1")
    assert [page[0] for page in pages[1:]] == ["Judge/Evaluation:", "Deploy/production:"]
