"""Names and ARNs that follow from the map."""

from __future__ import annotations

import re
from typing import Any

import botocore.session
import pytest

from tests.configs import example
from xacct_ml.system.names import Names
from xacct_ml.tables.regions import XGBOOST_REGISTRIES

REGIONS = ["us-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "us-isof-south-1"]


def test_names_of_the_example() -> None:
    """What a user of the example map sees in the accounts."""
    names = Names(example())
    target = names.production[0]
    assert names.bucket == "churn-111111111111-us-east-1"
    assert names.pipeline_arn == "arn:aws:codepipeline:us-east-1:111111111111:churn"
    assert names.state_machine_role == "arn:aws:iam::222222222222:role/churn-state-machine"
    assert names.function_arn(target) == "arn:aws:lambda:us-east-1:333333333333:function:churn-deploy"
    assert names.manifest_key == "data/manifest.json"
    assert names.channel_key("0123456789abcdef", "train") == "data/0123456789abcdef/train/train.csv"


def test_names_that_the_map_states() -> None:
    """Stated names win over those that follow from the project."""
    names = Names(
        example(
            bucket={"name": "our-bucket"},
            endpoint={"name": "scores"},
            pipeline={"name": "A-Pipeline-with-a-long-name", "repository": "models", "branch": "release"},
            roles={"path": "/ml/", "name_prefix": "acme-", "permissions_boundary": "/boundaries/ml"},
        )
    )
    assert (names.bucket, names.endpoint, names.repository, names.branch) == (
        "our-bucket",
        "scores",
        "models",
        "release",
    )
    assert names.artifact_prefix == "A-Pipeline-with-a-lo"
    assert names.training_role == "arn:aws:iam::222222222222:role/ml/acme-churn-training"
    assert names.boundary_arn("222222222222") == "arn:aws:iam::222222222222:policy/boundaries/ml"


def test_no_boundary() -> None:
    """Without a boundary in the map there is none in any account."""
    assert Names(example()).boundary_arn("111111111111") is None


@pytest.mark.parametrize("region", REGIONS)
def test_every_arn_is_of_the_partition(region: str) -> None:
    """No ARN has another partition or region than the map's."""
    names = Names(example(region=region))
    target = names.production[0]
    expected = botocore.session.get_session().get_partition_for_region(region)
    arns = [
        names.account_root("111111111111"),
        names.pipeline_role,
        names.bucket_arn,
        names.key_arn(),
        names.repository_arn,
        names.pipeline_arn,
        names.rule_arn(names.push_rule),
        names.stack_arn_pattern,
        names.state_machine_arn,
        names.execution_arn("churn-1"),
        names.training_job_arn("churn-1"),
        names.function_arn(target),
        names.endpoint_arn(target),
    ]
    for arn in arns:
        _, partition, _, arn_region, _ = arn.split(":", 4)
        assert partition == expected
        assert arn_region in ("", region)
    assert names.image_uri.startswith(f"{XGBOOST_REGISTRIES[region]}.dkr.ecr.{region}.{names.dns_suffix}/")


def test_production_targets_differ() -> None:
    """Two targets get the same names in their own accounts."""
    production: Any = ({"id": "333333333333"}, {"id": "444444444444", "name": "europe"})
    accounts = {"shared": {"id": "111111111111"}, "training": {"id": "222222222222"}, "production": production}
    names = Names(example(accounts=accounts))
    first, second = names.production
    assert names.endpoint_role(first) != names.endpoint_role(second)
    assert names.endpoint_role(first).replace("3" * 12, "4" * 12) == names.endpoint_role(second)


def test_sagemaker_arns_match_the_model() -> None:
    """A training job's ARN has the form that SageMaker's model gives."""
    pattern = (
        botocore.session.get_session().get_service_model("sagemaker").shape_for("TrainingJobArn").metadata["pattern"]
    )
    assert re.fullmatch(pattern, Names(example()).training_job_arn("churn-0a1b"))


def test_our_tag_wins() -> None:
    """The project's tag cannot be taken by the map's."""
    names = Names(example(tags={"team": "ml", "xacct-ml:project": "other"}))
    assert names.tags == {"team": "ml", "xacct-ml:project": "churn", "xacct-ml:pipeline": names.pipeline_arn}
