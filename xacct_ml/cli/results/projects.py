"""``init``, ``emulator``, ``demo``, ``plan``, ``bootstrap``, ``create-pipeline``, ``configure`` and ``teardown``."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from xacct_ml.cli.results.costs import Costs
from xacct_ml.cli.results.described import Document, described
from xacct_ml.cli.results.runs import Evaluation
from xacct_ml.operations.demo import Prediction
from xacct_ml.operations.source_state import Difference
from xacct_ml.operations.teardown.deletion import Left


@described
class MapAccounts(TypedDict):
    """Account ids of the map."""

    shared: str
    training: str
    production: list[str]


@described
class Init(TypedDict):
    """The map that was written."""

    file: str
    schema: str
    """The JSON Schema beside it, for editors."""
    accounts: MapAccounts


@described
class Emulator(TypedDict):
    """Written once it serves; the command goes on until it is interrupted."""

    endpoint: str
    environment: dict[str, str]
    """What a client needs, beside the exports of the text."""


@described
class Proven(TypedDict):
    """What ``verify`` says first."""

    hops: int
    hops_allowed: int
    attacks: int
    attacks_denied: int


@described
class RefusedRead(TypedDict):
    """The read of training data from production."""

    principal: str
    uri: str
    code: str
    message: str
    why: str
    """By which policy."""


@described
class Demo(TypedDict):
    """What the demonstration showed."""

    execution: str
    """The run."""
    pushed: NotRequired[str]
    """The commit, where the map has a connection."""
    evaluation: NotRequired[Evaluation | None]
    report: NotRequired[str]
    """The report's file, with the extra ``report``."""
    approved: NotRequired[bool]
    predictions: NotRequired[list[Prediction]]
    """Of a run that was approved."""
    refused: RefusedRead
    torn_down: bool
    requests: int
    """So many were decided in this run."""
    proven: Proven
    elapsed_seconds: float


@described
class PlannedChange(TypedDict):
    """A difference: without ``before`` where something is added, without ``after`` where it is removed."""

    place: str
    before: NotRequired[Any]
    after: NotRequired[Any]


@described
class PlannedStep(TypedDict):
    """A resource, and what would be done with it."""

    id: str
    """As ``adopt`` names it."""
    account: str
    kind: str
    name: str
    action: str
    """create, update, replace, nothing, refuse or blocked."""
    adopts: NotRequired[bool]
    region: NotRequired[str]
    changes: NotRequired[list[PlannedChange]]
    error: NotRequired[list[str]]
    """Why it is refused."""
    because: NotRequired[list[str]]
    """The refused resources that it needs."""


@described
class PlannedCounts(TypedDict):
    """Resources; a replaced one is removed and created."""

    create: int
    change: int
    remove: int
    unchanged: int
    not_possible: int


@described
class Quota(TypedDict):
    """So many instances are needed at once."""

    account: str
    region: str
    quota: str
    """SageMaker's name for it."""
    needed: int


@described
class Plan(TypedDict):
    """What ``bootstrap`` and ``create-pipeline`` would do; also of ``bootstrap --dry-run``."""

    changes: bool
    counts: PlannedCounts
    bootstrap: list[PlannedStep]
    create_pipeline: list[PlannedStep] | None
    """Null where there is no pipeline yet."""
    warnings: list[str]
    configuration_differences: list[Difference]
    """Where the repository's configuration.json is not as the map's."""
    quotas: list[Quota]
    """What ``doctor`` compares with the accounts'."""
    costs: Costs


@described
class Resource(TypedDict):
    """A resource, and what became of it."""

    id: str
    account: str
    kind: str
    name: str
    outcome: str
    """created, changed, unchanged, deleted, kept, failed, skipped, stopped or not begun; with ``--dry-run`` exists."""
    region: NotRequired[str]
    note: NotRequired[str]
    changes: NotRequired[list[str]]
    error: NotRequired[list[str]]


@described
class Bootstrap(TypedDict):
    """What was made and changed."""

    resources: list[Resource]
    outputs: dict[str, str]
    configuration_differences: list[Difference]
    """Where the repository's configuration.json is not as the map's."""
    former_repository: str | None
    next: str | None


@described
class CreatePipeline(TypedDict):
    """What became of the pipelines."""

    resources: list[Resource]
    created: bool
    updated: bool
    started: str | None
    """The run that was started because of an update."""
    new_targets: list[str]
    notes: list[str]
    configuration_differences: list[Difference]
    """Where the repository's configuration.json is not as the map's."""
    next: str


RenderedPipeline = Document
"""With ``--render``: the input of CreatePipeline."""


@described
class FileDiff(TypedDict):
    """A file of the source."""

    file: str
    diff: list[str]


@described
class ManifestState(TypedDict):
    """What became of an earlier release's data manifest."""

    outdated: bool
    renewed: bool
    problem: str | None


@described
class Configure(TypedDict):
    """How the source differs from this release."""

    source: str | None
    changes: list[FileDiff]
    configuration_differences: list[Difference]
    """Where the repository's configuration.json is not as the map's."""
    revision: str | None
    """With ``--push``, what was sent."""
    data: ManifestState


@described
class Teardown(TypedDict):
    """What was deleted, and what is left."""

    resources: list[Resource]
    left: list[Left]
