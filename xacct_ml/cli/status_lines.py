"""A run's status as lines for a person and as values for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from xacct_ml.runs.evaluation import Evaluation
from xacct_ml.runs.executions import revision_word
from xacct_ml.runs.status import Status

_NO_RECORD = "  metrics  none recorded (yet)"


def status_lines(status: Status) -> list[str]:
    """Headline, stages with reasons, metrics, newer runs, endpoints."""
    return [*_run_lines(status), "", *_endpoint_lines(status), *_next_lines(status)]


def evaluation_lines(evaluation: Evaluation | None) -> list[str]:
    """Data version, metrics and gate of a run."""
    if evaluation is None:
        return [_NO_RECORD]
    rows = ", ".join(f"{count:,} {channel}" for channel, count in evaluation.rows.items())
    metrics = ", ".join(f"{name} {value:g}" for name, value in sorted(evaluation.metrics.items()))
    return [
        f"  data     {evaluation.dataset} ({rows} rows)",
        f"  metrics  {metrics or 'none reported'}",
        f"  gate     {evaluation.gate}",
        f"  model    {evaluation.model}",
    ]


def evaluation_json(evaluation: Evaluation | None) -> dict[str, Any] | None:
    return None if evaluation is None else asdict(evaluation)


def status_json(status: Status) -> dict[str, Any]:
    """``execution`` is null before the first run."""
    return {
        "pipeline": status.pipeline,
        "execution": None if status.execution is None else _execution_json(status.execution),
        "waits_for_approval": status.waits_for_approval,
        "awaiting_approval": status.awaiting,
        "behind_approval": list(status.behind),
        "stages": [asdict(stage) for stage in status.stages],
        "newer": [_execution_json(run) for run in status.newer],
        "evaluation": evaluation_json(status.evaluation),
        "endpoints": [asdict(endpoint) for endpoint in status.endpoints],
    }


def _execution_json(execution: Any) -> dict[str, Any]:
    values = asdict(execution)
    for name in ("started", "updated"):
        values[name] = None if values[name] is None else values[name].isoformat()
    return values


def _run_lines(status: Status) -> list[str]:
    run = status.execution
    if run is None:
        return [f"pipeline {status.pipeline}: no run yet"]
    lines = [f"pipeline {status.pipeline}, run {run.id}: {run.status}", f"  trigger  {run.trigger}"]
    if run.commit:
        lines.append(f"  {revision_word(run.commit).ljust(8)} {run.commit}")
    lines += _stage_lines(status)
    if status.evaluation is not None:
        lines += evaluation_lines(status.evaluation)
    if status.newer:
        lines.append(f"  newer    {', '.join(newer.id for newer in status.newer)} under way behind this run")
    if status.awaiting not in {None, run.id}:
        lines.append(f"  waiting  {status.awaiting}, another run, waits for approval{_behind(status)}")
    return lines


def _behind(status: Status) -> str:
    """Who stands behind the run that waits for approval."""
    if not status.behind or status.execution is None:
        return ""
    named = [f"{id_} (this run)" if id_ == status.execution.id else id_ for id_ in status.behind]
    return f", in front of {', '.join(named)}"


def _stage_lines(status: Status) -> list[str]:
    lines = []
    width = max((len(stage.name) for stage in status.stages), default=0)
    for stage in status.stages:
        lines.append(f"  {stage.name.ljust(width)}  {stage.status}")
        for action in stage.actions:
            if action.status in {"Failed", "Abandoned"} or (len(stage.actions) > 1 and stage.status != "NotStarted"):
                lines.append(f"  {' ' * width}    {action.name}: {action.status}")
            if action.status in {"Failed", "Abandoned"} and action.reason:
                lines += [f"  {' ' * width}      {text}" for text in action.reason.splitlines()]
        waiting = [id_ for id_ in stage.waiting if status.execution is None or id_ != status.execution.id]
        if waiting:
            lines.append(f"  {' ' * width}    waiting to enter: {', '.join(waiting)}")
    return lines


def _endpoint_lines(status: Status) -> list[str]:
    lines = []
    for endpoint in status.endpoints:
        lines.append(f"endpoint {endpoint.name} in {endpoint.target} ({endpoint.account}): {endpoint.status}")
        if endpoint.config:
            lines.append(f"  config   {endpoint.config}")
            lines.append(f"  model    {endpoint.model or 'deleted under it'}{_of_run(status, endpoint.job)}")
        if endpoint.reason:
            lines.append(f"  reason   {endpoint.reason}")
    return lines


def _of_run(status: Status, job: str | None) -> str:
    if job is None:
        return ""
    this = status.evaluation is not None and status.evaluation.job == job
    return f" of training job {job}{' (this run)' if this else ' (another run)' if status.evaluation else ''}"


def _next_lines(status: Status) -> list[str]:
    if status.execution is None:
        return ["next: xacct-ml start"]
    if status.awaiting is not None:
        return [f"next: xacct-ml approve --execution {status.awaiting} (or reject)"]
    return []
