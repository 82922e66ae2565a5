"""Why a run failed, in the words of whoever refused: the action's own, then those of what the action worked with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.runs.executions import Action, executions, failed_run, pipeline_state, stages
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system.names import Names


def _executions(place: Place) -> str:
    return place.names.execution_arn(place.names.job_pattern)


RIGHTS = {
    "AWS::StepFunctions::StateMachine": (
        Rights("executions/Executions", "states: DescribeExecution", on=(_executions,)),
    ),
    "AWS::SageMaker::TrainingJob": (Rights("jobs/Jobs", "sagemaker: DescribeTrainingJob"),),
    "AWS::CloudFormation::Stack": (Rights("stack/Stack", "cloudformation: DescribeStackEvents"),),
}

_STACK_TYPE = "AWS::CloudFormation::Stack"
_BEGUN = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")


@dataclass(frozen=True, slots=True)
class FailedAction:
    """``messages`` begin with the action's own; none is empty. ``also`` are the other targets of the same wave that
    failed, by their actions' names.
    """

    execution: str
    stage: str
    action: str
    messages: tuple[str, ...]
    also: tuple[str, ...] = ()


def failed_action(config: Config, accounts: Clients, execution: str | None = None) -> FailedAction | None:
    """The first failed action of the run ``execution``, or of the newest run that failed; None where none did.

    Raises :class:`XacctError` where the run has no failed action; :class:`xacct_ml.errors.NotReady` without a pipeline.
    """
    state = pipeline_state(config, accounts)
    run = failed_run(executions(config, accounts), execution)
    if run is None:
        return None
    for stage in stages(config, accounts, run.id, state):
        failed = [action for action in stage.actions if action.status == "Failed"]
        if failed:
            messages = (failed[0].reason or "", *_behind(config, accounts, stage.name, failed[0]))
            told = tuple(filter(None, dict.fromkeys(messages)))
            return FailedAction(run.id, stage.name, failed[0].name, told, tuple(each.name for each in failed[1:]))
    raise XacctError(f"run {run.id} has no failed action: it is {run.status}", next_step=STATUS)


def _behind(config: Config, accounts: Clients, stage: str, action: Action) -> Iterator[str]:
    """What the action's message may leave out; as far as it can be read. The job has the execution's name."""
    names, execution = Names(config), action.external_id
    prefix = names.execution_arn("")
    if execution is not None and execution.startswith(prefix):
        stepfunctions = accounts.client(names.training, "stepfunctions")
        sagemaker = accounts.client(names.training, "sagemaker")
        ended = _readable(stepfunctions.describe_execution, executionArn=execution)
        yield ": ".join(filter(None, (ended.get("error"), ended.get("cause"))))
        job = _readable(sagemaker.describe_training_job, TrainingJobName=execution.removeprefix(prefix))
        yield job.get("FailureReason", "")
    elif stage == "Workflow":
        cloudformation = accounts.client(names.training, "cloudformation")
        # Reasons of the failed resources in the stack's last operation; its events come newest first.
        for event in _readable(cloudformation.describe_stack_events, StackName=names.stack).get("StackEvents", ()):
            if event["ResourceType"] == _STACK_TYPE and event["ResourceStatus"] in _BEGUN:
                return
            if event["ResourceStatus"].endswith("_FAILED"):
                yield event.get("ResourceStatusReason", "")


def _readable(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """The call's answer; empty where AWS gives none."""
    try:
        answer: dict[str, Any] = call(**arguments)
    except ClientError:
        return {}
    return answer
