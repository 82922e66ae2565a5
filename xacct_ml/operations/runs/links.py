"""The console's page of what a run's action did: of its job, stack or log, else of the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xacct_ml.operations.runs.log_places import Log, Of, kind_of, places
from xacct_ml.operations.runs.stages import Stage
from xacct_ml.system.names import Names
from xacct_ml.tables import console


@dataclass(frozen=True, slots=True)
class Link:
    """``account`` is the one that the browser must be signed in to."""

    url: str
    account: str


def run_link(names: Names, pipeline: str, execution: str) -> Link:
    """Of the run as a whole."""
    return Link(console.pipeline_run(names.region, pipeline, execution), names.shared)


def links(
    names: Names, pipeline: str, execution: str, stages: Sequence[Stage], failure: str | None = None
) -> Mapping[tuple[str, str], Link]:
    """By stage and action. ``failure`` is the kind of failure of what failed: a broken endpoint has a page of its
    own."""
    found = {}
    for stage in stages:
        for action in stage.actions:
            of = kind_of(names, stage.name, action.name, failure if action.status == "Failed" else None)
            logs = () if of is None else places(names, (Stage(stage.name, action.status, (action,)),), of)
            page = _page(names, logs[0]) if logs else None
            found[stage.name, action.name] = page or run_link(names, pipeline, execution)
    return found


def _page(names: Names, log: Log) -> Link | None:
    """None where the action has not come to what has a page."""
    if log.of is Of.TRAINING:
        job = log.streams.removesuffix("/")
        return Link(console.training_job(log.region, job), log.account) if job else None
    if log.of is Of.STACK:
        return Link(console.stack_events(log.region, log.name), log.account)
    if log.of is Of.ENDPOINT:
        return Link(console.endpoint(log.region, names.endpoint), log.account)
    return Link(console.log_group(log.region, log.name), log.account)
