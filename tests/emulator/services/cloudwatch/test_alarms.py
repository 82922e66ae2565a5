"""An alarm of the same name as one that was deleted is another."""

from __future__ import annotations

from tests.configs import PRODUCTION
from xacct_ml.emulator.server import EmbeddedAws


def test_a_deleted_alarm_takes_its_tags_along(aws: EmbeddedAws, unique: str) -> None:
    cloudwatch = aws.administrator(PRODUCTION).client("cloudwatch")

    def put(**tags: str) -> str:
        cloudwatch.put_metric_alarm(
            AlarmName=unique,
            MetricName="m",
            Namespace="n",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanThreshold",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        arn: str = cloudwatch.describe_alarms(AlarmNames=[unique])["MetricAlarms"][0]["AlarmArn"]
        return arn

    put(team="a")
    cloudwatch.delete_alarms(AlarmNames=[unique])
    tags = cloudwatch.list_tags_for_resource(ResourceARN=put(cost="b"))["Tags"]
    assert tags == [{"Key": "cost", "Value": "b"}]
