"""How a row of the table names what a request is about."""

from __future__ import annotations

import pytest

from tests.configs import SHARED, TRAINING, example
from xacct_ml.cli.views.hops import HopLines

LINES = HopLines(example())


@pytest.mark.parametrize(
    ("arn", "shown"),
    [
        ("*", "*"),
        (f"arn:aws:sns:us-east-1:{SHARED}:churn-approvals", "topic churn-approvals"),
        (f"arn:aws:sqs:us-east-1:{SHARED}:dead-letters", "sqs dead-letters"),
        (f"arn:aws:codecommit:us-east-1:{SHARED}:churn", "repository churn"),
        (f"arn:aws:codepipeline:us-east-1:{SHARED}:churn/A", "pipeline churn/A"),
        (f"arn:aws:states:us-east-1:{TRAINING}:stateMachine:churn-training", "stateMachine churn-t…"),
        (f"arn:aws:logs:us-east-1:{SHARED}:log-group:/aws/lambda/churn-copy:log-stream:x", "logs churn-copy"),
        (f"arn:aws:iam::{SHARED}:role/churn-pipeline", "role pipeline"),
        (f"arn:aws:kms:us-east-1:{SHARED}:key/1", "key"),
        ("arn:aws:s3:::churn-111111111111-us-east-1", "bucket"),
    ],
)
def test_a_resource_of_any_service_has_a_name(arn: str, shown: str) -> None:
    """With its type, which the ARNs of some services do not say."""
    assert LINES.resource(arn) == shown
