"""The alarms on which SageMaker rolls an endpoint update back (SageMaker Developer Guide, deployment-guardrails-
configuration) [D]."""

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.system.names import VARIANT_NAME, Names
from xacct_ml.system.thing import Alarm

ALL_ALARMS = "alarm:*"
"""Looking at one alarm is decided as looking at all of them: denials of DescribeAlarms name this resource, whichever
alarm was asked for (aws-samples/amazon-cloudwatch-auto-alarms #1, mattclay/aws-terminator #63) [C]."""


ERROR_RATE = 0.05
"""Of the invocations, in two minutes running. Not one single error: the metric is of the fleet that goes as well as of
the one that comes, so one error of the old model would keep its repair out (SageMaker Developer Guide,
deployment-guardrails-configuration; monitoring-cloudwatch has Average as a statistic of Invocation5XXErrors) [D]."""


def alarms(config: Config, target: ProductionTarget) -> tuple[Alarm, ...]:
    """None for a serverless endpoint: deployment guardrails do not cover it."""
    if config.endpoint.serverless is not None:
        return ()
    names = Names(config)
    return (
        Alarm.of(
            names,
            target.id,
            f"{target.name}/alarm/{names.alarm('5xx')}",
            names.alarm("5xx"),
            names.error_alarm_arn(target),
            region=names.region_of(target),
            description=f"Of the answers of endpoint {names.endpoint} of {target.name}, one in 20 is a server error",
            namespace="AWS/SageMaker",
            metric="Invocation5XXErrors",
            statistic="Average",
            dimensions={"EndpointName": names.endpoint, "VariantName": VARIANT_NAME},
            period=60,
            evaluation_periods=2,
            threshold=ERROR_RATE,
            comparison="GreaterThanThreshold",
            actions=told(names, target),
        ),
    )


def told(names: Names, target: ProductionTarget) -> tuple[str, ...]:
    """Who is told of the target's alarms: nobody where the map has no notifications."""
    return () if names.config.notifications is None else (names.topic_arn(names.region_of(target)),)
