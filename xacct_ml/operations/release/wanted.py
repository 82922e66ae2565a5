"""What is asked for by ``deploy`` and by ``rollback``: which run's model, and for which targets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.command_names import HISTORY, RUNS, START
from xacct_ml.operations.predict import target_of
from xacct_ml.operations.release.beside import withdrawal
from xacct_ml.operations.release.history import Deployment, before, history
from xacct_ml.operations.release.request import Request
from xacct_ml.operations.release.serving import Serving, first_serving, serving
from xacct_ml.operations.runs.evaluation import PASSED, disagreements, evaluation_of
from xacct_ml.payload.release import LONGEST_REASON
from xacct_ml.system.names import Names

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Change:
    """What a target serves now, and nothing where it serves nothing; ``run`` and ``digest`` may not be known."""

    target: str
    serves: bool
    run: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The request, and what it would change."""

    request: Request
    changes: tuple[Change, ...]


def checked_reason(reason: str | None, otherwise: str) -> str:
    """Raises :class:`InputError` beyond what a request holds."""
    text = reason if reason is not None else otherwise
    if len(text) > LONGEST_REASON:
        raise InputError(f"--reason has {len(text)} characters; a request holds {LONGEST_REASON}")
    return text


def deployment_of(
    config: Config,
    accounts: Clients,
    run: str | None,
    targets: Sequence[str],
    *,
    schema_change: bool = False,
    reason: str | None = None,
) -> Wanted:
    """Of the run, or of what the first target of the map that serves anything serves; to these targets, or to all, or,
    without a ``run``, to those that serve something else.

    Raises :class:`InputError` for a target that the map does not have; :class:`XacctError` for a run that was not
    judged, did not pass or whose data were withdrawn, and where there is nothing to deploy."""
    text = checked_reason(reason, "deploy with xacct-ml")
    named = [target_of(config, name).name for name in targets]
    every = [target.name for target in config.accounts.production]
    now = serving(config, accounts)
    if run is None:
        first = first_serving(config, now)
        if first is None or first.run is None:
            who = "no target serves a" if first is None else f"{first.target}, the map's first that serves, has no"
            raise XacctError(
                f"{who} model of a known run", next_step=f"name the run: xacct-ml deploy --run RUN; or {START}"
            )
        run = first.run
        named = named or [name for name in every if name not in now or now[name].digest != first.digest]
        if not named:
            raise XacctError(
                f"every target serves run {run} already",
                next_step="--target NAME deploys it there once more, as the map has its endpoint now",
            )
    return _wanted(config, accounts, run, named or every, now, schema_change=schema_change, reason=text)


def way_back(
    config: Config, accounts: Clients, target: str | None, *, schema_change: bool = False, reason: str | None = None
) -> Wanted:
    """Of what the target, or all targets, served before.

    Raises :class:`XacctError` where there is nothing before, and where targets would go back to different models."""
    checked_reason(reason, "")
    every = [each.name for each in config.accounts.production]
    names = every if target is None else [target_of(config, target).name]
    deployments = history(config, accounts, names)
    steps = {name: before(deployments, name) for name in names}
    steps = {name: step for name, step in steps.items() if step[0] is not None or target is not None}
    if not steps:
        raise XacctError("no target serves a model yet", next_step=START)
    for name, (current, earlier) in steps.items():
        if earlier is None or earlier.run is None:
            others = [one for one, step in steps.items() if step[1] is not None and step[1].run is not None]
            raise _nothing_before(name, current, [each for each in deployments if each.target == name], others)
    if len({(one and one.digest, other and other.digest) for one, other in steps.values()}) > 1:
        raise XacctError(
            "the targets would not go back to the same model: name one",
            details=tuple(_step_said(name, *step) for name, step in steps.items()),
            next_step="xacct-ml rollback --target NAME",
        )
    current, earlier = next(iter(steps.values()))
    assert current is not None  # there is one before it
    assert earlier is not None
    assert earlier.run is not None
    text = checked_reason(reason, f"rollback from run {current.run or 'unknown'}")
    now = serving(config, accounts)
    return _wanted(config, accounts, earlier.run, [*steps], now, schema_change=schema_change, reason=text)


def _wanted(
    config: Config,
    accounts: Clients,
    run: str,
    targets: Sequence[str],
    now: Mapping[str, Serving],
    *,
    schema_change: bool,
    reason: str,
) -> Wanted:
    judged, evaluation = evaluation_of(config, accounts, run)
    if evaluation is not None and evaluation.gate.outcome != PASSED:
        raise XacctError(
            f"run {judged.execution} cannot be deployed: it did not pass its gate",
            details=(str(evaluation.gate),),
            next_step=f"{RUNS} shows which passed",
        )
    if faults := tuple(disagreements(judged, evaluation)):
        raise XacctError(
            f"run {judged.execution} cannot be deployed", details=faults, next_step=f"{RUNS} shows which passed"
        )
    assert evaluation is not None  # or there are disagreements
    dataset = evaluation.dataset
    said, _ = withdrawal(config, accounts, dataset)
    if said is not None:
        raise XacctError(
            f"run {judged.execution} cannot be deployed: its data set {dataset} was withdrawn {said}",
            next_step=f"{RUNS} shows others; if the data are right after all: xacct-ml data restore {dataset}",
        )
    assert judged.job is not None  # it was judged, and the record says the same
    assert judged.model is not None
    assert judged.record is not None
    request = Request(
        run=judged.execution,
        training_job=judged.job,
        model_digest=judged.model,
        record_key=Names(config).evaluation_key(judged.execution, judged.job),
        record_digest=judged.record,
        targets=tuple(dict.fromkeys(targets)),
        schema_change=schema_change,
        reason=reason,
    )
    return Wanted(request, tuple(_change(name, now.get(name)) for name in request.targets))


def _change(target: str, now: Serving | None) -> Change:
    return Change(target, serves=False) if now is None else Change(target, serves=True, run=now.run, digest=now.digest)


def _nothing_before(
    name: str, current: Deployment | None, deployments: Iterable[Deployment], movable: Sequence[str]
) -> XacctError:
    """``movable`` are the targets that have something to go back to."""
    if current is None:
        return XacctError(f"{name} serves no model yet", next_step="xacct-ml deploy --run RUN")
    others = {each.run: each for each in deployments if each.digest != current.digest and each.run is not None}
    told = f"run {current.run or 'unknown'} was the first that {name} served: there is none before it"
    if not others:
        step = f"{RUNS} lists the runs; xacct-ml deploy --run RUN --target {name}"
        return XacctError(told, next_step=_alone(movable) or step)
    return XacctError(
        told,
        details=tuple(
            f"it served run {run} later, from {each.since:%Y-%m-%d %H:%M} UTC" for run, each in others.items()
        ),
        next_step=_alone(movable) or f"xacct-ml deploy --run RUN --target {name}; {HISTORY} shows all",
    )


def _alone(movable: Sequence[str]) -> str:
    """The step that some targets can take without the others; nothing where none can."""
    if not movable:
        return ""
    verb = "has" if len(movable) == 1 else "have"
    return f"xacct-ml rollback --target {movable[0]}: {', '.join(movable)} {verb} a model to go back to"


def _step_said(name: str, current: Deployment | None, earlier: Deployment | None) -> str:
    one, other = ("nothing" if each is None else f"run {each.run or 'unknown'}" for each in (current, earlier))
    return f"{name}: from {one} to {other}"
