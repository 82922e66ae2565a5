"""The parts of ARNs, with examples of the Service Authorization Reference's formats."""

from __future__ import annotations

import pytest

from xacct_ml.arn import Arn, is_arn


@pytest.mark.parametrize(
    ("text", "account", "region", "type_", "id_", "name"),
    [
        (
            "arn:aws:iam::111111111111:role/team/churn-pipeline",
            "111111111111",
            "",
            "role",
            "team/churn-pipeline",
            "churn-pipeline",
        ),
        ("arn:aws:s3:::bucket/models/a:b", "", "", "bucket", "models/a:b", "b"),
        ("arn:aws-cn:sns:cn-north-1:111111111111:topic", "111111111111", "cn-north-1", "", "topic", "topic"),
        (
            "arn:aws:lambda:eu-west-1:111111111111:function:churn-deploy",
            "111111111111",
            "eu-west-1",
            "function",
            "churn-deploy",
            "churn-deploy",
        ),
        (
            "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/f:*",
            "111111111111",
            "eu-west-1",
            "log-group",
            "/aws/lambda/f:*",
            "*",
        ),
    ],
)
def test_parts(text: str, account: str, region: str, type_: str, id_: str, name: str) -> None:
    arn = Arn.parse(text)
    assert (arn.account, arn.region, arn.type, arn.id, arn.name) == (account, region, type_, id_, name)
    assert str(arn) == text
    assert is_arn(text)


@pytest.mark.parametrize("text", ["", "*", "arn:aws:s3", "urn:aws:s3:::bucket", "alias/churn"])
def test_what_is_no_arn_is_refused(text: str) -> None:
    assert not is_arn(text)
    with pytest.raises(ValueError, match="not an ARN"):
        Arn.parse(text)
