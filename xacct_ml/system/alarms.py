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


SERVER_ERRORS, MODEL_ERRORS, LATENCY = "5xx", "model-errors", "latency"
"""What their names end with."""


def alarms(config: Config, target: ProductionTarget) -> tuple[Alarm, ...]:
    """None for a serverless endpoint: deployment guardrails do not cover it. With a rollout also on what no server
    error shows: answers that the container refuses, and time (SageMaker Developer Guide, monitoring-cloudwatch) [D]."""
    if config.endpoint.serverless is not None:
        return ()
    names, rollout = Names(config), config.endpoint.rollout
    endpoint = f"endpoint {names.endpoint} of {target.name}"
    errors = f"Of the answers of {endpoint}, one in 20 is a server error"
    found = [_alarm(names, target, SERVER_ERRORS, errors, "Invocation5XXErrors", ERROR_RATE)]
    if rollout is not None:
        refused = f"Of the requests to {endpoint}, one in 20 is not answered by the model"
        slow = f"The model of {endpoint} takes over {rollout.latency_ms} ms on average"
        found += [
            _alarm(names, target, MODEL_ERRORS, refused, "InvocationModelErrors", ERROR_RATE),
            # In microseconds.
            _alarm(names, target, LATENCY, slow, "ModelLatency", 1000.0 * rollout.latency_ms),
        ]
    return tuple(found)


def _alarm(names: Names, target: ProductionTarget, kind: str, description: str, metric: str, threshold: float) -> Alarm:
    """On the average of a metric in two minutes running."""
    return Alarm.of(
        names,
        target.id,
        f"{target.name}/alarm/{names.alarm(kind)}",
        names.alarm(kind),
        names.alarm_arn(target, kind),
        region=names.region_of(target),
        description=description,
        namespace="AWS/SageMaker",
        metric=metric,
        statistic="Average",
        dimensions={"EndpointName": names.endpoint, "VariantName": VARIANT_NAME},
        period=60,
        evaluation_periods=2,
        threshold=threshold,
        comparison="GreaterThanThreshold",
        actions=told(names, target),
    )


def told(names: Names, target: ProductionTarget) -> tuple[str, ...]:
    """Who is told of the target's alarms: nobody where the map has no notifications."""
    return () if names.config.notifications is None else (names.topic_arn(names.region_of(target)),)
