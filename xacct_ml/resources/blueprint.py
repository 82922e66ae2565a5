"""The whole system on one page: what exists in which account, and what needs what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.resource import UNKNOWN, Outputs, Resource
from xacct_ml.resources.adopted_bucket import AdoptedBucket
from xacct_ml.resources.adopted_key import AdoptedKey
from xacct_ml.resources.alarm import Alarm
from xacct_ml.resources.base import AwsResource, key_output
from xacct_ml.resources.bucket import Bucket, BucketSettings
from xacct_ml.resources.connection import Connection
from xacct_ml.resources.event_bus_permission import EventBusPermission
from xacct_ml.resources.function import Function, FunctionSettings
from xacct_ml.resources.kms_alias import KmsAlias
from xacct_ml.resources.kms_key import KmsKey
from xacct_ml.resources.log_group import LogGroup
from xacct_ml.resources.pipeline import Pipeline
from xacct_ml.resources.repository import Repository
from xacct_ml.resources.role import Role
from xacct_ml.resources.rule import Rule
from xacct_ml.resources.source_object import SourceObject
from xacct_ml.resources.stack import Stack
from xacct_ml.system import alarms, bucket, events, function, key, pipeline, repository, template
from xacct_ml.system.keys import Keys
from xacct_ml.system.model_copy import copy_environment
from xacct_ml.system.names import KEEP_TAG, Names
from xacct_ml.system.package import packed
from xacct_ml.system.roles import RoleDocument, roles

KEY, BUCKET, PIPELINE = "shared/key", "shared/bucket", "shared/pipeline"
CONNECTION, SOURCE_OBJECT = "shared/connection", "shared/source"
STACK, COPY_FUNCTION = "training/stack", "shared/copy-function"
BUS_PERMISSION, PIPELINE_LOGS = "shared/event-bus-permission", "shared/log-group"


def repository_id(config: Config) -> str:
    """Begins with the account that has the repository."""
    return "shared/repository" if config.accounts.source is None else "source/repository"


NO_REVISION = "none"
"""What the first training stack carries for a revision where none can be seen from here; each run puts in its own."""


def bootstrap_resources(
    config: Config, accounts: Clients, *, clock: Clock | None = None, delete_repository: bool = False
) -> tuple[Resource, ...]:
    """Everything but the pipeline and its rules.

    ``delete_repository`` matters to deletion alone: then the repository goes even with commits that are not ours.
    """
    blueprint = _Blueprint(config, accounts, clock or SystemClock())
    return _adopting(
        config,
        (
            *blueprint.shared(),
            blueprint.revisions(delete_repository),
            *blueprint.source(),
            *blueprint.training(),
            *(resource for target in config.accounts.production for resource in blueprint.production(target)),
        ),
    )


def pipeline_resources(config: Config, accounts: Clients, *, clock: Clock | None = None) -> tuple[Resource, ...]:
    """The pipeline, then the rules that start it. They depend on :func:`bootstrap_resources`."""
    return _adopting(config, _Blueprint(config, accounts, clock or SystemClock()).pipeline())


def _adopting(config: Config, resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources, those in the map's ``adopt`` as what was there before."""
    return tuple(
        replace(resource, adopt=True) if isinstance(resource, AwsResource) and resource.id in config.adopt else resource
        for resource in resources
    )


@dataclass(frozen=True)
class _Blueprint:
    config: Config
    accounts: Clients
    clock: Clock

    def shared(self) -> Iterator[Resource]:
        names = Names(self.config)
        for region in names.regions:
            yield from self._storage(region)
        if names.other_regions:
            yield from self._copies()
        yield from self._roles("shared", names.shared)

    def _storage(self, region: str) -> Iterator[Resource]:
        """Key, alias and bucket of one region."""
        config, names, claimed = self.config, Names(self.config), Event()
        first = region == names.region
        common = self._common(names.shared) | {"region": None if first else region}
        key_id = self._in(KEY, region)
        yield self._key(region, claimed, common)
        yield KmsAlias(
            id=self._in("shared/alias", region),
            name=names.key_alias,
            claimed=claimed,
            adopted_key=config.key.arn if first else None,
            depends_on=(key_id,),
            **common,
        )
        yield (AdoptedBucket if first and BUCKET in config.adopt else Bucket)(
            id=self._in(BUCKET, region),
            name=names.bucket_in(region),
            location=region,
            settings=lambda key_arn: self._bucket(region, key_arn),
            depends_on=(key_id,),
            **common,
        )

    def _copies(self) -> Iterator[Resource]:
        """The function that copies models to other regions."""
        config, names, common = self.config, Names(self.config), self._common(Names(self.config).shared)
        group = "shared/copy-log-group"
        yield LogGroup(
            id=group,
            name=names.copy_log_group,
            arn=names.arn("logs", names.shared, f"log-group:{names.copy_log_group}"),
            retention_days=config.logs.retention_days,
            **common,
        )
        yield Function(
            id=COPY_FUNCTION,
            name=names.copy_function,
            arn=names.copy_function_arn,
            package=function.source_zip(),
            settings=FunctionSettings(
                description=f"xacct-ml {names.project}: copies approved models to other regions",
                runtime=function.RUNTIME,
                handler=function.COPY_HANDLER,
                role=names.copy_role,
                timeout=function.COPY_TIMEOUT_SECONDS,
                memory=function.COPY_MEMORY_MB,
                maximum_retry_attempts=function.MAXIMUM_RETRY_ATTEMPTS,
                maximum_event_age=function.MAXIMUM_EVENT_AGE_SECONDS,
            ),
            environment=lambda outputs: copy_environment(config, self._keys(outputs)),
            depends_on=("shared/role/copy-model", group, *(self._in(KEY, region) for region in names.other_regions)),
            **common,
        )

    def revisions(self, delete_repository: bool) -> Resource:
        """Where the training template comes from."""
        config, names, common = self.config, Names(self.config), self._common(Names(self.config).shared)
        if config.pipeline.connection is not None:
            arn = config.pipeline.connection.arn
            return Connection(id=CONNECTION, name=names.repository, arn=arn, region=names.region, **common)
        files = repository.first_commit(config)
        if names.source_key is not None:
            return SourceObject(
                id=SOURCE_OBJECT,
                name=names.source_key,
                bucket=names.bucket,
                first=packed(files),
                adopted=BUCKET in config.adopt,
                depends_on=(KEY, BUCKET),
                **common,
            )
        return Repository(
            id=repository_id(config),
            name=names.repository,
            arn=names.repository_arn,
            branch=names.branch,
            description=f"xacct-ml {names.project}: training template and configuration",
            first_commit=files,
            first_message=repository.FIRST_COMMIT_MESSAGE,
            with_commits=delete_repository,
            **self._common(names.repository_account),
        )

    def source(self) -> Iterator[Resource]:
        """What a repository in another account needs, there and in the shared account; nothing without one."""
        names, statement = Names(self.config), events.bus_statement(self.config)
        if names.source_account is None or statement is None:
            return
        yield from self._roles("source", names.source_account)
        yield EventBusPermission(
            id=BUS_PERMISSION,
            name=names.event_bus_statement,
            statement=statement,
            **self._common(names.shared),
        )
        yield LogGroup(
            id=PIPELINE_LOGS,
            name=names.pipeline_log_group,
            arn=names.arn("logs", names.shared, f"log-group:{names.pipeline_log_group}"),
            retention_days=self.config.logs.retention_days,
            **self._common(names.shared),
        )

    def training(self) -> Iterator[Resource]:
        names = Names(self.config)
        yield from self._roles("training", names.training)
        yield Stack(
            id=STACK,
            name=names.stack,
            role_arn=names.cloudformation_role,
            template=template.template(self.config),
            parameters=self._stack_parameters,
            depends_on=(
                KEY,
                *self._revision,
                "training/role/cloudformation",
                "training/role/state-machine",
            ),
            **self._common(names.training),
        )

    def production(self, target: ProductionTarget) -> Iterator[Resource]:
        names = Names(self.config)
        common = self._common(target.id) | {"region": names.elsewhere(target)}
        yield from self._roles(target.name, target.id, names.region_of(target))
        group = f"{target.name}/log-group"
        yield LogGroup(
            id=group,
            name=names.function_log_group,
            arn=names.target_arn(target, "logs", f"log-group:{names.function_log_group}"),
            retention_days=self.config.logs.retention_days,
            **common,
        )
        yield Function(
            id=f"{target.name}/function",
            name=names.function,
            arn=names.function_arn(target),
            package=function.source_zip(),
            settings=FunctionSettings(
                description=f"xacct-ml {names.project}: deploys the approved model to endpoint {names.endpoint}",
                runtime=function.RUNTIME,
                handler=function.HANDLER,
                role=names.deploy_function_role(target),
                timeout=function.TIMEOUT_SECONDS,
                memory=function.MEMORY_MB,
                maximum_retry_attempts=function.MAXIMUM_RETRY_ATTEMPTS,
                maximum_event_age=function.MAXIMUM_EVENT_AGE_SECONDS,
            ),
            environment=lambda _: function.environment(self.config, target),
            depends_on=(f"{target.name}/role/deploy-function", group),
            **common,
        )
        for alarm in alarms.alarms(self.config, target):
            yield Alarm(
                id=f"{target.name}/alarm/{alarm.name}",
                name=alarm.name,
                document=alarm,
                arn=names.target_arn(target, "cloudwatch", f"alarm:{alarm.name}"),
                **common,
            )

    def pipeline(self) -> Iterator[Resource]:
        names, common = Names(self.config), self._common(Names(self.config).shared)
        targets = [target.name for target in names.production]
        yield Pipeline(
            id=PIPELINE,
            name=names.pipeline,
            arn=names.pipeline_arn,
            home_region=names.region,
            structure=self._structure,
            depends_on=(
                KEY,
                BUCKET,
                *self._revision,
                *(("source/role/source-action", PIPELINE_LOGS) if names.source_account is not None else ()),
                "shared/role/pipeline",
                "shared/role/job-result",
                "training/role/train-action",
                "training/role/training",
                STACK,
                *(self._in(id_, region) for region in names.other_regions for id_ in (KEY, BUCKET)),
                *([COPY_FUNCTION] if names.other_regions else []),
                *(
                    f"{target}/{part}"
                    for target in targets
                    for part in ("role/deploy-action", "role/endpoint", "function")
                ),
            ),
            **common,
        )
        for rule in events.rules(self.config):
            yield Rule(
                id=f"shared/rule/{rule.name}",
                name=rule.name,
                arn=names.rule_arn(rule.name),
                document=rule,
                # Last, so that nothing starts a pipeline that is still being made.
                depends_on=(PIPELINE, "shared/role/start"),
                **common,
            )
        forward = events.forward_rule(self.config)
        if forward is not None:
            yield Rule(
                id=f"source/rule/{forward.name}",
                name=forward.name,
                arn=names.forward_rule_arn,
                document=forward,
                depends_on=(PIPELINE, "source/role/forward", BUS_PERMISSION),
                **self._common(names.repository_account),
            )

    # -- parts ---------------------------------------------------------------------------------------------------
    def _common(self, account: str) -> dict[str, Any]:
        return {
            "account": account,
            "tags": Names(self.config).tags,
            "clients": self.accounts,
            "clock": self.clock,
        }

    def _in(self, id_: str, region: str) -> str:
        """The id of a region's key, alias or bucket."""
        return id_ if region == self.config.region else f"{id_}/{region}"

    def _key(self, region: str, claimed: Event, common: dict[str, Any]) -> KmsKey:
        """The map's key, or one of our own; which is kept with the objects in it where the bucket is."""
        config, names = self.config, Names(self.config)
        first = region == names.region
        settings: dict[str, Any] = {
            **common,
            "id": self._in(KEY, region),
            "name": names.key_alias,
            "policy": key.key_policy(config, region),
            "description": f"xacct-ml {names.project}: "
            + ("data, models and artifacts" if first else f"models and artifacts in {region}"),
            "deletion_window_days": config.key.deletion_window_days,
            "claimed": claimed,
        }
        if first and config.key.arn is not None:
            return AdoptedKey(**settings, arn=config.key.arn, adopt=True)
        if first and BUCKET in config.adopt:
            settings["tags"] = {**names.tags, KEEP_TAG: f"S3 bucket {names.bucket}"}
        return KmsKey(**settings)

    def _roles(self, where: str, account: str, region: str | None = None) -> Iterator[Role]:
        """A role waits for the keys that it names only. ``region`` is the production target's."""
        names = Names(self.config)
        key_ids = {region: self._in(KEY, region) for region in names.regions}

        def of(arn: str) -> Callable[[Outputs], RoleDocument]:
            return lambda outputs: next(role for role in roles(self.config, self._keys(outputs)) if role.arn == arn)

        for role in roles(self.config, Keys.of({region: f"<{id_}>" for region, id_ in key_ids.items()})):
            if role.arn != names.role_arn(account, role.job, region):
                continue
            text = json.dumps([role.trust, role.policies])
            yield Role(
                id=f"{where}/role/{role.job}",
                name=role.name,
                document=of(role.arn),
                depends_on=tuple(id_ for id_ in key_ids.values() if f"<{id_}>" in text),
                **self._common(account),
            )

    def _keys(self, outputs: Outputs) -> Keys:
        """The keys' ARNs, as far as they are published."""
        regions = {region: None if region == self.config.region else region for region in Names(self.config).regions}
        return Keys.of({region: outputs.get(key_output(where), UNKNOWN) for region, where in regions.items()})

    def _structure(self, outputs: Outputs) -> dict[str, Any]:
        return pipeline.pipeline(self.config, self._keys(outputs))

    def _bucket(self, region: str, key_arn: str) -> BucketSettings:
        return BucketSettings(
            ownership=bucket.ownership(),
            public_access_block=bucket.public_access_block(),
            encryption=bucket.encryption(key_arn),
            lifecycle=bucket.lifecycle(self.config),
            policy=bucket.bucket_policy(self.config, Keys.of({region: key_arn}), region),
        )

    @property
    def _revision(self) -> tuple[str, ...]:
        """What publishes the source's newest revision. Nothing does where only the pipeline can see it: a connection
        must be usable (:mod:`xacct_ml.operations.source_ready`), but publishes nothing and is never made or deleted.
        """
        if self.config.pipeline.connection is not None:
            return ()
        return (repository_id(self.config) if Names(self.config).source_key is None else SOURCE_OBJECT,)

    def _stack_parameters(self, key_arn: str, commit: str) -> dict[str, str]:
        keys = Keys.of({self.config.region: key_arn})
        return {
            **template.configuration(self.config)["Parameters"],
            **template.parameter_overrides(self.config, keys, commit if self._revision else NO_REVISION),
        }
