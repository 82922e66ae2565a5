"""The candidate beside the live model, on the same held-out rows."""

from collections.abc import Iterator
from math import sqrt

from xacct_ml.evidence import wording
from xacct_ml.evidence.finding import Finding, Severity, note, warning
from xacct_ml.evidence.metrics import bare, best, compared, enough, gain, guessing, improves_up, primary, skill, worst
from xacct_ml.evidence.record import Difference, Interval, Record, Scores, Slice

_MATTERS, _LOSS_MATTERS = 0.02, 0.05
"""Of the live model's distance from guessing: what is lost below it is told, and is no warning."""
_SURE = 1.31
"""Half widths of a 95 % interval: with them it is a 99 % one. What is between the two is told, and is no warning."""
_FEW_ROWS = 20
_SLICE_MATTERS = 0.1
_OF_SLICES = ("rmse", "mae", "merror", "error", "mlogloss", "logloss")
_TOO_GOOD = 4
_SOME_SKILL, _LOST = 0.2, 0.5
_LOST_CLASS = 0.2
FIRST = "first"
"""The kind of the note on a model that is compared with none."""


def comparison(record: Record) -> Iterator[Finding]:
    """Nothing where either was not scored."""
    candidate, live = record.scores.candidate, record.scores.live
    if record.live is not None and record.model is not None and record.live.digest == record.model.sha256:
        yield note("same model", 80, "This is the very model it was compared with, byte for byte")
        return
    if candidate is None or live is None:
        yield from _alone(record)
        return
    yield from _meaning(record, candidate, live)
    yield from _worse(record, candidate, live)
    yield from _much_better(record, candidate, live)
    yield from _slices(record, candidate, live)
    yield from _answers(candidate, live)


def losses(record: Record) -> Iterator[Finding]:
    """What is worse than the live model, of a model that was made before it: that it is much better, or that the live
    one fails on its rows, is no news then. Nothing where they were not scored on the same rows."""
    candidate, live = record.scores.candidate, record.scores.live
    if candidate is not None and live is not None:
        yield from _worse(record, candidate, live)
        yield from _slices(record, candidate, live)
        yield from _answers(candidate, live)


def _alone(record: Record) -> Iterator[Finding]:
    if record.scores.candidate is None:
        return
    if record.live is None:
        yield note(FIRST, 25, "No model is served yet that it could be compared with")
    else:
        why = record.live.not_scored or "nothing compares the two"
        yield note("live not scored", 66, f"The live model was not scored on these rows: {why}")


def _meaning(record: Record, candidate: Scores, live: Scores) -> Iterator[Finding]:
    """A live model that has lost what it knew: labels or features mean something else in the candidate's data."""
    name = next((each for each in ("auc", "r2", "accuracy", *compared(record, live)) if each in live.metrics), None)
    if name is None:
        return
    now = live.metrics[name]
    reached = skill(name, best(name, now, record), live.labels or candidate.labels)
    if reached is None or not enough(live.labels or candidate.labels, live.rows):
        return
    told = f"{name} {wording.score(now.value)}"
    if name == "auc" and reached < 0:
        ask = "are the labels turned round?"
        yield warning("label meaning", 97, f"The live model is worse than guessing on these rows ({told}): {ask}")
        return
    then = record.live.then.metrics.get(name) if record.live is not None and record.live.then is not None else None
    expected = _expected(record, name, candidate, live, then)
    if expected is not None and expected > _SOME_SKILL and reached < _LOST * expected:
        was = f", {wording.score(then.value)} on its own" if then is not None else ""
        ask = "do labels or columns mean something else?"
        yield warning("label meaning", 94, f"The live model fails on these rows ({told}{was}): {ask}")
        return
    yield from _taken_for_another(candidate, live)


def _expected(record: Record, name: str, candidate: Scores, live: Scores, then: Interval | None) -> float | None:
    """The skill that the live model had when it was judged, with labels as common as now; where that is not known, what
    the candidate reaches."""
    if then is not None:
        return skill(name, then.value, live.labels or candidate.labels)
    found = candidate.metrics.get(name)
    return None if found is None else skill(name, worst(name, found, record), candidate.labels)


def _taken_for_another(candidate: Scores, live: Scores) -> Iterator[Finding]:
    """Of several classes, those that the live model tells as another one, and the candidate does not."""
    mine, its = (each.confusion.matrix if each.confusion is not None else () for each in (candidate, live))
    if len(mine) < 3 or len(mine) != len(its):
        return
    for label, (row, before) in enumerate(zip(mine, its, strict=True)):
        rows = sum(before)
        if rows < _FEW_ROWS or len(row) != len(mine) or len(before) != len(mine) or row[label] < rows / 2:
            continue
        told = max(range(len(before)), key=lambda each: before[each])
        if told != label and before[told] > rows / 2 and before[label] < _LOST_CLASS * rows:
            share = wording.percent(before[told] / rows)
            ask = "does the label mean something else?"
            yield warning(
                "label meaning", 94, f"The live model says {told} of {share} of the rows of class {label}: {ask}"
            )
            return


def _worse(record: Record, candidate: Scores, live: Scores) -> Iterator[Finding]:
    """By the first metric that asks for an answer; else by the first that says it at all."""
    found = [*_losses(record, candidate, live)]
    yield from [one for one in found if one.severity is Severity.WARNING][:1] or found[:1]


def _losses(record: Record, candidate: Scores, live: Scores) -> Iterator[Finding]:
    for position, name in enumerate(compared(record, candidate)):
        if name not in live.metrics:
            continue
        mine, its = candidate.metrics[name], live.metrics[name]
        found = difference(record, name)
        lost = -gain(name, mine.value - its.value, record)
        if lost <= 0 or not _surely_worse(record, name, mine, its, found):
            continue
        beside = f", difference {wording.signed(found)}" if found is not None else ""
        told = f"Worse than the live model: {name} {wording.score(mine.value)}, live {wording.score(its.value)}{beside}"
        scale = _scale(name, its.value, live)
        if position == 0:
            matters = lost >= _MATTERS * scale and (found is None or lost >= _SURE * _half(found))
        else:
            matters = _surely_lost(record, name, mine, its, found) >= _LOSS_MATTERS * scale
        if matters:
            yield warning("worse", 92 - 10 * position, told)
        else:
            yield note("worse", 68 - position, told)


def difference(record: Record, name: str) -> Interval | None:
    """Candidate minus live, where the judge paired them."""
    return record.scores.difference.metrics.get(name) if record.scores.difference is not None else None


def _surely_worse(record: Record, name: str, mine: Interval, its: Interval, found: Interval | None) -> bool:
    """By the paired difference; without one, by intervals that do not meet."""
    if found is not None and found.low is not None and found.high is not None:
        return (found.high < 0) if improves_up(name, record) else (found.low > 0)
    return gain(name, best(name, mine, record) - worst(name, its, record), record) < 0


def _surely_lost(record: Record, name: str, mine: Interval, its: Interval, found: Interval | None) -> float:
    """The loss that is left at the better end of its interval. A loss is worse a little in every second model."""
    if found is not None and found.low is not None and found.high is not None:
        return -gain(name, best(name, found, record), record)
    return -gain(name, best(name, mine, record) - worst(name, its, record), record)


def _scale(name: str, value: float, live: Scores) -> float:
    """How far the live model's ``value`` is from what guessing reaches, or from 0 for an error. A log-likelihood has no
    such point, and needs none: a twentieth of its unit says something by itself."""
    return _LOSS_MATTERS / _MATTERS if name.endswith("-nloglik") else abs(value - (guessing(name, live.labels) or 0.0))


def _much_better(record: Record, candidate: Scores, live: Scores) -> Iterator[Finding]:
    """Errors that vanish between two models are seldom work, and often a leak."""
    name = primary(record, candidate)
    if name is None or name not in live.metrics:
        return
    mine, its = candidate.metrics[name], live.metrics[name]
    now, before = skill(name, mine.value, candidate.labels), skill(name, its.value, live.labels or candidate.labels)
    if now is None or before is None or before < 0.1 or (1 - now) * _TOO_GOOD > 1 - before:
        return
    if gain(name, worst(name, mine, record) - best(name, its, record), record) > 0:
        beside = f"{name} {wording.score(mine.value)}, live {wording.score(its.value)}"
        yield warning("too good", 86, f"Better than one expects: {beside}; does it see the label?")


def _slices(record: Record, candidate: Scores, live: Scores) -> Iterator[Finding]:
    """Those that are surely much worse, though there are many: a difference has to be far beyond its interval."""
    before = {(one.column, one.slice, one.metric): one for one in live.slices}
    paired = {(one.column, one.slice, one.metric): one for one in (record.scores.difference or Difference()).slices}
    asked = sliced_by(record, candidate)
    lost: list[tuple[float, Slice, Slice]] = []
    for one in candidate.slices:
        place = (one.column, one.slice, one.metric)
        its = before.get(place)
        if its is None or one.metric != asked or one.rows < _FEW_ROWS:
            continue
        drop = -gain(one.metric, one.value - its.value, record)
        if drop >= max(_SLICE_MATTERS * _scale(one.metric, its.value, live), _MATTERS) and _beyond(
            drop, one, its, paired.get(place)
        ):
            lost.append((drop, one, its))
    if lost:
        _, one, its = max(lost, key=lambda each: each[0])
        more = f"; and in {len(lost) - 1} more" if len(lost) > 1 else ""
        beside = f"{one.metric} {wording.score(one.value)}, live {wording.score(its.value)}"
        where = f"{wording.short(one.column)} is {wording.short(one.slice)} ({wording.rows(one.rows)})"
        yield warning("slice", 91, f"Worse where {where}: {beside}{more}")


def sliced_by(record: Record, scores: Scores) -> str | None:
    """The metric by which slices are told apart: the gate's where slices have it."""
    has = {one.metric for one in scores.slices}
    return next((name for name in (bare(record.gate.metric), "auc", *_OF_SLICES) if name in has), None)


def _beyond(drop: float, one: Slice, its: Slice, paired: Slice | None) -> bool:
    """By the paired difference's own width, else by both intervals'."""
    widths = [_half(paired)] if paired is not None else [_half(one), _half(its)]
    return drop > 2 * sqrt(sum(width * width for width in widths))


def _half(found: Interval) -> float:
    return 0.0 if found.low is None or found.high is None else (found.high - found.low) / 2


def _answers(candidate: Scores, live: Scores) -> Iterator[Finding]:
    """How many positives clients will be told, at the threshold that both are judged at."""
    mine, its = _positives(candidate), _positives(live)
    if mine is None or its is None or candidate.rows != live.rows:
        return
    if abs(mine - its) > 0.1 * candidate.rows and (mine > 2 * its or its > 2 * mine):
        told = f"Says 1 of {mine:,} of {candidate.rows:,} rows, where the live model says it of {its:,}"
        yield note("answers", 63, told)


def _positives(scores: Scores) -> int | None:
    matrix = scores.confusion.matrix if scores.confusion is not None else ()
    return matrix[0][1] + matrix[1][1] if len(matrix) == 2 and all(len(row) == 2 for row in matrix) else None
