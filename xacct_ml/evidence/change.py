"""What is not as it was for the live model: columns, data, hyperparameters."""

from collections.abc import Iterator, Mapping
from math import sqrt

from xacct_ml.evidence import wording
from xacct_ml.evidence.finding import Finding, note, refusal, warning
from xacct_ml.evidence.record import Column, FeatureChange, Record, Values

_SHIFTED = 0.5
"""Standard deviations of the live model's data."""
_GAPS = 0.1
_STANDARD_ERRORS = 5
_LABEL_SHIFTED = 0.05
_MUCH_LESS, _LESS = 0.5, 0.8
_SPREAD = 3.0
_FAR = 5.0
_SHARES_FAR = 0.4
_DEPTH_FAR = 2.0
_DEFAULTS = {
    "eta": "0.3",
    "max_depth": "6",
    "min_child_weight": "1",
    "subsample": "1",
    "colsample_bytree": "1",
    "colsample_bylevel": "1",
    "colsample_bynode": "1",
    "scale_pos_weight": "1",
    "lambda": "1",
    "objective": "reg:squarederror",
    "booster": "gbtree",
}
"""XGBoost's own, of those whose distance is judged (XGBoost documentation, Parameters) [D]."""
_BY_FACTOR = ("eta", "num_round", "min_child_weight", "scale_pos_weight", "lambda")
_BY_SHARE = ("subsample", "colsample_bytree", "colsample_bylevel", "colsample_bynode")
_WORDS = ("objective", "booster")
SCHEMA = "schema"
"""The kind of the refusal that ``approve --schema-change`` overrules."""


def change(record: Record) -> Iterator[Finding]:
    """Nothing where there is no live model."""
    yield from _columns(record)
    yield from _rows(record)
    yield from _labels(record)
    yield from _features(record)
    yield from _hyperparameters(record.hyperparameter_diff or {})


def _columns(record: Record) -> Iterator[Finding]:
    found = record.schema_diff
    if found is None or not found.differs:
        return
    said = []
    if found.columns is not None and found.columns[0] != found.columns[1]:
        live, candidate = found.columns
        said.append(f"{candidate or 'unknown'} where the live model has {live or 'unknown'}")
    if found.added:
        said.append(f"new: {wording.named(found.added)}")
    if found.removed:
        said.append(f"gone: {wording.named(found.removed)}")
    if found.changed:
        types = [f"{wording.short(name)} ({was} to {now})" for name, was, now in found.changed]
        said.append(f"of another type: {wording.listed(types)}")
    if found.order is False and not (found.added or found.removed):
        said.append("the same in another order")
    yield refusal(SCHEMA, f"Columns differ from the live model's: {'; '.join(said)}. Clients of the endpoint break")


def _rows(record: Record) -> Iterator[Finding]:
    before, after = (record.data_diff.rows.get("train") if record.data_diff else None) or (None, None)
    if not before or after is None:
        return
    share = after / before
    told = f"Trained on {after:,} rows, the live model on {before:,} ({wording.percent(share)})"
    if share < _MUCH_LESS:
        yield warning("less data", 84, told)
    elif share < _LESS:
        yield note("less data", 50, told)


def _labels(record: Record) -> Iterator[Finding]:
    change = record.data_diff.label if record.data_diff is not None else None
    if change is None or change.live is None or change.candidate is None:
        return
    before, after = change.live, change.candidate
    if before.counts and after.counts and _of_classes(record):
        yield from _classes(before.counts, after.counts)
    else:
        yield from _label_mean(before, after, _train_rows(record))


def _of_classes(record: Record) -> bool:
    """Whether labels name classes; counts and grades are numbers, of which a rare one may be missing."""
    return record.hyperparameters.get("objective", "").startswith(("binary:", "multi:"))


def _classes(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Finding]:
    new, gone = [name for name in after if name not in before], [name for name in before if name not in after]
    if new or gone:
        said = [f"{word} {wording.named(names)}" for word, names in (("new:", new), ("gone:", gone)) if names]
        yield warning("classes", 89, f"The labels have other classes than the live model's: {'; '.join(said)}")
        return
    first, second = sum(before.values()), sum(after.values())
    if not first or not second:
        return
    name = max(after, key=lambda one: abs(after[one] / second - before[one] / first))
    p, q = before[name] / first, after[name] / second
    pooled = (before[name] + after[name]) / (first + second)
    noise = sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
    if abs(q - p) > max(_LABEL_SHIFTED, _STANDARD_ERRORS * noise):
        told = f"Label {name} has {wording.percent(q)} of the training rows, {wording.percent(p)} of the live model's"
        yield warning("label shift", 83, told)


def _label_mean(before: Values, after: Values, rows: tuple[int, int] | None) -> Iterator[Finding]:
    if before.mean is None or after.mean is None or not before.std or rows is None:
        return
    moved = abs(after.mean - before.mean) / before.std
    if moved > max(_SHIFTED, _STANDARD_ERRORS * sqrt(1 / rows[0] + 1 / rows[1])):
        told = (
            f"The labels' mean is {wording.number(after.mean)}, {wording.number(before.mean)} in the live model's data"
        )
        yield warning("label shift", 83, f"{told} ({moved:.1f} standard deviations)")


def _train_rows(record: Record) -> tuple[int, int] | None:
    before, after = (record.data_diff.rows.get("train") if record.data_diff else None) or (None, None)
    return (before, after) if before and after else None


def _features(record: Record) -> Iterator[Finding]:
    rows = _train_rows(record)
    found = record.data_diff.features if record.data_diff is not None else ()
    if rows is None or not found:
        return
    noise = _STANDARD_ERRORS * sqrt(1 / rows[0] + 1 / rows[1])
    moved = [(size, each) for each in found if (size := _shift(each, noise, rows)) is not None]
    if not moved:
        return
    moved.sort(key=lambda one: -one[0])
    named = [f"{wording.feature(each)} {_how(each)}" for _, each in moved]
    verb = "feature has" if len(moved) == 1 else "features have"
    yield warning(
        "shifted data", 82, f"{len(moved)} {verb} shifted since the live model's data: {wording.listed(named, 2)}"
    )


def _shift(each: FeatureChange, noise: float, rows: tuple[int, int]) -> float | None:
    """How far it moved; None where that is little, or may be chance among so many ``rows`` of both."""
    before, after = each.live, each.candidate
    gaps = abs((after.missing or 0) - (before.missing or 0))
    if gaps > max(_GAPS, noise / 2):
        return 10 * gaps
    if before.mean is None or after.mean is None:
        return None
    if not before.std:
        return 1.0 if (after.mean != before.mean and not after.std) or _often(after, rows) else None
    moved = abs(after.mean - before.mean) / before.std
    if moved > max(_SHIFTED, noise):
        return moved
    return _SPREAD if _spread(before, after) and (_often(before, rows) or _often(after, rows)) else None


def _often(column: Column, rows: tuple[int, int]) -> bool:
    """Whether its values differ in so many of the smaller data set's rows that the others cannot lack them by chance.
    Values in a range have at least a share of variance / range² that is not the most common one."""
    if not column.std or column.high is None or column.low is None or column.high <= column.low:
        return False
    return min(rows) * (column.std / (column.high - column.low)) ** 2 >= _STANDARD_ERRORS**2


def _spread(before: Column, after: Column) -> bool:
    if before.std is None or after.std is None:
        return False
    return not after.std or not 1 / _SPREAD < after.std / before.std < _SPREAD if before.std else False


def _how(each: FeatureChange) -> str:
    before, after = each.live, each.candidate
    if abs((after.missing or 0) - (before.missing or 0)) > _GAPS:
        return f"missing {wording.percent(before.missing or 0)} to {wording.percent(after.missing or 0)}"
    if before.std and not after.std:
        return f"always {wording.number(after.mean)} now"
    if before.std and before.mean is not None and after.mean is not None:
        moved = abs(after.mean - before.mean) / before.std
        if moved > _SHIFTED:
            return f"mean {wording.number(before.mean)} to {wording.number(after.mean)} ({moved:.1f} sd)"
    return f"spread {wording.number(before.std)} to {wording.number(after.std)}"


def _hyperparameters(found: Mapping[str, tuple[str | None, str | None]]) -> Iterator[Finding]:
    if not found:
        return
    far = [name for name, pair in found.items() if _far(name, *pair)]
    told = [
        f"{name} {_shown(found[name][0])} to {_shown(found[name][1])}"
        for name in [*far, *(n for n in found if n not in far)]
    ]
    if "objective" in far:
        yield warning("objective", 88, f"Another objective than the live model's: {told[far.index('objective')]}")
        far.remove("objective")
    if far:
        yield warning("hyperparameters", 80, f"Far from the live model's hyperparameters: {wording.listed(told, 3)}")
    elif len(found) > len(far):
        yield note("hyperparameters", 40, f"Hyperparameters: {wording.listed(told, 3)}")


def _shown(value: str | None) -> str:
    return "unset" if value is None else wording.short(value)


def _far(name: str, before: str | None, after: str | None) -> bool:
    before, after = before or _DEFAULTS.get(name), after or _DEFAULTS.get(name)
    if before is None or after is None or before == after:
        return False
    if name in _WORDS:
        return True
    try:
        first, second = float(before), float(after)
    except ValueError:
        return False
    if name in _BY_SHARE:
        return abs(first - second) >= _SHARES_FAR
    limit = _DEPTH_FAR if name == "max_depth" else _FAR if name in _BY_FACTOR else 0
    return bool(limit) and (min(first, second) <= 0 or max(first, second) / min(first, second) >= limit)
