"""The alarm that rolls an endpoint's update back."""

from __future__ import annotations

from tests.configs import example
from xacct_ml.system.alarms import alarms
from xacct_ml.system.names import Names


def test_a_single_error_of_the_old_model_keeps_no_repair_out() -> None:
    """A rate in two minutes running, which the update's watch is long enough for."""
    config = example()
    (alarm,) = alarms(config, Names(config).production[0])
    assert (alarm.metric, alarm.statistic, alarm.comparison) == (
        "Invocation5XXErrors",
        "Average",
        "GreaterThanThreshold",
    )
    assert 0.01 <= alarm.threshold <= 0.05
    assert alarm.evaluation_periods * alarm.period == 120


def test_while_traffic_shifts_refused_answers_and_time_are_watched_too() -> None:
    """SageMaker's latency is in microseconds."""
    config = example(endpoint={"instance_count": 2, "rollout": {"latency_ms": 250}})
    found = {alarm.metric: alarm.threshold for alarm in alarms(config, Names(config).production[0])}
    assert found == {"Invocation5XXErrors": 0.05, "InvocationModelErrors": 0.05, "ModelLatency": 250_000}
