"""``predict``: ask a target's endpoint, in the words of the schema of what its model was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.dataset.answers import NoAnswer, Prediction, predictions
from xacct_ml.dataset.schema import NotInSchema, Schema
from xacct_ml.errors import InputError, NotReady, XacctError
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.preconditions import object_bytes
from xacct_ml.operations.runs.endpoint import ABSENT, endpoint_state
from xacct_ml.operations.runs.evaluation import Evaluation, parse_evaluation
from xacct_ml.operations.runs.executions import judged_runs
from xacct_ml.resources.rights import Rights
from xacct_ml.system.names import Names

RIGHTS = {"AWS::SageMaker::Endpoint": (Rights("endpoint/Endpoint", "sagemaker: InvokeEndpoint"),)}

_LOOKED_AT = 1000
"""So many judgements of the past are looked at to find out what a served model was trained on."""
_LARGEST_ANSWER = 8 << 20


@dataclass(frozen=True, slots=True)
class Served:
    """What a target serves: the model's digest, and the data set that it was trained on, None where the pipeline's
    history does not tell; ``schema`` is that of the data set, None where it has none; ``features`` is how many it has,
    where that is known."""

    target: ProductionTarget
    digest: str | None
    dataset: str | None = None
    schema: Schema | None = None
    features: int | None = None


def target_of(config: Config, name: str | None) -> ProductionTarget:
    """The target of that name, or the first. Raises :class:`InputError`."""
    targets = config.accounts.production
    if name is None:
        return targets[0]
    for target in targets:
        if target.name == name:
            return target
    names = ", ".join(target.name for target in targets)
    raise InputError(f"--target {name}: the map has no such target; there is {names}")


def served(config: Config, accounts: Clients, target: ProductionTarget) -> Served:
    """What the target serves now. Raises :class:`NotReady` where there is no endpoint that answers."""
    state = endpoint_state(config, accounts, target)
    if state.status == ABSENT:
        raise NotReady(f"there is no endpoint {state.name} in {target.name} yet", next_step=STATUS)
    if state.reason and state.model is None:
        raise XacctError(f"the endpoint {state.name} in {target.name}: {state.reason}", next_step=STATUS)
    record = None if state.digest is None else _record(config, accounts, state.digest)
    if record is None:
        return Served(target, state.digest)
    train = record.record.data.channels.get("train")
    features = train.columns - 1 if train is not None and train.columns else None
    return Served(target, state.digest, record.dataset, _schema(config, accounts, record.dataset), features)


def _record(config: Config, accounts: Clients, digest: str) -> Evaluation | None:
    """By the record of the newest run that was judged to be the model."""
    names = Names(config)
    for run, variables in islice(judged_runs(config, accounts), _LOOKED_AT):
        if variables.get("ModelDigest") == digest and (job := variables.get("TrainingJob")):
            text = object_bytes(config, accounts, names.evaluation_key(run, job))
            record = None if text is None else parse_evaluation(text)
            return None if record is None or record.model != digest else record
    return None


def _schema(config: Config, accounts: Clients, dataset: str) -> Schema | None:
    names = Names(config)
    text = object_bytes(config, accounts, names.schema_key(dataset))
    if text is None:
        return None
    try:
        return Schema.parse(text)
    except NotInSchema as error:
        raise XacctError(
            f"s3://{names.bucket}/{names.schema_key(dataset)} {error}", next_step="give it with --schema FILE"
        ) from None


def ask(
    config: Config, accounts: Clients, target: ProductionTarget, rows: Sequence[str], schema: Schema | None
) -> list[Prediction]:
    """A prediction for each row, which are lines of CSV. Raises :class:`XacctError` for an answer that is none."""
    names = Names(config)
    runtime: Any = accounts.client(target.id, "sagemaker-runtime", names.region_of(target))
    answer = runtime.invoke_endpoint(
        EndpointName=names.endpoint, ContentType="text/csv", Accept="text/csv", Body="\n".join(rows)
    )
    text = answer["Body"].read(_LARGEST_ANSWER).decode("utf-8", "replace")
    try:
        return predictions(text, len(rows), schema)
    except NoAnswer as error:
        raise XacctError(str(error)) from None
