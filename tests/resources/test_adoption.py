"""What was there before: left alone, or adopted where the map says so, and then never deleted."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.configs import PRODUCTION, SHARED, example
from tests.resources.cloud import Cloud
from tests.resources.fake_codecommit import FakeCodeCommit
from xacct_ml.engine.events import KeptBack
from xacct_ml.engine.plan import Action, plan
from xacct_ml.engine.resource import NotOurs
from xacct_ml.errors import XacctError
from xacct_ml.resources.base import KEY_ARN
from xacct_ml.system.names import ADOPTED_TAG, PIPELINE_TAG, PROJECT_TAG
from xacct_ml.validation.adoption import adoptable
from xacct_ml.validation.described import described

Make = Callable[[Cloud, dict[str, str]], object]

BUCKET = "churn-111111111111-us-east-1"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
)
RIGHTS = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
ALARM = {
    "AlarmName": "churn-churn-5xx",
    "Namespace": "x",
    "MetricName": "y",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}


@pytest.fixture
def cloud(cloud: Cloud) -> Cloud:
    cloud.replaced["codecommit"] = FakeCodeCommit(cloud.calls)
    return cloud


def pairs(tags: dict[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


# -- somebody else's, made by hand -------------------------------------------------------------------------------------
def bucket(cloud: Cloud, tags: dict[str, str]) -> None:
    s3 = cloud.client(SHARED, "s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": pairs(tags)})


def role(cloud: Cloud, tags: dict[str, str]) -> None:
    iam = cloud.client(SHARED, "iam")
    iam.create_role(RoleName="churn-start", AssumeRolePolicyDocument=TRUST, Description="ours", Tags=pairs(tags))


def key(cloud: Cloud, tags: dict[str, str]) -> str:
    """With the project's alias; the ARN."""
    kms = cloud.client(SHARED, "kms")
    made = kms.create_key(Tags=pairs(tags, "TagKey", "TagValue"))["KeyMetadata"]
    kms.create_alias(AliasName="alias/churn", TargetKeyId=made["KeyId"])
    return str(made["Arn"])


def log_group(cloud: Cloud, tags: dict[str, str]) -> None:
    cloud.client(PRODUCTION, "logs").create_log_group(logGroupName="/aws/lambda/churn-deploy", tags=tags)


def repository(cloud: Cloud, tags: dict[str, str]) -> None:
    codecommit = cloud.client(SHARED, "codecommit")
    codecommit.create_repository(repositoryName="churn", repositoryDescription="the team's", tags=tags)
    files = [{"filePath": "a", "fileContent": b"b"}]
    codecommit.create_commit(
        repositoryName="churn", branchName="main", commitMessage="theirs", putFiles=files, authorName="ann"
    )


def rule(cloud: Cloud, tags: dict[str, str]) -> None:
    cloud.client(SHARED, "events").put_rule(Name="churn-push", EventPattern='{"source": ["x"]}', Tags=pairs(tags))


def alarm(cloud: Cloud, tags: dict[str, str]) -> None:
    cloud.client(PRODUCTION, "cloudwatch").put_metric_alarm(**ALARM, Tags=pairs(tags))


def function(cloud: Cloud, tags: dict[str, str]) -> None:
    iam = cloud.client(PRODUCTION, "iam")
    role = iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    cloud.client(PRODUCTION, "lambda").create_function(
        FunctionName="churn-deploy",
        Runtime="python3.12",
        Handler="a.b",
        Role=role,
        Code={"ZipFile": b"PK theirs"},
        Tags=tags,
    )


def pipeline(cloud: Cloud, tags: dict[str, str]) -> None:
    (ours,) = cloud.resources("shared/pipeline")
    structure = ours.now({KEY_ARN: "arn:aws:kms:us-east-1:111111111111:key/theirs"}).structure
    trust = TRUST.replace("ec2", "codepipeline")
    cloud.client(SHARED, "iam").create_role(RoleName="churn-pipeline", AssumeRolePolicyDocument=trust)
    cloud.client(SHARED, "codepipeline").create_pipeline(pipeline=structure, tags=pairs(tags, "key", "value"))


THEIRS: dict[str, Make] = {
    "shared/bucket": bucket,
    "shared/role/start": role,
    "production/log-group": log_group,
    "shared/repository": repository,
    "shared/rule/churn-push": rule,
    "production/alarm/churn-churn-5xx": alarm,
    "production/function": function,
    "shared/pipeline": pipeline,
}
"""Everything with a name; a key has none."""


def test_no_type_is_forgotten() -> None:
    """Each that the map may adopt by its id is there before, below or in tests of its own."""
    config = example()
    types = {thing.type for thing in described(config) if thing.id in adoptable(config)}
    there = {thing.type for thing in described(config) if thing.id in THEIRS}
    assert not types - there, f"nothing of type {sorted(types - there)} in THEIRS"


@pytest.mark.parametrize("id_", [*THEIRS, "shared/key", "shared/alias"])
def test_somebody_elses_is_never_changed_or_deleted(cloud: Cloud, id_: str) -> None:
    """Our name without our tag: an error with the very line for the map; destroying leaves it and succeeds."""
    arn = THEIRS.get(id_, key)(cloud, {"team": "x"})
    cloud.forget()
    (resource,) = cloud.resources(id_)
    (failure,) = cloud.attempt(resource).failures
    assert isinstance(failure.error, NotOurs)
    assert f"{resource.name} in account {resource.account} exists" in failure.error.message
    wanted = f"`adopt: [{id_}]`" if id_ in THEIRS else f"`key: {{arn: {arn}}}`"
    assert wanted in (failure.error.next_step or "")
    assert isinstance(cloud.destroy(resource).outcomes[id_], KeptBack)
    assert cloud.writes == []


def tags_of(cloud: Cloud, id_: str) -> dict[str, str]:
    """All tags, also those that an adopted resource does not look at."""
    (resource,) = cloud.resources(id_)
    return dict(resource.observe({})["tags"])


def kept(cloud: Cloud, id_: str) -> str:
    """Why destroying it leaves it."""
    outcome = cloud.destroy(*cloud.resources(id_)).outcomes[id_]
    assert isinstance(outcome, KeptBack)
    return outcome.reason


@pytest.mark.parametrize("id_", THEIRS)
def test_only_what_exists_and_is_nobodys_is_adopted(cloud: Cloud, id_: str) -> None:
    """Nothing is made in its place, for the name may be misspelt; two projects would undo each other's changes."""
    cloud.map(adopt=(id_,))
    (step,) = plan(cloud.resources(id_)).steps
    assert step.action is Action.REFUSE
    assert f"take `adopt: [{id_}]` out of the map" in (step.error.next_step or "" if step.error else "")
    THEIRS[id_](cloud, {PROJECT_TAG: "fraud"})
    cloud.forget()
    (failure,) = cloud.attempt(*cloud.resources(id_)).failures
    assert isinstance(failure.error, NotOurs)
    assert "belongs to project fraud" in failure.error.message
    assert "belongs to project fraud" in kept(cloud, id_)
    assert cloud.writes == []


@pytest.mark.parametrize("id_", THEIRS)
def test_an_adopted_resource_is_changed_and_never_deleted(cloud: Cloud, id_: str) -> None:
    """Before, during and after its adoption, whatever the map says by the time of the teardown."""
    THEIRS[id_](cloud, {"team": "x"})
    cloud.map(adopt=(id_,), tags={"team": "ml", "stage": "test"})
    cloud.forget()
    assert kept(cloud, id_) == "was there before, and nothing of it was changed"
    assert cloud.writes == []

    assert [step.action for step in plan(cloud.resources(id_)).steps] == [Action.UPDATE]
    if id_ in ("shared/bucket", "shared/pipeline"):
        cloud.apply(*cloud.resources("shared/key"))
    cloud.apply(*cloud.resources(id_))
    assert tags_of(cloud, id_).keys() == {"team", PROJECT_TAG, PIPELINE_TAG, ADOPTED_TAG}
    assert tags_of(cloud, id_)["team"] == "x"
    cloud.forget()
    assert cloud.apply(*cloud.resources(id_)).written == ()
    assert cloud.writes == []

    cloud.map()
    (failure,) = cloud.attempt(*cloud.resources(id_)).failures
    assert "is adopted, but the map does not say so any more" in failure.error.message
    assert f"put `adopt: [{id_}]` back" in (failure.error.next_step or "")
    assert cloud.writes == []

    assert kept(cloud, id_).startswith("adopted, so it stays")
    assert tags_of(cloud, id_) == {"team": "x"}
    cloud.forget()
    assert "exists and is not this project's" in kept(cloud, id_)
    assert cloud.writes == []


def test_the_tags_come_first_when_adopting_and_go_last(cloud: Cloud) -> None:
    """A run that ends in between leaves what the next one knows to be adopted."""
    role(cloud, {})
    id_ = "shared/role/start"
    cloud.map(adopt=(id_,))
    cloud.forget()
    cloud.apply(*cloud.resources(id_))
    assert cloud.writes[0] == "iam:TagRole"
    cloud.forget()
    assert kept(cloud, id_).startswith("adopted, so it stays")
    assert cloud.writes == ["iam:DeleteRolePolicy", "iam:UntagRole"]


def test_an_adopted_role_keeps_its_description_and_boundary(cloud: Cloud) -> None:
    """A boundary that the map does not name is its owner's limit; what the role may do is the project's."""
    role(cloud, {})
    iam = cloud.client(SHARED, "iam")
    boundary = f"arn:aws:iam::{SHARED}:policy/limit"
    iam.put_role_permissions_boundary(RoleName="churn-start", PermissionsBoundary=boundary)
    iam.put_role_policy(RoleName="churn-start", PolicyName="theirs", PolicyDocument=RIGHTS)
    cloud.map(adopt=("shared/role/start",))
    cloud.apply(*cloud.resources("shared/role/start"))
    made = iam.get_role(RoleName="churn-start")["Role"]
    assert made["Description"] == "ours"
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert iam.list_role_policies(RoleName="churn-start")["PolicyNames"] == ["start"]


def test_an_adopted_repository_keeps_description_and_commits(cloud: Cloud) -> None:
    """Also where teardown is told to delete the repository with its commits."""
    repository(cloud, {})
    head = cloud.client(SHARED, "codecommit").get_branch(repositoryName="churn", branchName="main")
    cloud.map(adopt=("shared/repository",))
    (resource,) = cloud.resources("shared/repository")
    assert cloud.apply(resource).outputs == {"commit": head["branch"]["commitId"]}
    found = cloud.client(SHARED, "codecommit").get_repository(repositoryName="churn")
    assert found["repositoryMetadata"]["repositoryDescription"] == "the team's"


def test_a_stack_cannot_be_adopted(cloud: Cloud) -> None:
    """The pipeline's update would delete what else is in it."""
    (stack,) = cloud.resources("training/stack")
    error: XacctError = stack.not_ours({})
    assert "adopt" not in (error.next_step or "")
