"""The two pipelines: the one that trains, and the one that releases a model that was judged before.

A project that an earlier release of this tool set up has the first alone, until ``create-pipeline`` makes the other."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from heapq import merge
from typing import Any, TypeVar

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import both
from xacct_ml.config.model import Config
from xacct_ml.errors import NotReady
from xacct_ml.operations.runs.executions import Execution, executions, find, past_executions, pipeline_state
from xacct_ml.system.names import Names

CREATED = "CreatePipeline"
"""The trigger of a pipeline's first run (CodePipeline API reference, ExecutionTrigger) [B]."""
_BEFORE = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """A run of one of them, its ``pipeline``'s name, and the newest ``runs`` of that, newest first."""

    pipeline: str
    run: Execution
    runs: tuple[Execution, ...]


def states(config: Config, accounts: Clients) -> tuple[dict[str, Any], ...]:
    """GetPipelineState's answers: of the one that trains, then of the one that releases, if there is one. Raises
    :class:`NotReady` without the first."""
    names = Names(config)
    releases = partial(pipeline_state, config, accounts, names.release_pipeline)
    training, release = both(partial(pipeline_state, config, accounts), partial(unless_missing, releases))
    return (training,) if release is None else (training, release)


def find_in_both(config: Config, accounts: Clients, execution: str | None, status: str | None = None) -> Found | None:
    """The run with that id, of either, or the one that started last, of those with the ``status`` if one is given; None
    where there is none.

    Raises :class:`NotReady` without the pipeline that trains, :class:`xacct_ml.errors.XacctError` for an unknown id."""
    by_pipeline = newest_of_both(config, accounts)
    every = (run for runs in by_pipeline.values() for run in runs if status in (None, run.status))
    listed = sorted(every, key=_started, reverse=True)
    if execution is not None and all(not run.id.startswith(execution) for run in listed):
        by_pipeline = {name: tuple(past_executions(config, accounts, name)) for name in by_pipeline}
        listed = [run for runs in by_pipeline.values() for run in runs]
    run = find(tuple(listed), execution)
    if run is None:
        return None
    name = next(name for name, runs in by_pipeline.items() if run in runs)
    return Found(name, run, by_pipeline[name])


def newest_of_both(config: Config, accounts: Clients) -> dict[str, tuple[Execution, ...]]:
    """The newest runs of each, by its name: 100 at most, newest first; none that nobody asked for."""
    names = Names(config)
    releases = partial(executions, config, accounts, names.release_pipeline)
    trained, released = both(partial(executions, config, accounts), partial(unless_missing, releases))
    # CreatePipeline starts a run of its own, of a release that nobody asked for.
    asked = tuple(run for run in released or () if run.trigger != CREATED)
    return {names.pipeline: trained, **({} if released is None else {names.release_pipeline: asked})}


def past_of_both(config: Config, accounts: Clients) -> Iterator[tuple[str, Execution]]:
    """All runs that CodePipeline keeps, by when they started, newest first, each behind its pipeline's name; a page per
    call. None that nobody asked for. Raises :class:`NotReady` without the pipeline that trains."""
    names = Names(config)
    trained = ((names.pipeline, run) for run in past_executions(config, accounts))
    for name, run in merge(trained, _released(config, accounts), key=lambda one: _started(one[1]), reverse=True):
        if name == names.pipeline or run.trigger != CREATED:
            yield name, run


def _released(config: Config, accounts: Clients) -> Iterator[tuple[str, Execution]]:
    name = Names(config).release_pipeline
    with suppress(NotReady):
        yield from ((name, run) for run in past_executions(config, accounts, name))


def unless_missing(call: Callable[[], T]) -> T | None:
    """The call's answer; None where what it is about is not there yet."""
    try:
        return call()
    except NotReady:
        return None


def _started(run: Execution) -> datetime:
    return run.started or _BEFORE
