"""What an earlier map had and this one has no more: deleted by ``create-pipeline`` and ``teardown``.

A schedule that the map does not have would go on starting runs. Of each part of the map that can be given up, one
resource is looked at: the marker, which is deleted last."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config, Schedule
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.resource import Resource
from xacct_ml.errors import CredentialsError, XacctError
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.schedule import SCHEDULE_GROUP


@dataclass(frozen=True)
class Part:
    """``field`` is the map's, ``any_value`` one that has all of its resources; ``marker`` is an id."""

    field: str
    any_value: Any
    marker: str


PARTS = (Part("schedule", Schedule(expression="rate(1 day)"), SCHEDULE_GROUP),)


def _schedule(place: Place) -> str:
    return place.names.schedule_arn


GIVEN_UP_SCHEDULE = "schedule that an earlier map had"
RIGHTS = {
    GIVEN_UP_SCHEDULE: (
        Rights("schedule/Group", "scheduler: DeleteScheduleGroup GetScheduleGroup ListTagsForResource"),
        Rights("schedule/Schedule", "scheduler: DeleteSchedule GetSchedule", on=(_schedule,)),
    )
}


def places(names: Names) -> Iterator[tuple[str, Place]]:
    """Where an operator needs rights on what there may be: so much that nothing of it goes on working."""
    if names.config.schedule is None:
        keys = Keys.stand_ins(names)
        yield GIVEN_UP_SCHEDULE, Place(names=names, keys=keys, account=names.shared, arn=names.schedule_group_arn)


def given_up(config: Config, accounts: Clients, clock: Clock | None = None) -> tuple[Resource, ...]:
    """The resources of each part whose marker is there and ours; what may not be looked at is taken for not there."""
    return tuple(one for part in PARTS for one in _of_part(part, config, accounts, clock))


def deletion(resources: tuple[Resource, ...]) -> Graph:
    """These alone, each part's marker last."""
    ids = {resource.id for resource in resources}
    markers = tuple(part.marker for part in PARTS if part.marker in ids)
    alone: list[Any] = [_among(resource, ids) for resource in resources]
    return Graph(alone, more_edges={id_: markers for id_ in ids if id_ not in markers})


def _among(resource: Any, ids: set[str]) -> Any:
    return replace(resource, depends_on=tuple(need for need in resource.depends_on if need in ids))


def _of_part(part: Part, config: Config, accounts: Clients, clock: Clock | None) -> tuple[Resource, ...]:
    if getattr(config, part.field) is not None:
        return ()
    before = config.model_copy(update={part.field: part.any_value})
    now = {resource.id for resource in _all(config, accounts, clock)}
    gone = tuple(resource for resource in _all(before, accounts, clock) if resource.id not in now)
    (marker,) = (resource for resource in gone if resource.id == part.marker)
    try:
        return gone if marker.read({}) is not None else ()
    except CredentialsError:
        raise
    except XacctError:
        return ()


def _all(config: Config, accounts: Clients, clock: Clock | None) -> tuple[Resource, ...]:
    return (*bootstrap_resources(config, accounts, clock=clock), *pipeline_resources(config, accounts, clock=clock))
