"""The policies in the accounts, read back from the embedded AWS under the operators' own rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.configs import SHARED, TRAINING, example
from tests.journeys.project import Project, project
from xacct_ml.access.model import Layer, Outcome
from xacct_ml.operations import policies
from xacct_ml.operations.deployed_policies import Live, StalePrincipal, differences, stale_principals
from xacct_ml.operations.verify_live import missing, verdict_of
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.prove import Proof, prove
from xacct_ml.system.statements import trust_service

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made() -> Iterator[Project]:
    with project(example()) as made:
        made.bootstrap()
        yield made


@pytest.fixture
def put_right(made: Project) -> Iterator[None]:
    """Whatever administrators do in a test is undone after it."""
    yield
    made.bootstrap()


@pytest.fixture
def iam(made: Project, put_right: None) -> Any:  # noqa: ARG001
    """The training account's administrator."""
    return made.aws.administrator(TRAINING).client("iam")


def live(made: Project) -> Live:
    return policies.live(made.config, made.accounts)


def denied(found: Proof) -> set[tuple[str, str]]:
    """Role and action of the hops that are not allowed."""
    hops = [proven.hop.request for proven in found.hops if proven.decision.outcome is not Outcome.ALLOWED]
    return {((request.principal.role_arn or "").rsplit("/", 1)[-1], request.action) for request in hops}


def titles(made: Project) -> list[str]:
    return [difference.title for difference in differences(live(made))]


def test_what_bootstrap_made_is_what_the_map_says(made: Project) -> None:
    """Every document comes back with the same meaning, and all that is proven of the map is true of it."""
    read = live(made)
    assert read.world.policies.entries.keys() == read.world.meant.policies.entries.keys()
    assert differences(read) == ()
    assert stale_principals(read) == ()
    assert (read.absent, read.unreadable, dict(read.boundaries)) == ((), (), {})
    assert prove(read.world).holds
    assert all(attack.repelled for attack in attack_all(read.world))


def test_a_removed_statement_differs_and_breaks_its_hops(made: Project, iam: Any) -> None:
    """The difference names the statement as bootstrap would put it back."""
    policy = iam.get_role_policy(RoleName="churn-training", PolicyName="data")["PolicyDocument"]
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "ReadData"]
    iam.put_role_policy(RoleName="churn-training", PolicyName="data", PolicyDocument=json.dumps(policy))
    read = live(made)
    (difference,) = differences(read)
    assert difference.title == f"identity policy 'data' of role churn-training in {TRAINING}"
    assert str(difference.changes[0]).startswith("+ ReadData: ")
    assert denied(prove(read.world)) == {("churn-training", "s3:GetObject")}


def test_a_managed_policy_that_somebody_attached_counts(made: Project, iam: Any) -> None:
    """As one more identity policy: this one stops every upload."""
    freeze = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}}
    arn = iam.create_policy(PolicyName="freeze", PolicyDocument=json.dumps(freeze))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="churn-training", PolicyArn=arn)
    read = live(made)
    assert titles(made) == [f"identity policy 'attached {arn}' of role churn-training in {TRAINING}"]
    assert denied(prove(read.world)) == {("churn-training", "s3:PutObject")}
    iam.detach_role_policy(RoleName="churn-training", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_a_permissions_boundary_is_applied(made: Project, iam: Any) -> None:
    """Only what it allows too is allowed; the proof says that it is what is missing."""
    narrow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    arn = iam.create_policy(PolicyName="narrow", PolicyDocument=json.dumps(narrow))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="churn-state-machine", PermissionsBoundary=arn)
    read = live(made)
    assert {role.rsplit("/", 1)[-1]: one.arn for role, one in read.boundaries.items()} == {"churn-state-machine": arn}
    assert titles(made) == [f"permissions boundary of role churn-state-machine in {TRAINING}"]
    found = prove(read.world)
    assert ("churn-state-machine", "sagemaker:CreateTrainingJob") in denied(found)
    assert ("churn-state-machine", "s3:GetObject") not in denied(found)
    first = next(proven.decision for proven in found.hops if not proven.decision.allowed)
    assert first.missing == (Layer.BOUNDARY,)
    iam.delete_role_permissions_boundary(RoleName="churn-state-machine")
    iam.delete_policy(PolicyArn=arn)


def test_a_role_that_does_not_exist(made: Project, iam: Any) -> None:
    """Its documents are no documents, and nothing that it does is allowed."""
    for name in iam.list_role_policies(RoleName="churn-cloudformation")["PolicyNames"]:
        iam.delete_role_policy(RoleName="churn-cloudformation", PolicyName=name)
    iam.delete_role(RoleName="churn-cloudformation")
    read = live(made)
    assert read.absent == (made.names.cloudformation_role,)
    assert ("churn-cloudformation", "states:CreateStateMachine") in denied(prove(read.world))


@pytest.mark.usefixtures("put_right")
def test_whatever_else_of_the_map_is_not_there_is_named(made: Project) -> None:
    """Without failing the verdict: what has no policies cannot break the proof. A role is not named twice, nor is a
    function passed over that has its role's name."""
    assert not any("IAM role" in what or "Lambda" in what for what in missing(made.config, made.accounts, live(made)))
    made.aws.administrator(SHARED).client("lambda").delete_function(FunctionName="churn-judge")
    iam = made.aws.administrator(SHARED).client("iam")
    for name in iam.list_role_policies(RoleName="churn-judge")["PolicyNames"]:
        iam.delete_role_policy(RoleName="churn-judge", PolicyName=name)
    iam.delete_role(RoleName="churn-judge")
    read = live(made)
    found = missing(made.config, made.accounts, read)
    assert read.absent == (made.names.judge_role,)
    assert f"Lambda function churn-judge in {SHARED}" in found
    assert f"CodePipeline pipeline churn in {SHARED}" in found
    assert not any("IAM role" in what for what in found)
    verdict = replace(verdict_of(read), missing=found)
    assert not any("pipeline" in failure for failure in verdict.failures())


def test_a_principal_that_was_deleted_is_found(made: Project, iam: Any) -> None:
    """AWS then shows its unique id; a role made again under that name is another one."""
    own = trust_service("ec2.amazonaws.com")
    old = iam.create_role(RoleName="old", AssumeRolePolicyDocument=json.dumps(own))["Role"]
    trust = {"Sid": "Old", "Effect": "Allow", "Principal": {"AWS": [old["Arn"]]}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(
        RoleName="churn-train-action", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
    )
    assert stale_principals(live(made)) == ()
    iam.delete_role(RoleName="old")
    read = live(made)
    title = f"trust policy of role churn-train-action in {TRAINING}"
    assert stale_principals(read) == (StalePrincipal(title, "Old", old["RoleId"]),)
    assert denied(prove(read.world)) == {("churn-pipeline", "sts:AssumeRole")}


def test_a_policy_that_may_not_be_read_proves_nothing(made: Project, iam: Any) -> None:
    """It might deny: whatever the role does is undetermined, and said to be."""
    anything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    arn = iam.create_policy(PolicyName="secret", PolicyDocument=json.dumps(anything))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="churn-training", PolicyArn=arn)
    forbid = {"Effect": "Deny", "Action": "iam:GetPolicyVersion", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": forbid})
    iam.put_role_policy(RoleName="xacct-ml-operator", PolicyName="forbid", PolicyDocument=policy)
    read = live(made)
    iam.delete_role_policy(RoleName="xacct-ml-operator", PolicyName="forbid")
    assert read.unreadable == (f"identity policy 'attached {arn}' of role churn-training in {TRAINING}",)
    outcomes = {
        proven.decision.outcome
        for proven in prove(read.world).hops
        if proven.hop.request.principal.role_arn == made.names.training_role
    }
    assert outcomes == {Outcome.UNDETERMINED}
    iam.detach_role_policy(RoleName="churn-training", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_a_bucket_without_a_policy(made: Project, iam: Any) -> None:  # noqa: ARG001 - puts it back
    """Every right of another account goes with it."""
    made.aws.administrator(SHARED).client("s3").delete_bucket_policy(Bucket=made.names.bucket)
    found = denied(prove(live(made).world))
    assert ("churn-endpoint", "s3:GetObject") in found
    assert ("churn-pipeline", "s3:GetObject") not in found


def test_a_difference_that_permits_more_fails_the_verdict(made: Project, iam: Any) -> None:
    """Also where nothing of the proof's world lies in what it opens; one that takes away does not count."""
    policy = iam.get_role_policy(RoleName="churn-training", PolicyName="data")["PolicyDocument"]
    (writing,) = (one for one in policy["Statement"] if one["Sid"] == "WriteModels")
    writing["Resource"] = [writing["Resource"], "arn:aws:s3:::a-bucket-of-no-name-of-ours/*"]
    iam.put_role_policy(RoleName="churn-training", PolicyName="data", PolicyDocument=json.dumps(policy))
    verdict = verdict_of(live(made))
    assert [one.widens for one in verdict.differences] == [True]
    assert "1 documents that may permit more than the map's" in verdict.failures()
