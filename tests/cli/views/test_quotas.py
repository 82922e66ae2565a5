"""What instances a map takes, as plan says it without asking anybody."""

from __future__ import annotations

from tests.configs import PRODUCTION, TRAINING, example
from xacct_ml.cli.views.quotas import quota_json, quota_lines

CONFIG = example(endpoint={"instance_type": "ml.m5.large", "instance_count": 2})


def test_each_quota_with_account_region_and_what_is_needed() -> None:
    assert list(quota_lines(CONFIG)) == [
        "instances at once, by SageMaker's quotas (whether they are enough: xacct-ml doctor)",
        f"  {TRAINING} us-east-1  ml.m5.large for transform job usage: 1",
        f"  {TRAINING} us-east-1  ml.m5.xlarge for training job usage: 1",
        f"  {PRODUCTION} us-east-1  ml.m5.large for endpoint usage: 4",
    ]
    serving = {"account": PRODUCTION, "region": "us-east-1", "quota": "ml.m5.large for endpoint usage", "needed": 4}
    assert quota_json(CONFIG)[-1] == serving
