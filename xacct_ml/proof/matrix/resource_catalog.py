"""Concrete resources for the whole matrix: each of ours, and one of no business of ours for every resource type.

A place belongs to a class: rights are meant for classes ("the models"), not for single names."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from xacct_ml.arn import Arn
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.actions import Action, filled, service_actions
from xacct_ml.proof.matrix.bucket_objects import objects
from xacct_ml.proof.requests.autoscaling import scalable_target, scaling_alarm
from xacct_ml.proof.requests.samples import (
    DATASET,
    UNRELATED,
    batch_name,
    captured_key,
    job_name,
    scoring_name,
    smoke_config,
    stack_arn,
)
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.thing import LogGroup, Thing

FOREIGN_ACCOUNT = "999999999999"
ANY = "*"
"""Class and ARN of requests that name no resource."""


@dataclass(frozen=True, slots=True)
class Place:
    """``kind`` is a resource type of the Service Authorization Reference. ``pattern`` covers the class in a policy's
    ``Resource``; ``within`` are the wider classes that the resource belongs to as well."""

    service: str
    kind: str
    arn: str
    account: str
    resource_class: str
    pattern: str
    within: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        return (self.resource_class, *self.within)

    def covers(self, arn: str) -> bool:
        """Whether the ARN is of this place's class."""
        return arn == self.arn or _covered_by(self.pattern).fullmatch(arn) is not None


@lru_cache(maxsize=8192)
def _covered_by(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    return re.compile("".join(wildcards.get(one) or re.escape(one) for one in pattern), re.DOTALL)


class ResourceCatalog:
    """Places by ARN and by resource type."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = tuple(places)
        self._exact: dict[str, Place] = {}
        self._by_owner: dict[tuple[str, str, str], list[Place]] = {}
        self._by_type: dict[tuple[str, str], list[Place]] = {}
        for place in self._places:
            self._exact.setdefault(place.arn, place)
            self._by_owner.setdefault(_owner(place.pattern), []).append(place)
            self._by_type.setdefault((place.service, place.kind), []).append(place)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)

    def of(self, arn: str) -> Place | None:
        """The place that an ARN names: itself, else the first whose class covers it."""
        if arn == ANY:
            return None
        same = self._by_owner.get(_owner(arn), ())
        return self._exact.get(arn) or next((place for place in same if place.covers(arn)), None)

    def of_action(self, action: Action) -> Iterator[Place]:
        """Those of the resource types that the action has."""
        for kind in action.types:
            yield from self._by_type.get((action.service, kind), ())


def _owner(arn: str) -> tuple[str, str, str]:
    """Patterns have wildcards behind these parts only."""
    parsed = Arn.parse(arn)
    return parsed.service, parsed.region, parsed.account


def resource_catalog(names: Names, keys: Keys, things: Iterable[Thing]) -> ResourceCatalog:
    """Every resource that the project makes, or that its runs make."""
    made = tuple(things)
    by_hand = (
        *(place for region in names.regions for place in _storage(names, keys, region)),
        *_delivery(names, made),
        *_training(names),
        *_registry(names),
        *_production(names),
        *_batch(names),
        *_approvers(names),
        *_captured(names, keys),
        *_scaled(names),
    )
    known = {place.arn for place in by_hand} | {place.pattern for place in by_hand}
    others = [thing for thing in made if thing.arn not in known]
    logs = (place for thing in others if isinstance(thing, LogGroup) for place in _logs(thing.arn))
    return ResourceCatalog((*_of_things(names, others), *logs, *by_hand))


def _of_things(names: Names, things: Iterable[Thing]) -> Iterator[Place]:
    """By the names of their types: ``AWS::SNS::Topic`` is a ``topic`` of ``sns``. Several of a type are told apart by
    target, and then by ARN."""
    kept = [thing for thing in things if not isinstance(thing, LogGroup)]
    alike = Counter(_words(names, thing) for thing in kept)
    for thing in kept:
        words = _words(names, thing)
        resource_class = words if alike[words] == 1 else f"{words} {thing.arn}"
        plain = _plain(thing)
        for named in ((thing.type.split("::")[1].lower(), _KINDS.get(plain, plain)), ("sts", plain)):
            if named in service_actions().templates:
                yield Place(*named, thing.arn, thing.account, resource_class, thing.arn)


def _plain(thing: Thing) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", thing.type.split("::")[2]).lower()


def _words(names: Names, thing: Thing) -> str:
    own = {
        names.release_pipeline_arn: "releasing pipeline",
        names.copy_function_arn: "copying function",
        names.judge_function_arn: "judging function",
        names.registry_function_arn: "releasing function",
        names.schedule_function_arn: "scheduled function",
    }
    plain = own.get(thing.arn) or _plain(thing)
    targets = {(target.id, names.region_of(target)): target for target in names.production}
    target = targets.get((thing.account, thing.region))
    words = plain.removesuffix("-policy").replace("-", " ")
    return words if target is None else f"{words} in {_where(names, target)}"


def _where(names: Names, target: ProductionTarget) -> str:
    return target.id if names.elsewhere(target) is None else f"{target.id} in {names.region_of(target)}"


_KINDS = {"event-bus-policy": "event-bus", "rule": "rule-on-default-event-bus"}
"""Types that the Service Authorization Reference calls otherwise."""


def unrelated_places(names: Names) -> Iterator[Place]:
    """One resource of every type of every service in each account of the map."""
    elsewhere = dict.fromkeys((target.id, names.region_of(target)) for target in names.production)
    for account, region in dict.fromkeys((*((account, names.region) for account in names.accounts), *elsewhere)):
        for (service, kind), template in service_actions().templates.items():
            filler = f"{UNRELATED}-{account}"
            if region != names.region and "${Region}" not in template:
                continue  # the same resource, whatever the region
            arn = filled(template, names.partition, region, account, filler)
            yield Place(service, kind, arn, account, f"unrelated {service} {kind}", arn)


def foreign_places(names: Names) -> Iterator[Place]:
    """What a foreign account may open to us to carry data away or to lead us astray: bucket, key and role."""
    templates = service_actions().templates
    for service, kind in (("s3", "bucket"), ("s3", "object"), ("kms", "key"), ("iam", "role"), ("sts", "role")):
        arn = filled(templates[service, kind], names.partition, names.region, FOREIGN_ACCOUNT, f"{UNRELATED}-foreign")
        yield Place(service, kind, arn, FOREIGN_ACCOUNT, f"foreign {service} {kind}", arn)


# -- ours, where a thing is several places, and what runs make ---------------------------------------------------------


def _storage(names: Names, keys: Keys, region: str) -> Iterator[Place]:
    """Bucket and key of one region."""
    account, bucket = names.shared, names.bucket_arn_in(region)
    where = "" if region == names.region else f" of {region}"
    yield Place("s3", "bucket", bucket, account, f"bucket{where}", bucket)
    for resource_class, key, pattern, within in objects(names, region):
        arn, covered = names.object_arn(key, region), names.object_arn(pattern, region)
        yield Place("s3", "object", arn, account, f"{resource_class}{where}", covered, within)
    yield Place("kms", "key", keys[region], account, f"key{where}", keys[region])


def _delivery(names: Names, things: Iterable[Thing]) -> Iterator[Place]:
    """The parts of the pipeline, the connection under either prefix, and the shared account's logs."""
    account = names.shared
    for arn in names.connection_arns:
        service = Arn.parse(arn).service
        yield Place(service, "Connection", arn, account, f"connection, called by {service}", arn)
    for arn, of in ((names.pipeline_arn, ""), (names.release_pipeline_arn, " of a release")):
        yield Place("codepipeline", "stage", f"{arn}/Approve", account, f"stage{of}", f"{arn}/*")
        yield Place("codepipeline", "action", f"{arn}/Approve/Review", account, f"action{of}", f"{arn}/*/*")
    groups = (thing.arn for thing in things if isinstance(thing, LogGroup) and thing.account == account)
    for group in sorted(groups):
        yield from _logs(group)


def _approvers(names: Names) -> Iterator[Place]:
    """Their role, which looks at its own trust policy; the map's, not one that the project makes."""
    if (role := names.approver_role) is not None:
        for service in ("iam", "sts"):
            yield Place(service, "role", role, names.shared, "approvers' role", role)


def _training(names: Names) -> Iterator[Place]:
    account, job = names.training, job_name(names)
    stack = stack_arn(names)
    rule = names.arn("events", account, "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule")
    yield Place("cloudformation", "stack", stack, account, "stack", names.stack_arn_pattern)
    machine = names.state_machine_arn
    yield Place("states", "statemachine", machine, account, "state machine", machine)
    executions = names.execution_arn(names.job_pattern)
    yield Place("states", "execution", names.execution_arn(job), account, "execution", executions)
    jobs = names.training_job_arn(names.job_pattern)
    yield Place("sagemaker", "training-job", names.training_job_arn(job), account, "training job", jobs)
    for kind in ("model", "transform-job"):
        arn, pattern = (
            names.arn("sagemaker", account, f"{kind}/{name}") for name in (scoring_name(names), names.scoring_pattern)
        )
        yield Place("sagemaker", kind, arn, account, f"{kind} that scores", pattern)
    yield Place("events", "rule-on-default-event-bus", rule, account, "rule of Step Functions", rule)
    for group in ("TrainingJobs", "TransformJobs"):
        yield from _logs(names.arn("logs", account, f"log-group:/aws/sagemaker/{group}"))
    image = names.image_repository_arn(names.region)
    yield Place("ecr", "repository", image, account, f"image of {names.region}", image)


def _registry(names: Names) -> Iterator[Place]:
    if names.model_package_group is not None:
        arn, pattern = names.model_package_arn("1"), names.model_package_arn("*")
        yield Place("sagemaker", "model-package", arn, names.shared, "model package", pattern)


def _production(names: Names) -> Iterator[Place]:
    for target in names.production:
        account, region = target.id, names.region_of(target)
        where = _where(names, target)
        for kind in ("model", "endpoint-config"):
            pattern = names.target_arn(target, "sagemaker", f"{kind}/{names.model_pattern}")
            arn = names.target_arn(target, "sagemaker", f"{kind}/{names.model_prefix}-{DATASET}")
            yield Place("sagemaker", kind, arn, account, f"{kind} in {where}", pattern)
        endpoint = names.endpoint_arn(target)
        yield Place("sagemaker", "endpoint", endpoint, account, f"endpoint in {where}", endpoint)
        temporary = names.smoke_endpoint_arn(target)
        yield Place("sagemaker", "endpoint", temporary, account, f"temporary endpoint in {where}", temporary)
        pattern = names.target_arn(target, "sagemaker", f"endpoint-config/{names.smoke_pattern}")
        arn = smoke_config(names, target)
        yield Place("sagemaker", "endpoint-config", arn, account, f"temporary configuration in {where}", pattern)
        alarm = names.error_alarm_arn(target)
        yield Place("cloudwatch", "alarm", alarm, account, f"alarm in {where}", alarm)
        image = names.image_repository_arn(region)
        # The registry's own policy is AWS's and admits every account: the repository counts as the caller's.
        yield Place("ecr", "repository", image, account, f"image of {names.region_of(target)}", image)
        for group in (names.function_log_group, names.endpoint_log_group, names.smoke_log_group):
            yield from _logs(names.target_arn(target, "logs", f"log-group:{group}"))


def _captured(names: Names, keys: Keys) -> Iterator[Place]:
    """Buckets and keys of what endpoints capture."""
    for target in names.capturing:
        account, bucket, key = target.id, names.capture_bucket_arn(target), keys.of_captured(target.name)
        where, objects = _where(names, target), f"{bucket}/{names.capture_prefix}*"
        elsewhere = f"{bucket}/{UNRELATED}"
        yield Place("s3", "bucket", bucket, account, f"bucket of captured requests in {where}", bucket)
        arn = f"{bucket}/{captured_key(names)}"
        yield Place("s3", "object", arn, account, f"captured requests in {where}", objects)
        yield Place("s3", "object", elsewhere, account, f"beside the captured requests in {where}", elsewhere)
        yield Place("kms", "key", key, account, f"key of captured requests in {where}", key)


def _batch(names: Names) -> Iterator[Place]:
    """What predicts files, and the bucket that they lie in."""
    if (target := names.batch_target) is None:
        return
    bucket = names.batch_bucket_arn
    yield Place("s3", "bucket", bucket, target.id, "bucket of files", bucket)
    yield Place("s3", "object", f"{bucket}/{UNRELATED}/file", target.id, "files", f"{bucket}/*")
    for kind in ("model", "transform-job"):
        arn, pattern = (
            names.target_arn(target, "sagemaker", f"{kind}/{name}") for name in (batch_name(names), names.batch_pattern)
        )
        yield Place("sagemaker", kind, arn, target.id, f"{kind} that predicts files", pattern)
    yield from _logs(names.target_arn(target, "logs", "log-group:/aws/sagemaker/TransformJobs"))


def _scaled(names: Names) -> Iterator[Place]:
    """What Application Auto Scaling makes for an endpoint: the target, its alarms, and the role as which it scales."""
    if names.config.endpoint.autoscaling is None:
        return
    for target in names.production:
        account, where = target.id, _where(names, target)
        arn, alarm = scalable_target(names, target), scaling_alarm(names, target)
        pattern, alarms = names.scalable_targets_arn(target), names.scaling_alarms_arn(target)
        role = names.scaling_service_role(target)
        yield Place("application-autoscaling", "ScalableTarget", arn, account, f"scalable target in {where}", pattern)
        yield Place("cloudwatch", "alarm", alarm, account, f"alarms of scaling in {where}", alarms)
        yield Place("iam", "role", role, account, f"role that scales in {account}", role)


def _logs(arn: str) -> Iterator[Place]:
    """A log group is named without colon, or with the empty stream behind it (as DescribeLogStreams' denials show)."""
    group = Arn.parse(arn)
    account, words = group.account, f"{group.id} in {group.account} {group.region}"
    yield Place("logs", "log-group", arn, account, f"log group {words}", arn)
    yield Place("logs", "log-group", f"{arn}:log-stream:", account, f"log group {words}", f"{arn}:log-stream:")
    yield Place("logs", "log-stream", f"{arn}:log-stream:stream", account, f"log stream {words}", f"{arn}:*")
