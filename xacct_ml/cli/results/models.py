"""``runs``, ``compare``, ``deploy``, ``rollback`` and ``history``."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from xacct_ml.cli.results.described import described
from xacct_ml.cli.results.runs import BesideMap, Status
from xacct_ml.evidence.record import Gate
from xacct_ml.operations.release.wanted import Change
from xacct_ml.operations.runs.listing import Decision


@described
class MetricInterval(TypedDict):
    """A number with its 95 % interval."""

    value: float
    low: float | None
    high: float | None


@described
class NamedInterval(MetricInterval):
    """A metric."""

    name: str


@described
class Run(TypedDict):
    """A row of the list."""

    execution: str
    status: str
    waits_for_approval: bool
    stopped_in: str | None
    started: str | None
    updated: str | None
    started_by: str
    """In a word."""
    trigger: str
    """CodePipeline's word."""
    trigger_detail: str | None
    commit: str | None
    message: str | None
    dataset: str | None
    job: str | None
    outcome: str | None
    """Of the gate: passed, missed or not reported."""
    metric: NamedInterval | None
    """The one that models are compared by."""
    metrics: dict[str, float | None] | None
    """The training job's."""
    model: str | None
    record: str | None
    record_mistaken: bool
    """Whether the record is another than its judge wrote: it is not shown then."""
    decisions: list[Decision]
    serves: list[str]
    """Targets."""


@described
class ScheduleNote(TypedDict):
    """A time of the schedule."""

    time: str
    outcome: Literal["skipped", "started"]
    run: str
    reason: str | None


@described
class Runs(TypedDict):
    """The newest first."""

    runs: list[Run]
    schedule: list[ScheduleNote]


@described
class Side(TypedDict):
    """One of two runs."""

    execution: str
    started: str | None
    commit: str
    message: str | None
    dataset: str
    rows: dict[str, int]
    image: str
    container_version: str | None
    gate: Gate
    model: str | None
    record: str


@described
class Compare(TypedDict):
    """Pairs are in the order in which the runs were given."""

    runs: list[Side]
    same_rows: bool
    """Whether both were scored on the same held-out rows."""
    columns: str | None
    """How the columns differ."""
    hyperparameters: dict[str, list[str | None]]
    """Those that differ."""
    metrics: dict[str, list[MetricInterval | None]]
    difference: dict[str, MetricInterval | None] | None
    """Paired by row, where one was judged beside the other."""
    importances: dict[str, list[float | None]]
    beside_map: list[BesideMap]
    """Where the second run's values are not the map's."""


@described
class ReleaseRequest(TypedDict):
    """What was asked for."""

    run: str
    model: str
    record: str
    """The record's digest."""
    targets: list[str]
    schema_change: bool
    reason: str | None
    changes: list[Change]
    version: str
    """Of the request, in the bucket."""
    execution: str | None
    """Null where the release is not seen yet."""
    again: bool
    """Whether it was asked for before and is under way."""
    status: NotRequired[Status]
    """With ``--wait``."""


@described
class Deployment(TypedDict):
    """What served on a target from when until when."""

    target: str
    since: str
    until: str | None
    """Null for what serves now."""
    pipeline: str
    execution: str
    """The run, or the release, that deployed it."""
    run: str | None
    """The run whose model it is."""
    digest: str | None
    """Of the model."""
    job: str | None
    record_key: str | None
    record_digest: str | None
    approved_by: list[str]
    verdict: str | None
    key: str | None
    """Of the object in which the judge wrote it down."""
    recorded: bool
    """Whether the judge wrote it down; otherwise it is from the pipeline's history."""


@described
class History(TypedDict):
    """What served, the newest first."""

    at: str | None
    """The moment that was asked for."""
    deployments: list[Deployment]
