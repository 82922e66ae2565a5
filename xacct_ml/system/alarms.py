"""The alarms on which SageMaker rolls an endpoint update back (SageMaker Developer Guide, deployment-guardrails-
configuration) [D].
"""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.system.names import VARIANT_NAME, Names


@dataclass(frozen=True)
class AlarmDocument:
    """A CloudWatch metric alarm; members are PutMetricAlarm's. ``period`` is in seconds, ``threshold`` in the
    metric's unit.
    """

    name: str
    description: str
    namespace: str
    metric: str
    statistic: str
    dimensions: dict[str, str]
    period: int
    evaluation_periods: int
    threshold: float
    comparison: str
    treat_missing_data: str = "notBreaching"


def alarms(config: Config, target: ProductionTarget) -> tuple[AlarmDocument, ...]:
    """None for a serverless endpoint: deployment guardrails do not cover it."""
    if config.endpoint.serverless is not None:
        return ()
    names = Names(config)
    return (
        AlarmDocument(
            name=names.alarm("5xx"),
            description=f"Endpoint {names.endpoint} of {target.name} answers with server errors",
            namespace="AWS/SageMaker",
            metric="Invocation5XXErrors",
            statistic="Sum",
            dimensions={"EndpointName": names.endpoint, "VariantName": VARIANT_NAME},
            period=60,
            evaluation_periods=1,
            threshold=1.0,
            comparison="GreaterThanOrEqualToThreshold",
        ),
    )
