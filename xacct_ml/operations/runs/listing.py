"""``runs``: the newest runs of the pipeline, what each was made from, was judged to be, and who let it serve."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.config.model import Config
from xacct_ml.operations.release.serving import serving
from xacct_ml.operations.runs.evaluation import Evaluation, Judgement, read_evaluation
from xacct_ml.operations.runs.executions import (
    IN_PROGRESS,
    LOOKED_THROUGH,
    Execution,
    past_actions,
    past_executions,
    text,
    trained_job,
    variables,
)
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE, JUDGE_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.waves import APPROVE_STAGE

STARTED_BY = {
    "CreatePipeline": "create-pipeline",
    "Webhook": "push",
    "WebhookV2": "push",
    "PollForSourceChanges": "push",
    "PutActionRevision": "push",
    "ManualRollback": "roll-back",
    "AutomatedRollback": "roll-back",
}
"""By the type of CodePipeline's trigger (API reference, ExecutionTrigger) [B]."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person answered, in a stage; ``by`` is an ARN."""

    stage: str
    by: str
    approved: bool


@dataclass(frozen=True, slots=True)
class Run:
    """``started_by`` is a word; ``evaluation`` None where there is no record, or another than the judge told the
    pipeline of: then ``mistaken``. ``serves`` are the targets whose newest deployment it is; ``stopped_in`` is the
    stage that failed, ``waits`` whether a person is asked."""

    execution: Execution
    started_by: str
    dataset: str | None = None
    job: str | None = None
    outcome: str | None = None
    evaluation: Evaluation | None = None
    mistaken: bool = False
    decisions: tuple[Decision, ...] = ()
    serves: tuple[str, ...] = ()
    stopped_in: str | None = None
    waits: bool = False


def runs(config: Config, accounts: Clients, most: int) -> tuple[Run, ...]:
    """The ``most`` newest, newest first. Raises :class:`xacct_ml.errors.NotReady` without a pipeline."""
    listed = tuple(islice(past_executions(config, accounts), most))
    if not listed:
        return ()
    done = _done(config, accounts, listed)
    places: dict[str, list[str]] = {}
    now = serving(config, accounts)
    for each in (now[target.name] for target in config.accounts.production if target.name in now):
        places.setdefault(each.run or each.execution, []).append(each.target)
    found = [_run(config, each, done[each.id], tuple(places.get(each.id, ()))) for each in listed]
    return tuple(concurrently([partial(_with_record, config, accounts, *each) for each in found]))


def started_by(names: Names, run: Execution) -> str:
    """A word for what started it, and who."""
    rules = {names.rule_arn(rule): "push" for rule in names.start_rules} | {names.rule_arn(names.data_rule): "data"}
    if f":assumed-role/{Arn.parse(names.schedule_function_role).name}/" in (run.trigger_detail or ""):
        return "schedule"
    if run.trigger == "StartPipelineExecution":
        who = (run.trigger_detail or "").rpartition("/")[2]
        return f"start by {who}" if who else "start"
    return STARTED_BY.get(run.trigger) or rules.get(run.trigger_detail or "", "an event")


def _done(config: Config, accounts: Clients, listed: Sequence[Execution]) -> Mapping[str, list[dict[str, Any]]]:
    """What each of these runs did, newest first; no further back than it takes."""
    done: dict[str, list[dict[str, Any]]] = {run.id: [] for run in listed}
    oldest = min((run.started for run in listed if run.started), default=None)
    for detail in islice(past_actions(config, accounts), LOOKED_THROUGH):
        if (run := detail["pipelineExecutionId"]) in done:
            done[run].append(detail)
        elif oldest is not None and detail["startTime"] < oldest:
            break
    return done


def _run(
    config: Config, run: Execution, done: Iterable[dict[str, Any]], serves: tuple[str, ...]
) -> tuple[Run, Judgement]:
    found = Run(run, started_by(Names(config), run), serves=serves)
    judged = Judgement(run.id)
    newest = {(each["stageName"], each["actionName"]): each for each in reversed(list(done))}
    for (stage, _), each in newest.items():
        told = {name: text(value) for name, value in variables(each).items()}
        if stage == CHECK_STAGE:
            found = replace(found, dataset=told.get("DataSet"))
        elif stage == TRAIN_STAGE:
            external = ((each.get("output") or {}).get("executionResult") or {}).get("externalExecutionId")
            judged = replace(judged, job=trained_job(config, external))
        elif stage == JUDGE_STAGE:
            judged = replace(
                judged, outcome=told.get("Outcome"), model=told.get("ModelDigest"), record=told.get("RecordDigest")
            )
        elif stage.startswith(APPROVE_STAGE):
            found = _with_answer(found, stage, each)
        if each["status"] == "Failed":
            found = replace(found, stopped_in=stage)
    return replace(found, job=judged.job, outcome=judged.outcome), judged


def _with_answer(run: Run, stage: str, detail: Mapping[str, Any]) -> Run:
    if detail["status"] == IN_PROGRESS:
        return replace(run, waits=run.execution.status == IN_PROGRESS)
    by = text(detail.get("updatedBy"))
    if by is None:
        return run
    return replace(run, decisions=(*run.decisions, Decision(stage, by, detail["status"] == "Succeeded")))


def _with_record(config: Config, accounts: Clients, run: Run, judged: Judgement) -> Run:
    evaluation = read_evaluation(config, accounts, judged)
    if evaluation is None:
        return run
    if judged.record not in (None, evaluation.sha256):
        return replace(run, mistaken=True)
    outcome = run.outcome or evaluation.gate.outcome
    return replace(run, evaluation=evaluation, outcome=outcome, dataset=run.dataset or evaluation.dataset)
