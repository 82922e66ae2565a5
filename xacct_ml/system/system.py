"""Everything that the project is made of, in order."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.system.actions.action import Action
from xacct_ml.system.capture import CAPTURE_KEY, captured
from xacct_ml.system.events import bus_policies, rules
from xacct_ml.system.function import production
from xacct_ml.system.judge import JUDGE_FUNCTION, judge_function
from xacct_ml.system.keys import Keys
from xacct_ml.system.model_copy import COPY_FUNCTION, copies
from xacct_ml.system.names import Names
from xacct_ml.system.notifications import notification_rules, schedule_alarms, telling_alarms, topics
from xacct_ml.system.pipeline import PIPELINE, pipeline, release_pipeline, stages_of_all
from xacct_ml.system.registry import MODEL_PACKAGE_GROUP, REGISTRY_FUNCTION, registry
from xacct_ml.system.release import RELEASE_PIPELINE
from xacct_ml.system.roles import roles
from xacct_ml.system.schedule import schedule, schedules
from xacct_ml.system.sources import source
from xacct_ml.system.storage import BUCKET, KEY, storage, storage_id
from xacct_ml.system.template import configuration, parameter_overrides, template
from xacct_ml.system.thing import Connection, Pipeline, Role, Rule, Schedule, Stack, Thing

STACK = "training/stack"
"""Its id."""

NO_REVISION = "none"
"""What the first training stack carries for a revision where none can be seen from here; each run puts in its own."""


@lru_cache(maxsize=32)
def system(config: Config, keys: Keys) -> tuple[Thing, ...]:
    """What bootstrap makes, account by account; then the pipeline and the rules that start it.

    Rendered once for each map and keys: nobody may change what is in it."""
    return tuple(
        replace(thing, adopted=True) if thing.id in config.adopt else thing for thing in _things(Names(config), keys)
    )


@lru_cache(maxsize=32)
def things_by_id(config: Config, keys: Keys) -> Mapping[str, Thing]:
    return {thing.id: thing for thing in system(config, keys)}


def is_pipelines(thing: Thing) -> bool:
    """Whether it is made by ``create-pipeline``: it stands on everything else."""
    return isinstance(thing, Pipeline | Rule | Schedule)


def _things(names: Names, keys: Keys) -> Iterator[Thing]:
    config = names.config
    found, needs = roles(config, keys), _keys_of_roles(config)
    made = {role.id: replace(role, needs=needs[role.id]) for role in found}

    def roles_of(part: str) -> Iterator[Role]:
        return (role for id_, role in made.items() if id_.startswith(f"{part}/"))

    for region in names.regions:
        yield from storage(names, keys, region)
    yield from copies(names, keys)
    yield from judge_function(names, keys)
    yield from registry(names)
    yield from schedule(names, keys)
    yield from topics(names, keys)
    yield from schedule_alarms(names)
    yield from roles_of("shared")
    yield source(config, keys).thing
    yield from roles_of("source")
    yield from bus_policies(names)
    yield from {thing.id: thing for action in _actions(config, keys) for thing in action.things}.values()
    yield from roles_of("training")
    yield _stack(config, keys)
    for target in names.production:
        yield from captured(names, target, keys)
        yield from roles_of(target.name)
        yield from production(names, target, keys)
        yield from telling_alarms(names, target)
    yield from _pipelines(config, keys)
    yield from rules(names)
    yield from notification_rules(names)
    yield from schedules(names)


def _actions(config: Config, keys: Keys) -> Iterator[Action]:
    return (action for stage in stages_of_all(config, keys) for action in stage.actions)


@lru_cache(maxsize=32)
def _keys_of_roles(config: Config) -> Mapping[str, tuple[str, ...]]:
    """By the roles' ids, the ids of the keys that their documents name."""
    names = Names(config)
    marks = Keys.of(
        {region: f"<{region}>" for region in names.regions},
        {target.name: f"<{target.name}/{CAPTURE_KEY}>" for target in names.capturing},
    )
    found = {mark: storage_id(names, KEY, region) for region, mark in marks.items()}
    found |= {mark: f"{target}/{CAPTURE_KEY}" for target, mark in marks.captured}
    texts = {role.id: json.dumps([role.trust, role.policies]) for role in roles(config, marks)}
    return {id_: tuple(key for mark, key in found.items() if mark in text) for id_, text in texts.items()}


def _stack(config: Config, keys: Keys) -> Stack:
    """Made once with the map's own template; from then on the pipeline updates it from the source's."""
    names = Names(config)
    return Stack.of(
        names,
        names.training,
        STACK,
        names.stack,
        names.stack_arn_pattern,
        needs=(KEY, *_revision(config, keys), "training/role/cloudformation", "training/role/state-machine"),
        parent="training/role/cloudformation",
        role=names.cloudformation_role,
        template=template(config),
        parameters={**configuration(config)["Parameters"], **parameter_overrides(config, keys, NO_REVISION)},
    )


def _pipelines(config: Config, keys: Keys) -> Iterator[Pipeline]:
    """The one that trains, and then the one that releases, which looks at its runs."""
    names = Names(config)
    of_actions = dict.fromkeys(thing.id for action in _actions(config, keys) for thing in action.things)
    action_roles = {action.role for action in _actions(config, keys)}
    roles_of_actions = {role.id: role.account for role in roles(config, keys) if role.arn in action_roles}
    parts = ("role/deploy-action", "role/endpoint", "function")
    needs = (
        KEY,
        BUCKET,
        *_revision(config, keys),
        *(id_ for id_, account in roles_of_actions.items() if account == names.source_account),
        *of_actions,
        "shared/role/pipeline",
        "shared/role/job-result",
        JUDGE_FUNCTION,
        "training/role/evidence",
        "training/role/scorer",
        "training/role/scoring",
        *(id_ for id_, account in roles_of_actions.items() if account == names.training),
        "training/role/training",
        STACK,
        *(storage_id(names, id_, region) for region in names.other_regions for id_ in (KEY, BUCKET)),
        *([COPY_FUNCTION] if names.other_regions else []),
        *([MODEL_PACKAGE_GROUP, REGISTRY_FUNCTION] if names.model_package_group is not None else []),
        *(f"{target.name}/{part}" for target in names.production for part in parts),
        *roles_of_actions,
    )
    needed = tuple(dict.fromkeys(needs))
    more: dict[str, Any] = {"needs": needed, "structure": pipeline(config, keys)}
    yield Pipeline.of(names, names.shared, PIPELINE, names.pipeline, names.pipeline_arn, **more)
    more = {"needs": (*needed, PIPELINE), "structure": release_pipeline(config, keys)}
    yield Pipeline.of(names, names.shared, RELEASE_PIPELINE, names.release_pipeline, names.release_pipeline_arn, **more)


def _revision(config: Config, keys: Keys) -> tuple[str, ...]:
    """What publishes the source's newest revision. Nothing does where only the pipeline can see it: a connection
    must be usable (:mod:`xacct_ml.operations.source_state`), but publishes nothing and is never made or deleted."""
    thing = source(config, keys).thing
    return () if isinstance(thing, Connection) else (thing.id,)
