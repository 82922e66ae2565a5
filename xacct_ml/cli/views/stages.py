"""What a run did stage by stage, how long it took, what keeps it from going on and where the console shows it, as lines
and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from xacct_ml.evidence.wording import duration
from xacct_ml.foreign import line
from xacct_ml.operations.runs.diagnosis import sentence
from xacct_ml.operations.runs.executions import UNDER_WAY, Execution
from xacct_ml.operations.runs.links import Link
from xacct_ml.operations.runs.stages import NOT_STARTED, Action, Stage
from xacct_ml.operations.runs.status import Status

_SUCCEEDED = "Succeeded"
_BROKEN = ("Failed", "Abandoned")
_LONGEST_REASON = 160


def time_line(status: Status, run: Execution, *, whole_minutes: bool = False) -> str:
    """When it began, by whom, and how long it took, or takes by now."""
    by = status.started_by or run.trigger
    if run.started is None:
        return f"  started  by {by}"
    spent = _spent(_seconds(run.started, _end(status, run)), run.status in UNDER_WAY and whole_minutes)
    took = "" if spent is None else f", {_word(run)} {spent}"
    return f"  started  {run.started:%Y-%m-%d %H:%M:%S} UTC by {by}{took}"


def stage_lines(status: Status, *, whole_minutes: bool = False) -> list[str]:
    """Stages that have not begun stand together at the end. Of a run that failed or is stuck those that went well stand
    together at the beginning, and who waits is left out: the screen is for what did not go well."""
    begun = [stage for stage in status.stages if stage.status != NOT_STARTED or _waiting(status, stage) or stage.closed]
    last = max((place for place, stage in enumerate(status.stages) if stage in begun), default=-1)
    shown, rest = status.stages[: last + 1], status.stages[last + 1 :]
    well = _went_well(status, shown, whole_minutes) if status.in_trouble else 0
    lines = [_in_one_line(status, shown[:well])] if well > 1 else []
    lines += _lines_of_each(status, shown[well:] if lines else shown, whole_minutes)
    if rest:
        lines.append(f"  {', '.join(stage.name for stage in rest)}: {NOT_STARTED}")
    return lines


def _lines_of_each(status: Status, shown: Sequence[Stage], whole_minutes: bool) -> Iterator[str]:
    width = max((len(stage.name) for stage in shown), default=0)
    state = max((len(stage.status) for stage in shown), default=0)
    for stage in shown:
        spent = _spent(_of_stage(status, stage), stage.under_way and whole_minutes) or ""
        yield f"  {stage.name.ljust(width)}  {stage.status.ljust(state)}  {spent}".rstrip()
        yield from (f"  {' ' * width}    {told}" for told in _action_lines(status, stage, whole_minutes))
        if waiting := _waiting(status, stage):
            yield f"  {' ' * width}    waiting to enter: {', '.join(waiting)}"


def _waiting(status: Status, stage: Stage) -> list[str]:
    """Other runs that queue in front of it."""
    if status.in_trouble:
        return []
    return [id_ for id_ in stage.waiting if status.execution is None or id_ != status.execution.id]


def _went_well(status: Status, stages: Sequence[Stage], whole_minutes: bool) -> int:
    """How many at the beginning succeeded, and have nothing else to say."""
    told = (stage.status != _SUCCEEDED or any(_action_lines(status, stage, whole_minutes)) for stage in stages)
    return next((place for place, something in enumerate(told) if something), len(stages))


def _in_one_line(status: Status, stages: Sequence[Stage]) -> str:
    spent = (" ".join(filter(None, (stage.name, _spent(_of_stage(status, stage), False)))) for stage in stages)
    return f"  {', '.join(spent)}: {_SUCCEEDED}"


def alert_lines(status: Status) -> Iterator[str]:
    """What keeps it from going on, and the command that shows more."""
    for alert in status.alerts:
        place = f"{alert.stage}/{alert.action}" if alert.action else alert.stage
        yield f"  {('stuck' if alert.stuck else 'slow').ljust(8)} {place}: {alert.sentence}"
        if alert.logs is not None:
            yield f"  log      {alert.logs}"


def link_lines(status: Status, *, every: bool) -> Iterator[str]:
    """The page of what failed or does not go on, else of the run; with ``every``, of the run and of each action."""
    if not every:
        if (link := _wanted(status)) is not None:
            yield f"  console  {_link(link)}"
        return
    if status.link is not None:
        yield f"  console  {_link(status.link)}"
    for stage in status.stages:
        for action in stage.actions:
            if (link := status.links.get((stage.name, action.name))) not in (None, status.link):
                yield f"  console  {stage.name}/{action.name}: {_link(link)}"


def stage_json(status: Status, stage: Stage) -> dict[str, Any]:
    """``seconds`` are how long it took, or takes by now; ``console`` is the page of the console, in
    ``console_account``."""
    actions = [_action_json(status, stage, action) for action in stage.actions]
    told = asdict(stage)
    broken = next((one for one in actions if one["status"] in (*_BROKEN, *UNDER_WAY)), None)
    page = broken or next(iter(actions), None) or {"console": None, "console_account": None}
    return {
        **{name: told[name] for name in ("name", "status", "waiting", "closed")},
        "actions": actions,
        "started": _iso(stage.begun),
        "updated": _iso(stage.ended),
        "seconds": _of_stage(status, stage),
        "console": page["console"],
        "console_account": page["console_account"],
    }


def run_times(status: Status, run: Execution) -> dict[str, Any]:
    """What JSON has of a run beside its members."""
    link = status.link
    return {
        "started_by": status.started_by,
        "seconds": _seconds(run.started, _end(status, run)),
        "console": None if link is None else link.url,
        "console_account": None if link is None else link.account,
    }


def _action_lines(status: Status, stage: Stage, whole_minutes: bool) -> Iterator[str]:
    """Of several, each; a reason where none of the lines below tells it."""
    told = None if status.diagnosis is None else (status.diagnosis.stage, status.diagnosis.action)
    for action in stage.actions:
        several = len(stage.actions) > 1 and stage.status != NOT_STARTED
        if several and action.status != NOT_STARTED:
            alone = Stage("", action.status, (action,))
            spent = _spent(_of_stage(status, alone), alone.under_way and whole_minutes)
            yield f"{action.name}: {action.status}{f', {spent}' if spent else ''}"
        if action.status in _BROKEN and action.reason and told != (stage.name, action.name):
            reason = line(sentence(action.reason), _LONGEST_REASON)
            yield f"  {reason}" if several else f"{action.name}: {reason}"


def _wanted(status: Status) -> Link | None:
    if status.diagnosis is not None:
        return status.links.get((status.diagnosis.stage, status.diagnosis.action), status.link)
    if status.alerts:
        return status.links.get((status.alerts[0].stage, status.alerts[0].action), status.link)
    return status.link


def _link(link: Link | None) -> str:
    return "" if link is None else f"(account {link.account}) {link.url}"


def _action_json(status: Status, stage: Stage, action: Action) -> dict[str, Any]:
    link = status.links.get((stage.name, action.name))
    return {
        **asdict(action),
        "started": _iso(action.started),
        "updated": _iso(action.updated),
        "seconds": _of_stage(status, Stage("", action.status, (action,))),
        "console": None if link is None else link.url,
        "console_account": None if link is None else link.account,
    }


def _word(run: Execution) -> str:
    return "for" if run.status in UNDER_WAY else "took"


def _end(status: Status, run: Execution) -> datetime | None:
    return status.now if run.status in UNDER_WAY else run.updated


def _of_stage(status: Status, stage: Stage) -> float | None:
    return _seconds(stage.begun, status.now if stage.under_way else stage.ended)


def _seconds(begun: datetime | None, end: datetime | None) -> float | None:
    return None if begun is None or end is None else round(max(0.0, (end - begun).total_seconds()), 3)


def _spent(seconds: float | None, whole_minutes: bool) -> str | None:
    """With ``whole_minutes`` what is under way changes once a minute, for who gets each change as a line."""
    if seconds is None:
        return None
    if whole_minutes:
        return f"{seconds // 60:.0f} min" if seconds < 3600 else duration(seconds // 60 * 60)
    return duration(seconds)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
