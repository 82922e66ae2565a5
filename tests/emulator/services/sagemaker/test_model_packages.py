"""The Model Registry over HTTP: groups, versions, who may set which status."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import SHARED
from tests.emulator.rights import Roles, allow, error_of
from xacct_ml.emulator.server import EmbeddedAws

CONTAINER = {
    "Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    "ModelDataUrl": "s3://b/m",
}


@pytest.fixture
def sagemaker(aws: EmbeddedAws) -> Any:
    return aws.administrator(SHARED).client("sagemaker")


@pytest.fixture
def group(sagemaker: Any, unique: str) -> str:
    sagemaker.create_model_package_group(ModelPackageGroupName=unique, Tags=[{"Key": "a", "Value": "b"}])
    return unique


def request(group: str, **more: Any) -> dict[str, Any]:
    return {"ModelPackageGroupName": group, "InferenceSpecification": {"Containers": [CONTAINER]}, **more}


def test_a_group_has_its_tags_and_is_found(sagemaker: Any, group: str) -> None:
    described = sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    assert described["ModelPackageGroupStatus"] == "Completed"
    arn = described["ModelPackageGroupArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    listed = sagemaker.list_model_package_groups(NameContains=group)["ModelPackageGroupSummaryList"]
    assert [each["ModelPackageGroupArn"] for each in listed] == [arn]
    taken = error_of(sagemaker.create_model_package_group, ModelPackageGroupName=group)
    assert taken[0] == "ValidationException"
    assert "already exists" in taken[1]


def test_versions_are_counted_and_begin_pending(sagemaker: Any, group: str) -> None:
    first, second = (sagemaker.create_model_package(**request(group))["ModelPackageArn"] for _ in range(2))
    assert (first.rpartition("/")[2], second.rpartition("/")[2]) == ("1", "2")
    described = sagemaker.describe_model_package(ModelPackageName=first)
    assert (described["ModelPackageVersion"], described["ModelApprovalStatus"]) == (1, "PendingManualApproval")
    sagemaker.update_model_package(ModelPackageArn=second, ModelApprovalStatus="Approved", ApprovalDescription="why")
    approved = sagemaker.list_model_packages(ModelPackageGroupName=group, ModelApprovalStatus="Approved")
    assert [each["ModelPackageArn"] for each in approved["ModelPackageSummaryList"]] == [second]
    assert sagemaker.describe_model_package(ModelPackageName=second)["ApprovalDescription"] == "why"


def test_the_same_token_is_one_package(sagemaker: Any, group: str) -> None:
    made = [sagemaker.create_model_package(**request(group, ClientToken="one")) for _ in range(2)]
    assert made[0]["ModelPackageArn"] == made[1]["ModelPackageArn"]


def test_a_version_takes_no_tags_and_no_card_of_another_form(sagemaker: Any, group: str) -> None:
    tagged = error_of(sagemaker.create_model_package, **request(group, Tags=[{"Key": "a", "Value": "b"}]))
    assert tagged[0] == "ValidationException"
    for content in ("{", '{"model_card": {}}', "[]"):
        card = {"ModelCardContent": content, "ModelCardStatus": "Draft"}
        assert error_of(sagemaker.create_model_package, **request(group, ModelCard=card))[0] == "ValidationException"


def test_a_group_with_versions_is_not_deleted(sagemaker: Any, group: str) -> None:
    arn = sagemaker.create_model_package(**request(group))["ModelPackageArn"]
    assert error_of(sagemaker.delete_model_package_group, ModelPackageGroupName=group)[0] == "ConflictException"
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    gone = error_of(sagemaker.describe_model_package_group, ModelPackageGroupName=group)
    assert gone[0] == "ValidationException"
    assert "does not exist" in gone[1]
    assert "does not exist" in error_of(sagemaker.describe_model_package, ModelPackageName=arn)[1]


def test_a_number_is_never_given_again(sagemaker: Any, group: str) -> None:
    first = sagemaker.create_model_package(**request(group))["ModelPackageArn"]
    sagemaker.delete_model_package(ModelPackageName=first)
    assert sagemaker.create_model_package(**request(group))["ModelPackageArn"] != first


def test_who_may_register_may_not_approve(aws: EmbeddedAws, roles: Roles, group: str, unique: str) -> None:
    """``sagemaker:ModelApprovalStatus``: also where nothing is said of the status."""
    region = aws.runtime.region
    packages = f"arn:aws:sagemaker:{region}:{SHARED}:model-package/{group}/*"
    pending = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
    rights = [allow("sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage", resource=packages, **pending)]
    registering = roles.session(f"{unique}-r", *rights).client("sagemaker", region)
    arn = registering.create_model_package(**request(group, ModelApprovalStatus="PendingManualApproval"))
    for refused in ({"ModelApprovalStatus": "Approved"}, {}):
        assert error_of(registering.create_model_package, **request(group, **refused))[0] == "AccessDeniedException"
    approve = {"ModelPackageArn": arn["ModelPackageArn"], "ModelApprovalStatus": "Approved"}
    assert error_of(registering.update_model_package, **approve)[0] == "AccessDeniedException"
    other = request("elsewhere", ModelApprovalStatus="PendingManualApproval")
    assert error_of(registering.create_model_package, **other)[0] == "AccessDeniedException"
