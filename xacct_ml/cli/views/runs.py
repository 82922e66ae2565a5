"""Runs as a table, and two of them beside each other."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from xacct_ml.cli.terminal import Terminal, aligned
from xacct_ml.cli.views.datasets import who
from xacct_ml.cli.views.evidence import beside_map_json, map_lines, narrow
from xacct_ml.evidence import wording
from xacct_ml.evidence.metrics import bare, primary
from xacct_ml.evidence.record import Interval
from xacct_ml.foreign import line
from xacct_ml.operations.runs.comparison import Comparison, Side
from xacct_ml.operations.runs.evaluation import Evaluation
from xacct_ml.operations.runs.executions import IN_PROGRESS, Execution
from xacct_ml.operations.runs.listing import Run
from xacct_ml.operations.runs.schedule_notes import ScheduleNote

_HEADER = ("run", "started (UTC)", "by", "state", "data", "revision", "metric", "gate", "approved by", "serves")
_LONGEST_MESSAGE = 30
SHOWN_ID = 8
"""So many characters of an id are shown; each command takes them for the id where no other begins so."""


def show_runs(found: Sequence[Run], terminal: Terminal) -> None:
    """Print the table; its ids are the beginnings that the commands take."""
    if not found:
        terminal.line("no run yet")
        return
    terminal.table(_HEADER, [_row(each) for each in found])
    for each in found:
        if each.mistaken:
            run = each.execution.id
            terminal.line(f"the record of run {run} is not the one that its judge wrote: it is not shown")


def skipped_lines(noted: Sequence[ScheduleNote]) -> list[str]:
    """The times of the schedule at which no run was started."""
    return [
        f"{moment(note.time)} (UTC) the schedule started no run: {note.run[:SHOWN_ID]} {_was(note.reason)}"
        for note in noted
        if note.skipped
    ]


def _was(reason: str) -> str:
    """The note's sentence about what is over."""
    return reason.replace("waits for", "waited for", 1).replace("is under way", "was under way", 1)


def note_json(note: ScheduleNote) -> dict[str, Any]:
    outcome = "skipped" if note.skipped else "started"
    return {"time": note.time.isoformat(), "outcome": outcome, "run": note.run, "reason": note.reason}


def run_json(each: Run) -> dict[str, Any]:
    run, evaluation = each.execution, each.evaluation
    metric = None if evaluation is None else metric_of(evaluation)
    return {
        "execution": run.id,
        "status": run.status,
        "waits_for_approval": each.waits,
        "stopped_in": each.stopped_in,
        "started": None if run.started is None else run.started.isoformat(),
        "updated": None if run.updated is None else run.updated.isoformat(),
        "started_by": each.started_by,
        "trigger": run.trigger,
        "trigger_detail": run.trigger_detail,
        "commit": run.commit,
        "message": run.message,
        "dataset": each.dataset,
        "job": each.job,
        "outcome": each.outcome,
        "metric": None if metric is None else {"name": metric[0], **metric[1].model_dump(include={*_ENDS})},
        "metrics": None if evaluation is None else dict(evaluation.metrics),
        "model": None if evaluation is None else evaluation.model,
        "record": None if evaluation is None else evaluation.sha256,
        "record_mistaken": each.mistaken,
        "decisions": [asdict(decision) for decision in each.decisions],
        "serves": list(each.serves),
    }


_ENDS = ("value", "low", "high")


def metric_of(evaluation: Evaluation) -> tuple[str, Interval] | None:
    """The metric that models are compared by, as it was scored on held-out rows; else as the gate had it."""
    scores, gate = evaluation.record.scores.candidate, evaluation.gate
    name = None if scores is None else primary(evaluation.record, scores)
    if scores is not None and name is not None:
        return name, scores.metrics[name]
    return None if gate.value is None else (bare(gate.metric), Interval(value=gate.value))


def moment(time: datetime | None) -> str:
    return "unknown" if time is None else f"{time:%Y-%m-%d %H:%M}"


def _row(each: Run) -> tuple[str, ...]:
    run = each.execution
    metric = None if each.evaluation is None else metric_of(each.evaluation)
    people = [who(one.by) for one in each.decisions if one.approved]
    rejected = [f"rejected: {who(one.by)}" for one in each.decisions if not one.approved]
    return (
        run.id[:SHOWN_ID],
        moment(run.started),
        each.started_by,
        state_of(each),
        each.dataset or "",
        (run.commit or "")[:SHOWN_ID],
        "" if metric is None else f"{metric[0]} {wording.score(metric[1].value)}",
        each.outcome or "",
        ", ".join(dict.fromkeys((*people, *rejected))),
        ", ".join(each.serves),
    )


def state_of(each: Run) -> str:
    """CodePipeline's word, and where it stopped."""
    if each.waits:
        return "waits for approval"
    if each.execution.status == "Failed" and each.stopped_in is not None:
        return f"Failed in {each.stopped_in}"
    return "under way" if each.execution.status == IN_PROGRESS else each.execution.status


# -- two beside each other ---------------------------------------------------------------------------------------------
def comparison_lines(found: Comparison) -> list[str]:
    """Two columns; what is the same in both is said once, in a word."""
    first, second = found.sides
    rows = [
        ("", first.execution.id[:SHOWN_ID], second.execution.id[:SHOWN_ID]),
        ("started", moment(first.execution.started), moment(second.execution.started)),
        ("revision", _revision(first.execution), _revision(second.execution)),
        ("data", first.evaluation.dataset, second.evaluation.dataset),
        *_row_counts(first, second),
        ("image", _image(first), _image(second)),
        ("gate", first.evaluation.gate.outcome, second.evaluation.gate.outcome),
        ("", _bound(first), _bound(second)),
        ("model", _model(first), _model(second)),
    ]
    lines = [*(f"  {row}" for row in aligned(rows)), *_column_lines(found), *_setting_lines(found)]
    lines += map_lines(found.beside_map, f"run {second.execution.id[:SHOWN_ID]}")
    return [*lines, *_metric_lines(found), *_weight_lines(found)]


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Pairs are in the order in which the runs were given."""
    return {
        "runs": [_side_json(side) for side in found.sides],
        "same_rows": found.same_rows,
        "columns": found.columns,
        "hyperparameters": {name: list(pair) for name, pair in found.hyperparameters.items()},
        "beside_map": beside_map_json(found.beside_map),
        "metrics": {name: [_plain(one) for one in pair] for name, pair in found.metrics.items()},
        "difference": None if found.difference is None else {n: _plain(one) for n, one in found.difference.items()},
        "importances": {name: list(pair) for name, pair in found.importances.items()},
    }


def _side_json(side: Side) -> dict[str, Any]:
    run, evaluation = side.execution, side.evaluation
    return {
        "execution": run.id,
        "started": None if run.started is None else run.started.isoformat(),
        "commit": evaluation.commit,
        "message": run.message,
        "dataset": evaluation.dataset,
        "rows": dict(evaluation.rows),
        "image": evaluation.record.image,
        "container_version": evaluation.record.container_version,
        "gate": evaluation.gate.model_dump(),
        "model": evaluation.model,
        "record": evaluation.sha256,
    }


def _plain(one: Interval | None) -> dict[str, Any] | None:
    return None if one is None else one.model_dump(include={*_ENDS})


def _revision(run: Execution) -> str:
    message = (run.message or "").strip().splitlines()
    said = f" {line(message[0], _LONGEST_MESSAGE)}" if message else ""
    return f"{(run.commit or 'unknown')[:SHOWN_ID]}{said}"


def _row_counts(first: Side, second: Side) -> Iterator[tuple[str, str, str]]:
    before, after = first.evaluation.rows, second.evaluation.rows
    for name in dict.fromkeys((*before, *after)):
        counts = [f"{of[name]:,} {name}" if name in of else "" for of in (before, after)]
        yield ("", counts[0], counts[1])


def _image(side: Side) -> str:
    record = side.evaluation.record
    name = record.image.rpartition("/")[2]
    return f"{name} ({record.container_version})" if record.container_version else name


def _bound(side: Side) -> str:
    gate = side.evaluation.gate
    value = "not reported" if gate.value is None else f"{gate.value:g}"
    return f"{gate.metric} {value}, {'≥' if gate.direction == 'maximize' else '≤'} {gate.threshold:g}"


def _model(side: Side) -> str:
    return (side.evaluation.model or "not kept")[:12]


def _column_lines(found: Comparison) -> Iterator[str]:
    if found.columns is not None:
        yield f"  columns differ: {found.columns}"
    elif found.columns_known:
        yield "  columns are the same"


def _setting_lines(found: Comparison) -> Iterator[str]:
    if not found.hyperparameters:
        yield "  hyperparameters are the same"
        return
    yield "  hyperparameters that differ"
    rows = [(name, *("unset" if one is None else wording.short(one) for one in pair)) for name, pair in _sorted(found)]
    yield from (f"    {row}" for row in aligned(rows))


def _sorted(found: Comparison) -> list[tuple[str, tuple[str | None, str | None]]]:
    return sorted(found.hyperparameters.items())


def _metric_lines(found: Comparison) -> Iterator[str]:
    if not found.metrics:
        yield "  neither was scored on held-out rows"
        return
    on = "the same held-out rows" if found.same_rows else "each on its own held-out rows: they are not comparable"
    yield f"  metrics with 95 % intervals, {on}"
    apart = found.difference
    rows = [
        (name, *("" if one is None else narrow(wording.interval(one)) for one in pair), _apart(apart, name))
        for name, pair in found.metrics.items()
    ]
    heading = ("", *(side.execution.id[:SHOWN_ID] for side in found.sides), "" if apart is None else "difference")
    yield from (f"    {row}" for row in aligned([heading, *rows]))
    if found.same_rows and apart is None:
        yield "    (the runs were not judged beside each other: there is no paired difference, which would be narrower)"


def _apart(difference: dict[str, Interval] | None, name: str) -> str:
    found = (difference or {}).get(name)
    return "" if found is None else narrow(wording.signed(found))


def _weight_lines(found: Comparison) -> Iterator[str]:
    if not found.importances:
        return
    yield "  features by their share of the gain"
    rows = [
        (wording.short(name), *("" if share is None else wording.percent(share) for share in pair))
        for name, pair in found.importances.items()
    ]
    yield from (f"    {row}" for row in aligned(rows))
