"""Groups and their events. FilterLogEvents: CloudWatch Logs API reference [D]."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from tests.configs import TRAINING
from xacct_ml.emulator.server import EmbeddedAws


def test_streams_by_the_beginning_of_their_names_in_the_order_of_time(aws: EmbeddedAws, unique: str) -> None:
    """No stream of that beginning is no event, and not those of all."""
    logs = aws.administrator(TRAINING).client("logs")
    logs.create_log_group(logGroupName=unique)
    now = int(time.time() * 1000)
    for stream, seconds in (("job-1/a", (1, 4)), ("job-1/b", (2, 3)), ("job-2/a", (1,))):
        logs.create_log_stream(logGroupName=unique, logStreamName=stream)
        found = [{"timestamp": now + second, "message": f"{stream} {second}"} for second in seconds]
        logs.put_log_events(logGroupName=unique, logStreamName=stream, logEvents=found)
    events = logs.filter_log_events(logGroupName=unique, logStreamNamePrefix="job-1/")["events"]
    assert [event["message"] for event in events] == ["job-1/a 1", "job-1/b 2", "job-1/b 3", "job-1/a 4"]
    assert logs.filter_log_events(logGroupName=unique, logStreamNamePrefix="job-3")["events"] == []
    assert len(logs.filter_log_events(logGroupName=unique)["events"]) == 5
    with pytest.raises(ClientError, match="mutually exclusive"):
        logs.filter_log_events(logGroupName=unique, logStreamNamePrefix="job", logStreamNames=["job-1/a"])


def test_a_deleted_group_takes_its_tags_along(aws: EmbeddedAws, unique: str) -> None:
    logs = aws.administrator(TRAINING).client("logs")
    logs.create_log_group(logGroupName=unique, tags={"team": "a"})
    arn = logs.describe_log_groups(logGroupNamePrefix=unique)["logGroups"][0]["arn"].removesuffix(":*")
    logs.delete_log_group(logGroupName=unique)
    logs.create_log_group(logGroupName=unique, tags={"cost": "b"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"cost": "b"}
