"""What holds for every type: created once, drift put right, tags kept, somebody else's left alone, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, example
from tests.resources.cloud import Cloud
from tests.resources.fake_codecommit import FakeCodeCommit
from xacct_ml.engine.events import Absent, Deleted, KeptBack
from xacct_ml.resources.blueprint import drivers
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import PROJECT_TAG, Names
from xacct_ml.system.system import system
from xacct_ml.system.thing import Key, Role, Thing

THINGS = {thing.id: thing for thing in system(example(), Keys.stand_ins(Names(example())))}
ELSEWHERE = {
    "AWS::CloudFormation::Stack": "test_stack",
    "AWS::CodeConnections::Connection": "test_connection",
    "AWS::Events::EventBusPolicy": "test_event_bus_permission",
    "AWS::S3::Object": "test_source_object",
    "AWS::SageMaker::ModelPackageGroup": "test_model_package_group",
    "AWS::SNS::Topic": "test_topic",
    "AWS::Scheduler::Schedule": "test_schedule",
    "AWS::Scheduler::ScheduleGroup": "test_schedule",
}
"""Types that plain moto cannot make, or whose resources are not made as the others are, and where their tests are."""

DRIFT_ELSEWHERE = {"AWS::CodePipeline::Pipeline": "test_pipeline", "AWS::KMS::Alias": "test_kms_key"}
"""Types whose drift is a matter of structure, or of the key."""


def cases() -> Iterator[Thing]:
    """The first and the last thing of each type."""
    for type_ in {thing.type for thing in THINGS.values()} - ELSEWHERE.keys():
        of_type = [thing for thing in THINGS.values() if thing.type == type_]
        yield from (of_type[0], of_type[-1])


def keys_and_roles(thing: Thing) -> Iterator[str]:
    """Those that it needs, and what these need."""
    for id_ in thing.needs:
        if isinstance(THINGS[id_], Key | Role):
            yield from (*keys_and_roles(THINGS[id_]), id_)


NEEDS = {thing.id: tuple(dict.fromkeys(keys_and_roles(thing))) for thing in sorted(cases(), key=lambda one: one.id)}
EACH = [pytest.param(id_, marks=[pytest.mark.long] if id_ == "shared/release-pipeline" else []) for id_ in NEEDS]
"""The pipeline that releases is one more of a type that is there, and takes seconds."""
OTHER_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
)
OTHER_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
)


@pytest.fixture
def cloud(cloud: Cloud) -> Cloud:
    cloud.replaced["codecommit"] = FakeCodeCommit(cloud.calls)
    return cloud


def needed(cloud: Cloud, id_: str) -> None:
    cloud.apply(*cloud.resources(*NEEDS[id_]))
    cloud.forget()


def test_no_type_is_forgotten() -> None:
    """Each is made and deleted here, or has tests of its own."""
    assert {THINGS[id_].type for id_ in NEEDS} | ELSEWHERE.keys() == drivers().keys()
    assert all((Path(__file__).parent / f"{module}.py").exists() for module in ELSEWHERE.values())


def test_drift_of_no_type_is_forgotten() -> None:
    """Each is changed by somebody below, or in tests of its own."""
    changed = {THINGS[id_].type for id_, *_ in DRIFTS}
    forgotten = drivers().keys() - changed - ELSEWHERE.keys() - DRIFT_ELSEWHERE.keys()
    assert not forgotten, f"no case of DRIFTS changes a thing of {sorted(forgotten)}"
    assert all((Path(__file__).parent / f"{module}.py").exists() for module in DRIFT_ELSEWHERE.values())


@pytest.mark.parametrize("id_", EACH)
def test_created_once(cloud: Cloud, id_: str) -> None:
    """The first run creates it with the project's tags and reads back what it wanted; the second makes no write."""
    needed(cloud, id_)
    everything = cloud.resources(*NEEDS[id_], id_)
    written = cloud.apply(*everything).written
    assert id_ in written or id_ == "shared/alias"  # which comes with its key, and so was made with what is needed
    cloud.forget()
    report = cloud.apply(*everything)
    assert cloud.writes == []
    assert report.written == ()
    assert cloud.observe(id_).get("tags", cloud.names.tags) == cloud.names.tags


@pytest.mark.parametrize("id_", EACH)
def test_deleted_and_gone(cloud: Cloud, id_: str) -> None:
    """Deleting it leaves nothing behind; deleting it again has nothing to do. A key can only wait for its deletion."""
    cloud.apply(*cloud.resources(*NEEDS[id_], id_))
    (resource,) = cloud.resources(id_)
    assert isinstance(cloud.destroy(resource).outcomes[id_], KeptBack if id_ == "shared/key" else Deleted)
    cloud.forget()
    assert isinstance(cloud.destroy(resource).outcomes[id_], KeptBack if id_ == "shared/key" else Absent)
    assert cloud.writes == []


Change = Callable[[Cloud], object]


def s3(cloud: Cloud) -> Any:
    return cloud.client(SHARED, "s3")


def iam(cloud: Cloud) -> Any:
    return cloud.client(SHARED, "iam")


def functions(cloud: Cloud) -> Any:
    return cloud.client(PRODUCTION, "lambda")


def key_id(cloud: Cloud) -> str:
    return str(cloud.observe("shared/key")["arn"]).rsplit("/", 1)[-1]


BUCKET = "churn-111111111111-us-east-1"
ROLE = "churn-pipeline"
DRIFTS: list[tuple[str, str, Change, list[str]]] = [
    (
        "shared/key",
        "policy",
        lambda c: c.client(SHARED, "kms").put_key_policy(KeyId=key_id(c), PolicyName="default", Policy=OTHER_POLICY),
        ["kms:PutKeyPolicy"],
    ),
    (
        "shared/key",
        "rotation",
        lambda c: c.client(SHARED, "kms").disable_key_rotation(KeyId=key_id(c)),
        ["kms:EnableKeyRotation"],
    ),
    ("shared/key", "disabled", lambda c: c.client(SHARED, "kms").disable_key(KeyId=key_id(c)), ["kms:EnableKey"]),
    (
        "shared/key",
        "extra tag",
        lambda c: c.client(SHARED, "kms").tag_resource(KeyId=key_id(c), Tags=[{"TagKey": "x", "TagValue": "y"}]),
        ["kms:UntagResource"],
    ),
    (
        "shared/key",
        "pending deletion",
        lambda c: c.client(SHARED, "kms").schedule_key_deletion(KeyId=key_id(c)),
        ["kms:CancelKeyDeletion", "kms:EnableKey", "kms:EnableKeyRotation"],
    ),
    ("shared/bucket", "policy", lambda c: s3(c).delete_bucket_policy(Bucket=BUCKET), ["s3:PutBucketPolicy"]),
    (
        "shared/bucket",
        "encryption",
        lambda c: s3(c).put_bucket_encryption(
            Bucket=BUCKET,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        ),
        ["s3:PutBucketEncryption"],
    ),
    (
        "shared/bucket",
        "versioning",
        lambda c: s3(c).put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}),
        ["s3:PutBucketVersioning"],
    ),
    (
        "shared/bucket",
        "public access",
        lambda c: s3(c).delete_public_access_block(Bucket=BUCKET),
        ["s3:PutPublicAccessBlock"],
    ),
    (
        "shared/bucket",
        "ownership",
        lambda c: s3(c).put_bucket_ownership_controls(
            Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
        ["s3:PutBucketOwnershipControls"],
    ),
    (
        "shared/bucket",
        "lifecycle",
        lambda c: s3(c).delete_bucket_lifecycle(Bucket=BUCKET),
        ["s3:PutBucketLifecycleConfiguration"],
    ),
    (
        "shared/role/pipeline",
        "trust",
        lambda c: iam(c).update_assume_role_policy(RoleName=ROLE, PolicyDocument=OTHER_TRUST),
        ["iam:UpdateAssumeRolePolicy"],
    ),
    (
        "shared/role/pipeline",
        "an inline policy changed",
        lambda c: iam(c).put_role_policy(RoleName=ROLE, PolicyName="source", PolicyDocument=OTHER_POLICY),
        ["iam:PutRolePolicy"],
    ),
    (
        "shared/role/pipeline",
        "an inline policy missing",
        lambda c: iam(c).delete_role_policy(RoleName=ROLE, PolicyName="source"),
        ["iam:PutRolePolicy"],
    ),
    (
        "shared/role/pipeline",
        "an inline policy too many",
        lambda c: iam(c).put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=OTHER_POLICY),
        ["iam:DeleteRolePolicy"],
    ),
    (
        "shared/role/pipeline",
        "a managed policy attached",
        lambda c: iam(c).attach_role_policy(
            RoleName=ROLE,
            PolicyArn=iam(c).create_policy(PolicyName="any", PolicyDocument=OTHER_POLICY)["Policy"]["Arn"],
        ),
        ["iam:DetachRolePolicy"],
    ),
    (
        "shared/role/pipeline",
        "a boundary",
        lambda c: iam(c).put_role_permissions_boundary(
            RoleName=ROLE, PermissionsBoundary=f"arn:aws:iam::{SHARED}:policy/any"
        ),
        ["iam:DeleteRolePermissionsBoundary"],
    ),
    (
        "shared/role/pipeline",
        "description",
        lambda c: iam(c).update_role(RoleName=ROLE, Description="changed"),
        ["iam:UpdateRole"],
    ),
    (
        "production/log-group",
        "retention",
        lambda c: c.client(PRODUCTION, "logs").put_retention_policy(
            logGroupName="/aws/lambda/churn-deploy", retentionInDays=1
        ),
        ["logs:PutRetentionPolicy"],
    ),
    (
        "production/function",
        "timeout",
        lambda c: functions(c).update_function_configuration(FunctionName="churn-deploy", Timeout=3),
        ["lambda:UpdateFunctionConfiguration"],
    ),
    (
        "production/function",
        "environment",
        lambda c: functions(c).update_function_configuration(
            FunctionName="churn-deploy", Environment={"Variables": {"X": "y"}}
        ),
        ["lambda:UpdateFunctionConfiguration"],
    ),
    (
        "production/function",
        "code",
        lambda c: functions(c).update_function_code(FunctionName="churn-deploy", ZipFile=b"PK other"),
        ["lambda:UpdateFunctionCode"],
    ),
    (
        "production/function",
        "retries",
        lambda c: functions(c).delete_function_event_invoke_config(FunctionName="churn-deploy"),
        ["lambda:PutFunctionEventInvokeConfig"],
    ),
    (
        "production/alarm/churn-churn-5xx",
        "threshold",
        lambda c: c.client(PRODUCTION, "cloudwatch").put_metric_alarm(
            AlarmName="churn-churn-5xx",
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1000,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            Tags=[{"Key": PROJECT_TAG, "Value": "churn"}],
        ),
        ["cloudwatch:PutMetricAlarm"],
    ),
    (
        "shared/rule/churn-push",
        "disabled",
        lambda c: c.client(SHARED, "events").disable_rule(Name="churn-push"),
        ["events:PutRule"],
    ),
    (
        "shared/rule/churn-push",
        "another target",
        lambda c: c.client(SHARED, "events").put_targets(
            Rule="churn-push", Targets=[{"Id": "other", "Arn": f"arn:aws:sqs:us-east-1:{SHARED}:queue"}]
        ),
        ["events:RemoveTargets"],
    ),
    (
        "shared/rule/churn-push",
        "no target",
        lambda c: c.client(SHARED, "events").remove_targets(Rule="churn-push", Ids=["pipeline"]),
        ["events:PutTargets"],
    ),
    (
        "shared/repository",
        "description",
        lambda c: c.client(SHARED, "codecommit").update_repository_description(
            repositoryName="churn", repositoryDescription="changed"
        ),
        ["codecommit:UpdateRepositoryDescription"],
    ),
    (
        "shared/repository",
        "extra tag",
        lambda c: c.client(SHARED, "codecommit").tag_resource(resourceArn=c.names.repository_arn, tags={"x": "y"}),
        ["codecommit:UntagResource"],
    ),
]


@pytest.mark.parametrize(
    ("id_", "change", "writes"),
    [(id_, change, writes) for id_, _, change, writes in DRIFTS],
    ids=[f"{id_}: {what}" for id_, what, _, _ in DRIFTS],
)
def test_drift_is_put_right_with_the_least_writes(cloud: Cloud, id_: str, change: Change, writes: list[str]) -> None:
    """What somebody changed is written back, and nothing else is."""
    everything = cloud.resources(*NEEDS[id_], id_)
    cloud.apply(*everything)
    change(cloud)
    cloud.forget()
    cloud.apply(*everything)
    assert cloud.writes == writes
