"""Metrics that AWS's services publish themselves, and alarms that are evaluated by them.

An alarm of the embedded AWS stays as it is until somebody who depends on it asks: what counts then is everything since
a moment that he names, where AWS would have looked at each period (CloudWatch User Guide, alarm evaluation) [D]."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends


def publish(
    account: str,
    region: str,
    dimensions: Mapping[str, str],
    values: Mapping[str, float],
    namespace: str = "AWS/SageMaker",
) -> None:
    """One value of each metric, now."""
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    data = [{"MetricName": name, "Dimensions": named, "Value": value} for name, value in values.items()]
    cloudwatch_backends[account][region].put_metric_data(namespace, data)


def occurred(account: str, region: str, namespace: str, metric: str, dimensions: Mapping[str, str]) -> None:
    """Once, now. Alarms on the metric go off at once, and are calm again when they have told it."""
    now = datetime.now(UTC)
    publish(account, region, dimensions, {metric: 1.0}, namespace)
    raised = evaluate(account, region, list(cloudwatch_backends[account][region].alarms), now)
    calm(account, region, raised, "it has not happened since")


def evaluate(account: str, region: str, alarms: Iterable[str], since: datetime) -> list[str]:
    """Raises those whose metric's average since then is over their threshold, and names them; the others stay as they
    are."""
    backend = cloudwatch_backends[account][region]
    raised = []
    for name in alarms:
        alarm = backend.alarms.get(name)
        if alarm is None:
            continue
        values = [datum.value for datum in list(backend.metric_data) if _is_of(datum, alarm, since)]
        if values and sum(values) / len(values) > float(alarm.threshold):
            alarm.update_state(f"Threshold Crossed: {len(values)} datapoints", "{}", "ALARM")
            raised.append(name)
    return raised


def calm(account: str, region: str, alarms: Iterable[str], why: str = "the update is over") -> None:
    """What raised them is over."""
    for name in alarms:
        if (alarm := cloudwatch_backends[account][region].alarms.get(name)) is not None:
            alarm.update_state(why, "{}", "OK")


def _is_of(datum: Any, alarm: Any, since: datetime) -> bool:
    wanted = {(each.name, each.value) for each in alarm.dimensions}
    there = {(each.name, each.value) for each in datum.dimensions}
    same = (datum.namespace, datum.name) == (alarm.namespace, alarm.metric_name) and there == wanted
    # moto's times are UTC, without saying so.
    return same and datum.timestamp.replace(tzinfo=UTC) >= since
