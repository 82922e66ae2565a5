"""How somebody changes, by hand and with every right, each property that we set.

By type of resource and member of its state; every resource of the blueprint is changed in every member of its own, so
a new one joins by itself, and a new property that nobody can change by hand here is found by a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.configs import PRODUCTION
from tests.sweeps.commands import BY_NAME
from tests.sweeps.plain import plain_clients
from tests.sweeps.sweep import Sweep
from tests.sweeps.world import World
from xacct_ml.engine.events import Done, Event
from xacct_ml.engine.plan import Action, Step
from xacct_ml.engine.resource import Resource
from xacct_ml.operations.bootstrap import plan_project
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.system.names import PROJECT_TAG, Names
from xacct_ml.system.package import packed
from xacct_ml.system.pipeline import PIPELINE

KIND = "changed by hand"
UNDISTURBED = "create-pipeline"
"""The command after whose run all of a project is there."""


@dataclass(frozen=True)
class Place:
    """The resource that is changed, seen by an administrator of its account."""

    world: World
    resource: Resource

    @property
    def name(self) -> str:
        return self.resource.name

    def client(self, service: str) -> Any:
        return plain_clients(self.world.aws, self.resource.account)(service)

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.world.config.region}:{self.resource.account}:{rest}"

    # -- what the hands below share --------------------------------------------------------------------------------
    @property
    def key(self) -> str:
        """The id of the key, of which ``name`` is the alias."""
        aliases = self.client("kms").list_aliases()["Aliases"]
        return next(str(alias["TargetKeyId"]) for alias in aliases if alias["AliasName"] == self.name)

    def key_policy(self, change: Callable[[list[Any]], object]) -> None:
        kms = self.client("kms")
        policy = json.loads(kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])
        change(policy["Statement"])
        kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=json.dumps(policy))

    def managed_policy(self, name: str) -> str:
        """The ARN of one that somebody made for this role."""
        made = self.client("iam").create_policy(PolicyName=f"{self.name}-{name}", PolicyDocument=json.dumps(OTHER))
        return str(made["Policy"]["Arn"])

    def function(self, **changes: Any) -> None:
        self.settled_functions().update_function_configuration(FunctionName=self.name, **changes)

    def settled_functions(self) -> Any:
        """Lambda's client, once no update of the function is under way."""
        functions = self.client("lambda")
        waiter = functions.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=self.name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
        return functions

    def another_role(self) -> str:
        """The ARN of another role that Lambda may assume."""
        iam = self.client("iam")
        own = self.client("lambda").get_function_configuration(FunctionName=self.name)["Role"].rsplit("/", 1)[-1]
        trust = iam.get_role(RoleName=own)["Role"]["AssumeRolePolicyDocument"]
        return str(iam.create_role(RoleName=TWIN, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"])

    def alarm(self, **changes: Any) -> None:
        cloudwatch = self.client("cloudwatch")
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        kept = {name: value for name, value in alarm.items() if name in self.resource.desired({})}
        cloudwatch.put_metric_alarm(**{**kept, "AlarmName": self.name, **changes})

    def rule(self, **changes: Any) -> None:
        events = self.client("events")
        rule = events.describe_rule(Name=self.name)
        kept = {name: rule[name] for name in ("Name", "EventPattern", "State", "Description")}
        events.put_rule(**{**kept, **changes})

    def pipeline(self, change: Callable[[dict[str, Any]], object]) -> None:
        codepipeline = self.client("codepipeline")
        structure = codepipeline.get_pipeline(name=self.name)["pipeline"]
        change(structure)
        codepipeline.update_pipeline(pipeline=structure)


TWIN = "twin"
OTHER = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
TAG = [{"Key": "team", "Value": "x"}]
TAGS = {"team": "x"}


Hand = Callable[[Place], object]

HANDS: Mapping[str, Mapping[str, Hand]] = {
    "KMS key": {
        "description": lambda at: at.client("kms").update_key_description(KeyId=at.key, Description="x"),
        "rotation": lambda at: at.client("kms").disable_key_rotation(KeyId=at.key),
        "policy": lambda at: at.key_policy(lambda statements: statements.pop()),
        "tags": lambda at: at.client("kms").tag_resource(KeyId=at.key, Tags=[{"TagKey": "team", "TagValue": "x"}]),
        "state": lambda at: at.client("kms").disable_key(KeyId=at.key),
    },
    "S3 bucket": {
        "tags": lambda at: at.client("s3").put_bucket_tagging(
            Bucket=at.name, Tagging={"TagSet": [{"Key": PROJECT_TAG, "Value": "churn"}, *TAG]}
        ),
        "ownership": lambda at: at.client("s3").put_bucket_ownership_controls(
            Bucket=at.name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
        "public_access_block": lambda at: at.client("s3").delete_public_access_block(Bucket=at.name),
        "versioning": lambda at: at.client("s3").put_bucket_versioning(
            Bucket=at.name, VersioningConfiguration={"Status": "Suspended"}
        ),
        "encryption": lambda at: at.client("s3").delete_bucket_encryption(Bucket=at.name),
        "lifecycle": lambda at: at.client("s3").delete_bucket_lifecycle(Bucket=at.name),
        "policy": lambda at: at.client("s3").delete_bucket_policy(Bucket=at.name),
        "eventbridge": lambda at: at.client("s3").put_bucket_notification_configuration(
            Bucket=at.name, NotificationConfiguration={}
        ),
    },
    "CodeCommit repository": {
        "description": lambda at: at.client("codecommit").update_repository_description(
            repositoryName=at.name, repositoryDescription="x"
        ),
        "tags": lambda at: at.client("codecommit").tag_resource(resourceArn=at.arn("codecommit", at.name), tags=TAGS),
    },
    "IAM role": {
        "description": lambda at: at.client("iam").update_role(RoleName=at.name, Description="x"),
        "trust": lambda at: at.client("iam").update_assume_role_policy(
            RoleName=at.name, PolicyDocument=json.dumps(TRUST)
        ),
        "policies": lambda at: at.client("iam").put_role_policy(
            RoleName=at.name,
            PolicyName=at.client("iam").list_role_policies(RoleName=at.name)["PolicyNames"][0],
            PolicyDocument=json.dumps(OTHER),
        ),
        "attached": lambda at: at.client("iam").attach_role_policy(
            RoleName=at.name, PolicyArn=at.managed_policy("attached")
        ),
        "boundary": lambda at: at.client("iam").put_role_permissions_boundary(
            RoleName=at.name, PermissionsBoundary=at.managed_policy("boundary")
        ),
        "tags": lambda at: at.client("iam").tag_role(RoleName=at.name, Tags=TAG),
    },
    "log group": {
        "retention_days": lambda at: at.client("logs").put_retention_policy(logGroupName=at.name, retentionInDays=1),
        "tags": lambda at: at.client("logs").tag_resource(
            resourceArn=at.arn("logs", f"log-group:{at.name}"), tags=TAGS
        ),
    },
    "Lambda function": {
        "code_sha256": lambda at: at.settled_functions().update_function_code(
            FunctionName=at.name, ZipFile=packed({"deploy.py": b"def handler(event, context): pass\n"})
        ),
        "description": lambda at: at.function(Description="x"),
        "runtime": lambda at: at.function(Runtime="python3.12"),
        "handler": lambda at: at.function(Handler="x.y"),
        "role": lambda at: at.function(Role=at.another_role()),
        "timeout": lambda at: at.function(Timeout=3),
        "memory": lambda at: at.function(MemorySize=192),
        "environment": lambda at: at.function(Environment={"Variables": {"AB": "c"}}),
        "events": lambda at: at.client("lambda").put_function_event_invoke_config(
            FunctionName=at.name, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=60
        ),
        "tags": lambda at: at.client("lambda").tag_resource(
            Resource=at.arn("lambda", f"function:{at.name}"), Tags=TAGS
        ),
    },
    "CloudWatch alarm": {
        "AlarmDescription": lambda at: at.alarm(AlarmDescription="x"),
        "AlarmActions": lambda at: at.alarm(AlarmActions=[f"arn:aws:sns:us-east-1:{PRODUCTION}:x"]),
        "Namespace": lambda at: at.alarm(Namespace="AWS/S3"),
        "MetricName": lambda at: at.alarm(MetricName="Invocations"),
        "Statistic": lambda at: at.alarm(Statistic="Maximum"),
        "Period": lambda at: at.alarm(Period=3600),
        "EvaluationPeriods": lambda at: at.alarm(EvaluationPeriods=9),
        "Threshold": lambda at: at.alarm(Threshold=99.0),
        "ComparisonOperator": lambda at: at.alarm(ComparisonOperator="LessThanThreshold"),
        "TreatMissingData": lambda at: at.alarm(TreatMissingData="breaching"),
        "Dimensions": lambda at: at.alarm(Dimensions=[{"Name": "a", "Value": "b"}]),
        "tags": lambda at: at.client("cloudwatch").tag_resource(
            ResourceARN=at.arn("cloudwatch", f"alarm:{at.name}"), Tags=TAG
        ),
    },
    "CodePipeline pipeline": {
        "structure": lambda at: at.pipeline(lambda structure: structure.update(executionMode="QUEUED")),
        "tags": lambda at: at.client("codepipeline").tag_resource(
            resourceArn=at.arn("codepipeline", at.name), tags=[{"key": "team", "value": "x"}]
        ),
    },
    "EventBridge rule": {
        "description": lambda at: at.rule(Description="x"),
        "state": lambda at: at.client("events").disable_rule(Name=at.name),
        "pattern": lambda at: at.rule(EventPattern='{"source":["aws.glue"]}'),
        "targets": lambda at: at.client("events").put_targets(
            Rule=at.name,
            Targets=[
                {
                    "Id": "more",
                    "Arn": at.arn("codepipeline", "other"),
                    "RoleArn": f"arn:aws:iam::{at.resource.account}:role/churn-start",
                }
            ],
        ),
        "tags": lambda at: at.client("events").tag_resource(ResourceARN=at.arn("events", f"rule/{at.name}"), Tags=TAG),
    },
}

NOT_BY_HAND = {
    ("KMS key", "arn"): "AWS gives it",
    ("KMS alias", "key"): "the key that the alias names is the project's, whichever that is",
    ("S3 bucket", "region"): "nobody can move one",
    ("CodeCommit repository", "head"): "the ML team's commits",
    ("IAM role", "path"): "nobody can change it, of a role that exists",
    ("CloudFormation stack", "status"): "what CloudFormation made of it: tried apart",
    ("Lambda function", "state"): "AWS's work on it",
}


@dataclass(frozen=True, order=True)
class Drift:
    """A member of the state of the resource ``id``, changed by hand."""

    id: str
    member: str

    def __str__(self) -> str:
        return f"{self.id}: {self.member}"


def resources(world: World) -> tuple[Resource, ...]:
    return (*bootstrap_resources(world.config, world.wire), *pipeline_resources(world.config, world.wire))


def drifts(world: World) -> Iterator[Drift]:
    """Every property of every resource that somebody can change."""
    for resource in resources(world):
        yield from (Drift(resource.id, member) for member in HANDS.get(resource.kind, ()))


def problem(sweep: Sweep, changed: Iterable[Drift]) -> str | None:
    """Changes all of these by hand. What does not hold: the plan shows exactly them, and bootstrap and create-pipeline
    write exactly their resources, and then everything is as before."""
    world, reference = sweep.world, sweep.reference(UNDISTURBED)
    reference.done.restore()
    wanted = set(changed)
    by_id = {resource.id: resource for resource in resources(world)}
    for resource in reversed(by_id.values()):  # a pipeline can be changed only while its roles are intact
        for member, hand in HANDS.get(resource.kind, {}).items():
            if Drift(resource.id, member) in wanted:
                hand(Place(world, resource))
    steps = planned(world)
    shown = {Drift(id_, change.path[0]) for id_, step in steps.items() for change in step.changes}
    if shown != wanted or {step.action for step in steps.values()} != {Action.UPDATE}:
        return f"shown but not changed: {shown - wanted}; changed but not shown: {wanted - shown}; {steps}"
    if (written := mend(world, steps)) != {drift.id for drift in wanted}:
        return f"written: {written}"
    found: dict[str, Any] = world.everything()
    found = {place: state for place, state in found.items() if not place.endswith(f"/iam/{TWIN}")}
    if Drift(PIPELINE, "structure") in wanted:
        runs = found[f"{Names(world.config).shared}/codepipeline/{Names(world.config).pipeline}"]["runs"]
        if runs.pop(0) != "StartPipelineExecution":
            return "the updated pipeline was not started"
    return sweep.difference(reference, found)


def planned(world: World) -> dict[str, Step]:
    """What the plan would do, by resource; a plan writes nothing."""
    world.begin()
    whole = plan_project(world.config, world.wire)
    assert world.wire.writes == []
    plans = [whole.bootstrap, *([whole.pipeline] if whole.pipeline else [])]
    return {step.resource.id: step for plan in plans for step in plan.steps if step.action is not Action.NOTHING}


def mend(world: World, steps: Iterable[str]) -> set[str]:
    """Runs bootstrap, and create-pipeline where one of ``steps`` is its work; the resources that they wrote."""
    later = {resource.id for resource in pipeline_resources(world.config, world.wire)}
    events: list[Event] = []
    for name in ("bootstrap", UNDISTURBED)[: 1 + (not later.isdisjoint(steps))]:
        world.begin()
        error = BY_NAME[name].run(world, on_event=events.append)
        assert error is None, error.lines()
    return {event.resource.id for event in events if isinstance(event, Done)}
