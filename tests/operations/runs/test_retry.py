"""The failed stage of a run once more."""

from __future__ import annotations

import pytest

from tests.cli.fakes import FakeClient, refused
from tests.operations.runs.pipelines import accounts, codepipeline, detail, execution, two_waves
from tests.waved import TWO_WAVES, waved
from xacct_ml.errors import XacctError
from xacct_ml.operations.runs.failure import Retried, retry

CONFIG = waved(*TWO_WAVES)


def failed(status: str = "Failed", **answers: object) -> FakeClient:
    """Run 1, older than run 2, failed in one target of the later wave."""
    return codepipeline(
        get_pipeline_state=two_waves(),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-2"), execution("run-1", status)]},
        list_action_executions={
            "actionExecutionDetails": [
                detail("Deploy-rest", "mobile", "Failed", "rolled back"),
                detail("Deploy-rest", "web", "Succeeded"),
                detail("Train", "StateMachine", "Succeeded"),
            ]
        },
        **{"retry_stage_execution": {"pipelineExecutionId": "run-1"}, **answers},
    )


@pytest.mark.parametrize("execution", [None, "run-1"])
def test_only_what_failed_begins_again(execution: str | None) -> None:
    """Of a wave, the targets that failed; the newest run that failed unless told."""
    pipeline = failed()
    assert retry(CONFIG, accounts(pipeline), execution) == Retried("run-1", "Deploy-rest", ("mobile",))
    assert pipeline.calls[-1] == (
        "retry_stage_execution",
        {
            "pipelineName": "churn",
            "stageName": "Deploy-rest",
            "pipelineExecutionId": "run-1",
            "retryMode": "FAILED_ACTIONS",
        },
    )


def test_a_run_that_goes_on_is_not_retried() -> None:
    """A sibling is still under way: its stage has not ended."""
    with pytest.raises(XacctError, match="run run-1 is InProgress: only a failed stage can be retried"):
        retry(CONFIG, accounts(failed("InProgress")), "run-1")


def test_what_codepipeline_does_not_retry() -> None:
    """Said in words, with the way out."""
    there = accounts(failed(retry_stage_execution=refused("RetryStage", "NotLatestPipelineExecutionException")))
    with pytest.raises(XacctError, match="stage Deploy-rest of run run-1 cannot be retried: a newer run") as caught:
        retry(CONFIG, there)
    assert caught.value.next_step == "xacct-ml start begins a new run"


def test_no_run_failed() -> None:
    """There is nothing to retry."""
    with pytest.raises(XacctError, match="no run failed"):
        retry(CONFIG, accounts(failed("Succeeded")))
