"""A canary, and everything that may be wrong with it, one after the other in one run: each ends in its word, and what
serves is what served before, until the last one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.configs import PRODUCTION, example
from tests.journeys.project import Project, project
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.emulator.core.serving_faults import ServingFault
from xacct_ml.operations.runs.failure import retry

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "max_depth": 4, "eval_metric": "auc"}
ENDPOINT = {"instance_count": 2, "rollout": {"type": "canary", "percent": 50, "minimum_requests": 5}}
LIVE_ONLY = "-smoke-"


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[Project, str]]:
    """A model serves; another one was approved, and does not come up."""
    config = example(training={"hyperparameters": HYPERPARAMETERS}, endpoint=ENDPOINT)
    with project(config, Pace(endpoint_bake=2.0)) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        made.settled(first)
        made.judge(first, approve=True)
        assert made.settled(first).waits_for_approval is False
        made.push(NumRound="15")
        second = made.new_run([first])
        made.settled(second)
        wrong(made, second, ServingFault(fails="The image does not exist"))
        made.judge(second, approve=True)
        made.settled(second)
        yield made, second


def wrong(made: Project, run: str, fault: ServingFault) -> None:
    """With that run's model, from now on."""
    runtime.current().serving.clear()
    runtime.current().serving[made.evaluation(run)["model"]["sha256"]] = fault


def reason(made: Project, run: str) -> str:
    """Why its deployment failed."""
    actions = (
        made.aws.administrator(made.names.shared)
        .client("codepipeline")
        .list_action_executions(pipelineName=made.names.pipeline, filter={"pipelineExecutionId": run})[
            "actionExecutionDetails"
        ]
    )
    deployed = max((one for one in actions if one["actionName"] == "production"), key=lambda one: one["startTime"])
    result = deployed["output"]["executionResult"]
    return str((result.get("errorDetails") or {}).get("message") or result.get("externalExecutionSummary"))


@contextmanager
def clients(made: Project) -> Iterator[None]:
    """They ask all the time, and take what they get."""
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            with suppress(ClientError, BotoCoreError):
                made.predict()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def again(made: Project, run: str) -> str:
    retry(made.config, made.accounts, run)
    made.settled(run)
    return reason(made, run)


def test_a_bad_image_ends_in_the_smoke_test(serving: tuple[Project, str]) -> None:
    assert reason(*serving).startswith("the smoke test failed: ")
    assert "The image does not exist" in reason(*serving)


def test_wrong_answers_end_in_the_smoke_test(serving: tuple[Project, str]) -> None:
    made, run = serving
    before = made.predict()
    wrong(made, run, ServingFault(added=0.2))
    assert "golden rows are answered otherwise than when the model was judged" in again(made, run)
    assert made.predict() == before


@pytest.mark.parametrize(
    ("fault", "alarm"),
    [
        (ServingFault(latency_ms=5000, spares=LIVE_ONLY), "churn-churn-latency"),
        (ServingFault(status=500, spares=LIVE_ONLY), "churn-churn-5xx"),
        (ServingFault(status=400, spares=LIVE_ONLY), "churn-churn-model-errors"),
    ],
    ids=["a slow model", "server errors", "a model that refuses"],
)
def test_what_shows_under_traffic_only_is_rolled_back(
    serving: tuple[Project, str], fault: ServingFault, alarm: str
) -> None:
    made, run = serving
    before = made.predict()
    wrong(made, run, fault)
    with clients(made):
        said = again(made, run)
    assert "SageMaker rolled the update back" in said
    assert alarm in said
    assert made.predict() == before


def test_errors_of_the_old_fleet_roll_back_too_and_the_message_says_so(serving: tuple[Project, str]) -> None:
    made, run = serving
    runtime.current().serving.clear()
    cloudwatch = made.aws.administrator(PRODUCTION).client("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName="churn-churn-5xx", StateValue="ALARM", StateReason="the old model fails")
    said = again(made, run)
    assert "churn-churn-5xx" in said
    assert "Server errors of the model that serves count too" in said
    cloudwatch.set_alarm_state(AlarmName="churn-churn-5xx", StateValue="OK", StateReason="it is mended")


def test_a_silent_rollback_is_a_failure(serving: tuple[Project, str]) -> None:
    made, run = serving
    wrong(made, run, ServingFault(silent=True))
    deployed = again(made, run)
    assert "rolled the update back" in deployed
    assert "no reason given" in deployed


def test_too_little_traffic_is_no_success_and_a_retry_accepts_it(serving: tuple[Project, str]) -> None:
    made, run = serving
    before = made.predict()
    runtime.current().serving.clear()
    assert again(made, run).startswith("inconclusive: churn serves churn-")
    assert made.predict() != before
    assert "is InService with" in again(made, run)


def test_nothing_temporary_is_left(serving: tuple[Project, str]) -> None:
    made, _ = serving
    sagemaker = made.aws.administrator(PRODUCTION).client("sagemaker")
    assert [one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]] == ["churn"]
    assert sagemaker.list_endpoint_configs(NameContains=made.names.smoke_prefix)["EndpointConfigs"] == []
