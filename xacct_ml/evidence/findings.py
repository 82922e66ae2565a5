"""What an approver must know of a record, the gravest first."""

from collections.abc import Iterable, Iterator

from xacct_ml.evidence import wording
from xacct_ml.evidence.change import change
from xacct_ml.evidence.comparison import comparison, losses
from xacct_ml.evidence.conditions import conditions
from xacct_ml.evidence.finding import Finding, Severity, note, warning
from xacct_ml.evidence.metrics import bare, gain
from xacct_ml.evidence.quality import quality
from xacct_ml.evidence.record import Gate, Record


def findings(record: Record) -> tuple[Finding, ...]:
    """Refusals, then warnings, then notes, each by weight. A pure function of the record."""
    return in_order([*change(record), *conditions(record), *comparison(record), *quality(record)])


def findings_beside(ours: Record, theirs: Gate) -> tuple[Finding, ...]:
    """Of a model that was judged before and shall serve again, where ``ours`` is its record beside what serves
    (:func:`xacct_ml.evidence.beside.beside`) and ``theirs`` the gate of that."""
    found = [*change(ours), *conditions(ours), *losses(ours)]
    if not any(one.kind == "worse" for one in found):
        found += _worse_at_the_gate(ours, theirs)
    if ours.live is not None and ours.live.not_scored is not None:
        found.append(note("not comparable", 70, f"Not comparable with what serves: {ours.live.not_scored}"))
    return in_order(found)


def _worse_at_the_gate(ours: Record, theirs: Gate) -> Iterator[Finding]:
    """By the gate's own values, where both are of the same validation rows: nothing says how sure that is. A warning
    where no scores say more."""
    gate, pair = ours.gate, ours.data_diff.dataset if ours.data_diff is not None else None
    if pair is None or pair[0] != pair[1] or gate.metric != theirs.metric or None in (gate.value, theirs.value):
        return
    before, now = float(theirs.value or 0), float(gate.value or 0)
    if gain(bare(gate.metric), now - before, ours) < 0:
        told = f"Worse at the gate than what serves: {gate.metric} {wording.score(now)}, it {wording.score(before)}"
        scored = ours.scores.live is not None
        yield note("worse at the gate", 67, told) if scored else warning("worse at the gate", 90, told)


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The gravest first, those of a kind by their weight."""
    return tuple(sorted(found, key=lambda one: (-one.severity, -one.weight, one.text)))


def refusals(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(one for one in found if one.severity is Severity.REFUSAL)


def warnings(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(one for one in found if one.severity is Severity.WARNING)
