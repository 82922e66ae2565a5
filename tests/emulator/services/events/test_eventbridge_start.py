"""A bucket whose events have only just been sent to EventBridge."""

from __future__ import annotations

from tests.configs import SHARED, example
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.operations.embedded import embedded

ENABLED = {"EventBridgeConfiguration": {}}


def test_what_is_stored_at_once_starts_nothing() -> None:
    """As on AWS; by default each object is told here (test_events.py)."""
    said: list[str] = []
    with embedded(example(), pace=Pace(event_bridge_start=1000), notices=said.append) as aws:
        s3 = aws.administrator(SHARED).client("s3")
        s3.create_bucket(Bucket="early")
        s3.put_bucket_notification_configuration(Bucket="early", NotificationConfiguration=ENABLED)
        s3.put_object(Bucket="early", Key="k", Body=b"x")
    assert said == ["EventBridge is not told of early/k: it was only just enabled"]
