"""The stack: created once, waited for, replaced where it never came to be, otherwise the pipeline's."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.client_errors import client_error
from tests.configs import TRAINING
from tests.resources.cloud import Cloud
from tests.resources.fake_cloudformation import FakeCloudFormation
from xacct_ml.engine.events import Deleted, Failed, KeptBack
from xacct_ml.engine.plan import Action, plan
from xacct_ml.errors import AwsCallFailed, NotReady
from xacct_ml.resources.tags import tag_list

NOT_YET = (
    "'arn:aws:iam::222222222222:role/churn-state-machine' is not authorized to create managed-rule. "
    "(Service: AWSStepFunctions; Status Code: 400; Error Code: AccessDeniedException)"
)
CREATE, DELETE = "cloudformation:CreateStack", "cloudformation:DeleteStack"


def fake(cloud: Cloud, **script: Any) -> FakeCloudFormation:
    cloudformation = FakeCloudFormation(cloud.calls, **script)
    cloud.replaced["cloudformation"] = cloudformation
    return cloudformation


def existing(cloud: Cloud, status: str, **more: Any) -> dict[str, Any]:
    role = cloud.names.cloudformation_role
    return {"StackStatus": status, "Tags": [], "RoleARN": role, "Parameters": [], **more}


def stack(cloud: Cloud) -> Any:
    return cloud.resources("training/stack")[0]


def test_it_is_created_with_role_tags_and_parameters(cloud: Cloud) -> None:
    """The map's configuration and the infrastructure's values, the commit among them."""
    cloudformation = fake(cloud)
    stack(cloud).create({}, {"key_arn": "the key", "commit": "c0ffee"})
    assert cloudformation.stack is not None
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in cloudformation.stack["Parameters"]}
    assert parameters["KeyArn"] == "the key"
    assert parameters["Commit"] == "c0ffee"
    assert parameters["InstanceType"] == "ml.m5.xlarge"
    assert cloudformation.stack["RoleARN"] == f"arn:aws:iam::{TRAINING}:role/churn-cloudformation"
    assert {"Key": "xacct-ml:project", "Value": "churn"} in cloudformation.stack["Tags"]


def test_a_second_run_makes_no_write(cloud: Cloud) -> None:
    """Created and waited for; then it is left."""
    fake(cloud)
    cloud.apply(stack(cloud))
    assert cloud.writes == [CREATE]
    cloud.forget()
    cloud.apply(stack(cloud))
    assert cloud.writes == []


def test_a_role_that_has_not_propagated_is_waited_for(cloud: Cloud) -> None:
    """The failed stack is deleted and created again until Step Functions accepts the role."""
    fake(cloud, creations=[NOT_YET, NOT_YET, None])
    cloud.apply(stack(cloud))
    assert cloud.writes == [CREATE, DELETE, CREATE, DELETE, CREATE]


def test_a_role_that_never_comes_is_a_failure(cloud: Cloud) -> None:
    """Bounded, with CloudFormation's reason."""
    fake(cloud, creations=[NOT_YET])
    (failure,) = cloud.attempt(stack(cloud)).failures
    assert "is not authorized to create managed-rule" in failure.error.message
    assert cloud.clock.now() < 200


def test_another_failure_is_told_at_once_and_replaced_by_the_next_run(cloud: Cloud) -> None:
    """The reason is the first failed resource's, not its consequences'."""
    fake(cloud, creations=["Invalid State Machine Definition", None])
    (failure,) = cloud.attempt(stack(cloud)).failures
    assert isinstance(failure.error, AwsCallFailed)
    assert "StateMachine: Invalid State Machine Definition" in failure.error.message
    assert cloud.writes == [CREATE]
    cloud.forget()
    cloud.apply(stack(cloud))
    assert cloud.writes == [DELETE, CREATE]


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"])
def test_once_it_exists_it_is_the_pipelines(cloud: Cloud, status: str) -> None:
    """Whatever the pipeline did to it, also without our tag, bootstrap leaves it."""
    fake(cloud, stack=existing(cloud, status))
    cloud.apply(stack(cloud))
    assert cloud.writes == []


@pytest.mark.parametrize(
    ("status", "then", "writes"),
    [
        ("ROLLBACK_COMPLETE", None, [DELETE, CREATE]),
        ("CREATE_FAILED", None, [DELETE, CREATE]),
        ("CREATE_IN_PROGRESS", "CREATE_COMPLETE", []),
        ("CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE", [DELETE, CREATE]),
        ("DELETE_IN_PROGRESS", "gone", [CREATE]),
    ],
)
def test_what_was_never_created_is_replaced(cloud: Cloud, status: str, then: str | None, writes: list[str]) -> None:
    """What is under way is waited for first."""
    cloudformation = fake(cloud, stack=existing(cloud, status))
    if then is not None:
        cloudformation.will_become(None if then == "gone" else then)
    cloud.apply(stack(cloud))
    assert cloud.writes == writes


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ("ROLLBACK_COMPLETE", Action.REPLACE),
        ("CREATE_IN_PROGRESS", Action.UPDATE),
        ("UPDATE_ROLLBACK_COMPLETE", Action.NOTHING),
    ],
)
def test_a_plan_says_what_happens_to_it(cloud: Cloud, status: str, action: Action) -> None:
    """One that was never created is deleted and created again; one under way is waited for."""
    fake(cloud, stack=existing(cloud, status))
    (step,) = plan([stack(cloud)]).steps
    assert step.action is action


def test_somebody_elses_stack_is_left(cloud: Cloud) -> None:
    """Neither our tag nor our role."""
    fake(cloud, stack=existing(cloud, "CREATE_COMPLETE", RoleARN="arn:aws:iam::222222222222:role/other"))
    assert isinstance(cloud.attempt(stack(cloud)).outcomes["training/stack"], Failed)
    assert isinstance(cloud.destroy(stack(cloud)).outcomes["training/stack"], KeptBack)
    assert cloud.writes == []


def test_another_pipelines_stack_is_left(cloud: Cloud) -> None:
    """It has the same role; by its tag, or by its role's where the pipeline's action made it without."""
    (role,) = cloud.resources("training/role/cloudformation")
    cloud.apply(role)
    fake(cloud, stack=existing(cloud, "CREATE_COMPLETE"))
    assert stack(cloud).read({}) is not None
    for tags in ([], tag_list(cloud.names.tags)):
        cloud.map(pipeline={"name": "churn-two"})
        fake(cloud, stack=existing(cloud, "CREATE_COMPLETE", Tags=tags))
        cloud.forget()
        (step,) = plan([stack(cloud)]).steps
        assert "belongs to the pipeline arn:aws:codepipeline:us-east-1:111111111111:churn" in str(step.error)
        assert isinstance(cloud.destroy(stack(cloud)).outcomes["training/stack"], KeptBack)
        assert cloud.writes == []
        cloud.map()


def test_deletion_is_waited_for(cloud: Cloud) -> None:
    """The role goes after the stack, so the stack must be gone when the deletion returns."""
    cloudformation = fake(cloud, stack=existing(cloud, "UPDATE_COMPLETE"))
    assert isinstance(cloud.destroy(stack(cloud)).outcomes["training/stack"], Deleted)
    assert cloudformation.stack is None


def test_a_failed_deletion_says_why(cloud: Cloud) -> None:
    """With the role that CloudFormation deletes with."""
    fake(cloud, stack=existing(cloud, "UPDATE_COMPLETE"), deletion_fails="Role cannot be assumed")
    outcome = cloud.destroy(stack(cloud)).outcomes["training/stack"]
    assert isinstance(outcome, Failed)
    assert "DELETE_FAILED: StateMachine: Role cannot be assumed" in outcome.error.message
    assert cloud.names.cloudformation_role in (outcome.error.next_step or "")


def test_a_stack_whose_rollback_failed_is_told_with_the_command(cloud: Cloud) -> None:
    """Nothing can update it, so bootstrap may not call it well."""
    fake(cloud, stack=existing(cloud, "UPDATE_ROLLBACK_FAILED"))
    (failure,) = cloud.attempt(stack(cloud)).failures
    assert isinstance(failure.error, NotReady)
    assert "continue-update-rollback --stack-name churn-training --region us-east-1" in str(failure.error.next_step)
    assert cloud.writes == []


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "DELETE_FAILED", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_whatever_state_a_stack_is_stuck_in_it_is_deleted(cloud: Cloud, status: str) -> None:
    fake(cloud, stack=existing(cloud, status))
    report = cloud.destroy(stack(cloud))
    assert isinstance(report.outcomes["training/stack"], Deleted)


def refused_without(cloud: Cloud, role: str) -> FakeCloudFormation:
    """A CloudFormation that deletes as a role that is there alone; in AWS's words (aws-cdk, ekristen/aws-nuke #535)."""

    class AsTheRole(FakeCloudFormation):
        def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
            try:
                cloud.client(TRAINING, "iam").get_role(RoleName=role)
            except ClientError:
                arn = f"arn:aws:iam::{TRAINING}:role/{role}"
                said = f"Role {arn} is invalid or cannot be assumed"
                raise client_error("ValidationError", said, call=DELETE, account=TRAINING) from None
            super().delete_stack(StackName=StackName)

    cloud.replaced["cloudformation"] = found = AsTheRole(cloud.calls, stack=existing(cloud, "CREATE_COMPLETE"))
    return found


def test_a_stack_whose_role_is_gone_is_deleted_and_the_role_after_it(cloud: Cloud) -> None:
    """The role is made again for that alone."""
    refused_without(cloud, "churn-cloudformation")
    report = cloud.destroy(*cloud.resources("training/role/cloudformation", "training/stack"))
    assert report.ok
    assert isinstance(report.outcomes["training/stack"], Deleted)
    assert isinstance(report.outcomes["training/role/cloudformation"], Deleted)
    assert cloud.observe("training/role/cloudformation") is None


def test_a_role_that_lost_its_rights_gets_them_back_first(cloud: Cloud) -> None:
    """Otherwise the stack would end in DELETE_FAILED."""
    role = cloud.resources("training/role/cloudformation")[0]
    cloud.apply(role)
    iam = cloud.client(TRAINING, "iam")
    for name in iam.list_role_policies(RoleName=role.name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role.name, PolicyName=name)
    refused_without(cloud, "churn-cloudformation")
    cloud.forget()
    cloud.destroy(stack(cloud)).raise_failures()
    assert cloud.writes.index("iam:PutRolePolicy") < cloud.writes.index(DELETE)


def test_a_role_as_it_should_be_is_left(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources("training/role/cloudformation"))
    refused_without(cloud, "churn-cloudformation")
    cloud.forget()
    cloud.destroy(stack(cloud)).raise_failures()
    assert cloud.writes == [DELETE]


def test_what_the_stack_cannot_delete_is_named(cloud: Cloud) -> None:
    """A bucket of the team's template that is not empty is not a matter of the role."""
    fake(cloud, stack=existing(cloud, "UPDATE_COMPLETE"), deletion_fails="The bucket you tried to delete is not empty")
    (failure,) = cloud.destroy(stack(cloud)).failures
    assert "is not empty" in failure.error.message
    assert "empty it" in str(failure.error.next_step)
