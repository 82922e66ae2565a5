"""What an earlier map had and this one has no more: deleted by ``create-pipeline`` and ``teardown``.

A schedule that the map does not have would go on starting runs, and a role that predicts files would stay for good. Of
each part of the map that can be given up, one resource is looked at: the marker, which is deleted last."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Batch, Config, Notifications, ProductionTarget, Rollout, Schedule
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.resource import Resource
from xacct_ml.operations.former_scaling import former_scaling, is_there
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.resources.rights import Place, Rights, itself, role_without_path
from xacct_ml.system.alarms import LATENCY
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.schedule import SCHEDULE_GROUP


@dataclass(frozen=True)
class Part:
    """``before`` is a map that has all of its resources; ``markers`` are ids, all of which must be there. What the maps
    ``beside`` have as well is of other parts."""

    before: Config
    markers: tuple[str, ...]
    beside: tuple[Config, ...] = ()


def parts(config: Config) -> Iterator[Part]:
    """What an earlier map may have had: a schedule, who is told of what, alarms that tell of the schedule, alarms on
    traffic that shifts, and files that a target predicts which predicts none now."""
    scheduled = config.model_copy(update={"schedule": config.schedule or Schedule(expression="rate(1 day)")})
    people = config.notifications or Notifications(emails=("a@example.com",))
    told = config.model_copy(update={"notifications": people})
    if config.schedule is None:
        yield Part(scheduled, (SCHEDULE_GROUP,))
    rule = f"{RULES}{Names(config).failure_rule}"
    if config.notifications is None:
        yield Part(told, (rule,))
    if config.schedule is None and config.notifications is None:
        both = scheduled.model_copy(update={"notifications": people})
        yield Part(both, (SCHEDULE_GROUP, rule), (scheduled, told))
    if config.endpoint.rollout is None and config.endpoint.serverless is None:
        endpoint = config.endpoint.model_copy(update={"rollout": Rollout()})
        first, names = config.accounts.production[0], Names(config)
        marker = f"{first.name}/alarm/{names.alarm(LATENCY)}"
        yield Part(config.model_copy(update={"endpoint": endpoint}), (marker,))
    for target in _predicting_none(Names(config)):
        batch = Batch(bucket="any-bucket", target=target.name)
        yield Part(config.model_copy(update={"batch": batch}), (f"{target.name}{BATCH_ROLE}",))


def _predicting_none(names: Names) -> Iterator[ProductionTarget]:
    return (target for target in names.production if target != names.batch_target)


def _is_marker(id_: str) -> bool:
    of_notifications = id_.startswith(RULES) and id_.endswith("-failure")
    return id_ == SCHEDULE_GROUP or id_.endswith((BATCH_ROLE, f"-{LATENCY}")) or of_notifications


def _schedule(place: Place) -> str:
    return place.names.schedule_arn


RULES = "shared/rule/"
"""How the ids of the shared account's rules begin."""
BATCH_ROLE = "/role/batch"
"""How the id of a role ends that predicts files."""
GIVEN_UP_SCHEDULE = "schedule that an earlier map had"
GIVEN_UP_RULE = "rule that told a topic of an earlier map"
GIVEN_UP_BATCH = "role for files that an earlier map had"
RIGHTS = {
    GIVEN_UP_SCHEDULE: (
        Rights("schedule/Group", "scheduler: DeleteScheduleGroup GetScheduleGroup ListTagsForResource"),
        Rights("schedule/Schedule", "scheduler: DeleteSchedule GetSchedule", on=(_schedule,)),
    ),
    GIVEN_UP_RULE: (
        Rights("pipeline/Rules", "events: DeleteRule DescribeRule ListTagsForResource ListTargetsByRule RemoveTargets"),
    ),
    GIVEN_UP_BATCH: (
        Rights(
            "roles/ManageRoles",
            "iam: DeleteRole DeleteRolePolicy DetachRolePolicy GetRolePolicy ListAttachedRolePolicies ListRolePolicies",
        ),
        Rights("roles/FindRoles", "iam: GetRole", on=(itself, role_without_path)),
    ),
}


def places(names: Names) -> Iterator[tuple[str, Place]]:
    """Where an operator needs rights on what there may be: so much that nothing of it goes on working."""
    keys = Keys.stand_ins(names)
    for target in _predicting_none(names):
        yield GIVEN_UP_BATCH, Place(names=names, keys=keys, account=target.id, arn=names.batch_role(target))
    if names.config.notifications is None:
        rule = names.rule_arn(names.failure_rule)
        yield GIVEN_UP_RULE, Place(names=names, keys=keys, account=names.shared, arn=rule)
    if names.config.schedule is None:
        yield GIVEN_UP_SCHEDULE, Place(names=names, keys=keys, account=names.shared, arn=names.schedule_group_arn)


def given_up(config: Config, accounts: Clients, clock: Clock | None = None) -> tuple[Resource, ...]:
    """The resources of each part whose markers are there and ours, and instance counts that followed the requests; what
    may not be looked at is taken for not there."""
    of_parts = (one for part in parts(config) for one in _of_part(part, config, accounts, clock))
    return (*of_parts, *former_scaling(config, accounts, clock))


def deletion(resources: tuple[Resource, ...]) -> Graph:
    """These alone, each part's marker last."""
    ids = {resource.id for resource in resources}
    markers = tuple(filter(_is_marker, ids))
    alone: list[Any] = [_among(resource, set() if resource.id in markers else ids) for resource in resources]
    return Graph(alone, more_edges={id_: markers for id_ in ids if id_ not in markers})


def _among(resource: Any, ids: set[str]) -> Any:
    return replace(resource, depends_on=tuple(need for need in resource.depends_on if need in ids))


def _of_part(part: Part, config: Config, accounts: Clients, clock: Clock | None) -> tuple[Resource, ...]:
    now = {resource.id for known in (config, *part.beside) for resource in _all(known, accounts, clock)}
    before = _all(part.before, accounts, clock)
    gone = tuple(resource for resource in before if resource.id not in now)
    markers = (resource for resource in before if resource.id in part.markers)
    return gone if all(map(is_there, markers)) else ()


def _all(config: Config, accounts: Clients, clock: Clock | None) -> tuple[Resource, ...]:
    return (*bootstrap_resources(config, accounts, clock=clock), *pipeline_resources(config, accounts, clock=clock))
