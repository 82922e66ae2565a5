"""What keeps a run that is under way from going on: a function that ended without a word, a stage that nothing may
enter, an action that takes longer than its kind does (:mod:`xacct_ml.tables.waits`)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.evidence.wording import duration
from xacct_ml.foreign import line
from xacct_ml.operations.command_names import BOOTSTRAP, LOGS, STOP
from xacct_ml.operations.runs.executions import IN_PROGRESS
from xacct_ml.operations.runs.log_places import FUNCTIONS, Of, kind_of, places
from xacct_ml.operations.runs.logs import Reader
from xacct_ml.operations.runs.stages import WAITING, Action, Stage
from xacct_ml.system.actions.lambda_judge import JUDGE_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.waves import DEPLOY_STAGE
from xacct_ml.tables import waits
from xacct_ml.tables.waits import Wait

_LONGEST = 200
_MOST_LINES = 2_000
_UNHANDLED = re.compile(
    r"^(?:\[ERROR\] (?P<error>\S.*)|.*(?P<timeout>Task timed out after [\d.]+ seconds)|.*(?P<exit>Runtime exited .*))"
)
"""How Lambda logs an exception that a Python function did not catch, a function that took too long, and a process that
died (Lambda Developer Guide, python-exceptions, troubleshooting-invocation) [D]. What a function logs itself has a tab
behind the level."""


@dataclass(frozen=True, slots=True)
class Alert:
    """``stuck`` says that nothing more happens by itself, or nothing but the action's end by CodePipeline. ``logs`` is
    the command that shows more, None where no log does."""

    stage: str
    action: str
    sentence: str
    next_step: str
    logs: str | None = None
    stuck: bool = False


def alerts(
    config: Config, accounts: Clients, execution: str, stages: Sequence[Stage], now: datetime
) -> tuple[Alert, ...]:
    """Of a run under way; the stuck ones first."""
    found = (
        *(alert for stage in stages for alert in _closed(config, execution, stage)),
        *(
            alert
            for stage in stages
            for action in stage.actions
            if action.status in (IN_PROGRESS, WAITING) and action.started is not None
            for alert in _of_action(config, accounts, execution, stage, action, now)
        ),
    )
    return tuple(sorted(found, key=lambda alert: not alert.stuck))


def last_error(config: Config, accounts: Clients, stage: str, action: Action) -> str | None:
    """What the function of the action ended with since the action began, if it did not catch it. None where nothing
    tells, or the log cannot be read."""
    names, of = Names(config), kind_of(Names(config), stage, action.name)
    if of not in FUNCTIONS or action.started is None:
        return None
    found = None
    try:
        logs = places(names, (Stage(stage, action.status, (action,)),), of)
        for number, each in enumerate(Reader(accounts).read(logs)):
            if number == _MOST_LINES:
                break
            if each.time >= action.started and (match := _UNHANDLED.match(each.message)):
                found = next(text for text in match.groups() if text)
    except (BotoCoreError, ClientError, XacctError):
        return None
    return None if found is None else line(found, _LONGEST)


def wait_of(config: Config, stage: str, action: Action) -> Wait:
    """How long an action of this kind takes at most."""
    if action.status == WAITING:
        return waits.APPROVAL
    of = kind_of(Names(config), stage, action.name)
    if of is Of.TRAINING:
        longest = max(config.training.allowed_or_own.max_runtime_seconds, config.training.wait_seconds)
        return Wait("a training of the map's longest run", longest + waits.STARTING_SECONDS, waits.TRAINING_ENDED)
    if of is Of.STACK:
        return waits.STACK
    if stage == JUDGE_STAGE:
        return waits.JUDGEMENT
    if stage.startswith(DEPLOY_STAGE) and of is Of.DEPLOY:
        rollout = config.endpoint.rollout
        more = 0 if rollout is None else rollout.steps * rollout.wait_seconds
        return Wait("a deployment", waits.DEPLOYMENT_SECONDS + more, waits.DAY)
    return waits.SOURCE if of is None else waits.FUNCTION


def _of_action(
    config: Config, accounts: Clients, execution: str, stage: Stage, action: Action, now: datetime
) -> Iterator[Alert]:
    assert action.started is not None
    names, age, wait = Names(config), (now - action.started).total_seconds(), wait_of(config, stage.name, action)
    of = None if action.status == WAITING else kind_of(names, stage.name, action.name)
    logs = None if of is None else f"{LOGS} {execution} --of {of}"
    if of in FUNCTIONS and (error := last_error(config, accounts, stage.name, action)) is not None:
        by = action.started + timedelta(seconds=waits.SILENT_FUNCTION_SECONDS)
        yield Alert(
            stage.name,
            action.name,
            f"its function ended and told the pipeline nothing, which fails it by {by:%H:%M} UTC: {error}",
            f"{BOOTSTRAP} puts the function back as the map has it; from {by:%H:%M} UTC on: {_retry(execution)}",
            logs,
            stuck=True,
        )
    elif age > wait.usual:
        ended = action.started + timedelta(seconds=wait.ended)
        told = f"under way for {duration(age)}; {wait.what} takes {duration(wait.usual)} at most"
        if action.status == WAITING:
            told = f"nobody has answered for {duration(age)}"
        step = f"{logs} shows what it does; to end it: {STOP} --execution {execution}" if logs else _stop(execution)
        yield Alert(stage.name, action.name, f"{told}. CodePipeline fails it at {ended:%Y-%m-%d %H:%M} UTC", step, logs)


def _closed(config: Config, execution: str, stage: Stage) -> Iterator[Alert]:
    """A stage whose entrance somebody closed, with the run in front of it."""
    if stage.closed is None or execution not in stage.waiting:
        return
    names = Names(config)
    enable = f"aws codepipeline enable-stage-transition --stage-name {stage.name} --transition-type Inbound"
    where = f"--pipeline-name {stage.pipeline} --region {names.region} (account {names.shared})"
    yield Alert(stage.name, "", f"nothing may enter it: {stage.closed}", f"{enable} {where}", stuck=True)


def _retry(execution: str) -> str:
    return f"xacct-ml retry --execution {execution}"


def _stop(execution: str) -> str:
    return f"{STOP} --execution {execution}"
