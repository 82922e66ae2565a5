"""``logs``: what a run's training job, batch transforms, state machine, stack, functions and endpoint printed.

A log group is read by FilterLogEvents, which merges its streams by time and answers page by page, some of them empty
(CloudWatch Logs API reference) [B]. A state machine's log is the history of its execution, a stack's are its events."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import merge
from operator import attrgetter
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import LOGS
from xacct_ml.operations.predict_batch import BATCH_JOB
from xacct_ml.operations.runs.diagnosis import sentence
from xacct_ml.operations.runs.executions import pipeline_state
from xacct_ml.operations.runs.log_places import Log, Of, places, usual
from xacct_ml.operations.runs.pipelines import find_in_both
from xacct_ml.operations.runs.stages import stages
from xacct_ml.operations.teardown.product_drivers import ENDPOINT_LOGS
from xacct_ml.resources.rights import Place, Rights, within
from xacct_ml.system.names import TRAINING_LOGS, Names
from xacct_ml.system.scoring import LOGS as SCORING_LOGS


def _executions(place: Place) -> str:
    return place.names.execution_arn(place.names.job_pattern)


def _training_logs(place: Place) -> str:
    return place.names.arn("logs", place.account, f"log-group:{TRAINING_LOGS}:*")


def _scoring_logs(place: Place) -> str:
    return place.names.arn("logs", place.account, f"log-group:{SCORING_LOGS}:*")


def _batch_logs(place: Place) -> str:
    target = place.names.batch_target
    return "" if target is None else place.names.target_arn(target, "logs", f"log-group:{SCORING_LOGS}:*")


RIGHTS = {
    "AWS::Logs::LogGroup": (Rights("function/LogGroups", "logs: FilterLogEvents", on=(within(":*"),)),),
    ENDPOINT_LOGS: (Rights("function/LogGroups", "logs: FilterLogEvents", on=(within(":*"),)),),
    "AWS::SageMaker::TrainingJob": (Rights("jobs/JobLogs", "logs: FilterLogEvents", on=(_training_logs,)),),
    "AWS::SageMaker::TransformJob": (Rights("jobs/JobLogs", "logs: FilterLogEvents", on=(_scoring_logs,)),),
    BATCH_JOB: (Rights("batch/JobLogs", "logs: FilterLogEvents", on=(_batch_logs,)),),
    "AWS::StepFunctions::StateMachine": (
        Rights("executions/Executions", "states: GetExecutionHistory", on=(_executions,)),
    ),
    "AWS::CloudFormation::Stack": (Rights("stack/Stack", "cloudformation: DescribeStackEvents"),),
}

MOST_LINES = 10_000
"""So many are read at most in one go; the rest is asked for with a later beginning."""
NO_RUNS_DAYS = timedelta(days=14)
"""So far back a log that is no run's is read where no beginning is given."""
_MOST_PAGES = 100
_PAGE = 1_000
_LATE = timedelta(seconds=30)
"""CloudWatch Logs shows events some seconds after they were written, those of several streams not in their order."""
_BEFORE = timedelta(seconds=5)
"""A function's clock and the pipeline's are not the same."""
ENDED_POLLS = 3
"""So many looks after the end of what writes a log: what it wrote last comes late."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a log. ``key`` tells it from others of its log; ``message`` may have several lines."""

    time: datetime
    log: Log
    stream: str
    message: str
    key: str


@dataclass(frozen=True, slots=True)
class RunLogs:
    """``run`` is None of the log of the schedule, which is no run's; of files that were predicted it is the batch
    transform, or None for all of them."""

    run: str | None
    of: Of
    logs: tuple[Log, ...]
    status: str = ""

    @property
    def over(self) -> bool:
        return bool(self.logs) and all(log.over for log in self.logs)

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(log.account for log in self.logs))


def run_logs(config: Config, accounts: Clients, run: str | None, of: Of | None) -> RunLogs:
    """The logs of the run, or of the newest; of what failed in it or is under way, where ``of`` is None.

    Raises :class:`XacctError` for an unknown run, and before the first; for the log of a schedule also with a run, and
    for one of what the map does not have."""
    if of is Of.SCHEDULE:
        return _of_schedule(config, run)
    if of is Of.BATCH:
        return _of_batch(config, run)
    if of is Of.SMOKE and not config.endpoint.smoke_test:
        raise XacctError("the map has no smoke test (endpoint.smoke_test), so nothing of it has a log", next_step=LOGS)
    found = find_in_both(config, accounts, run)
    if found is None:
        raise XacctError("the pipeline has not run yet", next_step="xacct-ml start")
    state = pipeline_state(config, accounts, found.pipeline)
    names, seen = Names(config), stages(config, accounts, found.run.id, state)
    wanted = of or usual(names, seen)
    return RunLogs(found.run.id, wanted, places(names, seen, wanted), found.run.status)


def _of_schedule(config: Config, run: str | None) -> RunLogs:
    names = Names(config)
    if config.schedule is None:
        raise XacctError("the map has no `schedule`, so nothing of it has a log", next_step=LOGS)
    if run is not None:
        raise XacctError("the log of the schedule is no run's", next_step=f"xacct-ml logs --of {Of.SCHEDULE}")
    begins = datetime.now(UTC) - NO_RUNS_DAYS
    log = Log(Of.SCHEDULE, names.shared, names.region, names.schedule_log_group, begins=begins)
    return RunLogs(None, Of.SCHEDULE, (log,))


def _of_batch(config: Config, job: str | None) -> RunLogs:
    names = Names(config)
    if (target := names.batch_target) is None:
        raise XacctError("the map has no `batch`, so nothing of it has a log", next_step=LOGS)
    if job is not None and not job.startswith(names.batch_prefix):
        raise XacctError(
            f"{job} is no batch transform of this project: they begin with {names.batch_prefix}",
            next_step=f"{LOGS} --of {Of.BATCH} shows all of the last {NO_RUNS_DAYS.days} days",
        )
    streams, begins = names.batch_prefix if job is None else f"{job}/", datetime.now(UTC) - NO_RUNS_DAYS
    log = Log(Of.BATCH, target.id, names.region_of(target), SCORING_LOGS, streams, begins)
    return RunLogs(job, Of.BATCH, (log,))


@dataclass
class Reader:
    """Reads logs from where it stopped. ``since`` is the beginning where the user gave one, else that of the action."""

    accounts: Clients
    since: datetime | None = None
    more: bool = False
    """Whether there was more than is read in one go."""
    _read_to: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str], dict[str, datetime]] = field(default_factory=dict)

    def read(self, logs: Sequence[Log]) -> Iterator[Line]:
        """What is new in these logs, by time: at most :data:`MOST_LINES`."""
        self.more = False
        lines = merge(*(self._new(log) for log in logs if log.begins is not None), key=attrgetter("time"))
        for number, line in enumerate(lines):
            if number == MOST_LINES:
                self.more = True
                return
            place = _place(line.log)
            self._seen[place][line.key] = line.time
            self._read_to[place] = max(line.time, self._read_to.get(place, line.time))
            yield line

    def _new(self, log: Log) -> Iterator[Line]:
        place = _place(log)
        begins = self.since or (log.begins or datetime.now(UTC)) - _BEFORE
        since = max(begins, self._read_to.get(place, begins) - _LATE)
        until = None if self.since is not None or log.ends is None else log.ends + _LATE
        seen = self._seen.setdefault(place, {})
        for key in [key for key, time in seen.items() if time < since]:
            del seen[key]
        for line in self._pages(log, since, until):
            if line.key not in seen and line.time >= since and (until is None or line.time <= until):
                yield line

    def _pages(self, log: Log, since: datetime, until: datetime | None) -> Iterator[Line]:
        if log.of is Of.WORKFLOW:
            return self._history(log)
        return self._events(log, since) if log.of is Of.STACK else self._group(log, since, until)

    def _group(self, log: Log, since: datetime, until: datetime | None) -> Iterator[Line]:
        logs = self.accounts.client(log.account, "logs", log.region)
        request: dict[str, Any] = {"logGroupName": log.name, "startTime": _milliseconds(since), "limit": _PAGE}
        if until is not None:
            request["endTime"] = _milliseconds(until)
        if log.streams:
            request["logStreamNamePrefix"] = log.streams
        for _ in range(_MOST_PAGES):
            answer = absent_as_none("ResourceNotFoundException", logs.filter_log_events, **request)
            if answer is None:
                return  # nothing was written into it yet
            for event in answer.get("events", ()):
                yield _line(log, event["timestamp"], event.get("logStreamName", ""), event["message"], event["eventId"])
            if not (token := answer.get("nextToken")):
                return
            request["nextToken"] = token
        self.more = True

    def _history(self, log: Log) -> Iterator[Line]:
        stepfunctions = self.accounts.client(log.account, "stepfunctions", log.region)
        request: dict[str, Any] = {"executionArn": log.name, "maxResults": _PAGE}
        for _ in range(_MOST_PAGES):
            answer = absent_as_none("ExecutionDoesNotExist", stepfunctions.get_execution_history, **request)
            if answer is None:
                return
            for event in answer["events"]:
                yield Line(event["timestamp"], log, "", _told(event), str(event["id"]))
            if not (token := answer.get("nextToken")):
                return
            request["nextToken"] = token
        self.more = True

    def _events(self, log: Log, since: datetime) -> Iterator[Line]:
        """They come newest first."""
        cloudformation = self.accounts.client(log.account, "cloudformation", log.region)
        found: list[Line] = []
        request: dict[str, Any] = {"StackName": log.name}
        for _ in range(_MOST_PAGES):
            answer = absent_as_none(_no_stack, cloudformation.describe_stack_events, **request)
            events = (answer or {}).get("StackEvents", ())
            found += [Line(each["Timestamp"], log, "", _of_stack(each), each["EventId"]) for each in events]
            if answer is None or not (token := answer.get("NextToken")) or (found and found[-1].time < since):
                break
            request["NextToken"] = token
        yield from reversed(found)


def follow(
    config: Config,
    accounts: Clients,
    first: RunLogs,
    reader: Reader,
    pause: Callable[[], None],
    enter: Callable[[Collection[str]], None],
) -> Iterator[Line]:
    """New lines as they come, until what writes them has ended. ``pause`` is called between two looks, ``enter`` with
    accounts that are new."""
    known, current, after_end = set(first.accounts), first, 0
    while True:
        yield from reader.read(current.logs)
        after_end = after_end + 1 if current.over else 0
        if after_end >= ENDED_POLLS:
            return
        pause()
        if not current.over:
            current = run_logs(config, accounts, first.run, first.of)
            enter(set(current.accounts) - known)
            known |= set(current.accounts)
            if current.status != "InProgress" and not any(log.begins for log in current.logs):
                return  # it never came so far


def _place(log: Log) -> tuple[str, str, str]:
    return log.account, log.region, log.name


def _line(log: Log, milliseconds: int, stream: str, message: str, key: str) -> Line:
    return Line(datetime.fromtimestamp(milliseconds / 1000, UTC), log, stream, message, key)


def _milliseconds(time: datetime) -> int:
    return max(0, int(time.timestamp() * 1000))


def _no_stack(error: Any) -> bool:
    return code_of(error) == "ValidationError" and "does not exist" in str(error)


_TOLD = ("name", "resourceType", "resource", "error")
"""Members of an event's details that are shown; input and output are the run's data, and long. So is a cause, of which
the reason is shown."""


def _told(event: Mapping[str, Any]) -> str:
    """Type, state, and why it failed (Step Functions API reference, HistoryEvent) [B]."""
    details: dict[str, Any] = {}
    for name, value in event.items():
        if name.endswith("EventDetails") and isinstance(value, Mapping):
            details |= value
    told = [str(event["type"]), *(str(details[name]) for name in _TOLD if details.get(name))]
    return " ".join([*told, sentence(str(details["cause"]))] if details.get("cause") else told)


def _of_stack(event: Mapping[str, Any]) -> str:
    names = ("ResourceStatus", "ResourceType", "LogicalResourceId", "ResourceStatusReason")
    return " ".join(str(event[name]) for name in names if event.get(name))
