"""The model of a release beside what it would replace: what the records of both say, how old each is, and whether
their data were withdrawn since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import both, concurrently
from xacct_ml.aws.errors import DENIED, code_of
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.evidence.beside import alone, beside
from xacct_ml.evidence.finding import Finding, note, warning
from xacct_ml.evidence.findings import findings_beside, in_order
from xacct_ml.evidence.record import Record
from xacct_ml.operations.release.serving import Serving
from xacct_ml.operations.runs.evaluation import Evaluation, evaluation_of
from xacct_ml.operations.runs.executions import look_up
from xacct_ml.operations.upload.withdrawal import withdrawn


@dataclass(frozen=True, slots=True)
class Origin:
    """When the run of a model began, None where CodePipeline does not keep it any more; and who ``withdrew`` its data
    set, when and why, in a clause, None where nobody did. ``readable``: whether that could be read."""

    trained: datetime | None = None
    withdrew: str | None = None
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Replaced:
    """What serves on ``targets``. ``record`` is that of the release's model as if it had been judged beside it; None
    where there is no record of it, which ``why`` says. ``findings`` are what that tells."""

    targets: tuple[str, ...]
    run: str | None
    digest: str | None
    record: Record | None
    why: str | None
    origin: Origin
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """The model of a release. ``findings`` are what its record says of it alone, ``replaced`` what it would replace;
    nothing where it serves already, or nothing does."""

    origin: Origin
    findings: tuple[Finding, ...]
    replaced: tuple[Replaced, ...]

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """The gravest first; where several models would be replaced, with the targets that serve it."""
        several = len(self.replaced) > 1
        found = [
            replace(one, text=f"{', '.join(each.targets)}: {one.text}") if several else one
            for each in self.replaced
            for one in each.findings
        ]
        return in_order([*self.findings, *found])


def candidate(
    config: Config, accounts: Clients, evaluation: Evaluation, targets: Sequence[str], serving: Mapping[str, Serving]
) -> Candidate:
    """``targets`` are the release's, ``serving`` is what they serve now."""
    now = [serving[name] for name in targets if name in serving and serving[name].digest != evaluation.model]
    models = dict.fromkeys((each.run, each.digest) for each in now)
    places = [tuple(each.target for each in now if (each.run, each.digest) == model) for model in models]
    read = [
        partial(_replaced, config, accounts, evaluation, of, run, digest)
        for of, (run, digest) in zip(places, models, strict=True)
    ]
    replaced, origin = both(
        partial(concurrently, read), partial(_origin, config, accounts, evaluation.execution, evaluation.dataset)
    )
    own = (*_withdrawn(origin, evaluation.dataset), *evaluation.own_findings)
    return Candidate(origin, own, tuple(replaced))


def records(of: Candidate, evaluation: Evaluation) -> tuple[Record, ...]:
    """The release's record beside each model that it would replace; alone where there is none to compare it with."""
    found = tuple(each.record for each in of.replaced if each.record is not None)
    return found or (alone(evaluation.record),)


def _replaced(
    config: Config,
    accounts: Clients,
    evaluation: Evaluation,
    targets: tuple[str, ...],
    run: str | None,
    digest: str | None,
) -> Replaced:
    found, why = _record(config, accounts, run)
    if found is None:
        told = note("not comparable", 70, f"Not comparable with what serves at {', '.join(targets)}: {why}")
        return Replaced(targets, run, digest, None, why, Origin(), (told,))
    record = beside(evaluation.record, found.record, ", ".join(targets))
    origin = _origin(config, accounts, found.execution, found.dataset)
    told_of = (
        *findings_beside(record, found.gate),
        *_withdrawn_live(origin, found.dataset, targets, too=found.dataset == evaluation.dataset),
    )
    return Replaced(targets, run, digest, record, None, origin, told_of)


def _record(config: Config, accounts: Clients, run: str | None) -> tuple[Evaluation | None, str | None]:
    """The record of a run, or why there is none."""
    if run is None:
        return None, "it is not known which run it is of"
    try:
        _, found = evaluation_of(config, accounts, run)
    except XacctError as error:
        return None, str(error)
    return found, None if found is not None else f"run {run} has no record"


def _origin(config: Config, accounts: Clients, run: str, dataset: str) -> Origin:
    try:
        found = look_up(config, accounts, run)
    except XacctError:
        found = None
    withdrew, readable = withdrawal(config, accounts, dataset)
    return Origin(None if found is None else found.started, withdrew, readable)


def withdrawal(config: Config, accounts: Clients, dataset: str) -> tuple[str | None, bool]:
    """Who withdrew a data set, when and why, in a clause; and whether this role may read that: approvers with
    an earlier release's policy may not."""
    try:
        return withdrawn(config, accounts, dataset), True
    except ClientError as error:
        if code_of(error) not in DENIED:
            raise
        return None, False


def _withdrawn(origin: Origin, dataset: str) -> Iterator[Finding]:
    """The judge refuses such data before the approval; it does not look again behind it."""
    if origin.withdrew is not None:
        yield warning("withdrawn data", 99, f"Its data set {dataset} was withdrawn {origin.withdrew}")
    elif not origin.readable:
        told = "Whether its data set was withdrawn since is not known: this role may not read that"
        yield note("withdrawn data", 90, f"{told} (xacct-ml render has the approvers' policy)")


def _withdrawn_live(origin: Origin, dataset: str, targets: Sequence[str], *, too: bool) -> Iterator[Finding]:
    """``too``: it is the data set of the release's model."""
    if origin.withdrew is not None:
        verb = "serves" if len(targets) == 1 else "serve"
        on = "it, too" if too else f"data set {dataset}, withdrawn {origin.withdrew}"
        yield note("withdrawn data", 89, f"What {', '.join(targets)} {verb} was trained on {on}")
