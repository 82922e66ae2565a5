"""``prepare``, ``upload-data``, ``data``, ``upload-source``, ``predict`` and ``drift``."""

from dataclasses import dataclass
from typing import Literal

from typing_extensions import TypedDict

from xacct_ml.cli.results.described import described
from xacct_ml.dataset.answers import Prediction
from xacct_ml.dataset.profile import Values
from xacct_ml.operations.predict_batch import Predicted
from xacct_ml.operations.upload.data_manifest import StoredObject


@described
class Prepare(TypedDict):
    """The files that were made of a table."""

    files: dict[str, str]
    """By part: train, validation, holdout."""
    schema: str
    """The schema's file."""
    rows: dict[str, int]
    classes: dict[str, int]
    """Training rows of each class."""
    hyperparameters: dict[str, str | int]
    """Those that the label suits."""
    columns: dict[str, str]
    """The kind of each feature."""
    left_out: dict[str, str]
    """Columns that are no features, and why."""
    doubts: list[str]


@described
class SentChannel(TypedDict):
    """The objects of training or validation."""

    manifest_uri: str | None
    """SageMaker's list of the objects, where there are several."""
    format: str
    content_type: str
    rows: int
    columns: int
    """With the label."""
    bytes: int
    objects: list[StoredObject]


SentHoldout = TypedDict(
    "SentHoldout",
    {
        "from": Literal["holdout", "validation"],
        "rows": int,
        "scored": int,
        "features": StoredObject,
        "labels": StoredObject,
        "slices": StoredObject | None,
    },
)


@described
class UploadData(TypedDict):
    """The data set that was sent."""

    dataset: str
    manifest: str
    """The URI of the data manifest."""
    announced: bool
    """Whether the manifest was written, which starts a run."""
    uploaded: list[str]
    """What was sent; what was there already is not sent again."""
    channels: dict[str, SentChannel]
    holdout: SentHoldout
    label: dict[str, str]
    """Of each file, in a few words."""
    missing: dict[str, int]
    """Empty features of each file."""
    doubts: dict[str, list[str]]
    next: str
    """The command that comes next."""


@described
class DataSet(TypedDict):
    """A row of the list; null is not known."""

    dataset: str
    created: str | None
    by: str | None
    rows: dict[str, int]
    columns: int | None
    format: dict[str, str] | None
    bytes: dict[str, int] | None
    objects: dict[str, int] | None
    schema_file: StoredObject | None
    current: bool
    live: bool
    withdrawn: str | None
    """When, by whom and why."""
    runs: list[str]


@described
class DataList(TypedDict):
    """``data``, ``data list``."""

    datasets: list[DataSet]
    all_runs: bool
    """Whether the pipeline's whole past was looked through."""


@described
class DataWithdrawn(TypedDict):
    """``data withdraw`` and ``data restore``."""

    dataset: str
    withdrawn: bool
    changed: bool


@described
class UploadSource(TypedDict):
    """The zip that was sent."""

    uri: str
    version: str
    sent: bool
    """Whether it was another than what is there."""
    files: list[str]
    left_out: list[str]


@described
class Predict(TypedDict):
    """What the endpoint answered."""

    target: str
    dataset: str | None
    """That the served model was trained on."""
    model: str | None
    """Its digest."""
    label: str | None
    classes: list[str]
    predictions: list[Prediction]
    """One for each row."""


@dataclass(frozen=True, kw_only=True)
class PredictBatch(Predicted):
    """With ``--batch``; ``usd`` is what it cost by the time that it ran, null where that is not known."""

    usd: float | None


@described
class Shift(TypedDict):
    """How a feature differs."""

    kind: str
    text: str


@described
class Feature(TypedDict):
    """A feature in requests, and in the training data."""

    column: int
    name: str
    drift: bool
    outOfRange: float
    """The share of rows outside of the training data's range."""
    asked: Values
    trained: Values
    shifts: list[Shift]


@described
class Drift(TypedDict):
    """Requests since ``since`` beside the training data."""

    target: str
    model: str | None
    dataset: str | None
    since: str
    verdict: str
    finding: str
    """In one sentence."""
    captures: bool
    files: int
    filesRead: int
    requests: int
    rows: int
    rowsCompared: int
    skipped: dict[str, int]
    """What does not count, by why."""
    features: list[Feature]
