"""What the account map may say, beyond its shape: the limits of every service that a value flows into.

Pure. Each check yields problems with the path of the value to blame. The rules with their sources are in
:mod:`xacct_ml.tables.service_limits`; here they are applied, alone and across fields."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from xacct_ml.config.model import Account, Config, Endpoint, ProductionTarget
from xacct_ml.config.problem import Path, Problem, at, dotted, suggestion
from xacct_ml.system.bucket_layout import RUN_PREFIXES
from xacct_ml.system.names import Names
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.regions import REGIONS, partition
from xacct_ml.validation import (
    adoption,
    notification_limits,
    pipeline_source_limits,
    region_limits,
    rollout_limits,
    schedule_limits,
    training_limits,
    wave_limits,
)
from xacct_ml.validation.described import longest_job
from xacct_ml.validation.training_limits import instance_type_fault

_KEY_ARN = re.compile(r"arn:([a-z-]+):kms:([a-z0-9-]+):([0-9]{12}):key/[A-Za-z0-9-]{1,128}", re.ASCII)
_ROLE_ARN = re.compile(r"arn:([a-z-]+):iam::([0-9]{12}):role/([\x21-\x7e]+/)?([\w+=,.@-]{1,64})", re.ASCII)
_WILDCARDS = ("*", "?", "${")
"""What a condition's ARN has for any text (IAM User Guide, reference_policies_elements_condition_operators) [D]; a
role's path may have them."""

_RESERVED_TARGET = "source"
"""What ``accounts.source`` is called in output."""


def problems(config: Config) -> tuple[Problem, ...]:
    """Everything in a well-formed map that a service would refuse, or that contradicts itself."""
    return tuple(_all(config))


def _all(config: Config) -> Iterator[Problem]:
    """What concerns one value comes first: of several problems with one value only the first is told."""
    yield from single_values(config)
    yield from _accounts(config)
    yield from _approvers(config)
    yield from _target_names(config)
    yield from region_limits.problems(config)
    yield from _names(config)
    yield from at(("key", "arn"), _key_arn_fault(config))
    yield from _prefixes(config)
    yield from pipeline_source_limits.problems(config)
    yield from training_limits.problems(config)
    yield from _endpoint(config)
    yield from rollout_limits.problems(config)
    yield from _batch(config)
    yield from wave_limits.problems(config)
    yield from schedule_limits.problems(config)
    yield from notification_limits.problems(config)
    yield from _tags(config)
    yield from adoption.problems(config)


# -- one value alone -------------------------------------------------------------------------------------------------
def single_values(config: Config) -> Iterator[Problem]:
    """Values that would be refused whatever the others are."""
    for path, rule in value_rules():
        for where, value in _values(config, path.split(".")):
            yield from at(where, rule(value))


def value_rules() -> Iterator[tuple[str, Callable[[Any], str | None]]]:
    """A path in the map, in which ``*`` is every item of a list, and why the value there would be refused, if so."""
    for account in ("shared", "source", "training", "production.*"):
        yield f"accounts.{account}.id", _account_id_fault
        yield f"accounts.{account}.profile", rules.PROFILE.fault
        yield f"accounts.{account}.external_id", rules.EXTERNAL_ID.fault
    yield from (
        ("accounts.production.*.name", rules.TARGET_NAME.fault),
        ("project", rules.PROJECT.fault),
        ("roles.name_prefix", rules.ROLE_NAME_PREFIX.fault),
        ("roles.path", _role_path_fault),
        ("roles.permissions_boundary", _boundary_fault),
        ("bucket.name", rules.bucket_name_fault),
        ("data.prefix", rules.data_prefix_fault),
        ("pipeline.name", rules.PIPELINE_NAME.fault),
        ("pipeline.branch", rules.branch_fault),
        ("training.instance_type", instance_type_fault("training")),
        ("training.instance_count", rules.INSTANCE_COUNT.fault),
        ("training.volume_gb", rules.VOLUME_GB.fault),
        ("training.max_runtime_seconds", rules.MAXIMUM_RUNTIME_SECONDS.fault),
        ("training.max_wait_seconds", rules.MAXIMUM_RUNTIME_SECONDS.fault),
        ("endpoint.name", rules.ENDPOINT_NAME.fault),
        ("endpoint.instance_type", instance_type_fault("endpoint")),
        ("endpoint.instance_count", rules.INSTANCE_COUNT.fault),
        ("endpoint.serverless.memory_mb", rules.SERVERLESS_MEMORY_MB.fault),
        ("endpoint.serverless.max_concurrency", rules.SERVERLESS_CONCURRENCY.fault),
        ("endpoint.autoscaling.min", rules.INSTANCE_COUNT.fault),
        ("endpoint.autoscaling.max", rules.INSTANCE_COUNT.fault),
        ("endpoint.autoscaling.target_invocations", rules.SCALED_INVOCATIONS.fault),
        ("endpoint.rollout.percent", rules.CANARY_PERCENT.fault),
        ("endpoint.rollout.wait_seconds", rules.ROLLOUT_WAIT_SECONDS.fault),
        ("endpoint.rollout.minimum_requests", rules.MINIMUM_REQUESTS.fault),
        ("endpoint.rollout.latency_ms", rules.LATENCY_MS.fault),
        ("endpoint.capture.percent", rules.CAPTURE_PERCENT.fault),
        ("endpoint.capture.days", rules.CAPTURE_DAYS.fault),
        ("registry.model_package_group", rules.MODEL_PACKAGE_GROUP.fault),
        ("waves.*.name", rules.WAVE_NAME.fault),
        ("batch.bucket", rules.bucket_name_fault),
        ("batch.instance_type", instance_type_fault("transform")),
        ("batch.instance_count", rules.INSTANCE_COUNT.fault),
        ("key.deletion_window_days", rules.DELETION_WINDOW_DAYS.fault),
        ("bucket.noncurrent_version_days", rules.NONCURRENT_VERSION_DAYS.fault),
        ("logs.retention_days", _retention_fault),
    )


def _values(value: Any, steps: Sequence[str], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """What the map has at a path, with its place; nothing where it has nothing there."""
    if value is None or not steps:
        yield from () if value is None else ((path, value),)
    elif steps[0] == "*":
        for index, item in enumerate(value):
            yield from _values(item, steps[1:], (*path, index))
    else:
        yield from _values(getattr(value, steps[0]), steps[1:], (*path, steps[0]))


def _account_id_fault(account_id: str) -> str | None:
    fault = rules.ACCOUNT_ID.fault(account_id)
    return fault and f"{fault}; an account id is twelve digits; quote it, so that YAML keeps leading zeros"


def _role_path_fault(path: str) -> str | None:
    if path.startswith(("/aws-service-role/", "/aws-reserved/")):
        return f"{path!r} is a path that AWS reserves"
    return rules.ROLE_PATH.fault(path)


def _boundary_fault(policy: str) -> str | None:
    if policy.startswith("arn:"):
        return "give the policy's name (with its path), not an ARN: it is looked up in each account"
    return rules.POLICY_NAME.fault(policy)


def _retention_fault(days: int) -> str | None:
    if days in rules.RETENTION_DAYS:
        return None
    allowed = ", ".join(str(days) for days in rules.RETENTION_DAYS)
    return f"{days} is not a retention of CloudWatch Logs; allowed: {allowed}"


# -- accounts --------------------------------------------------------------------------------------------------------
def _accounts(config: Config) -> Iterator[Problem]:
    targets = config.accounts.production
    if not targets:
        yield Problem(("accounts", "production"), "accounts.production is empty; give at least one account")
    if len(targets) > rules.MAXIMUM_PRODUCTION_TARGETS:
        reason = f"{len(targets)} production accounts; allowed: up to {rules.MAXIMUM_PRODUCTION_TARGETS}"
        yield Problem(("accounts", "production"), reason)
    seen: dict[str, str] = {}
    for place in ("shared", "source", "training", "production.*"):
        for path, account in _values(config, ("accounts", *place.split("."))):
            where = dotted(path)
            yield from _account(config, path, account)
            first = seen.setdefault(account.id, where)
            both_targets = isinstance(account, ProductionTarget) and first.startswith("accounts.production")
            if first != where and not both_targets:  # those are told apart by their regions, in region_limits
                reason = f"{where}.id is {account.id} like {first}.id; every account of the map must be another"
                yield Problem((*path, "id"), reason)


def _account(config: Config, path: Path, account: Account) -> Iterator[Problem]:
    if account.external_id is not None and account.role_arn is None:
        reason = "an external_id is sent when a role is assumed; give role_arn, or leave external_id out"
        yield Problem((*path, "external_id"), reason, at_key=True)
    if account.role_arn is not None and not rules.ACCOUNT_ID.fault(account.id):
        yield from at((*path, "role_arn"), _role_arn_fault(account, config.region))


def _approvers(config: Config) -> Iterator[Problem]:
    if config.approvals not in (1, 2):
        yield Problem(("approvals",), f"{config.approvals} approvals; allowed: 1, or 2 by different people")
    if (approvers := config.approvers) is None:
        if config.approvals == 2:
            reason = "two people are told apart by how they enter the account: give approvers.role_arn, too"
            yield Problem(("approvals",), reason)
        return
    path, shared = ("approvers", "role_arn"), config.accounts.shared
    yield from at(path, _role_arn_fault(shared.model_copy(update={"role_arn": approvers.role_arn}), config.region))
    if approvers.role_arn == shared.role_arn:
        yield Problem(path, "is the operator's role of the shared account too; who approves needs a role of its own")
    for name, rule in (("profile", rules.PROFILE), ("external_id", rules.EXTERNAL_ID)):
        if (value := getattr(approvers, name)) is not None:
            yield from at(("approvers", name), rule.fault(value))


def _target_names(config: Config) -> Iterator[Problem]:
    names: set[str] = set()
    for index, target in enumerate(config.accounts.production):
        path: Path = ("accounts", "production", index, "name")
        if target.name in names:
            reason = f"the production account's name {target.name!r} is taken; give each its own `name`"
            yield Problem(path, reason)
        names.add(target.name)
        if target.name == _RESERVED_TARGET and config.accounts.source is not None:
            reason = f"{_RESERVED_TARGET!r} is the name of accounts.source in output; give this target another name"
            yield Problem(path, reason)


def _role_arn_fault(account: Account, region: str) -> str | None:
    match = _ROLE_ARN.fullmatch(account.role_arn or "")
    if not match:
        return f"{account.role_arn!r} is not a role's ARN, such as arn:aws:iam::{account.id}:role/name"
    if wildcard := next((each for each in _WILDCARDS if each in match[0]), None):
        return f"{account.role_arn!r} has a {wildcard}, which policies take for any text: the role must be one"
    if match[2] != account.id:
        return f"the role belongs to account {match[2]}, not to {account.id}"
    if region in REGIONS and match[1] != partition(region):
        return f"the role is in partition {match[1]}; region {region} is in {partition(region)}"
    return None


# -- names -----------------------------------------------------------------------------------------------------------
def _names(config: Config) -> Iterator[Problem]:
    """Names that follow from others."""
    names, project = Names(config), rules.PROJECT.fault(config.project)
    longest = names.role_name(longest_job(config))
    over = len(longest) - rules.ROLE_NAME.maximum
    if not project and over > 0:
        reason = f"with it the role name {longest!r} has {len(longest)} characters; shorten it or project by {over}"
        yield from at(("roles", "name_prefix"), reason)
    if config.bucket.name is None and not project and config.region in REGIONS:
        fault = rules.bucket_name_fault(names.bucket)
        if fault and not rules.ACCOUNT_ID.fault(names.shared):
            yield Problem(("project",), f"the bucket's name follows from project: {fault}; give bucket.name")
    if not project and config.region in REGIONS:
        yield from _capture_buckets(names)


def _capture_buckets(names: Names) -> Iterator[Problem]:
    """A name that is too long follows from the project; the account's id and the region are as long as they are."""
    for target in names.capturing:
        fault = rules.bucket_name_fault(names.capture_bucket(target))
        if fault and names.region_of(target) in REGIONS and not rules.ACCOUNT_ID.fault(target.id):
            reason = f"the name of {target.name}'s bucket for captured requests follows from project: {fault}"
            yield Problem(("project",), f"{reason}; give a shorter project, or leave endpoint.capture out")
            return


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


def _prefixes(config: Config) -> Iterator[Problem]:
    """Data, models, evaluations and artifacts lie apart in the bucket."""
    prefix, artifacts = config.data.prefix, Names(config).artifact_prefix
    blamed: Path = ("project",) if config.pipeline.name is None else ("pipeline", "name")
    for reserved in RUN_PREFIXES:
        if f"{prefix}/".startswith(f"{reserved}/"):
            reason = f"data.prefix {prefix!r} overlaps {reserved}/, which the pipeline writes; give another prefix"
            yield Problem(("data", "prefix"), reason)
    for other in (prefix, *RUN_PREFIXES):
        if f"{other}/".startswith(artifacts):
            reason = f"the pipeline's artifacts lie under {artifacts}*, which overlaps {other}/"
            yield Problem(blamed, f"{reason}; give another pipeline.name or data.prefix")


def _endpoint(config: Config) -> Iterator[Problem]:
    endpoint = config.endpoint
    if endpoint.serverless and (endpoint.instance_type is not None or endpoint.instance_count is not None):
        reason = "an endpoint has either instances or serverless; leave one of them out"
        yield Problem(("endpoint", "serverless"), reason, at_key=True)
    if endpoint.serverless and endpoint.capture is not None:
        reason = (
            "a serverless endpoint captures nothing (SageMaker Developer Guide, serverless-endpoints); give instances"
        )
        yield Problem(("endpoint", "capture"), f"{reason}, or leave capture out", at_key=True)
    yield from _autoscaling(endpoint)


def _autoscaling(endpoint: Endpoint) -> Iterator[Problem]:
    scaling, path = endpoint.autoscaling, ("endpoint", "autoscaling")
    if scaling is None:
        return
    if endpoint.instance_count is None:
        reason = "a serverless endpoint scales by itself: give instances, or leave autoscaling out"
        yield Problem(path, reason, at_key=True)
    elif scaling.min > scaling.max:
        yield Problem((*path, "min"), f"min {scaling.min} is above max {scaling.max}")
    elif not scaling.min <= endpoint.instance_count <= scaling.max:
        reason = f"the endpoint begins with instance_count {endpoint.instance_count}, which is not from min to max"
        yield Problem(path, f"{reason} ({scaling.min} to {scaling.max}): give endpoint.instance_count", at_key=True)


def _batch(config: Config) -> Iterator[Problem]:
    if (batch := config.batch) is None:
        return
    targets = [target.name for target in config.accounts.production]
    if batch.target is not None and batch.target not in targets:
        reason = (
            f"the map has no target {batch.target!r}{suggestion(batch.target, targets)} allowed: {', '.join(targets)}"
        )
        yield Problem(("batch", "target"), reason)
    if config.region in REGIONS and batch.bucket in map(Names(config).bucket_in, Names(config).regions):
        reason = f"{batch.bucket} is the project's own bucket; files lie in one of the target's account"
        yield Problem(("batch", "bucket"), reason)


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
