"""``start``, ``status``, ``approve``, ``reject``, ``retry``, ``stop``, ``report``, ``audit`` and ``logs``."""

from dataclasses import dataclass
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from xacct_ml.cli.results.costs import RunCosts
from xacct_ml.cli.results.described import described
from xacct_ml.evidence.record import Both, Gate, Record
from xacct_ml.operations.runs import evaluation, failure, overtaken
from xacct_ml.operations.runs.diagnosis import Diagnosis
from xacct_ml.operations.runs.executions import Execution
from xacct_ml.operations.runs.hanging import Alert
from xacct_ml.operations.runs.stages import Action
from xacct_ml.operations.runs.status import WaitingApproval
from xacct_ml.operations.source_state import Difference

Retry = failure.Retried


class PrintedRecord(Record):
    """The judge's record, of what is read of it; ``scores`` are there whatever the record has."""

    scores: Both


@described
class EvidenceFinding(TypedDict):
    """What an approver must know."""

    kind: str
    severity: Literal["note", "warning", "refusal"]
    weight: int
    """The graver the greater."""
    text: str


@described
class Evaluation(TypedDict):
    """A run's record, and what was found in it."""

    execution: str
    commit: str
    job: str
    image: str
    metrics: dict[str, float | None]
    gate: Gate
    dataset: str
    rows: dict[str, int]
    model: str | None
    """The digest of the judged model; null where it was not kept."""
    sha256: str
    """Of the record."""
    findings: list[EvidenceFinding]
    record: PrintedRecord


@described
class Endpoint(TypedDict):
    """A target's endpoint."""

    target: str
    account: str
    name: str
    status: str
    """SageMaker's word, NotCreated where there is none."""
    config: str | None
    """The endpoint configuration that is live."""
    model: str | None
    """The SageMaker model; null where it was deleted under the endpoint."""
    job: str | None
    """The training job."""
    reason: str | None
    wave: str | None
    region: str
    commit: str | None
    of_run: bool | None
    """Whether it serves the shown run's model."""
    digest: str | None
    """Of the judged model, as its judge wrote it down; so are those below."""
    run: str | None
    since: str | None
    approved_by: list[str]
    release: str | None
    outdated: bool
    """Whether an earlier release of this tool deployed it."""


@dataclass(frozen=True, kw_only=True)
class ShownExecution(Execution):
    """``seconds`` are how long it took, or takes by now; ``console`` is the console's page, in ``console_account``;
    ``started_by`` says in a word what started it."""

    started_by: str
    seconds: float | None
    console: str | None
    console_account: str | None


@dataclass(frozen=True, kw_only=True)
class ShownAction(Action):
    """``seconds`` are how long it took, or takes by now; ``console`` is the console's page of its job, stack or log."""

    seconds: float | None
    console: str | None
    console_account: str | None


@described
class ShownStage(TypedDict):
    """A stage of the run."""

    name: str
    status: str
    """That of its worst action."""
    waiting: list[str]
    """The runs queued in front of it."""
    closed: str | None
    """Why none may enter it, where somebody disabled that."""
    actions: list[ShownAction]
    started: str | None
    updated: str | None
    """When its last action ended."""
    seconds: float | None
    console: str | None
    """The page of what failed or is under way, else of the first action."""
    console_account: str | None


@dataclass(frozen=True, kw_only=True)
class ReleaseOf(evaluation.Release):
    """``run`` is the run whose model it is."""

    run: str


@described
class BesideMap(TypedDict):
    """A value that the map has otherwise than the run; null where one has none."""

    value: str
    """gate metric, threshold or direction, or a hyperparameter's name."""
    map: str | None
    run: str | None


@described
class Status(TypedDict):
    """A run, or a release, and what the endpoints serve."""

    pipeline: str
    execution: ShownExecution | None
    """Null before the first run."""
    waits_for_approval: bool
    awaiting_approval: str | None
    """The run to judge next."""
    behind_approval: list[str]
    """The runs that queue behind it."""
    approvals: list[WaitingApproval]
    """All that wait."""
    stages: list[ShownStage]
    newer: list[Execution]
    evaluation: Evaluation | None
    package: evaluation.Package | None
    """What the model is registered as."""
    beside_map: list[BesideMap]
    """Where the run's values are not the map's."""
    failure: Diagnosis | None
    alerts: list[Alert]
    """What keeps a run that is under way from going on, or takes longer than its kind."""
    next_step: str | None
    """What to run next."""
    endpoints: list[Endpoint]
    release: ReleaseOf | None


@described
class Start(TypedDict):
    """The run that was started."""

    execution: str | None
    """Null where it is not seen yet."""
    dataset: NotRequired[str]
    """With ``--data``."""
    configuration_differences: list[Difference]
    """Where the repository's configuration.json is not as the map's."""
    status: NotRequired[Status]
    """With ``--wait``."""


@described
class Stop(TypedDict):
    """The run that was stopped."""

    execution: str
    pipeline: str
    abandoned: bool
    """Whether what was under way was left alone at once."""
    reason: str
    at: list[str]
    """The actions that were under way."""
    told: list[str]
    """What becomes of them, a sentence each."""
    stopped: list[str]
    """The training job and batch transforms that were stopped."""


@described
class ModelOrigin(TypedDict):
    """Where a model is from."""

    trained: str | None
    """Null before what CodePipeline keeps."""
    data_withdrawn: str | None
    """When, by whom and why its data set was withdrawn."""
    data_withdrawn_known: bool
    """Whether that could be read."""


@described
class ReplacedModel(ModelOrigin):
    """A model that a release would replace."""

    targets: list[str]
    run: str | None
    model: str | None
    """Its digest."""
    comparable: bool
    """Whether both were scored on the same rows."""
    not_comparable: str | None
    """Why not."""
    record: PrintedRecord | None


@described
class CandidateModel(ModelOrigin):
    """A release's model beside what it would replace."""

    findings: list[EvidenceFinding]
    replaces: list[ReplacedModel]


@described
class Decide(TypedDict):
    """What was decided, by which evidence."""

    execution: str
    wave: str | None
    targets: list[str]
    decision: Literal["approved", "rejected"]
    summary: str
    commit: str | None
    evaluation: Evaluation | None
    newer: list[overtaken.Newer]
    """Models that were deployed since the run was judged."""
    package: evaluation.Package | None
    unbound_names: str | None
    """Why two approvals may be of one person."""
    pipeline: str
    release: evaluation.Release | None
    candidate: CandidateModel | None
    """Of a release."""
    at_work: list[str]
    """Targets to which the other pipeline deploys right now."""
    cost: RunCosts | None
    beside_map: list[BesideMap]
    """Where the run's values are not the map's."""


@described
class Report(TypedDict):
    """The page that was written."""

    execution: str
    file: str
    bytes: int
    record: str
    """The record's digest."""


@described
class Audit(TypedDict):
    """The folder that was written."""

    runs: int
    files: list[str]
    sha256: str
    """Of the index, which has the digests of the others."""
    unproven: list[str]
    """What could not be shown, each in one sentence."""


@described
class LogLine(TypedDict):
    """A line of a log: ``logs`` prints one such document for each, without an envelope; a failure is the last."""

    schema: Literal["xacct-ml/log-line/1"]
    time: str
    run: str | None
    of: str
    """As ``--of`` names it."""
    account: str
    region: str
    log: str
    """The log group, or what else was read."""
    stream: str | None
    message: str
