"""What targets in other regions than the pipeline's need in the shared account: key and bucket in each of these
regions, and the function that copies approved models there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.engine.resource import UNKNOWN, Outputs, Resource
from xacct_ml.resources.base import key_output
from xacct_ml.resources.bucket import Bucket, BucketSettings
from xacct_ml.resources.function import Function, FunctionSettings
from xacct_ml.resources.kms_alias import KmsAlias
from xacct_ml.resources.kms_key import KmsKey
from xacct_ml.resources.log_group import LogGroup
from xacct_ml.system import bucket, function
from xacct_ml.system.model_copy import copy_environment
from xacct_ml.system.names import Names, RegionalKeys
from xacct_ml.system.regional_storage import regional_bucket_policy, regional_key_policy

COPY_FUNCTION = "shared/copy-function"


def key_id(region: str) -> str:
    """The resource's id."""
    return f"shared/key/{region}"


def bucket_id(region: str) -> str:
    return f"shared/bucket/{region}"


def regional_keys(names: Names, outputs: Outputs) -> RegionalKeys:
    """The other regions' keys' ARNs, as far as they are published."""
    return {region: outputs.get(key_output(region), UNKNOWN) for region in names.other_regions}


def regional_resources(config: Config, common: Mapping[str, Any]) -> Iterator[Resource]:
    """``common`` are the shared account's. Nothing where all targets are in the pipeline's region."""
    names = Names(config)
    for region in names.other_regions:
        yield from _storage(config, region, {**common, "region": region})
    if names.other_regions:
        yield from _copies(config, common)


def _storage(config: Config, region: str, common: Mapping[str, Any]) -> Iterator[Resource]:
    names, claimed = Names(config), Event()
    yield KmsKey(
        id=key_id(region),
        name=names.key_alias,
        policy=regional_key_policy(config, region),
        description=f"xacct-ml {names.project}: models and artifacts in {region}",
        deletion_window_days=config.key.deletion_window_days,
        claimed=claimed,
        **common,
    )
    yield KmsAlias(
        id=f"shared/alias/{region}", name=names.key_alias, claimed=claimed, depends_on=(key_id(region),), **common
    )
    yield Bucket(
        id=bucket_id(region),
        name=names.bucket_in(region),
        location=region,
        settings=_settings(config, region),
        depends_on=(key_id(region),),
        **common,
    )


def _settings(config: Config, region: str) -> Callable[[str], BucketSettings]:
    return lambda key_arn: BucketSettings(
        ownership=bucket.ownership(),
        public_access_block=bucket.public_access_block(),
        encryption=bucket.encryption(config, key_arn),
        lifecycle=bucket.lifecycle(config),
        policy=regional_bucket_policy(config, region, key_arn),
    )


def _copies(config: Config, common: Mapping[str, Any]) -> Iterator[Resource]:
    names, group = Names(config), "shared/copy-log-group"
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
        environment=lambda outputs: copy_environment(config, regional_keys(names, outputs)),
        depends_on=("shared/role/copy-model", group, *map(key_id, names.other_regions)),
        **common,
    )
