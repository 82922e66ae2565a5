"""SQL that encodes a column, as :meth:`xacct_ml.dataset.schema.Column.encoded` does it for one value."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.dataset.fields import LARGEST
from xacct_ml.dataset.schema import Kind
from xacct_ml.dataset.values import COMMA_PATTERN, FALSE, ISO, TIME_FORMATS, TRUE
from xacct_ml.operations.prepare.duck import text, texts


@dataclass(slots=True)
class Source:
    """A column of the table at ``place`` (0-based): what it is, and what was counted in all rows."""

    place: int
    name: str
    kind: Kind = "number"
    format: str = ""
    values: int = 0
    """Rows that have one."""
    read: bool = False
    """Whether every value that is there is known to be of the kind, marks of what is missing aside."""
    whole: bool = False
    """Whether all numbers are whole ones that a double holds exactly."""
    low: float | None = None
    high: float | None = None

    @property
    def text(self) -> str:
        return f"c{self.place}"

    @property
    def type(self) -> str:
        """The name of the SQL type of its categories."""
        return f"category{self.place}"


def number_of(column: Source) -> str:
    """The double that a number, a yes or no, or a date is encoded as; NULL for what is none."""
    value = column.text
    if column.kind == "boolean":
        return (
            f"CASE WHEN lower({value}) IN ({texts(TRUE)}) THEN 1.0 WHEN lower({value}) IN ({texts(FALSE)}) THEN 0.0 END"
        )
    if column.kind == "time":
        return _days(value, column.format, guarded=not column.read)
    if column.format:
        double = f"TRY_CAST(replace({value}, ',', '.') AS DOUBLE)"
        plain = f"regexp_full_match({value}, {text(COMMA_PATTERN)})"
    else:
        double = f"TRY_CAST({value} AS DOUBLE)"
        if column.read:
            return double
        plain = f"NOT contains({value}, '_') AND NOT starts_with({value}, '+-')"
    # The cast takes 1_000, inf and nan, too (before 1.4 +-1); matching every value with a pattern takes three times as
    # long as looking for these.
    return f"CASE WHEN abs({double}) <= {LARGEST!r} AND {plain} THEN {double} END"


def _days(value: str, name: str, *, guarded: bool) -> str:
    """Microseconds since 1970 as days, where the text has the format."""
    moment = f"TRY_CAST({value} AS TIMESTAMPTZ)" if name == ISO else f"try_strptime({value}, {text(name)})"
    if not guarded:
        return f"epoch_us({moment}) / 86400000000.0"
    pattern = TIME_FORMATS[name].pattern
    return f"CASE WHEN regexp_full_match({value}, {text(pattern)}) THEN epoch_us({moment}) / 86400000000.0 END"


def code_of(column: Source) -> str:
    """A category's place among those of its SQL type; NULL for one that is none of them."""
    return f"enum_code(TRY_CAST({column.text} AS {column.type}))"


def encoded(column: Source) -> str:
    """What is written into the files: a whole number where all of them are."""
    if column.kind == "category":
        return code_of(column)
    return f"CAST({number_of(column)} AS BIGINT)" if column.whole else number_of(column)
