"""What the candidate's own scores say of it."""

from collections.abc import Iterator

from xacct_ml.evidence import wording
from xacct_ml.evidence.calibration import calibration
from xacct_ml.evidence.comparison import sliced_by
from xacct_ml.evidence.finding import Finding, note, warning
from xacct_ml.evidence.metrics import bare, best, chance_reaches, enough, gain, primary, skill, worst
from xacct_ml.evidence.record import Record, Scores

_SKILLS = ("auc", "r2", "accuracy", "mlogloss", "logloss", "rmse", "ndcg", "map")
_REPEATED, _REPEATED_NOTED = 0.05, 0.001
_FEW_ROWS, _FEW_TRAINED = 100, 200
_NEARLY_PERFECT, _SUSPICIOUS, _GOOD = 0.999, 0.98, 0.95
_ALMOST_ALL, _MOST, _HALF = 0.95, 0.7, 0.5
_FEW_OF_CLASS = 10
"""Of fewer, none is found by chance: of nine rows by every seventh model that finds a fifth of them."""
_LEARNT, _HALF_LEFT, _SOME_LEFT = 0.9, 0.55, 0.7
_ERRORS, _TIMES = ("rmse", "mae", "mse", "error", "merror"), 5
_FEW_IN_SLICE = 20
_SOME_SKILL = 0.25
"""With that much, an interval that reaches guessing tells of few rows rather than of the model."""
_BEYOND_NOISE = 2.2
"""Half widths of a 95 % interval: some three standard errors of a difference between two samples of its size."""


def quality(record: Record) -> Iterator[Finding]:
    """Of the candidate alone, whatever is served."""
    scores = record.scores.candidate
    yield from _heldout(record)
    yield from _importance(record, scores)
    if scores is None:
        yield note("not scored", 60, "No held-out rows were scored: nothing is known but the training job's metrics")
        return
    yield from _constant(scores)
    yield from _guessing(scores)
    yield from _classes_not_found(scores, record.scores.live)
    yield from calibration(scores, record.scores.live)
    yield from _perfect(record, scores)
    yield from _does_not_hold(record, scores)
    yield from _learnt_by_heart(record, scores)
    yield from _slices(record, scores)
    if scores.rows < _FEW_ROWS:
        yield note("few rows", 55, f"Only {wording.rows(scores.rows)} were scored: every figure is rough")


def _heldout(record: Record) -> Iterator[Finding]:
    held = record.holdout
    if held is None:
        return
    share = (held.repeated or 0) / held.rows if held.rows else 0
    if held.repeated and share >= _REPEATED_NOTED:
        text = f"{held.repeated:,} of {held.rows:,} held-out rows are training rows too: the scores say too much"
        yield warning("leaked rows", 96, text) if share >= _REPEATED else note("leaked rows", 70, text)
    if held.origin == "validation":
        yield note("no holdout", 30, "The held-out rows are the validation file, which training has seen the score of")
    if held.scored is not None and held.scored < held.rows:
        yield note("part", 20, f"Only the first {held.scored:,} of {held.rows:,} held-out rows were scored")


def _constant(scores: Scores) -> Iterator[Finding]:
    found = scores.predictions
    if found is not None and found.distinct == 1 and scores.rows > 1:
        told = f": {wording.number(found.mean)}" if found.mean is not None else ""
        yield warning("constant", 99, f"The model answers the same for all {wording.rows(scores.rows)}{told}")


def _guessing(scores: Scores) -> Iterator[Finding]:
    """No better than somebody who knows how the labels are distributed, by the first metric that can tell."""
    for name in _SKILLS:
        found = scores.metrics.get(name)
        reached = skill(name, found.value, scores.labels) if found is not None else None
        if found is None or reached is None:
            continue
        by_chance = chance_reaches(name, scores.labels)
        if (skill(name, worst(name, found), scores.labels) or 0) <= 0 or found.value <= (by_chance or float("-inf")):
            some = enough(None if by_chance is not None else scores.labels, scores.rows) and reached < _SOME_SKILL
            word = "No" if some else "Not surely"
            told = f"{word} better than guessing: {name} is {wording.interval(found)}"
            yield warning("guessing", 95, told) if some else note("guessing", 69, told)
        return


def _classes_not_found(scores: Scores, live: Scores | None) -> Iterator[Finding]:
    matrix = scores.confusion.matrix if scores.confusion is not None else ()
    before = live.confusion.matrix if live is not None and live.confusion is not None else ()
    every = sum(map(sum, matrix))
    lost = [(label, sum(row)) for label, row in enumerate(matrix) if sum(row) and row[label : label + 1] == (0,)]
    if not lost:
        return
    # What the live model does not find either is known, and no reason to keep it.
    new = [one for one in lost if len(before) != len(matrix) or any(before[one[0]][one[0] : one[0] + 1])]
    label, count = max(new or lost, key=lambda one: one[1])
    accuracy = scores.metrics.get("accuracy")
    beside = f", while accuracy is {wording.score(accuracy.value)}" if accuracy is not None else ""
    share = wording.percent(count / every)
    text = f"None of the {wording.rows(count)} of class {label} is found (recall 0, {share} of all){beside}"
    if len(lost) > 1:
        text += f"; so it is with {len(lost) - 1} more"
    if not new:
        text += "; nor by the live model"
    yield warning("recall", 93, text) if new and count >= _FEW_OF_CLASS else note("recall", 65, text)


def _importance(record: Record, scores: Scores | None) -> Iterator[Finding]:
    found = record.importances
    columns = [channel.columns for channel in record.data.channels.values() if channel.columns is not None]
    if not found or (columns and columns[0] <= 2):
        return
    most = max(found, key=lambda one: one.share)
    text = (
        f"{wording.feature(most)} has {wording.percent(most.share)} of the model's gain: is it known before the label?"
    )
    name = primary(record, scores) if scores is not None else None
    reached = (
        skill(name, scores.metrics[name].value, scores.labels) if scores is not None and name is not None else None
    )
    near = reached is not None and reached >= _SUSPICIOUS
    if most.share >= _ALMOST_ALL or (near and most.share >= _MOST):
        yield warning("one feature", 90, text)
    elif most.share >= _MOST or (reached is not None and reached >= _GOOD and most.share >= _HALF):
        yield note("one feature", 62, text)


def _perfect(record: Record, scores: Scores) -> Iterator[Finding]:
    name = primary(record, scores)
    found = scores.metrics.get(name) if name is not None else None
    reached = skill(name, found.value, scores.labels) if name is not None and found is not None else None
    if name is not None and found is not None and reached is not None and reached >= _NEARLY_PERFECT:
        told = f"Almost without fault: {name} is {wording.score(found.value)}; does a feature say the label?"
        yield note("perfect", 64, told)


def _does_not_hold(record: Record, scores: Scores) -> Iterator[Finding]:
    """The gate was judged on validation, by which early stopping chose the round; the held-out rows say less."""
    name, judged = bare(record.gate.metric), record.gate.value
    found = scores.metrics.get(name)
    if record.holdout is None or record.holdout.origin == "validation" or found is None or judged is None:
        return
    half = abs(best(name, found, record) - worst(name, found, record)) / 2
    if gain(name, judged - found.value, record) > max(_BEYOND_NOISE * half, 0.02 * abs(judged)):
        told = f"{record.gate.metric} {wording.score(judged)} does not hold on the held-out rows"
        yield warning("does not hold", 88, f"{told}: {name} is {wording.interval(found)}")
    elif not _reaches(record, best(name, found, record)):
        told = f"The held-out rows miss the gate's {wording.score(record.gate.threshold)}"
        yield warning("gate on holdout", 87, f"{told}: {name} is {wording.interval(found)}")


def _learnt_by_heart(record: Record, scores: Scores) -> Iterator[Finding]:
    """The training rows are answered far better than rows that were not seen. Every boosted model answers them better:
    how much of its skill is left matters."""
    for name, found in sorted(scores.metrics.items()):
        trained = record.reported.get(f"train:{name}")
        if trained is None:
            continue
        told = (
            f"Learnt by heart: train:{name} is {wording.score(trained)}, {wording.score(found.value)} on rows not seen"
        )
        seen, held = skill(name, trained, scores.labels), skill(name, best(name, found, record), scores.labels)
        if seen is None or held is None:
            if name in _ERRORS and trained * _TIMES < (found.low or found.value):
                yield warning("overfit", 79, told)
                return
        elif seen >= _LEARNT and held < _HALF_LEFT * seen:
            yield warning("overfit", 79, told)
            return
        elif seen >= _LEARNT and held < _SOME_LEFT * seen:
            yield note("overfit", 58, told)
            return


def _reaches(record: Record, value: float) -> bool:
    return gain(bare(record.gate.metric), value - record.gate.threshold, record) >= 0


def _slices(record: Record, scores: Scores) -> Iterator[Finding]:
    """Slices that are much worse than the whole; what the live model makes of them is told elsewhere."""
    compared = {(one.column, one.slice) for one in (record.scores.live.slices if record.scores.live else ())}
    asked = sliced_by(record, scores)
    whole = scores.metrics.get(asked) if asked is not None else None
    if asked is None or whole is None:
        return
    lost = [
        one
        for one in scores.slices
        if one.metric == asked
        and one.rows >= _FEW_IN_SLICE
        and (one.column, one.slice) not in compared
        and _collapsed(asked, best(asked, one, record), whole.value, record)
    ]
    if lost:
        one = max(lost, key=lambda each: each.rows)
        where = f"{wording.short(one.column)} is {wording.short(one.slice)} ({wording.rows(one.rows)})"
        beside = f"{asked} {wording.score(one.value)}, {wording.score(whole.value)} over all"
        yield warning("slice", 85, f"Collapsed where {where}: {beside}")


def _collapsed(metric: str, slice_best: float, whole: float, record: Record) -> bool:
    """Whether even the better end of a slice's interval has lost half of what the whole reaches."""
    before, after = skill(metric, whole, None), skill(metric, slice_best, None)
    if before is not None and after is not None:
        return after < before / 2
    if metric in {"error", "merror", "logloss", "mlogloss", "rmse", "mae"}:
        return slice_best > 2 * whole
    return 1 - slice_best > 2 * (1 - whole) and gain(metric, whole - slice_best, record) > 0.1
