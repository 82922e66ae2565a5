"""A run that is stopped."""

from __future__ import annotations

import pytest

from tests.cli.fakes import FakeClient, refused
from tests.configs import example
from tests.operations.runs.pipelines import accounts, codepipeline, execution
from xacct_ml.errors import XacctError
from xacct_ml.operations.runs.executions import stop

CONFIG = example()


def running(**answers: object) -> FakeClient:
    """Run 2 is under way, run 1 has ended."""
    runs = {"pipelineExecutionSummaries": [execution("run-2"), execution("run-1", "Succeeded")]}
    stopped = {"stop_pipeline_execution": {"pipelineExecutionId": "run-2"}}
    return codepipeline(**{"list_pipeline_executions": runs, **stopped, **answers})


@pytest.mark.parametrize("abandon", [True, False])
def test_the_newest_run_under_way_is_stopped(abandon: bool) -> None:
    """Abandoned where that is asked for."""
    pipeline = running()
    assert stop(CONFIG, accounts(pipeline), abandon=abandon) == "run-2"
    name, arguments = pipeline.calls[-1]
    assert name == "stop_pipeline_execution"
    assert (arguments["pipelineExecutionId"], arguments["abandon"]) == ("run-2", abandon)


def test_nothing_under_way_is_said() -> None:
    """Nothing is called then."""
    pipeline = running(list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", "Succeeded")]})
    with pytest.raises(XacctError, match="no run of the pipeline is under way"):
        stop(CONFIG, accounts(pipeline))


def test_a_run_that_has_ended_cannot_be_stopped() -> None:
    """In words."""
    ended = refused("StopPipelineExecution", "PipelineExecutionNotStoppableException")
    with pytest.raises(XacctError, match="run run-1 is Succeeded, or stopping already"):
        stop(CONFIG, accounts(running(stop_pipeline_execution=ended)), "run-1")
