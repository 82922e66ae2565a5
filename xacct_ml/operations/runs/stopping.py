"""``stop``: a run or release that is under way ends, and with it what would go on costing.

CodePipeline lets what is under way come to its end and begins nothing after it, or abandons it at once: then whatever
an action began elsewhere goes on, and nobody watches it (CodePipeline User Guide, pipelines-stop) [D]. The first is
what happens here unless it is told otherwise, but for an approval: nothing is under way in it, and CodePipeline would
wait for its answer. A training job and batch transforms are stopped besides, so that their actions end soon: they fail.

The pipeline is told first, so that no action begins meanwhile; whoever was cut short after that runs it again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.command_names import STATUS, STOP
from xacct_ml.operations.preconditions import require_pipeline
from xacct_ml.operations.runs.executions import IN_PROGRESS, UNDER_WAY, pipeline_state, trained_job
from xacct_ml.operations.runs.pipelines import find_in_both, newest_of_both
from xacct_ml.operations.runs.stages import WAITING, Stage, stages
from xacct_ml.resources.rights import Rights, anything
from xacct_ml.system.actions.lambda_judge import JUDGE_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import WORKFLOW_STAGE
from xacct_ml.system.waves import DEPLOY_STAGE

RIGHTS = {
    "AWS::CodePipeline::Pipeline": (Rights("pipeline/Pipeline", "codepipeline: StopPipelineExecution"),),
    "AWS::SageMaker::TrainingJob": (Rights("jobs/Jobs", "sagemaker: DescribeTrainingJob StopTrainingJob"),),
    "AWS::SageMaker::TransformJob": (
        Rights("jobs/Transforms", "sagemaker: StopTransformJob"),
        Rights("jobs/ListJobs", "sagemaker: ListTransformJobs", on=(anything,)),
    ),
}

REASON_LIMIT = 200
"""Characters of StopPipelineExecution's ``reason`` [B]."""
STOPPED = "Stopped"
_OVER = ("DuplicatedStopRequestException", "PipelineExecutionNotStoppableException")


@dataclass(frozen=True, slots=True)
class Stop:
    """What stopping the run means. ``at`` are the actions under way, ``job`` is its training job that runs, and
    ``transforms`` are its batch transforms; ``told`` says what becomes of each, a sentence each."""

    execution: str
    pipeline: str
    status: str
    abandon: bool
    at: tuple[str, ...]
    job: str | None
    transforms: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def over(self) -> bool:
        """Whether it was stopped before, and left nothing that runs."""
        return self.status == STOPPED and self.job is None and not self.transforms

    @property
    def what(self) -> tuple[object, ...]:
        """What would be done, as it can be compared with what would be done later."""
        return self.at, self.abandon, self.job, self.transforms


def look(config: Config, accounts: Clients, execution: str | None, *, abandon: bool) -> Stop:
    """What would be stopped: the run with that id, else the only one that is under way.

    Raises :class:`XacctError` where none is, where several are and none is named, and for a run that has ended;
    :class:`xacct_ml.errors.NotReady` without a pipeline."""
    found = find_in_both(config, accounts, execution or _only(config, accounts))
    if found is None or found.run.status not in (*UNDER_WAY, STOPPED):
        told = "there is no run" if found is None else f"run {found.run.id} is {found.run.status}"
        raise XacctError(f"{told}: only what is under way can be stopped", next_step=STATUS)
    run, names = found.run, Names(config)
    state = pipeline_state(config, accounts, found.pipeline)
    seen = stages(config, accounts, run.id, state)
    working = [(stage, action) for stage in seen for action in stage.actions if action.status in (IN_PROGRESS, WAITING)]
    asked = bool(working) and all(action.status == WAITING for _, action in working)
    job = _running_job(config, accounts, seen)
    transforms = tuple(_transforms(names, accounts)) if _judged(run.id, seen, state) else ()
    at = tuple(f"{stage.name}/{action.name}" for stage, action in working)
    sentences = tuple(_told([stage for stage, _ in working], job, transforms, asked=asked, abandon=abandon))
    return Stop(run.id, found.pipeline, run.status, abandon or asked, at, job, transforms, sentences)


def look_again(config: Config, accounts: Clients, before: Stop, *, abandon: bool) -> Stop:
    """As :func:`look`, of the same run, after somebody took their time to agree to what ``before`` says. Raises
    :class:`XacctError` where another thing would be done by now, which they did not agree to."""
    now = look(config, accounts, before.execution, abandon=abandon)
    if now.what != before.what:
        at = f", and is at {', '.join(now.at)}" if now.at else ""
        told = f"run {now.execution} has changed meanwhile{at}; nothing was stopped"
        raise XacctError(told, next_step="run the same command again: it says what becomes of what now")
    return now


def do(config: Config, accounts: Clients, stop: Stop, reason: str) -> tuple[str, ...]:
    """Stop it; the jobs that were stopped with it. Raises :class:`XacctError` where the run ended meanwhile."""
    names = Names(config)
    require_pipeline(config, accounts, stop.pipeline)
    if stop.status != STOPPED:
        try:
            accounts.client(names.shared, "codepipeline").stop_pipeline_execution(
                pipelineName=stop.pipeline, pipelineExecutionId=stop.execution, abandon=stop.abandon, reason=reason
            )
        except ClientError as error:
            if code_of(error) not in _OVER:
                raise
            if code_of(error) == _OVER[1] and not _is_stopped(config, accounts, stop.execution):
                step = f"{STATUS} --execution {stop.execution}"
                raise XacctError(f"run {stop.execution} ended meanwhile", next_step=step) from None
    sagemaker = accounts.client(names.training, "sagemaker")
    stopped = []
    if stop.job is not None:
        absent_as_none(_has_ended, sagemaker.stop_training_job, TrainingJobName=stop.job)
        stopped.append(f"training job {stop.job}")
    for name in stop.transforms:
        absent_as_none(_has_ended, sagemaker.stop_transform_job, TransformJobName=name)
        stopped.append(f"batch transform {name}")
    return tuple(stopped)


def checked_reason(reason: str) -> str:
    """Raises :class:`InputError` beyond what CodePipeline takes."""
    if len(reason) > REASON_LIMIT:
        raise InputError(f"--reason has {len(reason)} characters; CodePipeline takes {REASON_LIMIT}")
    return reason


def _is_stopped(config: Config, accounts: Clients, execution: str) -> bool:
    """Whether the call before was ours: its answer was lost, and it was sent once more."""
    found = find_in_both(config, accounts, execution)
    return found is not None and found.run.status in (STOPPED, *UNDER_WAY[1:])


def _only(config: Config, accounts: Clients) -> str:
    by_pipeline = newest_of_both(config, accounts).values()
    under_way = [run.id for runs in by_pipeline for run in runs if run.status in UNDER_WAY]
    if not under_way:
        raise XacctError("no run is under way", next_step=STATUS)
    if len(under_way) > 1:
        step = f"{STOP} --execution ID"
        raise XacctError(f"{len(under_way)} runs are under way", details=tuple(under_way), next_step=step)
    return under_way[0]


def _running_job(config: Config, accounts: Clients, seen: Sequence[Stage]) -> str | None:
    """Of a training whose action has not ended, or was abandoned."""
    sagemaker = accounts.client(Names(config).training, "sagemaker")
    for stage in seen:
        for action in stage.actions:
            if stage.name == TRAIN_STAGE and action.status in (IN_PROGRESS, "Abandoned"):
                if (job := trained_job(config, action.external_id)) is None:
                    continue
                found = absent_as_none(_has_ended, sagemaker.describe_training_job, TrainingJobName=job)
                if found is not None and found["TrainingJobStatus"] == IN_PROGRESS:
                    return job
    return None


def _judged(execution: str, seen: Sequence[Stage], state: Mapping[str, Any]) -> bool:
    """Whether batch transforms that run are this run's: it is judged, or was until that was abandoned, and no other run
    has been judged since (CodePipeline API reference, StageState) [B]."""
    statuses = {action.status for stage in seen if stage.name == JUDGE_STAGE for action in stage.actions}
    newest = [each.get("latestExecution") or {} for each in state["stageStates"] if each["stageName"] == JUDGE_STAGE]
    last = any(each.get("pipelineExecutionId") == execution for each in newest)
    return IN_PROGRESS in statuses or ("Abandoned" in statuses and last)


def _transforms(names: Names, accounts: Clients) -> Iterator[str]:
    """One run is judged at a time, so that all that run are its own."""
    sagemaker = accounts.client(names.training, "sagemaker")
    asked: dict[str, Any] = {"NameContains": names.scoring_prefix, "StatusEquals": IN_PROGRESS}
    for each in listed(sagemaker, "list_transform_jobs", "TransformJobSummaries", **asked):
        if fnmatchcase(each["TransformJobName"], names.scoring_pattern):
            yield each["TransformJobName"]


def _has_ended(error: ClientError) -> bool:
    """SageMaker refuses to stop a job that has ended, and does not find one that never was, by a ValidationException
    [C]."""
    return code_of(error) in ("ValidationException", "ResourceNotFound")


def _told(
    working: Sequence[Stage], job: str | None, transforms: Sequence[str], *, asked: bool, abandon: bool
) -> Iterator[str]:
    names = {stage.name for stage in working}
    if not working:
        yield "nothing of it is under way: it ends at once"
    if asked:
        yield "its approval is taken back: nobody can answer it any more"
    if job is not None:
        yield f"training job {job} is stopped: that takes two minutes at most, and no model of it is used"
    if transforms:
        yield f"its batch transforms are stopped: {', '.join(transforms)}"
    deploying = any(name.startswith(DEPLOY_STAGE) for name in names)
    if deploying and abandon:
        yield "SageMaker goes on with the deployment, unwatched: what serves then is not written down"
    elif deploying:
        yield "the deployment under way comes to its end, and the endpoint may serve its model; nothing after it begins"
    if WORKFLOW_STAGE in names:
        yield "the stack's update comes to its end" if not abandon else "the stack's update goes on, unwatched"
    rest = (
        names - {JUDGE_STAGE, TRAIN_STAGE, WORKFLOW_STAGE} - {name for name in names if name.startswith(DEPLOY_STAGE)}
    )
    if rest and not asked and not abandon:
        yield f"{', '.join(sorted(rest))} comes to its end; nothing after it begins"
