"""Why a run failed, and its failed stage once more.

Why: in the words of whoever refused, the action's own, then those of what the action worked with. Once more: its failed
actions only; what succeeded is not done again: of a wave, only the targets that failed are deployed to (CodePipeline
User Guide, actions-retry) [D]. CodePipeline retries the stage's latest run alone, and only while the pipeline's
structure is the one that the run began with (API reference, RetryStageExecution) [D]. Of the other pipeline it knows
nothing: what that has deployed since is looked for here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import code_of
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import RELEASE_AGAIN, STATUS
from xacct_ml.operations.release.serving import serving
from xacct_ml.operations.runs.executions import pipeline_state
from xacct_ml.operations.runs.pipelines import Found, find_in_both
from xacct_ml.operations.runs.stages import NOT_STARTED, Action, Stage, stages
from xacct_ml.resources.rights import Place, Rights, within
from xacct_ml.system.actions.lambda_judge import RELEASE_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.waves import DEPLOY_STAGE


def _executions(place: Place) -> str:
    return place.names.execution_arn(place.names.job_pattern)


RIGHTS = {
    "AWS::CodePipeline::Pipeline": (
        Rights("pipeline/Stages", "codepipeline: RetryStageExecution", on=(within("/*"),)),
    ),
    "AWS::StepFunctions::StateMachine": (
        Rights("executions/Executions", "states: DescribeExecution", on=(_executions,)),
    ),
    "AWS::SageMaker::TrainingJob": (Rights("jobs/Jobs", "sagemaker: DescribeTrainingJob"),),
    "AWS::CloudFormation::Stack": (Rights("stack/Stack", "cloudformation: DescribeStackEvents"),),
}

_STACK_TYPE = "AWS::CloudFormation::Stack"
_BEGUN = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")

START = "xacct-ml start begins a new run"

_REFUSED = {
    "StageNotRetryableException": "CodePipeline cannot retry it any more",
    "NotLatestPipelineExecutionException": "a newer run has been in that stage, or the pipeline was changed since",
    "ConcurrentPipelineExecutionsLimitExceededException": "too many runs are under way",
}


@dataclass(frozen=True, slots=True)
class FailedAction:
    """``messages`` begin with the action's own; none is empty. ``also`` are the other targets of the same wave that
    failed, by their actions' names; ``job`` is the training job of an execution of the state machine. ``pipeline`` is
    whose run it is, where that is told."""

    execution: str
    stage: str
    action: str
    messages: tuple[str, ...]
    also: tuple[str, ...] = ()
    job: str | None = None
    pipeline: str = ""


def failed_action(config: Config, accounts: Clients, execution: str | None = None) -> FailedAction | None:
    """The first failed action of the run ``execution``, of either pipeline, or of the newest run that failed; None
    where none did.

    Raises :class:`XacctError` where the run has no failed action; :class:`xacct_ml.errors.NotReady` without a pipeline.
    """
    asked = _failed(config, accounts, execution)
    if asked is None:
        return None
    state, run = pipeline_state(config, accounts, asked.pipeline), asked.run
    found = failed_of(config, accounts, run.id, stages(config, accounts, run.id, state), asked.pipeline)
    if found is None:
        raise XacctError(f"run {run.id} has no failed action: it is {run.status}", next_step=STATUS)
    return found


def _failed(config: Config, accounts: Clients, execution: str | None) -> Found | None:
    """The run with that id, whatever became of it, or the newest that failed, of both pipelines."""
    return find_in_both(config, accounts, execution, None if execution is not None else "Failed")


def failed_of(
    config: Config, accounts: Clients, execution: str, seen: Iterable[Stage], pipeline: str = ""
) -> FailedAction | None:
    """The first failed action of the run whose stages are ``seen``."""
    for stage in seen:
        failed = [action for action in stage.actions if action.status == "Failed"]
        if failed:
            messages = (failed[0].reason or "", *_behind(config, accounts, stage.name, failed[0]))
            told = tuple(filter(None, dict.fromkeys(messages)))
            also = tuple(each.name for each in failed[1:])
            job = _job(config, failed[0])
            return FailedAction(execution, stage.name, failed[0].name, told, also, job, pipeline)
    return None


def _job(config: Config, action: Action) -> str | None:
    """The job has the execution's name."""
    prefix = Names(config).execution_arn("")
    execution = action.external_id or ""
    return execution.removeprefix(prefix) if execution.startswith(prefix) else None


def _behind(config: Config, accounts: Clients, stage: str, action: Action) -> Iterator[str]:
    """What the action's message may leave out; as far as it can be read."""
    names, job_name = Names(config), _job(config, action)
    if job_name is not None:
        stepfunctions = partial(accounts.client, names.training, "stepfunctions")
        sagemaker = partial(accounts.client, names.training, "sagemaker")
        ended = _readable(lambda: stepfunctions().describe_execution(executionArn=action.external_id))
        yield ": ".join(filter(None, (ended.get("error"), ended.get("cause"))))
        job = _readable(lambda: sagemaker().describe_training_job(TrainingJobName=job_name))
        yield job.get("FailureReason", "")
    elif stage == "Workflow":
        cloudformation = partial(accounts.client, names.training, "cloudformation")
        # Reasons of the failed resources in the stack's last operation; its events come newest first.
        events = _readable(lambda: cloudformation().describe_stack_events(StackName=names.stack))
        for event in events.get("StackEvents", ()):
            if event["ResourceType"] == _STACK_TYPE and event["ResourceStatus"] in _BEGUN:
                return
            if event["ResourceStatus"].endswith("_FAILED"):
                yield event.get("ResourceStatusReason", "")


def _readable(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The call's answer; empty where AWS gives none, and for who may not enter the account."""
    try:
        return call()
    except (BotoCoreError, ClientError, XacctError):
        return {}


@dataclass(frozen=True, slots=True)
class Retried:
    """``actions`` are those that failed and begin again, by name: in a wave's stage, its targets."""

    execution: str
    stage: str
    actions: tuple[str, ...]


def retry(config: Config, accounts: Clients, execution: str | None = None) -> Retried:
    """Begin the failed stage of the run ``execution``, or of the newest run that failed, again.

    Raises :class:`XacctError` where no run failed, where the run did not, where its targets were given another model
    since, and where CodePipeline does not retry it; :class:`xacct_ml.errors.NotReady` without a pipeline."""
    names, asked = Names(config), _failed(config, accounts, execution)
    if asked is None:
        raise XacctError("no run failed", next_step=STATUS)
    state, run = pipeline_state(config, accounts, asked.pipeline), asked.run
    seen = stages(config, accounts, run.id, state)
    failed = next((stage for stage in seen if stage.status == "Failed"), None)
    if failed is None or run.status != "Failed":
        raise XacctError(f"run {run.id} is {run.status}: only a failed stage can be retried", next_step=STATUS)
    actions = tuple(action.name for action in failed.actions if action.status == "Failed")
    if failed.name.startswith(DEPLOY_STAGE):
        _refuse_overtaken(config, accounts, run.id, seen, failed)
    try:
        accounts.client(names.shared, "codepipeline").retry_stage_execution(
            pipelineName=asked.pipeline, stageName=failed.name, pipelineExecutionId=run.id, retryMode="FAILED_ACTIONS"
        )
    except ClientError as error:
        if code_of(error) not in _REFUSED:
            raise
        raise XacctError(
            f"stage {failed.name} of run {run.id} cannot be retried: {_REFUSED[code_of(error)]}",
            next_step=RELEASE_AGAIN if asked.pipeline == names.release_pipeline else START,
        ) from None
    return Retried(run.id, failed.name, actions)


def _refuse_overtaken(config: Config, accounts: Clients, execution: str, seen: Iterable[Stage], failed: Stage) -> None:
    """Raises :class:`XacctError` where a target that failed, or was not come to, was given another model since: by
    approvals that are newer than this run's, which a retry would not ask for again."""
    again = [each for each in failed.actions if each.status in ("Failed", NOT_STARTED)]
    began = {each.name: each.started or failed.begun for each in again}
    variables = (each.variables for stage in seen if stage.name == RELEASE_STAGE for each in stage.actions)
    run = next((told["Run"] for told in variables if told.get("Run")), execution)
    since = [
        each
        for target, each in serving(config, accounts).items()
        if (start := began.get(target)) and each.since > start and each.execution != execution and each.run != run
    ]
    if since:
        told = tuple(
            f"{each.target} serves the model of {f'run {each.run}' if each.run else f'release {each.execution}'} since "
            f"{each.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            for each in since
        )
        overtaken = [each.target for each in since]
        targets = " ".join(f"--target {name}" for name in overtaken)
        others = [
            f"--target {each.name}" for each in config.accounts.production if each.name in began.keys() - overtaken
        ]
        if others:
            told += (f"for the others alone: xacct-ml deploy --run {run} {' '.join(others)}",)
        raise XacctError(
            f"{told[0]}: a retry would replace it by that of run {run}, which was approved before",
            details=told[1:],
            next_step=f"xacct-ml deploy --run {run} {targets} asks for it as a release, which somebody approves",
        )
