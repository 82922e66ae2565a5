"""What the candidate was made and judged under, beside the live model: the gate, the container, the data's age, and
rows that are in the training data several times."""

from collections.abc import Iterator

from xacct_ml.evidence import wording
from xacct_ml.evidence.finding import Finding, note, warning
from xacct_ml.evidence.metrics import TO_MAXIMIZE
from xacct_ml.evidence.record import Asked, Gate, Record

_REPEATED, _MORE = 0.3, 2.0
"""Of the training rows; and so many times the share that they have in the live model's data."""
_FEW = 0.02


def conditions(record: Record) -> Iterator[Finding]:
    yield from _repeated(record)
    live = record.live
    if live is None:
        return
    if live.gate is not None:
        yield from _gate(live.gate, record.gate)
    yield from _age(record)
    if (
        None not in (live.container_version, record.container_version)
        and live.container_version != record.container_version
    ):
        told = f"XGBoost container {record.container_version}, the live model's {live.container_version}"
        yield note("container", 45, told)


def _gate(before: Asked, now: Gate) -> Iterator[Finding]:
    """A gate that asks for less lets through what the live model's would have stopped."""
    if (before.metric, before.direction) != (now.metric, now.direction):
        yield warning(
            "gate", 87, f"Another gate than the live model's: {now.metric}, which was judged by {before.metric}"
        )
        return
    lowered = before.threshold - now.threshold if now.direction == TO_MAXIMIZE else now.threshold - before.threshold
    if lowered <= 0:
        return
    told = f"The gate asks for less than the live model's did: {now.threshold:g}, then {before.threshold:g}"
    missed = now.value is not None and (
        now.value < before.threshold if now.direction == TO_MAXIMIZE else now.value > before.threshold
    )
    yield warning("gate", 87, f"{told}, which this model misses") if missed else note("gate", 59, told)


def _age(record: Record) -> Iterator[Finding]:
    """Data that were there before the live model's. Times are ISO 8601 in UTC, which texts order."""
    before, now = (record.data_diff.created if record.data_diff is not None else None) or (None, None)
    if before is not None and now is not None and now < before:
        yield warning("older data", 81, f"The data are older than the live model's: of {now[:16]}, live {before[:16]}")


def _repeated(record: Record) -> Iterator[Finding]:
    """Rows that are copies weigh more than they know, and a split puts them on both sides."""
    live, count = record.repeated_rows or (None, None)
    rows = record.data.channels["train"].rows if "train" in record.data.channels else 0
    if not count or not rows:
        return
    share = count / rows
    earlier = record.data_diff.rows.get("train") if record.data_diff is not None else None
    before = live / earlier[0] if live is not None and earlier is not None and earlier[0] else None
    told = f"{count:,} of {rows:,} training rows repeat an earlier one ({wording.percent(share)})"
    if before is None:
        if share >= _REPEATED:
            yield note("repeated rows", 61, told)
    elif share >= _REPEATED and share >= _MORE * max(before, _FEW):
        yield warning("repeated rows", 85, f"{told}; {wording.percent(before)} in the live model's data")
