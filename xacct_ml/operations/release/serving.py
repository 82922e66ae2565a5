"""What each target was given last, whichever pipeline did it, and which run that is of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.config.model import Config
from xacct_ml.operations.runs.executions import past_actions, text, variables
from xacct_ml.payload import served
from xacct_ml.system.actions.lambda_judge import RELEASE_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.waves import waves

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Serving:
    """A deployment that succeeded or was inconclusive, as ``verdict`` says. ``execution`` is the run of ``pipeline``
    that deployed it, ``run`` the one that trained and judged the model: the same, but for a release; None where that is
    not known any more. ``digest`` and ``job`` are None of what was deployed before there was a judge."""

    target: str
    pipeline: str
    execution: str
    run: str | None
    digest: str | None
    job: str | None
    since: datetime
    verdict: str | None = None


def serving(config: Config, accounts: Clients) -> Mapping[str, Serving]:
    """The newest deployment of each target that has one. Nothing before there is a pipeline."""
    names, found = Names(config), dict[str, served.Deployed]()
    for pipeline in (names.pipeline, names.release_pipeline):
        for target, each in (_of_pipeline(config, accounts, pipeline, _newest) or {}).items():
            if target not in found or each.ended >= found[target].ended:
                found[target] = each
    return {each.target: each for each in with_runs(config, accounts, list(found.values()))}


def first_serving(config: Config, now: Mapping[str, Serving]) -> Serving | None:
    """The first target in the map's order that serves anything: one that is new there serves nothing yet."""
    return next((now[target.name] for target in config.accounts.production if target.name in now), None)


def deployed_since(config: Config, accounts: Clients, known: Mapping[str, datetime]) -> tuple[Serving, ...]:
    """The deployments of all targets that ended after what is ``known`` of the target, in the order in which they
    ended."""
    names, found = Names(config), list[served.Deployed]()
    for pipeline in (names.pipeline, names.release_pipeline):
        found += _of_pipeline(config, accounts, pipeline, partial(_since, known)) or []
    return with_runs(config, accounts, sorted(found, key=lambda each: each.ended))


def with_runs(config: Config, accounts: Clients, found: list[served.Deployed]) -> tuple[Serving, ...]:
    """The same, with the run that each model is of."""
    names = Names(config)
    releases = list(dict.fromkeys(each.execution for each in found if each.pipeline == names.release_pipeline))
    told = concurrently([partial(_released, config, accounts, names.release_pipeline, each) for each in releases])
    runs = dict(zip(releases, told, strict=True))
    return tuple(
        Serving(
            target=each.target,
            pipeline=each.pipeline,
            execution=each.execution,
            run=runs.get(each.execution, each.execution),
            digest=text(each.digest),
            job=text(each.training_job),
            since=each.ended,
            verdict=text(each.variables.get("Verdict")),
        )
        for each in found
    )


def _released(config: Config, accounts: Clients, pipeline: str, execution: str) -> str | None:
    """The run whose model a release is of."""
    for detail in past_actions(config, accounts, pipeline, execution):
        if detail["stageName"] == RELEASE_STAGE and (run := variables(detail).get("Run")):
            return text(run)
    return None


def _newest(codepipeline: Any, pipeline: str, targets: served.Targets) -> dict[str, served.Deployed]:
    return served.newest(codepipeline, [pipeline], targets)


def _since(
    known: Mapping[str, datetime], codepipeline: Any, pipeline: str, targets: served.Targets
) -> list[served.Deployed]:
    return served.since(codepipeline, [pipeline], targets, known)


def _of_pipeline(
    config: Config, accounts: Clients, pipeline: str, read: Callable[[Any, str, served.Targets], T]
) -> T | None:
    """None without that pipeline."""
    codepipeline = accounts.client(Names(config).shared, "codepipeline")
    targets = [(target.name, f"{wave.deploy_stage}/{target.name}") for wave in waves(config) for target in wave.targets]
    return absent_as_none(
        "PipelineNotFoundException", read, codepipeline=codepipeline, pipeline=pipeline, targets=targets
    )
