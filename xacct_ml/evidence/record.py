"""The evaluation record, read with bounds: every text of one line, every list with an end, every number finite.

Names are as in the document, which is written by the judge's ``payload.record``. What a record does not have is None:
an earlier release's has no scores, a first run has no live model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from xacct_ml.foreign import LONGEST_LINE, ForeignTextError, document, line


class Read(BaseModel):
    model_config = ConfigDict(
        allow_inf_nan=False, frozen=True, alias_generator=to_camel, populate_by_name=True, protected_namespaces=()
    )


Line = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AfterValidator(line)]
"""Text of one line, whatever was written."""
Cut = Annotated[str, AfterValidator(line)]
"""The same of a text that may be longer, of which the start is enough."""
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(ge=-1e100, le=1e100)]
"""XGBoost's are single precision; of these, squares and sums stay finite."""


class ReportedMetric(Read):
    """One of the training job's final metrics, named with its channel (``validation:auc``)."""

    name: Line
    value: Number | None


class Gate(Read):
    """The quality gate as it was judged. ``value`` is None where the metric was not reported; ``outcome`` is
    ``passed``, ``missed`` or ``not reported``."""

    metric: Line
    direction: Line
    threshold: Number
    value: Number | None
    outcome: Line

    def __str__(self) -> str:
        bound = "at least" if self.direction == "maximize" else "at most"
        value = "not reported" if self.value is None else f"{self.value:g}"
        return f"{self.outcome}: {self.metric} is {value}, required is {bound} {self.threshold:g}"


class Channel(Read):
    """``columns`` counts the label."""

    rows: Count
    columns: Count | None = None


class Data(Read):
    """The data set that was trained on."""

    dataset: Line
    channels: Annotated[dict[Line, Channel], Field(max_length=10)]


class Model(Read):
    """The judged model's archive."""

    sha256: Line


class Interval(Read):
    """A number with its 95 % interval; the ends are None where it has none."""

    value: Number
    low: Number | None = None
    high: Number | None = None


class Confusion(Read):
    """Rows by actual class, columns by predicted class."""

    threshold: Number | None = None
    matrix: Annotated[tuple[Annotated[tuple[Count, ...], Field(max_length=100)], ...], Field(max_length=100)]


class Bin(Read):
    """Rows whose predictions are alike: what was predicted on average, and what share is true."""

    mean: Number
    share: Number
    rows: Count


class Predictions(Read):
    """Of all scored rows; ``distinct`` counts different values, ``histogram`` rows from ``low`` to ``high``."""

    low: Number | None = None
    high: Number | None = None
    mean: Number | None = None
    std: Number | None = None
    distinct: Count | None = None
    histogram: Annotated[tuple[Count, ...], Field(max_length=100)] = ()


class Values(Read):
    """Labels: how many rows by class, or the range of numbers."""

    counts: Annotated[dict[Line, Count], Field(max_length=1000)] | None = None
    low: Number | None = None
    high: Number | None = None
    mean: Number | None = None
    std: Number | None = None


class Slice(Interval):
    """One metric of the rows in which ``column`` is ``slice``; in a difference without ``rows``."""

    column: Line
    slice: Line
    metric: Line
    rows: Count = 0


Slices = Annotated[tuple[Slice, ...], Field(max_length=2000)]
Point = tuple[Number, Number]
Curve = Annotated[tuple[Point, ...], Field(max_length=1000)]


class Scores(Read):
    """One model on the held-out rows."""

    rows: Count
    metrics: Annotated[dict[Line, Interval], Field(max_length=200)]
    confusion: Confusion | None = None
    roc: Curve | None = None
    pr: Curve | None = None
    calibration: Annotated[tuple[Bin, ...], Field(max_length=100)] | None = None
    predictions: Predictions | None = None
    labels: Values | None = None
    slices: Slices = ()


class Difference(Read):
    """Candidate minus live, paired by row: narrower than two intervals beside each other."""

    metrics: Annotated[dict[Line, Interval], Field(max_length=200)] = {}
    slices: Slices = ()


class Both(Read):
    """Candidate and live model on the same rows."""

    candidate: Scores | None = None
    live: Scores | None = None
    difference: Difference | None = None


class Holdout(Read):
    """``origin`` is ``holdout``, or ``validation`` where no other rows were given; ``repeated`` counts rows that are
    training rows too, None where they were not counted."""

    origin: Annotated[Line, Field(alias="from")]
    rows: Count
    scored: Count | None = None
    repeated: Count | None = None


class Then(Read):
    """How the live model scored when it was judged, on its own held-out rows."""

    dataset: Line | None = None
    rows: Count | None = None
    metrics: Annotated[dict[Line, Interval], Field(max_length=200)] = {}


class Asked(Read):
    """The gate that the live model was judged by."""

    metric: Line
    direction: Line
    threshold: Number


class Other(Read):
    """What another target serves."""

    target: Line
    execution: Line | None = None
    digest: Line | None = None


class Live(Read):
    """The model of the first target that serves any, and what the ``others`` serve; ``not_scored`` is why it was not
    scored, where it was not."""

    execution: Line | None = None
    digest: Line | None = None
    target: Line | None = None
    image: Line | None = None
    container_version: Line | None = None
    others: Annotated[tuple[Other, ...], Field(max_length=100)] = ()
    gate: Asked | None = None
    not_scored: Line | None = None
    then: Then | None = None


class Importance(Read):
    """A feature's share of the model's total gain; ``column`` is 1 for the first feature."""

    column: Count
    name: Line | None = None
    share: Share


class Column(Read):
    """A feature in the training rows of one data set; ``missing`` is a share."""

    missing: Number | None = None
    low: Number | None = None
    high: Number | None = None
    mean: Number | None = None
    std: Number | None = None


class FeatureChange(Read):
    """A feature in both data sets."""

    column: Count
    name: Line | None = None
    live: Column
    candidate: Column


class LabelChange(Read):
    """The labels of both data sets' training rows."""

    live: Values | None = None
    candidate: Values | None = None


class DataDiff(Read):
    """Pairs are the live model's and the candidate's."""

    dataset: tuple[Line | None, Line | None] | None = None
    created: tuple[Line | None, Line | None] | None = None
    rows: Annotated[dict[Line, tuple[Count | None, Count | None]], Field(max_length=10)] = {}
    label: LabelChange | None = None
    features: Annotated[tuple[FeatureChange, ...], Field(max_length=100)] = ()


Names = Annotated[tuple[Line, ...], Field(max_length=20_000)]


class SchemaDiff(Read):
    """``columns`` are those of the live model's and the candidate's file; names are None where either has no schema."""

    columns: tuple[Count | None, Count | None] | None = None
    added: Names | None = None
    removed: Names | None = None
    changed: Annotated[tuple[tuple[Line, Line, Line], ...], Field(max_length=20_000)] | None = None
    order: bool | None = None

    @property
    def differs(self) -> bool:
        """Whether rows that the live model answers mean something else to the candidate."""
        counts = self.columns is not None and None not in self.columns and self.columns[0] != self.columns[1]
        return counts or bool(self.added or self.removed or self.changed) or self.order is False


class Record(Read):
    """One run's record."""

    schema_: Annotated[Literal["xacct-ml/evaluation/2", "xacct-ml/evaluation/3"], Field(alias="schema")]
    pipeline_execution_id: Line
    commit: Line
    training_job: Line
    image: Line
    container_version: Line | None = None
    hyperparameters: Annotated[dict[Line, Cut], Field(max_length=200)] = {}
    metrics: Annotated[tuple[ReportedMetric, ...], Field(max_length=200)]
    gate: Gate
    data: Data
    model: Model | None
    holdout: Holdout | None = None
    scores: Annotated[Both, BeforeValidator(lambda given: {} if given is None else given)] = Both()
    live: Live | None = None
    importances: Annotated[tuple[Importance, ...], Field(max_length=1000)] | None = None
    data_diff: DataDiff | None = None
    schema_diff: SchemaDiff | None = None
    hyperparameter_diff: Annotated[dict[Line, tuple[Cut | None, Cut | None]], Field(max_length=400)] | None = None
    commits: tuple[Line | None, Line | None] | None = None
    repeated_rows: tuple[Count | None, Count | None] | None = None
    """Of the live model's training rows and the candidate's, those that repeat an earlier one."""

    @property
    def reported(self) -> Mapping[str, Number | None]:
        """The training job's metrics by name."""
        return {metric.name: metric.value for metric in self.metrics}

    def document(self) -> dict[str, Any]:
        """As the record has it, of what is read."""
        return self.model_dump(mode="json", by_alias=True)


def parse(text: bytes) -> Record | None:
    """None for what is no record of this release or the one before."""
    try:
        return Record.model_validate(document(text))
    except (ForeignTextError, ValidationError):
        return None
