"""A model beside one that it was not judged beside, or not judged beside alone: what the records of both say.

Two models are comparable on the same rows alone: where the judge of one had the other predict its rows too, or where
both were scored on the rows that one data set holds out."""

from collections.abc import Mapping

from xacct_ml.evidence import wording
from xacct_ml.evidence.record import Asked, Both, DataDiff, Difference, Interval, Live, Record, SchemaDiff, Slice


def both(ours: Record, theirs: Record) -> Both | str:
    """Scores of ``ours`` as candidate and of ``theirs`` as live model, with their paired difference where a judge found
    one; where they were scored on different rows, why they are not comparable, in a clause."""
    if _judged_beside(ours, theirs):
        return ours.scores
    if _on_their_rows(ours, theirs):
        found = theirs.scores
        return Both(candidate=found.live, live=found.candidate, difference=_turned(found.difference))
    why = _other_rows(ours, theirs)
    return why if why is not None else Both(candidate=ours.scores.candidate, live=theirs.scores.candidate)


def beside(ours: Record, theirs: Record, target: str) -> Record:
    """``ours`` as if it had been judged beside ``theirs``, which serves at ``target`` (of several their names): of what
    both records hold. What only the data themselves would say, such as features that moved, is not known."""
    found = both(ours, theirs)
    why = found if isinstance(found, str) else None
    live = Live(
        execution=theirs.pipeline_execution_id,
        digest=None if theirs.model is None else theirs.model.sha256,
        target=target,
        image=theirs.image,
        container_version=theirs.container_version,
        gate=Asked(metric=theirs.gate.metric, direction=theirs.gate.direction, threshold=theirs.gate.threshold),
        not_scored=why,
    )
    return ours.model_copy(
        update={
            "live": live,
            "holdout": theirs.holdout if _on_their_rows(ours, theirs) else ours.holdout,
            "scores": Both(candidate=ours.scores.candidate) if isinstance(found, str) else found,
            "data_diff": _data_diff(ours, theirs),
            "schema_diff": _schema_diff(ours, theirs),
            "hyperparameter_diff": _pairs(theirs.hyperparameters, ours.hyperparameters),
            "commits": (theirs.commit, ours.commit),
            "repeated_rows": None,
        }
    )


def alone(record: Record) -> Record:
    """The same without what compares it with another model."""
    compared = ("live", "data_diff", "schema_diff", "hyperparameter_diff", "commits")
    scores = Both(candidate=record.scores.candidate)
    repeated = None if record.repeated_rows is None else (None, record.repeated_rows[1])
    return record.model_copy(update={**dict.fromkeys(compared), "scores": scores, "repeated_rows": repeated})


def _judged_beside(later: Record, earlier: Record) -> bool:
    """Whether the later one's judge had both models predict the same rows."""
    if later.live is None or earlier.model is None or later.scores.live is None:
        return False
    return later.live.digest == earlier.model.sha256


def _on_their_rows(ours: Record, theirs: Record) -> bool:
    """Whether it was the judge of the other one that had both predict."""
    return not _judged_beside(ours, theirs) and _judged_beside(theirs, ours)


def _other_rows(ours: Record, theirs: Record) -> str | None:
    """Why they were not scored on the same rows; None where they were. A data set keeps its rows held out, and the same
    files are the same data set."""
    mine, its = ours.scores.candidate, theirs.scores.candidate
    for record, scores in ((ours, mine), (theirs, its)):
        if scores is None or record.holdout is None:
            return f"run {record.pipeline_execution_id} was not scored on held-out rows"
    if ours.data.dataset != theirs.data.dataset:
        return f"they were scored on rows of different data sets ({_rows_of(ours)}; that on {_rows_of(theirs)})"
    same = ours.holdout is not None and theirs.holdout is not None and ours.holdout.origin == theirs.holdout.origin
    if not same or mine is None or its is None or mine.rows != its.rows:
        return f"they were scored on different rows of the data set ({_rows_of(ours)}; that on {_rows_of(theirs)})"
    return None


def _rows_of(record: Record) -> str:
    scores, held = record.scores.candidate, record.holdout
    count = wording.rows(scores.rows if scores is not None else 0)
    return f"{count} of the {held.origin if held is not None else 'unknown'} of {record.data.dataset}"


def _turned(found: Difference | None) -> Difference | None:
    if found is None:
        return None
    return Difference(
        metrics={name: _negative(one) for name, one in found.metrics.items()},
        slices=tuple(_negative_slice(one) for one in found.slices),
    )


def _negative(one: Interval) -> Interval:
    return Interval(value=-one.value, low=_less(one.high), high=_less(one.low))


def _negative_slice(one: Slice) -> Slice:
    return one.model_copy(update={"value": -one.value, "low": _less(one.high), "high": _less(one.low)})


def _less(end: float | None) -> float | None:
    return None if end is None else -end


def _data_diff(ours: Record, theirs: Record) -> DataDiff:
    before, after = theirs.data.channels, ours.data.channels
    counts = {
        name: (before[name].rows if name in before else None, after[name].rows if name in after else None)
        for name in dict.fromkeys((*before, *after))
    }
    return DataDiff(dataset=(theirs.data.dataset, ours.data.dataset), rows=counts)


def _schema_diff(ours: Record, theirs: Record) -> SchemaDiff | None:
    """As the judge of one of them found it, with names; else by the number of columns."""
    if ours.data.dataset == theirs.data.dataset:
        return SchemaDiff(columns=(_columns(theirs), _columns(ours)), added=(), removed=(), changed=(), order=True)
    if ours.live is not None and theirs.model is not None and ours.live.digest == theirs.model.sha256:
        return ours.schema_diff
    if theirs.live is not None and ours.model is not None and theirs.live.digest == ours.model.sha256:
        return _turned_schema(theirs.schema_diff)
    return SchemaDiff(columns=(_columns(theirs), _columns(ours)))


def _turned_schema(found: SchemaDiff | None) -> SchemaDiff | None:
    if found is None:
        return None
    return SchemaDiff(
        columns=None if found.columns is None else (found.columns[1], found.columns[0]),
        added=found.removed,
        removed=found.added,
        changed=None if found.changed is None else tuple((name, now, was) for name, was, now in found.changed),
        order=found.order,
    )


def _columns(record: Record) -> int | None:
    return record.data.channels["train"].columns if "train" in record.data.channels else None


def _pairs(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    names = sorted({*before, *after})
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
