"""What the account map may say, beyond its shape: the limits of every service that a value flows into.

Pure. Each check yields problems with the path of the value to blame. The rules with their sources are in
:mod:`xacct_ml.tables.service_limits`; here they are applied, alone and across fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xacct_ml.config.model import Account, Config, ProductionTarget
from xacct_ml.config.problem import Path, Problem, at, dotted, suggestion
from xacct_ml.system.names import EVALUATIONS_PREFIX, MODELS_PREFIX, Names
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.regions import REGIONS, XGBOOST_REGISTRIES, partition
from xacct_ml.validation import (
    adoption,
    pipeline_source_limits,
    region_limits,
    source_account_limits,
    training_limits,
    wave_limits,
)
from xacct_ml.validation.described import longest_job

_RESERVED_PREFIXES = (MODELS_PREFIX, EVALUATIONS_PREFIX)
_KEY_ARN = re.compile(r"arn:([a-z-]+):kms:([a-z0-9-]+):([0-9]{12}):key/[A-Za-z0-9-]{1,128}", re.ASCII)
_ROLE_ARN = re.compile(r"arn:([a-z-]+):iam::([0-9]{12}):role/([\x21-\x7e]+/)?([\w+=,.@-]{1,64})", re.ASCII)


def problems(config: Config) -> tuple[Problem, ...]:
    """Everything in a well-formed map that a service would refuse, or that contradicts itself."""
    return tuple(_all(config))


def _all(config: Config) -> Iterator[Problem]:
    yield from _region(config)
    yield from _accounts(config)
    yield from source_account_limits.problems(config)
    yield from region_limits.problems(config)
    yield from _names(config)
    yield from _bucket(config)
    yield from at(("key", "arn"), _key_arn_fault(config))
    yield from _data(config)
    yield from _pipeline(config)
    yield from pipeline_source_limits.problems(config)
    yield from training_limits.problems(config)
    yield from _endpoint(config)
    yield from wave_limits.problems(config)
    yield from _numbers(config)
    yield from _tags(config)
    yield from adoption.problems(config)


# -- where -----------------------------------------------------------------------------------------------------------
def _region(config: Config) -> Iterator[Problem]:
    region = config.region
    supported = ", ".join(sorted(XGBOOST_REGISTRIES))
    if region not in REGIONS:
        hint = suggestion(region, tuple(XGBOOST_REGISTRIES))
        yield Problem(("region",), f"unknown region {region!r}{hint} allowed: {supported}")
    elif region not in XGBOOST_REGISTRIES:
        yield Problem(("region",), f"no SageMaker XGBoost image is known in region {region!r}; allowed: {supported}")


def _accounts(config: Config) -> Iterator[Problem]:
    accounts = config.accounts
    entries: list[tuple[Path, Account]] = [
        (("accounts", "shared"), accounts.shared),
        *(((("accounts", "source"), accounts.source),) if accounts.source is not None else ()),
        (("accounts", "training"), accounts.training),
        *((("accounts", "production", index), target) for index, target in enumerate(accounts.production)),
    ]
    if not accounts.production:
        yield Problem(("accounts", "production"), "accounts.production is empty; give at least one account")
    if len(accounts.production) > rules.MAXIMUM_PRODUCTION_TARGETS:
        reason = f"{len(accounts.production)} production accounts; allowed: up to {rules.MAXIMUM_PRODUCTION_TARGETS}"
        yield Problem(("accounts", "production"), reason)
    seen: dict[str, str] = {}
    for path, account in entries:
        where = dotted(path)
        yield from _account(config, path, account)
        first = seen.get(account.id, "")
        both_targets = isinstance(account, ProductionTarget) and first.startswith("accounts.production")
        if first and not both_targets:  # those are told apart by their regions, in region_limits
            reason = f"{where}.id is {account.id} like {seen[account.id]}.id; every account of the map must be another"
            yield Problem((*path, "id"), reason)
        seen.setdefault(account.id, where)
    target_names: set[str] = set()
    for index, target in enumerate(accounts.production):
        path = ("accounts", "production", index, "name")
        yield from at(path, rules.TARGET_NAME.fault(target.name))
        if target.name in target_names:
            reason = f"the production account's name {target.name!r} is taken; give each its own `name`"
            yield Problem(path, reason)
        target_names.add(target.name)


def _account(config: Config, path: Path, account: Account) -> Iterator[Problem]:
    fault = rules.ACCOUNT_ID.fault(account.id)
    if fault:
        advice = "an account id is twelve digits; quote it, so that YAML keeps leading zeros"
        yield Problem((*path, "id"), f"{dotted(path)}.id: {fault}; {advice}")
    if account.profile is not None:
        yield from at((*path, "profile"), rules.PROFILE.fault(account.profile))
    if account.external_id is not None:
        yield from at((*path, "external_id"), rules.EXTERNAL_ID.fault(account.external_id))
        if account.role_arn is None:
            reason = "an external_id is sent when a role is assumed; give role_arn, or leave external_id out"
            yield Problem((*path, "external_id"), reason, at_key=True)
    if account.role_arn is not None:
        yield from at((*path, "role_arn"), _role_arn_fault(account, config.region))


def _role_arn_fault(account: Account, region: str) -> str | None:
    match = _ROLE_ARN.fullmatch(account.role_arn or "")
    if not match:
        return f"{account.role_arn!r} is not a role's ARN, such as arn:aws:iam::{account.id}:role/name"
    if match[2] != account.id:
        return f"the role belongs to account {match[2]}, not to {account.id}"
    if region in REGIONS and match[1] != partition(region):
        return f"the role is in partition {match[1]}; region {region} is in {partition(region)}"
    return None


# -- names -----------------------------------------------------------------------------------------------------------
def _names(config: Config) -> Iterator[Problem]:
    roles = config.roles
    project = rules.PROJECT.fault(config.project)
    yield from at(("project",), project)
    prefix = rules.ROLE_NAME_PREFIX.fault(roles.name_prefix)
    yield from at(("roles", "name_prefix"), prefix)
    longest = Names(config).role_name(longest_job(config))
    if not project and not prefix and len(longest) > rules.ROLE_NAME.maximum:
        over = len(longest) - rules.ROLE_NAME.maximum
        reason = f"with it the role name {longest!r} has {len(longest)} characters; shorten it or project by {over}"
        yield from at(("roles", "name_prefix"), reason)
    yield from at(("roles", "path"), _role_path_fault(roles.path))
    boundary = roles.permissions_boundary
    if boundary is not None:
        fault = rules.POLICY_NAME.fault(boundary)
        if boundary.startswith("arn:"):
            fault = "give the policy's name (with its path), not an ARN: it is looked up in each account"
        yield from at(("roles", "permissions_boundary"), fault)


def _role_path_fault(path: str) -> str | None:
    if path.startswith(("/aws-service-role/", "/aws-reserved/")):
        return f"{path!r} is a path that AWS reserves"
    return rules.ROLE_PATH.fault(path)


def _bucket(config: Config) -> Iterator[Problem]:
    if config.bucket.name is not None:
        yield from at(("bucket", "name"), rules.bucket_name_fault(config.bucket.name))
    elif not rules.PROJECT.fault(config.project) and config.region in REGIONS:
        fault = rules.bucket_name_fault(Names(config).bucket)
        if fault and not rules.ACCOUNT_ID.fault(config.accounts.shared.id):
            yield Problem(("project",), f"the bucket's name follows from project: {fault}; give bucket.name")


def _key_arn_fault(config: Config) -> str | None:
    """A key of the shared account in the map's region. KMS: key-id; multi-region keys have ``mrk-`` ids [D]."""
    arn, account, region = config.key.arn, config.accounts.shared.id, config.region
    if arn is None:
        return None
    match = _KEY_ARN.fullmatch(arn)
    if not match:
        alias = "; an alias may point to another key tomorrow: give the ARN of the key" if ":alias/" in arn else ""
        return f"{arn!r} is not a key's ARN, such as arn:aws:kms:{region}:{account}:key/<key id>{alias}"
    if match[3] != account:
        return f"the key belongs to account {match[3]}, not to the shared account {account}"
    if match[2] != region:
        return f"the key is in {match[2]}, not in {region}; a multi-region key has a replica's ARN for each region"
    if region in REGIONS and match[1] != partition(region):
        return f"the key is in partition {match[1]}; region {region} is in {partition(region)}"
    return None


def _data(config: Config) -> Iterator[Problem]:
    prefix = config.data.prefix
    fault = rules.data_prefix_fault(prefix)
    yield from at(("data", "prefix"), fault)
    if fault:
        return
    for reserved in _RESERVED_PREFIXES:
        if f"{prefix}/".startswith(f"{reserved}/"):
            yield Problem(("data", "prefix"), f"data.prefix {prefix!r} overlaps {reserved}/, which the pipeline writes")


def _pipeline(config: Config) -> Iterator[Problem]:
    pipeline = config.pipeline
    name = pipeline.name if pipeline.name is not None else config.project
    blamed: Path = ("project",) if pipeline.name is None else ("pipeline", "name")
    name_fault = rules.PIPELINE_NAME.fault(name)
    if pipeline.name is not None:
        yield from at(blamed, name_fault)
    if not name_fault:
        artifacts = Names(config).artifact_prefix
        for prefix in (config.data.prefix, *_RESERVED_PREFIXES):
            if f"{prefix}/".startswith(artifacts):
                reason = (
                    f"the pipeline's artifacts lie under {artifacts}*, which overlaps {prefix}/; "
                    "give another pipeline.name or data.prefix"
                )
                yield Problem(blamed, reason)
    if pipeline.repository is not None and pipeline.connection is None:
        fault = rules.REPOSITORY_NAME.fault(pipeline.repository)
        if pipeline.repository.endswith(".git"):
            fault = f"{pipeline.repository!r} ends with .git, which CodeCommit refuses"
        yield from at(("pipeline", "repository"), fault)
    yield from at(("pipeline", "branch"), rules.branch_fault(pipeline.branch))


# -- production ------------------------------------------------------------------------------------------------------
def _endpoint(config: Config) -> Iterator[Problem]:
    endpoint = config.endpoint
    if endpoint.name is not None:
        yield from at(("endpoint", "name"), rules.ENDPOINT_NAME.fault(endpoint.name))
    if endpoint.instance_type is not None:
        yield from at(("endpoint", "instance_type"), rules.INSTANCE_TYPE.fault(endpoint.instance_type))
    if endpoint.instance_count is not None:
        yield from at(("endpoint", "instance_count"), rules.INSTANCE_COUNT.fault(endpoint.instance_count))
    if endpoint.serverless is None:
        return
    if endpoint.instance_type is not None or endpoint.instance_count is not None:
        reason = "an endpoint has either instances or serverless; leave one of them out"
        yield Problem(("endpoint", "serverless"), reason, at_key=True)
    memory, concurrency = endpoint.serverless.memory_mb, endpoint.serverless.max_concurrency
    yield from at(("endpoint", "serverless", "memory_mb"), rules.SERVERLESS_MEMORY_MB.fault(memory))
    yield from at(("endpoint", "serverless", "max_concurrency"), rules.SERVERLESS_CONCURRENCY.fault(concurrency))


def _numbers(config: Config) -> Iterator[Problem]:
    window = rules.DELETION_WINDOW_DAYS.fault(config.key.deletion_window_days)
    yield from at(("key", "deletion_window_days"), window)
    expiry = rules.NONCURRENT_VERSION_DAYS.fault(config.bucket.noncurrent_version_days)
    yield from at(("bucket", "noncurrent_version_days"), expiry)
    retention = config.logs.retention_days
    if retention not in rules.RETENTION_DAYS:
        allowed = ", ".join(str(days) for days in rules.RETENTION_DAYS)
        yield from at(
            ("logs", "retention_days"), f"{retention} is not a retention of CloudWatch Logs; allowed: {allowed}"
        )


def _tags(config: Config) -> Iterator[Problem]:
    if len(config.tags) > rules.MAXIMUM_TAGS:
        yield Problem(("tags",), f"{len(config.tags)} tags; allowed: up to {rules.MAXIMUM_TAGS}")
    seen: dict[str, str] = {}
    for key, value in config.tags.items():
        path = ("tags", key)
        if fault := rules.tag_key_fault(key):
            yield Problem(path, fault, at_key=True)
        elif key.lower() in seen:
            reason = f"the tags {seen[key.lower()]!r} and {key!r} differ in case only, which IAM takes for one"
            yield Problem(path, reason, at_key=True)
        seen.setdefault(key.lower(), key)
        yield from at(path, rules.tag_value_fault(value))
