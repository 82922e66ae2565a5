"""Quotas of instances: those of training, and twice those of an endpoint."""

from __future__ import annotations

from tests.configs import PRODUCTION, TRAINING, example
from tests.operations.doctor.subjects import checks
from xacct_ml.operations.doctor import quotas
from xacct_ml.operations.doctor.check import State

TRAIN, SERVE = "ml.m5.xlarge for training job usage", "ml.m5.large for endpoint usage"
SCORE = "ml.m5.large for transform job usage"


def test_what_is_needed_at_once() -> None:
    """An update has both fleets for a while; a serverless endpoint has no instances."""
    config = example(
        training={"instance_count": 1, "hyperparameters": {"num_round": 1}},
        endpoint={"instance_type": "ml.m5.large", "instance_count": 3},
    )
    assert quotas.wanted(config) == {
        (TRAINING, "us-east-1"): {TRAIN: 1, SCORE: 1},
        (PRODUCTION, "us-east-1"): {SERVE: 6},
    }
    scaling = {"min": 1, "max": 5, "target_invocations": 600}
    scaled = example(endpoint={"instance_type": "ml.m5.large", "instance_count": 2, "autoscaling": scaling})
    assert quotas.wanted(scaled)[PRODUCTION, "us-east-1"] == {SERVE: 10}
    spot = example(training={"spot": True, "hyperparameters": {"num_round": 1}})
    of_training = quotas.wanted(spot)[TRAINING, "us-east-1"]
    assert of_training == {"ml.m5.xlarge for spot training job usage": 1, SCORE: 1}
    files = example(endpoint={"serverless": {}}, batch={"bucket": "churn-files", "instance_count": 2})
    assert quotas.wanted(files)[PRODUCTION, "us-east-1"] == {SCORE: 2}
    serverless = example(endpoint={"serverless": {}})
    assert [one.account for one in checks(quotas, serverless)] == [TRAINING]


def test_what_is_short_is_named_with_where_to_ask() -> None:
    found = quotas.judge({SERVE: 6}, {SERVE: 4.0}, PRODUCTION, "us-east-1")
    assert (found.state, found.sentence) == (State.FAILED, f"{SERVE} is 4, needed are 6")
    assert found.next_step == (
        f"ask for more: Service Quotas, Amazon SageMaker, in account {PRODUCTION} and region us-east-1"
    )
    assert quotas.judge({SERVE: 6}, {SERVE: 6.0}, PRODUCTION, "us-east-1").state is State.OK
    assert quotas.judge({SERVE: 6, TRAIN: 1}, {SERVE: 6.0}, PRODUCTION, "us-east-1").state is State.UNKNOWN
