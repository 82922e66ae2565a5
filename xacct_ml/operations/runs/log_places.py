"""Where what a run printed is: which log of which account, by the part of the run that wrote it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from xacct_ml.operations.runs.executions import IN_PROGRESS, trained_job
from xacct_ml.operations.runs.stages import NOT_STARTED, WAITING, Action, Stage
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE, HAND_OVER_STAGE, JUDGE_STAGE, LIVE_ACTION, RELEASE_STAGE
from xacct_ml.system.actions.lambda_registry import REGISTRY_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE
from xacct_ml.system.names import TRAINING_LOGS, Names
from xacct_ml.system.pipeline import WORKFLOW_STAGE
from xacct_ml.system.scoring import LOGS as SCORING_LOGS
from xacct_ml.system.waves import DEPLOY_STAGE
from xacct_ml.tables.failures import SMOKE_TEST


class Of(StrEnum):
    """Whose log. ``function`` are all Lambda functions of a run, ``smoke`` is its candidate's temporary endpoint; the
    schedule's belongs to no run, nor does that of ``batch``, the files that are predicted."""

    TRAINING = "training"
    SCORING = "scoring"
    WORKFLOW = "workflow"
    STACK = "stack"
    JUDGE = "judge"
    COPY = "copy"
    DEPLOY = "deploy"
    REGISTRY = "registry"
    SCHEDULE = "schedule"
    FUNCTION = "function"
    ENDPOINT = "endpoint"
    SMOKE = "smoke"
    BATCH = "batch"


FUNCTIONS = (Of.JUDGE, Of.COPY, Of.DEPLOY, Of.REGISTRY)


@dataclass(frozen=True, slots=True)
class Log:
    """``name`` is a log group's, an execution's ARN or a stack's name, and ``streams`` how the group's streams of this
    run begin. ``begins`` is when the action that writes into it began, None where it has not; ``over`` whether it has
    ended, and with it the log."""

    of: Of
    account: str
    region: str
    name: str
    streams: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    over: bool = False

    @property
    def place(self) -> str:
        """For a person."""
        if self.of is Of.WORKFLOW:
            return f"history of execution {self.name.rpartition(':')[2] or 'of this run'} in account {self.account}"
        if self.of is Of.STACK:
            return f"events of stack {self.name} in account {self.account}"
        group = f"log group {self.name} of account {self.account}"
        return f"{group}, streams {self.streams}" if self.streams else group


def kind_of(names: Names, stage: str, action: str, failure: str | None = None) -> Of | None:
    """Where the action of a stage says more; None where nothing does. ``failure`` is the kind of its failure."""
    if stage in (HAND_OVER_STAGE, CHECK_STAGE, JUDGE_STAGE, RELEASE_STAGE) or action == LIVE_ACTION:
        return Of.JUDGE
    if stage.startswith(DEPLOY_STAGE):
        if action in map(names.copy_action, names.other_regions):
            return Of.COPY
        return _OF_FAILURE.get(failure or "", Of.DEPLOY)
    return {WORKFLOW_STAGE: Of.STACK, TRAIN_STAGE: Of.TRAINING, REGISTRY_STAGE: Of.REGISTRY}.get(stage)


_OF_FAILURE = {"endpoint": Of.ENDPOINT, SMOKE_TEST: Of.SMOKE}
"""By the kind of a deployment's failure."""


def usual(names: Names, stages: Sequence[Stage]) -> Of:
    """The log that a run's reader wants first: of what failed, else of what is under way, else of the training."""
    for wanted in (("Failed",), (IN_PROGRESS,)):
        for stage in stages:
            for action in stage.actions:
                if action.status in wanted and (found := kind_of(names, stage.name, action.name)):
                    return found
    return Of.JUDGE if any(stage.name == RELEASE_STAGE for stage in stages) else Of.TRAINING


def places(names: Names, stages: Sequence[Stage], of: Of) -> tuple[Log, ...]:
    """The logs of this kind, of every action of the run that has one; the newest action of a kind in each place."""
    kinds = FUNCTIONS if of is Of.FUNCTION else (of,)
    found: dict[tuple[str, str, str], Log] = {}
    for kind in kinds:
        for log in _of_kind(names, stages, kind):
            key = (log.account, log.region, log.name)
            found[key] = log if key not in found else _both(found[key], log)
    return tuple(found.values())


def _both(one: Log, other: Log) -> Log:
    """One group for two actions: from the beginning of the first to the end of the last."""
    begins = [each for each in (one.begins, other.begins) if each is not None]
    ends = [each for each in (one.ends, other.ends) if each is not None]
    return Log(
        one.of,
        one.account,
        one.region,
        one.name,
        one.streams,
        min(begins, default=None),
        max(ends, default=None),
        one.over and other.over,
    )


def _of_kind(names: Names, stages: Sequence[Stage], of: Of) -> Iterator[Log]:
    for stage in stages:
        for action in stage.actions:
            if of is Of.SCORING and stage.name != JUDGE_STAGE:
                continue
            if kind_of(names, stage.name, action.name) is _WRITTEN_BY.get(of, of):
                yield from _log(names, action, of)


_WRITTEN_BY = {Of.WORKFLOW: Of.TRAINING, Of.ENDPOINT: Of.DEPLOY, Of.SMOKE: Of.DEPLOY, Of.SCORING: Of.JUDGE}
"""Another log of the same action."""


def _log(names: Names, action: Action, of: Of) -> Iterator[Log]:
    """None for a target that the map no longer has."""
    account, region, name, streams = names.shared, names.region, "", ""
    over = action.status not in (IN_PROGRESS, NOT_STARTED, WAITING)
    if of in (Of.TRAINING, Of.WORKFLOW):
        account, job = names.training, trained_job(names.config, action.external_id)
        name = TRAINING_LOGS if of is Of.TRAINING else names.execution_arn(job or "")
        streams = f"{job}/" if of is Of.TRAINING and job else ""
    elif of is Of.SCORING:
        # One run is judged at a time, so that its jobs are those of that time.
        account, name, streams = names.training, SCORING_LOGS, names.scoring_prefix
    elif of is Of.STACK:
        account, name = names.training, names.stack
    elif of is Of.JUDGE:
        name = names.judge_log_group
    elif of is Of.COPY:
        name = names.copy_log_group
    elif of is Of.REGISTRY:
        name = names.registry_log_group
    else:
        target = next((one for one in names.production if one.name == action.name), None)
        if target is None:
            return
        account, region = target.id, names.region_of(target)
        groups = {Of.ENDPOINT: names.endpoint_log_group, Of.SMOKE: names.smoke_log_group}
        name = groups.get(of, names.function_log_group)
        over = over and of is not Of.ENDPOINT
    ends = action.updated if over else None
    yield Log(of, account, region, name, streams, action.started, ends, over)
