"""Traffic that shifts from one fleet to the next, and the alarms that are looked at meanwhile (SageMaker Developer
Guide, deployment-guardrails-blue-green, -canary and -linear) [D]. Metrics of an endpoint are of both fleets [D]."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.identity import RoleNotAssumable
from xacct_ml.emulator.services.cloudwatch import moto_metrics
from xacct_ml.emulator.services.sagemaker.hosting import DeploymentFailed, Model, reason

_SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}


def shares(deployment: Mapping[str, Any] | None) -> Iterator[tuple[int, float]]:
    """Percent of the requests that the new fleet has, and for how many seconds, step after step; none where everything
    shifts at once."""
    policy = ((deployment or {}).get("BlueGreenUpdatePolicy") or {}).get("TrafficRoutingConfiguration") or {}
    size = (policy.get(_SIZES.get(policy.get("Type", ""), "")) or {}).get("Value")
    if size is None:
        return
    wait = float(policy.get("WaitIntervalInSeconds", 0))
    yield from ((share, wait) for share in range(size, 100, size if policy["Type"] == "LINEAR" else 100))
    yield 100, wait


def alarms_of(deployment: Mapping[str, Any] | None) -> list[str]:
    found = ((deployment or {}).get("AutoRollbackConfiguration") or {}).get("Alarms", ())
    return [alarm["AlarmName"] for alarm in found]


def judged(arn: str, region: str, alarms: Sequence[str], since: datetime) -> list[str]:
    """Has the alarms evaluated by what came since then; those that are raised."""
    return moto_metrics.evaluate(Arn.parse(arn).account, region, alarms, since)


def over(arn: str, region: str, alarms: Sequence[str]) -> None:
    """The fleet that raised them has gone."""
    moto_metrics.calm(Arn.parse(arn).account, region, alarms)


def count(arn: str, region: str, endpoint: str, variant: str, status: int, latency_ms: float) -> None:
    """One invocation, in the metrics that SageMaker publishes of it (Developer Guide, monitoring-cloudwatch) [D]:
    latency in microseconds."""
    values = {
        "Invocations": 1.0,
        "Invocation4XXErrors": float(HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR),
        "Invocation5XXErrors": float(status >= HTTPStatus.INTERNAL_SERVER_ERROR),
        "InvocationModelErrors": float(status != HTTPStatus.OK),
        "ModelLatency": 1000.0 * latency_ms,
    }
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    moto_metrics.publish(Arn.parse(arn).account, region, dimensions, values)


def now() -> datetime:
    return datetime.now(UTC)


def check_alarms(deployment: Mapping[str, Any] | None, model: Model) -> None:
    """The alarms that would roll the update back, looked at as the execution role.

    That role needs ``cloudwatch:DescribeAlarms``, and an alarm that is already on stops the update (developer guide,
    "Auto-rollback configuration" [D]).

    :raises DeploymentFailed: they cannot be read, do not exist, or are on"""
    names = alarms_of(deployment)
    if not names:
        return
    try:
        found = model.credentials().client("cloudwatch", model.region).describe_alarms(AlarmNames=names)
    except (ClientError, RoleNotAssumable) as error:
        raise DeploymentFailed(
            f"The alarms of the rollback configuration could not be read: {reason(error)}"
        ) from error
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in found["MetricAlarms"]}
    missing = [name for name in names if name not in states]
    if missing:
        raise DeploymentFailed(f"Alarm(s) {', '.join(missing)} of the rollback configuration do not exist.")
    alarming = [name for name, state in states.items() if state == "ALARM"]
    if alarming:
        raise DeploymentFailed(f"One or more alarms are in ALARM state: {', '.join(alarming)}.")
