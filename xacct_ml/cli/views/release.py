"""What a release asks for, and what served when, as lines for a person and as values for JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.datasets import who
from xacct_ml.cli.views.evidence import findings_json, wrapped
from xacct_ml.cli.views.runs import SHOWN_ID, moment
from xacct_ml.evidence.record import Record
from xacct_ml.foreign import line
from xacct_ml.operations.release.asking import Asked
from xacct_ml.operations.release.beside import Candidate, Origin, Replaced, records
from xacct_ml.operations.release.history import Deployment
from xacct_ml.operations.release.serving import Serving
from xacct_ml.operations.release.wanted import Change, Wanted
from xacct_ml.operations.runs.review import Review
from xacct_ml.payload.served import INCONCLUSIVE

_DIGITS = 12
_HOURS = 48
"""So old, an age is told in days."""
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
    if any(each.verdict == INCONCLUSIVE for each in found):
        terminal.line("inconclusive: it served, and too little was asked to say how well (docs/deployment.md)")
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
def release_lines(reviewed: Review, now: datetime | None = None) -> Iterator[str]:
    """Why it is asked for, what the targets serve now, beside what the model was judged where that serves there no
    more, and how old the models are."""
    release, evaluation = reviewed.release, reviewed.evaluation
    if release is None:
        return
    yield f"  release  of run {'unknown' if evaluation is None else evaluation.execution}, without training"
    if release.reason:
        yield from wrapped("reason", line(release.reason))
    if release.schema_change:
        yield from wrapped("columns", "may differ from those of what serves: whoever asked for it meant that")
    live = None if evaluation is None else evaluation.record.live
    beside = "no model" if live is None or live.digest is None else _named(live.digest, live.execution)
    by_target = {each.target: each for each in reviewed.serving}
    compared = _compared(reviewed.candidate)
    ours = None if evaluation is None else evaluation.model
    for target in reviewed.wave.targets:
        each = by_target.get(target.name)
        same = each is None or each.digest in (ours, *compared) or (live is not None and live.digest == each.digest)
        told = "this very model" if each is not None and each.digest == ours else _serves(each)
        yield from wrapped("serving", f"{target.name}: {told}{'' if same else f'; it was judged beside {beside}'}")
    if reviewed.candidate is not None:
        yield from _age_lines(reviewed.candidate, now or datetime.now(UTC))
    if evaluation is not None:
        mine = evaluation.execution
        for run in dict.fromkeys(each.run for each in reviewed.serving if each.run not in (None, mine)):
            yield f"  compare  xacct-ml compare {(run or '')[:SHOWN_ID]} {mine[:SHOWN_ID]} says more of both"


def replaced_records(reviewed: Review) -> tuple[Record, ...]:
    """The record beside what a release would replace; nothing of a run that trains."""
    if reviewed.candidate is None or reviewed.evaluation is None:
        return ()
    return records(reviewed.candidate, reviewed.evaluation)


def candidate_json(candidate: Candidate | None) -> dict[str, Any] | None:
    """Beside what the release would replace, by what the records hold; ``comparable`` where both were scored on the
    same rows."""
    if candidate is None:
        return None
    return {
        **_origin_json(candidate.origin),
        "findings": findings_json(candidate.all_findings),
        "replaces": [_replaced_json(each) for each in candidate.replaced],
    }


def _replaced_json(each: Replaced) -> dict[str, Any]:
    record = each.record
    scores = None if record is None else record.scores
    return {
        "targets": list(each.targets),
        "run": each.run,
        "model": each.digest,
        **_origin_json(each.origin),
        "comparable": scores is not None and scores.live is not None,
        "not_comparable": each.why if record is None or record.live is None else record.live.not_scored,
        "record": None if record is None else record.document(),
    }


def _origin_json(origin: Origin) -> dict[str, Any]:
    trained = None if origin.trained is None else origin.trained.isoformat()
    return {"trained": trained, "data_withdrawn": origin.withdrew, "data_withdrawn_known": origin.readable}


def _compared(candidate: Candidate | None) -> list[str | None]:
    """The digests of models whose scores stand beside the release's."""
    replaced = () if candidate is None else candidate.replaced
    return [each.digest for each in replaced if each.record is not None and each.record.scores.live is not None]


def _age_lines(candidate: Candidate, now: datetime) -> Iterator[str]:
    yield from wrapped("age", f"trained {_trained(candidate.origin, now)}")
    for each in candidate.replaced:
        verb = "serves" if len(each.targets) == 1 else "serve"
        yield from wrapped("", f"what {', '.join(each.targets)} {verb}: {_trained(each.origin, now)}")


def _trained(origin: Origin, now: datetime) -> str:
    if origin.trained is None:
        return "before what CodePipeline keeps (12 months)"
    age = now - origin.trained
    hours = int(age.total_seconds() // 3600)
    told = _counted(age.days, "day") if hours >= _HOURS else _counted(hours, "hour") if hours else "less than an hour"
    return f"{moment(origin.trained)} UTC ({told} ago)"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def at_work_lines(reviewed: Review) -> Iterator[str]:
    """Deployments under way of the other pipeline: the one that ends last is what serves."""
    if reviewed.at_work:
        other = "a run that trained" if reviewed.release is not None else "a release"
        told = f"{other} is deployed to {', '.join(reviewed.at_work)} right now; what ends last serves"
        yield from wrapped("warning", told)


def _serves(each: Serving | None) -> str:
    if each is None:
        return "nothing yet"
    unsure = f" ({each.verdict})" if each.verdict == INCONCLUSIVE else ""
    return f"{_named(each.digest, each.run)} since {moment(each.since)} UTC{unsure}"


def _named(digest: str | None, run: str | None) -> str:
    return f"{(digest or 'a model')[:_DIGITS]} of run {(run or 'unknown')[:SHOWN_ID]}"
