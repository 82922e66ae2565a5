"""What an approver must know of a record, the gravest first."""

from xacct_ml.evidence.change import change
from xacct_ml.evidence.comparison import comparison
from xacct_ml.evidence.conditions import conditions
from xacct_ml.evidence.finding import Finding, Severity
from xacct_ml.evidence.quality import quality
from xacct_ml.evidence.record import Record


def findings(record: Record) -> tuple[Finding, ...]:
    """Refusals, then warnings, then notes, each by weight. A pure function of the record."""
    found = [*change(record), *conditions(record), *comparison(record), *quality(record)]
    return tuple(sorted(found, key=lambda one: (-one.severity, -one.weight, one.text)))


def refusals(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(one for one in found if one.severity is Severity.REFUSAL)


def warnings(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(one for one in found if one.severity is Severity.WARNING)
