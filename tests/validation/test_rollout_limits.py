"""What of a rollout is refused, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import example
from xacct_ml.validation.limits import problems


def said(**endpoint: Any) -> str:
    found = problems(example(endpoint=endpoint))
    return "; ".join(problem.reason for problem in found if problem.path[0] == "endpoint")


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ({"serverless": {}, "rollout": {}}, "no traffic between models of a serverless endpoint"),
        ({"instance_count": 1, "rollout": {"type": "canary"}}, "and there is one; set instance_count to 2 or more"),
        ({"instance_count": 2, "rollout": {"type": "canary", "percent": 51}}, "50"),
        ({"instance_count": 2, "rollout": {"type": "linear", "percent": 5}}, "10"),
        ({"instance_count": 2, "rollout": {"type": "linear", "percent": 10, "wait_seconds": 3600}}, "are 10.0 hours"),
        ({"instance_count": 2, "rollout": {"wait_seconds": 60}}, "180"),
        ({"instance_count": 2, "rollout": {"latency_ms": 60_001}}, "1 to 60000"),
    ],
)
def test_what_sagemaker_does_not_do_is_refused(endpoint: dict[str, Any], reason: str) -> None:
    assert reason in said(**endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        {"instance_count": 1, "rollout": {"type": "all_at_once"}},
        {"instance_count": 2, "rollout": {"type": "canary", "percent": 50}},
        {"instance_count": 10, "rollout": {"type": "linear", "percent": 10, "wait_seconds": 2520}},
    ],
)
def test_what_it_does_is_taken(endpoint: dict[str, Any]) -> None:
    assert said(**endpoint) == ""
