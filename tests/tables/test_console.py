"""Addresses of the console, as they are seen in use."""

from __future__ import annotations

import pytest

from xacct_ml.tables import console


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_each_partition_has_its_host(region: str, host: str) -> None:
    """And the region is told once more behind it."""
    assert console.pipeline_run(region, "churn", "1-2") == (
        f"https://{host}/codesuite/codepipeline/pipelines/churn/executions/1-2/timeline?region={region}"
    )
    assert console.training_job(region, "churn-1") == f"https://{host}/sagemaker/home?region={region}#/jobs/churn-1"
    assert console.endpoint(region, "churn") == f"https://{host}/sagemaker/home?region={region}#/endpoints/churn"
    assert console.stack_events(region, "churn-training") == (
        f"https://{host}/cloudformation/home?region={region}#/stacks/events?stackId=churn-training"
    )


def test_a_log_groups_name_is_encoded_twice() -> None:
    assert console.log_group("eu-west-1", "/aws/lambda/churn-deploy") == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fchurn-deploy"
    )
