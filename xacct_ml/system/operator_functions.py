"""What an operator may do with Lambda functions and their log groups."""

from __future__ import annotations

from collections.abc import Sequence

from xacct_ml.system.statements import Document, allow, policy


def functions(function_arns: Sequence[str], role_arns: Sequence[str], group_arns: Sequence[str]) -> Document:
    """Functions that run as these roles. ``group_arns`` are the functions' log groups, and others that teardown
    deletes.
    """
    return policy(
        allow(
            "Function",
            [
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:GetFunction",
                "lambda:GetFunctionConfiguration",
                "lambda:GetFunctionEventInvokeConfig",
                "lambda:ListTags",
                "lambda:PutFunctionEventInvokeConfig",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
            ],
            function_arns,
        ),
        allow(
            "PassFunctionRole",
            ["iam:PassRole"],
            role_arns,
            {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        ),
        allow("FindLogGroups", ["logs:DescribeLogGroups"], ["*"]),
        allow(
            "LogGroups",
            [
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:ListTagsForResource",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ],
            [*group_arns, *(f"{group}:*" for group in group_arns)],
        ),
    )
