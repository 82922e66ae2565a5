"""A run's status, and the evidence for its approval, as lines for a person and as values for JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from xacct_ml.cli.terminal import Terminal, aligned
from xacct_ml.cli.views.costs import run_json, run_lines
from xacct_ml.cli.views.datasets import who
from xacct_ml.cli.views.evidence import (
    beside_map_json,
    evaluation_json,
    evaluation_lines,
    map_lines,
    package_lines,
    record_lines,
    verdict_lines,
    wrapped,
)
from xacct_ml.cli.views.release import at_work_lines, candidate_json, release_lines, replaced_records
from xacct_ml.cli.views.stages import alert_lines, link_lines, run_times, stage_json, stage_lines, time_line
from xacct_ml.foreign import line
from xacct_ml.operations.runs.diagnosis import Diagnosis
from xacct_ml.operations.runs.endpoint import ABSENT, EndpointState
from xacct_ml.operations.runs.executions import Execution, revision_word
from xacct_ml.operations.runs.review import Review
from xacct_ml.operations.runs.status import Status, WaitingApproval


def status_lines(status: Status, *, links: bool = False, whole_minutes: bool = False) -> list[str]:
    """Headline, times, stages, why it failed or does not go on, metrics, newer runs, endpoints, the next step.

    Of a run that failed or is stuck no more than one needs to know then: it fits on one screen. ``links`` shows the
    console's page of each action."""
    next_step = [f"next: {status.next_step}"] if status.next_step else []
    return [
        *_run_lines(status, links=links, whole_minutes=whole_minutes),
        *([] if status.in_trouble else [""]),
        *_endpoint_lines(status),
        *next_step,
    ]


def diagnosis_lines(diagnosis: Diagnosis) -> list[str]:
    """What kind of failure, why, and where the log is."""
    lines = [f"  failure  {diagnosis.kind}: {diagnosis.sentence}"]
    if diagnosis.logs is not None:
        lines.append(f"  log      {diagnosis.logs}")
    if diagnosis.log is not None:
        lines.append(f"           {diagnosis.log}")
    return lines


def status_json(status: Status) -> dict[str, Any]:
    """``execution`` is null before the first run; ``approvals`` are all that wait, ``awaiting_approval`` the run to
    judge next."""
    awaited = status.awaited
    return {
        "pipeline": status.pipeline,
        "execution": None
        if status.execution is None
        else {**_execution_json(status.execution), **run_times(status, status.execution)},
        "waits_for_approval": status.waits_for_approval,
        "awaiting_approval": None if awaited is None else awaited.execution,
        "behind_approval": [] if awaited is None else list(awaited.behind),
        "approvals": [asdict(approval) for approval in status.approvals],
        "stages": [stage_json(status, stage) for stage in status.stages],
        "newer": [_execution_json(run) for run in status.newer],
        "evaluation": evaluation_json(status.evaluation),
        "package": None if status.package is None else asdict(status.package),
        "beside_map": beside_map_json(status.beside_map),
        "failure": None if status.diagnosis is None else asdict(status.diagnosis),
        "alerts": [asdict(alert) for alert in status.alerts],
        "next_step": status.next_step,
        "endpoints": [_endpoint_json(endpoint) for endpoint in status.endpoints],
        "release": None
        if status.judged is None or status.judged.release is None
        else {**asdict(status.judged.release), "run": status.judged.execution},
    }


def _execution_json(execution: Execution) -> dict[str, Any]:
    return _with_times(asdict(execution))


def _endpoint_json(endpoint: EndpointState) -> dict[str, Any]:
    since = None if endpoint.since is None else endpoint.since.isoformat()
    return {**asdict(endpoint), "since": since, "outdated": endpoint.outdated}


def _with_times(values: dict[str, Any]) -> dict[str, Any]:
    times = {name: values[name] for name in ("started", "updated") if values[name] is not None}
    return {**values, **{name: time.isoformat() for name, time in times.items()}}


def _run_lines(status: Status, *, links: bool, whole_minutes: bool) -> list[str]:
    run = status.execution
    if run is None:
        return [f"pipeline {status.pipeline}: no run yet"]
    lines = [f"pipeline {status.pipeline}, run {run.id}: {run.status}"]
    lines.append(time_line(status, run, whole_minutes=whole_minutes))
    if status.judged is not None and (release := status.judged.release) is not None:
        lines.append(f"  release  of run {status.judged.execution} to {', '.join(release.targets)}")
        lines += [f"  reason   {line(release.reason)}"] if release.reason else []
    elif run.commit:
        lines.append(f"  {revision_word(run.commit).ljust(8)} {run.commit}")
    lines += stage_lines(status, whole_minutes=whole_minutes)
    if (found := status.diagnosis) is not None:
        lines.append(f"  failure  {found.kind} in {found.stage}/{found.action}: {found.cause}")
        lines += [f"  log      {found.logs}"] if found.logs is not None else []
    lines += [*alert_lines(status), *link_lines(status, every=links)]
    if status.evaluation is not None and not status.in_trouble:
        lines += evaluation_lines(status.evaluation, released=_is_release(status))
    if not status.in_trouble:
        lines += [*map_lines(status.beside_map), *package_lines(status.package)]
    if status.newer:
        lines.append(f"  newer    {', '.join(newer.id for newer in status.newer)} under way behind this run")
    for approval in status.approvals:
        if approval.execution != run.id:
            of = f" of wave {approval.wave}" if approval.wave else ""
            other = "a release" if approval.release else "another run"
            lines.append(f"  waiting  {approval.execution}, {other}, waits for approval{of}{_behind(approval, run)}")
    return lines


def _is_release(status: Status) -> bool:
    return status.judged is not None and status.judged.release is not None


def _behind(approval: WaitingApproval, run: Execution) -> str:
    """The runs that queue behind the one that waits for approval."""
    if not approval.behind:
        return ""
    named = [f"{id_} (this run)" if id_ == run.id else id_ for id_ in approval.behind]
    return f", in front of {', '.join(named)}"


def _endpoint_lines(status: Status) -> list[str]:
    """A row for each target, with model and reason below it."""
    waved = any(endpoint.wave for endpoint in status.endpoints)
    heading = ("target", *(("wave",) if waved else ()), "account", "region", "endpoint", "state", "serves")
    rows = [
        (
            each.target,
            *((each.wave or "",) if waved else ()),
            each.account,
            each.region,
            each.name,
            each.status,
            _served(each),
        )
        for each in status.endpoints
    ]
    first, *rest = aligned((heading, *rows))
    lines = [first]
    for each, row in zip(status.endpoints, rest, strict=True):
        lines.append(row)
        if each.config and not status.in_trouble:
            lines.append(f"  model    {_model(each)}")
        if each.since is not None and not status.in_trouble:
            lines.append(f"  since    {_since(each)}")
        if each.reason and not status.in_trouble:
            lines.append(f"  reason   {each.reason}")
        if each.outdated:
            lines.append(f"  warning  an earlier release deployed it: {each.consequence}")
    return lines


def _served(endpoint: EndpointState) -> str:
    """Which run's model the endpoint serves."""
    if endpoint.config is None:
        return "nothing" if endpoint.status == ABSENT else "unknown"
    if endpoint.of_run is None:
        return "unknown" if endpoint.job is None else "a model"
    return "this run's model" if endpoint.of_run else "another run's model"


def _model(endpoint: EndpointState) -> str:
    of = [f"training job {endpoint.job}"] if endpoint.job else []
    of += [f"commit {endpoint.commit}"] if endpoint.commit else []
    name = endpoint.model or "deleted under it"
    return f"{name} of {', '.join(of)}" if of else name


def _since(endpoint: EndpointState) -> str:
    """As the judge wrote it down."""
    how = f"by release {endpoint.release}, " if endpoint.release else ""
    people = ", ".join(map(who, endpoint.approved_by)) or "nobody"
    return f"{endpoint.since:%Y-%m-%d %H:%M} UTC, {how}run {endpoint.run}, approved by {people}"


def show_review(reviewed: Review, terminal: Terminal) -> None:
    """Print the evidence: in the first lines why the run cannot be approved and what must be known, then the rest."""
    kind = "Run" if reviewed.release is None else "Release"
    terminal.heading(f"{kind} {reviewed.approval.execution} waits for approval in {reviewed.approval.stage}")
    for shown in review_lines(reviewed):
        terminal.line(shown)
    if reviewed.unbound_names is not None:
        terminal.warn(reviewed.unbound_names)


def review_lines(reviewed: Review) -> list[str]:
    """What stands below the heading."""
    lines = [shown for objection in reviewed.objections for shown in wrapped("refused", objection)]
    evaluation = reviewed.evaluation
    lines += [*at_work_lines(reviewed), *release_lines(reviewed)]
    if evaluation is None:
        lines += evaluation_lines(None)
    else:
        lines += verdict_lines(
            evaluation,
            refusal="warning" if reviewed.schema_change or reviewed.release is not None else None,
            endpoint=reviewed.endpoint,
            targets=[] if reviewed.release is not None else [target.name for target in reviewed.wave.targets],
            newer=reviewed.newer,
            found=None if reviewed.candidate is None else reviewed.candidate.all_findings,
        )
    lines += map_lines(reviewed.beside_map)
    lines += _commit_lines(reviewed)
    if evaluation is not None:
        lines += record_lines(evaluation, replaced_records(reviewed))
    cost = () if reviewed.cost is None else run_lines(reviewed.cost)
    return [*lines, *package_lines(reviewed.package), *cost, *_wave_lines(reviewed)]


def decision_json(reviewed: Review, decision: str, summary: str) -> dict[str, Any]:
    """``decision`` is ``approved`` or ``rejected``."""
    return {
        "execution": reviewed.approval.execution,
        "wave": reviewed.wave.name,
        "targets": [target.name for target in reviewed.wave.targets],
        "decision": decision,
        "summary": summary,
        "commit": None if reviewed.commit is None else reviewed.commit.id,
        "evaluation": evaluation_json(reviewed.evaluation),
        "newer": [asdict(each) for each in reviewed.newer],
        "package": None if reviewed.package is None else asdict(reviewed.package),
        "unbound_names": reviewed.unbound_names,
        "pipeline": reviewed.approval.pipeline,
        "release": None if reviewed.release is None else asdict(reviewed.release),
        "candidate": candidate_json(reviewed.candidate),
        "at_work": list(reviewed.at_work),
        "cost": run_json(reviewed.cost),
        "beside_map": beside_map_json(reviewed.beside_map),
    }


def _commit_lines(reviewed: Review) -> Iterator[str]:
    commit = reviewed.commit
    if commit is None:
        yield "  commit   unknown"
        return
    by = f"  by {line(commit.author)}" if commit.author else ""
    yield f"  {revision_word(commit.id).ljust(8)} {commit.id}{by}"
    for text in (commit.message or "").splitlines()[:10]:
        yield f"           {line(text)}".rstrip()


def _wave_lines(reviewed: Review) -> Iterator[str]:
    """Where the model goes, and what follows; nothing for a map without waves."""
    if reviewed.wave.name is None:
        return
    yield f"  wave     {reviewed.wave.name}: {', '.join(target.name for target in reviewed.wave.targets)}"
    for wave in reviewed.later:
        how = "after its own approval" if wave.approval else "without another approval"
        yield f"  then     {wave.name}: {', '.join(target.name for target in wave.targets)}, {how}"
