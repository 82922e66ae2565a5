"""Nothing that DescribeTrainingJob tells of a job is left uncompared without a reason."""

from collections.abc import Iterator
from typing import Any

import botocore.session

from xacct_ml.payload import comparison

TOLD = {
    "the same for every job of its name": (
        *("TrainingJobArn", "CreationTime", "TrainingStartTime", "TrainingEndTime", "LastModifiedTime"),
        *("TrainingTimeInSeconds", "BillableTimeInSeconds", "BillableTokenCount", "ProgressInfo"),
    ),
    "how it went: the status is compared": (
        *("SecondaryStatus", "SecondaryStatusTransitions", "FailureReason", "ProfilingStatus", "MlflowDetails"),
        *("DebugRuleEvaluationStatuses", "ProfilerRuleEvaluationStatuses"),
    ),
    "judged by the gate": ("FinalMetricDataList",),
    "compared in a function of their own": (*("InputDataConfig", "AlgorithmSpecification.MetricDefinitions"),),
    "decides nothing about the model": (
        *("AlgorithmSpecification.EnableSageMakerMetricsTimeSeries", "EnableInterContainerTrafficEncryption"),
        *("RetryStrategy", "ProfilerConfig.DisableProfiler", "ProfilerConfig.ProfilingIntervalInMilliseconds"),
        "StoppingCondition.MaxPendingTimeInSeconds",
    ),
    "the model's own name would have another end": ("OutputDataConfig.CompressionType",),
    "only with instance preferences, which are compared": (
        *("ResourceConfig.SelectedInstanceType", "ResourceConfig.SelectedInstanceCount"),
    ),
    "only with a model package, which is compared": ("OutputModelPackageArn",),
}
"""By the reason why they need no comparison, or where they have theirs."""


def members(shape: Any) -> Iterator[str]:
    """Of the answer, and of its structures."""
    for name, member in shape.members.items():
        yield from [f"{name}.{part}" for part in member.members] if member.type_name == "structure" else [name]


def test_every_member_is_compared_or_has_its_reason() -> None:
    """By the API's own model: a new member has to be placed, and a misspelt one is not there."""
    service = botocore.session.get_session().get_service_model("sagemaker")
    known = set(members(service.operation_model("DescribeTrainingJob").output_shape))
    values = {difference.split(" is ")[0] for difference in comparison.differences({}, wanted())}
    placed = {*comparison.ABSENT, *values, *(member for names in TOLD.values() for member in names)}
    assert {member for member in known if placed.isdisjoint((member, member.split(".")[0]))} == set()
    assert placed - known - {member.split(".")[0] for member in known} == set()


def wanted() -> comparison.Wanted:
    """Nothing that an empty answer could have."""
    return comparison.Wanted(
        job="job",
        image="image",
        role="role",
        hyperparameters={"num_round": "1"},
        channels={},
        content_types={},
        output="s3://bucket/models/",
        key="key",
        instance_type="ml.m5.large",
        instance_count=1,
        volume_gb=1,
        max_runtime_seconds=1,
        max_wait_seconds=1,
        metric="validation:auc",
        container_version="1.7-1",
    )
