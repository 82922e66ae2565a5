"""A model's way through the Model Registry: registered when it has passed, Approved when it is deployed; a rejected one
stays pending; and teardown keeps what says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import example
from tests.journeys.project import Project, project
from tests.journeys.releases import released, request_of
from tests.journeys.sources import assert_as_proven
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.resources.model_package_group import ModelPackageGroup
from xacct_ml.system.bucket_layout import JUDGED_PREFIX

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "max_depth": 4, "eval_metric": "auc"}


def packages(made: Project) -> list[dict[str, Any]]:
    """Oldest first, each described."""
    sagemaker = made.aws.administrator(made.names.shared).client("sagemaker")
    listed = sagemaker.list_model_packages(ModelPackageGroupName="churn-models", SortOrder="Ascending")
    arns = [each["ModelPackageArn"] for each in listed["ModelPackageSummaryList"]]
    return [sagemaker.describe_model_package(ModelPackageName=arn) for arn in arns]


def statuses(made: Project) -> list[str]:
    return [each["ModelApprovalStatus"] for each in packages(made)]


def groups(made: Project) -> list[str]:
    sagemaker = made.aws.administrator(made.names.shared).client("sagemaker")
    found = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    return [each["ModelPackageGroupName"] for each in found]


def test_a_model_is_registered_approved_and_kept() -> None:
    changes = {"training": {"hyperparameters": HYPERPARAMETERS}, "registry": {"model_package_group": "churn-models"}}
    with project(example(**changes)) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        made.settled(first)

        (pending,) = packages(made)
        record = made.evaluation(first)
        properties = pending["CustomerMetadataProperties"]
        assert pending["ModelApprovalStatus"] == "PendingManualApproval"
        assert (properties["pipeline-execution"], properties["model-sha256"]) == (first, record["model"]["sha256"])
        (container,) = pending["InferenceSpecification"]["Containers"]
        assert container["ModelDataUrl"].endswith(f"{JUDGED_PREFIX}/{record['model']['sha256']}/model.tar.gz")
        assert container["Image"] == record["image"]
        card = json.loads(pending["ModelCard"]["ModelCardContent"])
        (evaluation,) = card["evaluation_details"]
        shown = {each["name"]: each["value"] for each in evaluation["metric_groups"][0]["metric_data"]}
        assert shown["auc"] == record["scores"]["candidate"]["metrics"]["auc"]["value"]
        before = made.status(first)
        assert before.package is not None
        assert (before.package.arn, before.package.released) == (pending["ModelPackageArn"], False)

        made.judge(first, approve=True)
        assert made.settled(first).execution.status == "Succeeded"  # type: ignore[union-attr]
        (approved,) = packages(made)
        assert approved["ModelApprovalStatus"] == "Approved"
        assert first in approved["ApprovalDescription"]
        assert properties["record-sha256"] in approved["ApprovalDescription"]
        after = made.status(first).package
        assert after is not None
        assert after.released

        made.push(NumRound="15")
        second = made.new_run([first])
        made.settled(second)
        made.judge(second, approve=False)
        made.settled(second)
        assert statuses(made) == ["Approved", "PendingManualApproval"]

        made.push(NumRound="18")
        third = made.new_run([first, second])
        made.settled(third)
        made.judge(third, approve=True)
        made.settled(third)
        assert statuses(made) == ["Approved", "PendingManualApproval", "Approved"]
        card = json.loads(packages(made)[2]["ModelCard"]["ModelCardContent"])
        assert len(card["evaluation_details"]) == 3  # beside the live model, and the difference

        release, status, why = released(made, request_of(made, second))
        assert (status, why) == ("Succeeded", "")
        assert statuses(made) == ["Approved"] * 3
        assert release in packages(made)[1]["ApprovalDescription"]
        assert released(made, request_of(made, first))[1] == "Succeeded"  # approved before
        assert first in packages(made)[0]["ApprovalDescription"]

        made.predict()
        assert_as_proven(made)
        kept = teardown(made.config, made.accounts, lambda _: None)
        (why,) = [left.why for left in kept.left if left.what.startswith(ModelPackageGroup.kind)]
        assert "3 model packages" in why
        assert len(packages(made)) == 3
        teardown(made.config, made.accounts, lambda _: None, delete_evidence=True).report.raise_failures()
        assert groups(made) == []
