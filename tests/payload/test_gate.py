"""The gate and the numbers that SageMaker reports."""

from __future__ import annotations

import pytest

from xacct_ml.payload.gate import Gate


@pytest.mark.parametrize(
    ("direction", "threshold", "value", "passes"),
    [
        ("maximize", 0.8792, 0.8791999816894531, True),
        ("maximize", 0.8792, 0.8792, True),
        ("maximize", 0.8792, 0.87919, False),
        ("minimize", 0.8792, 0.8791999816894531, True),
        ("minimize", 0.1, 0.10000000149011612, True),
        ("minimize", 0.1, 0.10001, False),
        ("maximize", 1e300, 3.0, False),
    ],
)
def test_a_value_at_the_threshold_reaches_it(direction: str, threshold: float, value: float, passes: bool) -> None:
    """SageMaker's values are 32-bit floats: the nearest one to the threshold is the threshold."""
    verdict = Gate("validation:auc", direction, threshold).judge([{"MetricName": "validation:auc", "Value": value}])
    assert (verdict.outcome == "passed") == passes
