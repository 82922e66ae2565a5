"""``retry``: the failed stage of a run once more, with its failed actions only.

What succeeded is not done again: of a wave, only the targets that failed are deployed to (CodePipeline User Guide,
actions-retry) [D]. CodePipeline retries the stage's latest run alone, and only while the pipeline's structure is the
one that the run began with (API reference, RetryStageExecution) [D].
"""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import code_of
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.runs.executions import executions, failed_run, pipeline_state, stages
from xacct_ml.resources.rights import Rights, within
from xacct_ml.system.names import Names

RIGHTS = {
    "AWS::CodePipeline::Pipeline": (Rights("pipeline/Stages", "codepipeline: RetryStageExecution", on=(within("/*"),)),)
}

START = "xacct-ml start begins a new run"

_REFUSED = {
    "StageNotRetryableException": "CodePipeline cannot retry it any more",
    "NotLatestPipelineExecutionException": "a newer run has been in that stage, or the pipeline was changed since",
    "ConcurrentPipelineExecutionsLimitExceededException": "too many runs are under way",
}


@dataclass(frozen=True, slots=True)
class Retried:
    """``actions`` are those that failed and begin again, by name: in a wave's stage, its targets."""

    execution: str
    stage: str
    actions: tuple[str, ...]


def retry(config: Config, accounts: Clients, execution: str | None = None) -> Retried:
    """Begin the failed stage of the run ``execution``, or of the newest run that failed, again.

    Raises :class:`XacctError` where no run failed, where the run did not, and where CodePipeline does not retry it;
    :class:`xacct_ml.errors.NotReady` without a pipeline.
    """
    names, state = Names(config), pipeline_state(config, accounts)
    run = failed_run(executions(config, accounts), execution)
    if run is None:
        raise XacctError("no run of the pipeline failed", next_step=STATUS)
    failed = next((stage for stage in stages(config, accounts, run.id, state) if stage.status == "Failed"), None)
    if failed is None or run.status != "Failed":
        raise XacctError(f"run {run.id} is {run.status}: only a failed stage can be retried", next_step=STATUS)
    actions = tuple(action.name for action in failed.actions if action.status == "Failed")
    try:
        accounts.client(names.shared, "codepipeline").retry_stage_execution(
            pipelineName=names.pipeline,
            stageName=failed.name,
            pipelineExecutionId=run.id,
            retryMode="FAILED_ACTIONS",
        )
    except ClientError as error:
        if code_of(error) not in _REFUSED:
            raise
        raise XacctError(
            f"stage {failed.name} of run {run.id} cannot be retried: {_REFUSED[code_of(error)]}", next_step=START
        ) from None
    return Retried(run.id, failed.name, actions)
