"""``status``: where a run stands, why it failed, who waits behind it, and what each target serves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import RELEASE_AGAIN, START, STATUS
from xacct_ml.operations.release.history import written_down
from xacct_ml.operations.runs.beside_map import beside_map
from xacct_ml.operations.runs.diagnosis import Diagnosis, diagnose, sentence
from xacct_ml.operations.runs.endpoint import EndpointState, endpoint_states
from xacct_ml.operations.runs.evaluation import Evaluation, Judgement, Package, judgement, read_evaluation
from xacct_ml.operations.runs.executions import IN_PROGRESS, UNDER_WAY, Execution, judged_runs
from xacct_ml.operations.runs.failure import failed_of
from xacct_ml.operations.runs.hanging import Alert, alerts
from xacct_ml.operations.runs.links import Link, links, run_link
from xacct_ml.operations.runs.listing import started_by
from xacct_ml.operations.runs.pipelines import find_in_both, states
from xacct_ml.operations.runs.stages import WAITING, PendingApproval, Stage, pending_approvals, stages
from xacct_ml.operations.source_state import Difference
from xacct_ml.system.names import Names
from xacct_ml.system.waves import wave_of_stage

_LOOKED_AT = 500
"""So many judgements of the past are looked at to find out which run a served model is of."""


@dataclass(frozen=True, slots=True)
class WaitingApproval:
    """A run that waits for a person, in which stage, and the targets that its approval lets it go on to: of a
    ``release`` they stand in its request. ``wave`` is None where the map names no waves; ``behind`` are the runs that
    queue in front of that approval."""

    execution: str
    stage: str
    wave: str | None
    targets: tuple[str, ...]
    behind: tuple[str, ...] = ()
    release: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """One look at a run of ``pipeline``. ``execution`` is None before the first run; ``newer`` are runs of the same
    pipeline under way that began after it.

    ``approvals`` are all that wait, of whichever run, those of the pipeline that trains first."""

    pipeline: str
    execution: Execution | None
    stages: tuple[Stage, ...]
    newer: tuple[Execution, ...]
    evaluation: Evaluation | None
    endpoints: tuple[EndpointState, ...]
    approvals: tuple[WaitingApproval, ...] = ()
    diagnosis: Diagnosis | None = None
    """Of a run that failed."""
    package: Package | None = None
    """Where models are registered."""
    judged: Judgement | None = None
    """What the run was judged to be; of a release, the run whose model it is."""
    beside_map: tuple[Difference, ...] = ()
    """What the map has otherwise than the run; nothing of a release, whose model is older."""
    alerts: tuple[Alert, ...] = ()
    """What keeps a run that is under way from going on."""
    started_by: str = ""
    """A word for what started it, and who."""
    link: Link | None = None
    """The console's page of the run."""
    links: Mapping[tuple[str, str], Link] = field(default_factory=dict)
    """Of what each action did, by stage and action."""
    now: datetime | None = None
    """When it was looked at."""
    release: bool = False
    """Whether the run is one of the pipeline that releases."""

    @property
    def waits_for_approval(self) -> bool:
        return any(stage.status == WAITING for stage in self.stages)

    @property
    def settled(self) -> bool:
        """Nothing more happens by itself: the run ended, is stuck, or needs a person, be it on one in front of it."""
        run = self.execution
        if run is None or run.status not in UNDER_WAY or self.waits_for_approval or self.stuck is not None:
            return True
        return any(run.id in each.behind for each in self.approvals)

    @property
    def stuck(self) -> Alert | None:
        """Why nothing more happens by itself."""
        return next((alert for alert in self.alerts if alert.stuck), None)

    @property
    def in_trouble(self) -> bool:
        """It failed, or does not go on."""
        return self.diagnosis is not None or self.stuck is not None

    @property
    def ahead(self) -> WaitingApproval | None:
        """The approval without which this run does not go on: its own, or the one that it queues behind."""
        run = None if self.execution is None else self.execution.id
        own = (each for each in self.approvals if each.execution == run)
        return next(own, None) or next((each for each in self.approvals if run in each.behind), None)

    @property
    def awaited(self) -> WaitingApproval | None:
        """The approval to answer next: this run's own, else the one that this run queues behind, else the first."""
        return self.ahead or next(iter(self.approvals), None)

    @property
    def next_step(self) -> str | None:
        """What to run next; None where there is nothing to do but to wait, or nothing at all. Of a run that failed what
        mends it, never another run's approval."""
        if self.execution is None:
            return START
        awaited = self.ahead if self.alerts or self.diagnosis else self.awaited
        if awaited is not None:
            wave = f" --wave {awaited.wave}" if awaited.wave else ""
            targets = f": it goes on to {', '.join(awaited.targets)}" if awaited.wave else ""
            return f"xacct-ml approve --execution {awaited.execution}{wave} (or reject){targets}"
        if self.alerts:
            return self.alerts[0].next_step
        if self.diagnosis is not None:
            return self.diagnosis.next_step
        if self.execution.status in ("Stopped", "Cancelled"):
            return RELEASE_AGAIN if self.release else f"{START} begins another run"
        if self.execution.status == "Superseded" and self.release:
            return f"{RELEASE_AGAIN}: a newer one took its place, and this one was dropped"
        if self.execution.status == "Superseded" and self.newer:
            return f"{STATUS} --execution {self.newer[0].id}: a newer run took its place"
        if self.execution.status == "Succeeded" and any(endpoint.outdated for endpoint in self.endpoints):
            return "xacct-ml start, and approve the run: an endpoint serves an earlier release's model"
        return None

    def failure(self) -> XacctError | None:
        """The run's end with the reasons of what failed, or why it is stuck; None where it succeeded or goes on."""
        run = self.execution
        if run is not None and run.status in UNDER_WAY and (stuck := self.stuck) is not None:
            told = (f"{stuck.stage}/{stuck.action}: {stuck.sentence}",)
            return XacctError(f"run {run.id} does not go on", details=told, next_step=stuck.next_step)
        if run is None or run.status in {"Succeeded", *UNDER_WAY}:
            return None
        reasons = [
            f"{stage.name}/{action.name}: {sentence(action.reason or '')}"
            for stage in self.stages
            for action in stage.actions
            if action.status == "Failed"
        ]
        untold = RELEASE_AGAIN if self.release and run.status != "Failed" else "xacct-ml explain"
        step = untold if self.diagnosis is None else self.diagnosis.next_step
        return XacctError(f"run {run.id} is {run.status}", details=tuple(reasons), next_step=step)


def utc_now() -> datetime:
    return datetime.now(UTC)


def status(
    config: Config, accounts: Clients, execution: str | None = None, now: Callable[[], datetime] = utc_now
) -> Status:
    """The run ``execution``, of either pipeline, or the one that started last.

    Raises :class:`xacct_ml.errors.NotReady` without a pipeline, :class:`xacct_ml.errors.XacctError` for an unknown run.
    """
    of_all = states(config, accounts)
    found = find_in_both(config, accounts, execution)
    endpoints = endpoint_states(config, accounts)
    if found is None:
        return Status(of_all[0]["pipelineName"], None, (), (), None, endpoints)
    run, runs = found.run, found.runs
    state = next(each for each in of_all if each["pipelineName"] == found.pipeline)
    seen = stages(config, accounts, run.id, state)
    judged = judgement(config, run.id, seen)
    evaluation = read_evaluation(config, accounts, judged)
    failed = failed_of(config, accounts, run.id, seen, found.pipeline) if run.status == "Failed" else None
    diagnosis = None if failed is None else diagnose(config, failed)
    names, pipeline, time = Names(config), state["pipelineName"], now()
    return Status(
        pipeline=pipeline,
        execution=run,
        stages=seen,
        newer=tuple(other for other in runs[: runs.index(run)] if other.status == IN_PROGRESS),
        evaluation=evaluation,
        endpoints=_with_origin(config, accounts, endpoints, runs, judged.model),
        approvals=tuple(_waiting(config, pending) for each in of_all for pending in pending_approvals(each)),
        diagnosis=diagnosis,
        package=judged.package,
        judged=judged,
        beside_map=() if evaluation is None or judged.release is not None else beside_map(config, evaluation.record),
        alerts=alerts(config, accounts, run.id, seen, time) if run.status in UNDER_WAY else (),
        started_by=started_by(names, run),
        link=run_link(names, pipeline, run.id),
        links=links(names, pipeline, run.id, seen, None if diagnosis is None else diagnosis.kind),
        now=time,
        release=pipeline == names.release_pipeline,
    )


def _waiting(config: Config, pending: PendingApproval) -> WaitingApproval:
    if pending.pipeline == Names(config).release_pipeline:
        return WaitingApproval(pending.execution, pending.stage, None, (), pending.behind, release=True)
    wave = wave_of_stage(config, pending.stage)
    return WaitingApproval(
        pending.execution,
        pending.stage,
        wave.name if wave else None,
        tuple(target.name for target in wave.targets) if wave else (),
        pending.behind,
    )


def _with_origin(
    config: Config,
    accounts: Clients,
    endpoints: tuple[EndpointState, ...],
    runs: tuple[Execution, ...],
    own: str | None,
) -> tuple[EndpointState, ...]:
    """``endpoints`` with jobs and commits, and whose model they serve. ``own`` is the digest of the run's model."""
    endpoints = written_down(config, accounts, endpoints)
    jobs = _jobs(config, accounts, {each.digest for each in endpoints if each.digest})
    commits = {run.id: run.commit for run in runs}
    found = []
    for each in endpoints:
        run, job = jobs.get(each.digest or "", (each.run, each.job))
        served = each.digest or each.job
        of_run = None if served is None or own is None else served == own
        found.append(replace(each, job=job, commit=commits.get(run or ""), of_run=of_run, run=run))
    return tuple(found)


def _jobs(config: Config, accounts: Clients, digests: set[str]) -> dict[str, tuple[str, str | None]]:
    """Run and training job of each of these models: the newest that was judged to be it. Nothing is looked up for
    none."""
    found: dict[str, tuple[str, str | None]] = {}
    if digests:
        for run, variables in islice(judged_runs(config, accounts), _LOOKED_AT):
            if (digest := variables.get("ModelDigest", "")) in digests:
                found.setdefault(digest, (run, variables.get("TrainingJob")))
            if found.keys() >= digests:
                break
    return found
