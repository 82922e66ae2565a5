"""What a run was judged to be: what CodePipeline tells of its judge, and the record in the shared bucket that must say
the same.

The judge's output variables are the evidence; the record is what there is to read about it. Neither is believed where
they disagree: nobody approves then."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.evidence.beside import alone
from xacct_ml.evidence.comparison import FIRST
from xacct_ml.evidence.finding import Finding
from xacct_ml.evidence.findings import findings
from xacct_ml.evidence.record import Gate, Record, parse
from xacct_ml.operations.preconditions import object_bytes
from xacct_ml.operations.runs.executions import pipeline_state, trained_job
from xacct_ml.operations.runs.pipelines import find_in_both
from xacct_ml.operations.runs.stages import Stage, stages
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE, JUDGE_STAGE, RELEASE_STAGE
from xacct_ml.system.actions.lambda_registry import REGISTRY_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.sources.source import SOURCE_STAGE

PASSED = "passed"


@dataclass(frozen=True)
class Evaluation:
    """One run's record, and ``sha256`` of its text."""

    record: Record
    sha256: str

    @property
    def execution(self) -> str:
        return self.record.pipeline_execution_id

    @property
    def commit(self) -> str:
        return self.record.commit

    @property
    def job(self) -> str:
        return self.record.training_job

    @property
    def metrics(self) -> Mapping[str, float | None]:
        """The training job's own, by name."""
        return self.record.reported

    @property
    def gate(self) -> Gate:
        return self.record.gate

    @property
    def dataset(self) -> str:
        return self.record.data.dataset

    @property
    def rows(self) -> Mapping[str, int]:
        """By channel."""
        return {name: channel.rows for name, channel in self.record.data.channels.items()}

    @property
    def model(self) -> str | None:
        """SHA-256 of the judged model's archive; None where the gate was missed."""
        return None if self.record.model is None else self.record.model.sha256

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What an approver must know, the gravest first."""
        return findings(self.record)

    @cached_property
    def own_findings(self) -> tuple[Finding, ...]:
        """The same, of the model alone: not beside what served when it was judged."""
        return tuple(one for one in findings(alone(self.record)) if one.kind != FIRST)


@dataclass(frozen=True, slots=True)
class Package:
    """The model package that the judge registered, and whether the run has released it: set it to Approved."""

    arn: str
    released: bool


@dataclass(frozen=True, slots=True)
class Release:
    """What a release asks for, as the judge found it in order: ``execution`` is its own run."""

    execution: str
    targets: tuple[str, ...]
    schema_change: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What CodePipeline tells of one run: the source's revision, the training job, and the judge's output variables.

    Of a ``release`` it is the run whose model that is."""

    execution: str
    commit: str | None = None
    job: str | None = None
    outcome: str | None = None
    model: str | None = None
    record: str | None = None
    """SHA-256 of the record."""
    package: Package | None = None
    """None where models are not registered."""
    release: Release | None = None


def judgement(config: Config, execution: str, stages: tuple[Stage, ...]) -> Judgement:
    """Of the run whose ``stages`` these are, as far as it came."""
    if any(stage.name == RELEASE_STAGE for stage in stages):
        return _of_release(execution, _variables(stages, RELEASE_STAGE), stages)
    source, judged = _variables(stages, SOURCE_STAGE), _variables(stages, JUDGE_STAGE)
    trained = (action for stage in stages if stage.name == TRAIN_STAGE for action in stage.actions)
    return Judgement(
        execution,
        source.get("CommitId") or source.get("VersionId"),
        next((job for action in trained if (job := trained_job(config, action.external_id))), None),
        judged.get("Outcome"),
        judged.get("ModelDigest"),
        judged.get("RecordDigest"),
        _package(stages, judged.get("ModelPackage")),
    )


def _of_release(execution: str, told: Mapping[str, str], stages: tuple[Stage, ...]) -> Judgement:
    """The judge lets a release go on only of a run that passed. Which status its package had before, nobody looks."""
    package = told.get("ModelPackage")
    if (run := told.get("Run")) is None:
        return Judgement(execution)
    targets = tuple(filter(None, told.get("Targets", "").split(",")))
    release = Release(execution, targets, told.get("SchemaChange") == "true", told.get("Reason"))
    return Judgement(
        run,
        told.get("Commit"),
        told.get("TrainingJob"),
        PASSED,
        told.get("ModelDigest"),
        told.get("RecordDigest"),
        _package(stages, package) if package == _variables(stages, REGISTRY_STAGE).get("ModelPackage") else None,
        release=release,
    )


def _package(stages: tuple[Stage, ...], arn: str | None) -> Package | None:
    """By the stages' variables alone: nobody needs a right in the registry to see it."""
    if arn is None:
        return None
    return Package(arn, _variables(stages, REGISTRY_STAGE).get("ModelPackage") == arn)


def dataset_of(stages: tuple[Stage, ...]) -> str | None:
    """The data set that the run was checked with."""
    return _variables(stages, CHECK_STAGE).get("DataSet")


def read_evaluation(config: Config, accounts: Clients, judged: Judgement) -> Evaluation | None:
    """The run's record; None while there is none, or where it is not one of ours."""
    if judged.job is None:
        return None
    text = object_bytes(config, accounts, Names(config).evaluation_key(judged.execution, judged.job))
    return None if text is None else parse_evaluation(text)


def evaluation_of(config: Config, accounts: Clients, execution: str | None) -> tuple[Judgement, Evaluation | None]:
    """What the pipeline tells of a run, or of the newest, and its record; of a release, those of the run whose model it
    is. A record that the pipeline does not know as its judge's is none.

    Raises :class:`NotReady` without a pipeline, :class:`XacctError` without runs or for an unknown id."""
    found = find_in_both(config, accounts, execution)
    if found is None:
        raise XacctError("there is no run yet")
    state = pipeline_state(config, accounts, found.pipeline)
    judged = judgement(config, found.run.id, stages(config, accounts, found.run.id, state))
    evaluation = read_evaluation(config, accounts, judged)
    if evaluation is not None and judged.record not in (None, evaluation.sha256):
        raise XacctError(
            f"the record of run {judged.execution} is {evaluation.sha256}; the pipeline knows {judged.record}"
        )
    return judged, evaluation


def parse_evaluation(text: bytes) -> Evaluation | None:
    """None for what is not a record of this release."""
    record = parse(text)
    return None if record is None else Evaluation(record, hashlib.sha256(text).hexdigest())


def disagreements(judged: Judgement, evaluation: Evaluation | None) -> Iterator[str]:
    """Why nobody may approve the run; nothing where record and pipeline say the same, and that is: passed."""
    if judged.outcome is None:
        yield "the pipeline has no judgement of this run"
        return
    if evaluation is None:
        yield "there is no record of this run that this release can read"
        return
    rows = (
        ("record", evaluation.sha256, judged.record),
        ("run", evaluation.execution, judged.execution),
        ("revision", evaluation.commit, judged.commit),
        ("training job", evaluation.job, judged.job),
        ("model", evaluation.model, judged.model),
        ("outcome", evaluation.gate.outcome, judged.outcome),
    )
    for what, recorded, told in rows:
        if recorded != told:
            yield f"{what}: the record has {recorded}, the pipeline {told}"
    if judged.outcome != PASSED:
        yield f"the quality gate was {judged.outcome}"


def _variables(stages: tuple[Stage, ...], name: str) -> Mapping[str, str]:
    """The output variables of the stage's actions."""
    actions = (action for stage in stages if stage.name == name for action in stage.actions)
    return {key: value for action in actions for key, value in action.variables.items()}
