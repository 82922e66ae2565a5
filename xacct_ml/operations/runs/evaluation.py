"""What a run was judged to be: what CodePipeline tells of its judge, and the record in the shared bucket that must say
the same.

The judge's output variables are the evidence; the record is what there is to read about it. Neither is believed where
they disagree: nobody approves then."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.foreign import LONGEST_LINE, ForeignTextError, document, line
from xacct_ml.operations.preconditions import object_bytes
from xacct_ml.operations.runs.executions import Stage, trained_job
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE, JUDGE_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.sources.source import SOURCE_STAGE

PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Gate:
    """The quality gate as it was judged. ``value`` is None where the metric was not reported; ``outcome`` is
    ``passed``, ``missed`` or ``not reported``."""

    metric: str
    direction: str
    threshold: float
    value: float | None
    outcome: str

    def __str__(self) -> str:
        bound = "at least" if self.direction == "maximize" else "at most"
        value = "not reported" if self.value is None else f"{self.value:g}"
        return f"{self.outcome}: {self.metric} is {value}, required is {bound} {self.threshold:g}"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run's record. ``rows`` counts per channel; ``model`` is the SHA-256 of the judged model's archive, None where
    the gate was missed; ``sha256`` that of the record."""

    execution: str
    commit: str
    job: str
    image: str
    metrics: Mapping[str, float | None]
    gate: Gate
    dataset: str
    rows: Mapping[str, int]
    model: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What CodePipeline tells of one run: the source's revision, the training job, and the judge's output variables."""

    execution: str
    commit: str | None = None
    job: str | None = None
    outcome: str | None = None
    model: str | None = None
    record: str | None = None
    """SHA-256 of the record."""


def judgement(config: Config, execution: str, stages: tuple[Stage, ...]) -> Judgement:
    """Of the run whose ``stages`` these are, as far as it came."""
    source, judged = _variables(stages, SOURCE_STAGE), _variables(stages, JUDGE_STAGE)
    trained = (action for stage in stages if stage.name == TRAIN_STAGE for action in stage.actions)
    return Judgement(
        execution,
        source.get("CommitId") or source.get("VersionId"),
        next((job for action in trained if (job := trained_job(config, action.external_id))), None),
        judged.get("Outcome"),
        judged.get("ModelDigest"),
        judged.get("RecordDigest"),
    )


def dataset_of(stages: tuple[Stage, ...]) -> str | None:
    """The data set that the run was checked with."""
    return _variables(stages, CHECK_STAGE).get("DataSet")


def read_evaluation(config: Config, accounts: Clients, judged: Judgement) -> Evaluation | None:
    """The run's record; None while there is none, or where it is not one of ours."""
    if judged.job is None:
        return None
    text = object_bytes(config, accounts, Names(config).evaluation_key(judged.execution, judged.job))
    return None if text is None else parse_evaluation(text)


class _Read(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)


Line = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AfterValidator(line)]
"""Text of one line, whatever was written."""


class _Metric(_Read):
    name: Line
    value: float | None


class _Gate(_Read):
    metric: Line
    direction: Line
    threshold: float
    value: float | None
    outcome: Line


class _Channel(_Read):
    rows: Annotated[int, Field(ge=0)]


class _Data(_Read):
    dataset: Line
    channels: Annotated[dict[Line, _Channel], Field(max_length=10)]


class _Model(_Read):
    sha256: Line


class _Record(_Read):
    """What is read of a record; the judge writes more. Names are as in the document."""

    schema_: Annotated[Literal["xacct-ml/evaluation/3"], Field(alias="schema")]
    pipelineExecutionId: Line  # noqa: N815
    commit: Line
    trainingJob: Line  # noqa: N815
    image: Line
    metrics: Annotated[tuple[_Metric, ...], Field(max_length=200)]
    gate: _Gate
    data: _Data
    model: _Model | None


def parse_evaluation(text: bytes) -> Evaluation | None:
    """None for what is not a record of this release."""
    try:
        record = _Record.model_validate(document(text))
    except (ForeignTextError, ValidationError):
        return None
    return Evaluation(
        execution=record.pipelineExecutionId,
        commit=record.commit,
        job=record.trainingJob,
        image=record.image,
        metrics={metric.name: metric.value for metric in record.metrics},
        gate=Gate(**record.gate.model_dump()),
        dataset=record.data.dataset,
        rows={name: channel.rows for name, channel in record.data.channels.items()},
        model=None if record.model is None else record.model.sha256,
        sha256=hashlib.sha256(text).hexdigest(),
    )


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
