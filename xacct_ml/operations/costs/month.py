"""What is there costs each month, whether it is used or not: read off the things of the project.

Each type of thing has its line in :data:`COSTS`; a test names a type that has none, and the estimate says of it that it
is not known."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.operations.costs.charge import HOURS_OF_A_MONTH, Charge
from xacct_ml.system import thing
from xacct_ml.system.names import Names
from xacct_ml.system.thing import Thing
from xacct_ml.tables.prices import words


@dataclass(frozen=True, slots=True)
class OfType:
    """``each`` is the unit that one of the type costs a month, None where it costs nothing by being there; ``used``
    are those of its use. ``noun`` is what one is called."""

    noun: str = ""
    each: str | None = None
    used: tuple[str, ...] = ()


FREE = OfType()
"""Neither being there nor its use is charged, or what it leads to is charged elsewhere: events of AWS's own on the
default bus (aws.amazon.com/eventbridge/pricing) [D], what runs start, the first five users of CodeCommit. Free tiers
do not make something free: of a schedule's times the first 14 million are, of a topic's mails the first 1,000."""

COSTS: Mapping[type[Thing], OfType] = {
    thing.Key: OfType("KMS key", "key_month"),
    thing.Alias: FREE,
    thing.Bucket: OfType(used=("stored_gb_month",)),
    thing.SourceObject: FREE,
    thing.LogGroup: OfType(used=("log_gb",)),
    thing.Function: FREE,
    thing.Role: FREE,
    thing.Repository: FREE,
    thing.Connection: FREE,
    thing.EventBusPolicy: FREE,
    thing.Rule: FREE,
    thing.ScheduleGroup: FREE,
    thing.Schedule: OfType(used=("scheduled_invocation",)),
    thing.Topic: OfType(used=("email",)),
    thing.Stack: FREE,
    thing.Alarm: OfType("alarm", "alarm_month"),
    thing.ModelPackageGroup: FREE,
    thing.Pipeline: FREE,
}


def of_things(things: Iterable[Thing]) -> Iterator[Charge]:
    """What they cost by being there, those of a type and region together."""
    for (type_, region), number in Counter((type(each), each.region) for each in things).items():
        known = COSTS.get(type_, OfType(type_.type, type_.type))
        if known.each is not None:
            plural = "s" if number > 1 else ""
            yield Charge(f"{number} {known.noun}{plural} in {region}", known.each, region, number)


def use_of_things(things: Iterable[Thing]) -> Iterator[Charge]:
    """One unit of what is paid for as it is used, once for each region."""
    for type_, region in dict.fromkeys((type(each), each.region) for each in things):
        for unit in COSTS.get(type_, FREE).used:
            yield Charge(words(unit), unit, region, 1)


def endpoints(names: Names) -> Iterator[Charge]:
    """Of each target: its instances all month, of those that follow the requests the fewest. A serverless one costs
    nothing between requests. Following requests takes two alarms, one to have more and one to have fewer (Application
    Auto Scaling User Guide, target-tracking-scaling-policy-overview) [D]."""
    endpoint = names.config.endpoint
    if endpoint.instance_type is None or endpoint.instance_count is None:
        return
    scaling, type_ = endpoint.autoscaling, endpoint.instance_type
    fewest = endpoint.instance_count if scaling is None else scaling.min
    number = f"{fewest}" if scaling is None or scaling.min == scaling.max else f"{fewest} (up to {scaling.max})"
    for target in names.production:
        region, what = names.region_of(target), f"endpoint {target.name}: {number} × {type_}"
        yield Charge(what, f"instance_hour {type_}", region, HOURS_OF_A_MONTH * fewest)
        if scaling is not None:
            yield Charge(f"2 alarms that scale {target.name}", "alarm_month", region, 2)


def use_of_batch(names: Names) -> Iterator[Charge]:
    """An hour of each instance that predicts files."""
    batch, target = names.config.batch, names.batch_target
    if batch is not None and target is not None:
        unit = f"instance_hour {batch.instance_type}"
        yield Charge(f"{words(unit)} that predicts files", unit, names.region_of(target), 1)


def transform_cost(config: Config, target: ProductionTarget, seconds: float | None) -> float | None:
    """Of a batch transform of files that ran so long; None where its price is not known."""
    batch = config.batch
    if batch is None or seconds is None:
        return None
    hours = batch.instance_count * seconds / 3600
    return Charge("", f"instance_hour {batch.instance_type}", Names(config).region_of(target), hours).usd


def use_of_endpoints(names: Names) -> Iterator[Charge]:
    """A second of answers of a serverless endpoint, once for each region."""
    serverless = names.config.endpoint.serverless
    if serverless is not None:
        for region in dict.fromkeys(map(names.region_of, names.production)):
            unit = f"serverless_second {serverless.memory_mb}"
            yield Charge(words(unit), unit, region, 1)
