"""SNS: what its calls are authorized by, and what an approval publishes."""

from __future__ import annotations

import pytest

from xacct_ml.access.model import Principal
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.services.sns import authorization_requests

ROLE = Principal.session("arn:aws:iam::111111111111:role/r", "s")
TOPIC = "arn:aws:sns:us-east-1:111111111111:t"


@pytest.mark.parametrize(
    ("operation", "params", "asked"),
    [
        ("CreateTopic", {"Name": "t"}, [("sns:CreateTopic", TOPIC)]),
        (
            "CreateTopic",
            {"Name": "t", "Tags": [{"Key": "k", "Value": "v"}]},
            [("sns:CreateTopic", TOPIC), ("sns:TagResource", TOPIC)],
        ),
        ("Publish", {"TopicArn": TOPIC, "Message": "m"}, [("sns:Publish", TOPIC)]),
        ("Publish", {"PhoneNumber": "1", "Message": "m"}, [("sns:Publish", "*")]),
        ("ListTagsForResource", {"ResourceArn": TOPIC}, [("sns:ListTagsForResource", TOPIC)]),
        ("ListTopics", {}, [("sns:ListTopics", "*")]),
    ],
)
def test_each_call_is_asked_on_its_topic(
    operation: str, params: dict[str, object], asked: list[tuple[str, str]]
) -> None:
    """Other calls on no resource."""
    call = ApiCall("sns", operation, params, ROLE, "111111111111", "us-east-1", "aws")
    assert [(request.action, request.resource) for request in authorization_requests(call)] == asked
