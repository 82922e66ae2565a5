"""The estimate of a map, and of a run that waits for approval: of the description alone, nothing is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from xacct_ml.config.model import Config
from xacct_ml.operations.costs.charge import Charge, Cost, Estimate, oldest
from xacct_ml.operations.costs.month import endpoints, of_things, use_of_batch, use_of_endpoints, use_of_things
from xacct_ml.operations.costs.run import Measured, Run
from xacct_ml.operations.runs.stages import NOT_STARTED, Stage
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.system import system
from xacct_ml.system.thing import Function, Pipeline, Thing
from xacct_ml.tables.schedule_expressions import due

_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR = timedelta(days=365)
_MOST_TIMES = 12 * 10_000
"""A schedule of every minute is due more often; nobody pays attention to what it costs then."""


def estimate(config: Config) -> Estimate:
    """What is there each month, a run of each pipeline at most, and what is paid for as it is used."""
    names, things = Names(config), _things(config)
    runs = tuple(
        Cost(each.name, tuple(_run(names, things, each, {}).charges())) for each in things if isinstance(each, Pipeline)
    )
    month = Cost("month", (*endpoints(names), *of_things(things)))
    return Estimate(
        month,
        runs,
        scheduled=scheduled_runs(config),
        used=tuple(_once((*use_of_endpoints(names), *use_of_batch(names), *use_of_things(things)))),
    )


def scheduled_runs(config: Config, after: datetime = _SOME_DAY) -> float:
    """In a month, on the average of a year after that time: how often the map's schedule is due. What is skipped, since
    a run is under way, is counted too."""
    if config.schedule is None:
        return 0
    times = due(config.schedule.expression, config.schedule.timezone, after, after + _YEAR)
    return sum(1 for _ in islice(times, _MOST_TIMES)) / 12


@dataclass(frozen=True, slots=True)
class CostOfRun:
    """Of a run that waits: what it cost until here, what deploying will, and what is there each month."""

    until_here: Cost
    to_come: Cost
    month: Cost

    @property
    def as_of(self) -> date | None:
        return oldest((*self.until_here.charges, *self.to_come.charges, *self.month.charges))


def cost_of_run(
    config: Config, done: Iterable[Stage], pipeline: str | None = None, targets: tuple[str, ...] | None = None
) -> CostOfRun | None:
    """By the times of what it did, its training and batch transforms for no longer than their actions. Of the training
    pipeline, unless another is named, which may deploy to some ``targets`` only; None for one that the map does not
    have."""
    names, things = Names(config), _things(config)
    wanted = pipeline or names.pipeline
    found = next((each for each in things if isinstance(each, Pipeline) and each.name == wanted), None)
    if found is None:
        return None
    stages = tuple(done)
    measured = _measured(stages)
    begun = frozenset(stage.name for stage in stages if stage.status != NOT_STARTED)
    rest = frozenset(stage["name"] for stage in found.structure["stages"]) - begun
    parts = (tuple(_run(names, things, found, measured, each, targets).charges()) for each in (begun, rest))
    until_here, to_come = (Cost(found.name, charges) for charges in parts)
    return CostOfRun(until_here, to_come, estimate(config).month)


def _measured(done: Iterable[Stage]) -> Measured:
    return {
        f"{stage.name}/{action.name}": (action.updated - action.started).total_seconds()
        for stage in done
        for action in stage.actions
        if action.started is not None and action.updated is not None
    }


def _run(
    names: Names,
    things: Iterable[Thing],
    pipeline: Pipeline,
    measured: Measured,
    stages: frozenset[str] | None = None,
    targets: tuple[str, ...] | None = None,
) -> Run:
    functions = {each.name: each for each in things if isinstance(each, Function)}
    return Run(names, pipeline, functions, measured, stages, targets)


def _things(config: Config) -> tuple[Thing, ...]:
    return system(config, Keys.stand_ins(Names(config)))


def _once(charges: Iterable[Charge]) -> Iterable[Charge]:
    """Each unit and region once."""
    return {(charge.unit, charge.region): charge for charge in charges}.values()
