"""``compare``: two runs beside each other, by the records that their judge wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import both
from xacct_ml.config.model import Config
from xacct_ml.dataset.schema import NotInSchema, Schema
from xacct_ml.dataset.schema_change import change
from xacct_ml.errors import InputError, XacctError
from xacct_ml.evidence.beside import both as both_scores
from xacct_ml.evidence.record import Both, Importance, Interval, Record, Scores
from xacct_ml.operations.command_names import RUNS
from xacct_ml.operations.preconditions import object_bytes
from xacct_ml.operations.runs.beside_map import beside_map
from xacct_ml.operations.runs.evaluation import Evaluation, evaluation_of
from xacct_ml.operations.runs.executions import Execution, look_up
from xacct_ml.operations.source_state import Difference
from xacct_ml.operations.upload.dataset_ids import DATASET_ID
from xacct_ml.payload.changes import hyperparameter_diff
from xacct_ml.system.names import Names

_WEIGHTS = 8
"""So many features of each run, the weightiest."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, with its record."""

    execution: Execution
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs are in the order in which the runs were given; None where one has none.

    ``same_rows``: both were scored on the same rows, as where one was judged beside the other's model; then there is a
    ``difference`` of the metrics, second minus first and paired by row. ``columns`` says in a clause what the second
    has that is other than the first's; None where nothing is, or, unless ``columns_known``, nothing is known."""

    sides: tuple[Side, Side]
    same_rows: bool
    columns: str | None
    columns_known: bool
    hyperparameters: Mapping[str, tuple[str | None, str | None]]
    metrics: Mapping[str, tuple[Interval | None, Interval | None]]
    difference: dict[str, Interval] | None
    importances: Mapping[str, tuple[float | None, float | None]]
    beside_map: tuple[Difference, ...] = ()
    """What the map has otherwise than the second."""


def compare(config: Config, accounts: Clients, first: str, second: str) -> Comparison:
    """Raises :class:`XacctError` for an unknown run, one without a record, and one whose record is not its judge's;
    :class:`InputError` for the same run twice."""
    one, other = both(partial(_side, config, accounts, first), partial(_side, config, accounts, second))
    if one.execution.id == other.execution.id:
        raise InputError(f"{first} and {second} are the same run", next_step=f"{RUNS} lists others")
    a, b = one.evaluation.record, other.evaluation.record
    found = both_scores(b, a)
    scores = Both(candidate=b.scores.candidate, live=a.scores.candidate) if isinstance(found, str) else found
    columns, known = _columns(config, accounts, a, b)
    differing = hyperparameter_diff(a.hyperparameters, b.hyperparameters)
    return Comparison(
        sides=(one, other),
        same_rows=not isinstance(found, str),
        columns=columns,
        columns_known=known,
        hyperparameters={name: (pair[0], pair[1]) for name, pair in differing.items()},
        metrics=_pairs(_metrics(scores.live), _metrics(scores.candidate)),
        difference=None if scores.difference is None else scores.difference.metrics,
        importances=_importances(a, b),
        beside_map=beside_map(config, b),
    )


def _side(config: Config, accounts: Clients, run: str) -> Side:
    judged, evaluation = evaluation_of(config, accounts, run)
    if evaluation is None:
        raise XacctError(
            f"run {judged.execution} has no record: it was not judged", next_step=f"{RUNS} shows which were"
        )
    found = look_up(config, accounts, judged.execution)
    assert found is not None  # its pipeline has just been asked
    return Side(found, evaluation)


def _columns(config: Config, accounts: Clients, a: Record, b: Record) -> tuple[str | None, bool]:
    """What differs, and whether that is known: by the schemas of both, else by the number of columns."""
    if a.data.dataset == b.data.dataset:
        return None, True
    before, after = (_schema(config, accounts, each.data.dataset) for each in (a, b))
    if before is not None and after is not None:
        return change(before, after), True
    counts = [each.data.channels["train"].columns if "train" in each.data.channels else None for each in (a, b)]
    if None in counts:
        return None, False
    told = f"{counts[0]} in the first run's data, {counts[1]} in the second's" if counts[0] != counts[1] else None
    return told, told is not None


def _schema(config: Config, accounts: Clients, dataset: str) -> Schema | None:
    if not DATASET_ID.fullmatch(dataset):
        return None
    content = object_bytes(config, accounts, Names(config).schema_key(dataset))
    try:
        return None if content is None else Schema.parse(content)
    except NotInSchema:
        return None


def _metrics(scores: Scores | None) -> Mapping[str, Interval]:
    return {} if scores is None else scores.metrics


def _pairs(
    first: Mapping[str, Interval], second: Mapping[str, Interval]
) -> dict[str, tuple[Interval | None, Interval | None]]:
    return {name: (first.get(name), second.get(name)) for name in sorted({*first, *second})}


def _importances(a: Record, b: Record) -> dict[str, tuple[float | None, float | None]]:
    """Of the weightiest features of either, by name or place."""
    shares = [
        {each.name or f"feature {each.column}": each.share for each in sorted(of.importances or (), key=_less)}
        for of in (a, b)
    ]
    names = dict.fromkeys(name for of in shares for name in [*of][:_WEIGHTS])
    return {name: (shares[0].get(name), shares[1].get(name)) for name in names}


def _less(one: Importance) -> float:
    return -one.share
