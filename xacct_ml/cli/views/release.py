"""What a release asks for, and what served when, as lines for a person and as values for JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.datasets import who
from xacct_ml.cli.views.runs import SHOWN_ID, moment
from xacct_ml.foreign import line
from xacct_ml.operations.release.asking import Asked
from xacct_ml.operations.release.history import Deployment
from xacct_ml.operations.release.serving import Serving
from xacct_ml.operations.release.wanted import Change, Wanted
from xacct_ml.operations.runs.review import Review

_DIGITS = 12
_HEADER = ("target", "since (UTC)", "until", "run", "model", "release", "approved by", "")


def wanted_lines(wanted: Wanted) -> Iterator[str]:
    """What would serve on each target, in place of what."""
    request = wanted.request
    yield f"run {request.run}, model {request.model_digest[:_DIGITS]}"
    for each in wanted.changes:
        yield f"  {each.target}: {_now(each, request.model_digest)}"


def wanted_json(wanted: Wanted, asked: Asked) -> dict[str, Any]:
    request = wanted.request
    return {
        "run": request.run,
        "model": request.model_digest,
        "record": request.record_digest,
        "targets": list(request.targets),
        "schema_change": request.schema_change,
        "reason": request.reason,
        "changes": [asdict(each) for each in wanted.changes],
        "version": asked.version,
        "execution": asked.execution,
        "again": asked.again,
    }


def _now(each: Change, digest: str) -> str:
    if not each.serves:
        return "serves nothing yet"
    if each.digest == digest:
        return "serves it already; it is deployed once more, as the map has its endpoint now"
    return f"in place of {(each.digest or 'a model')[:_DIGITS]} of run {(each.run or 'unknown')[:SHOWN_ID]}"


def show_history(found: Sequence[Deployment], time: datetime | None, terminal: Terminal) -> None:
    """Print the table; what has no record of the judge's is marked."""
    if not found:
        terminal.line("nothing served then" if time is not None else "nothing was deployed yet")
        return
    terminal.table(_HEADER, [_row(each) for each in found])
    if any(not each.recorded for each in found):
        terminal.line("* is not written down yet: the next deployment does that; it is from the pipeline's history")


def deployment_json(each: Deployment) -> dict[str, Any]:
    times = {name: None if time is None else time.isoformat() for name, time in _times(each).items()}
    return {**asdict(each), **times, "recorded": each.recorded}


def _times(each: Deployment) -> dict[str, datetime | None]:
    return {"since": each.since, "until": each.until}


def _row(each: Deployment) -> tuple[str, ...]:
    run = each.run or "unknown"
    return (
        each.target,
        f"{each.since:%Y-%m-%d %H:%M:%S}",
        "now" if each.until is None else f"{each.until:%Y-%m-%d %H:%M:%S}",
        run[:SHOWN_ID],
        (each.digest or "unknown")[:_DIGITS],
        "" if each.execution == run else each.execution[:SHOWN_ID],
        ", ".join(map(who, each.approved_by)),
        " ".join(filter(None, (each.verdict, "" if each.recorded else "*"))),
    )


# -- what an approver reads of a release -------------------------------------------------------------------------------
def release_lines(reviewed: Review) -> Iterator[str]:
    """Why it is asked for, and what the targets serve now; beside what the model was judged, where that serves there
    no more."""
    release, evaluation = reviewed.release, reviewed.evaluation
    if release is None:
        return
    yield f"  release  of run {'unknown' if evaluation is None else evaluation.execution}, without training"
    if release.reason:
        yield f"  reason   {line(release.reason)}"
    if release.schema_change:
        yield "  columns  may differ from those of what serves: whoever asked for it meant that"
    live = None if evaluation is None else evaluation.record.live
    beside = "no model" if live is None or live.digest is None else _named(live.digest, live.execution)
    now = {each.target: each for each in reviewed.serving}
    for target in reviewed.wave.targets:
        each = now.get(target.name)
        same = each is None or (live is not None and live.digest == each.digest)
        yield f"  serving  {target.name}: {_serves(each)}{'' if same else f'; it was judged beside {beside}'}"
    if evaluation is not None:
        ours = evaluation.execution
        for run in dict.fromkeys(each.run for each in reviewed.serving if each.run not in (None, ours)):
            yield f"  compare  xacct-ml compare {ours[:SHOWN_ID]} {(run or '')[:SHOWN_ID]} has both beside each other"


def at_work_lines(reviewed: Review) -> Iterator[str]:
    """Deployments under way of the other pipeline: the one that ends last is what serves."""
    if reviewed.at_work:
        other = "a run that trained" if reviewed.release is not None else "a release"
        yield f"  warning  {other} is deployed to {', '.join(reviewed.at_work)} right now; what ends last serves"


def _serves(each: Serving | None) -> str:
    if each is None:
        return "nothing yet"
    return f"{_named(each.digest, each.run)} since {moment(each.since)} UTC"


def _named(digest: str | None, run: str | None) -> str:
    return f"{(digest or 'a model')[:_DIGITS]} of run {(run or 'unknown')[:SHOWN_ID]}"
