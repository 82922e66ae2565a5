"""SimulatePrincipalPolicy: IAM API reference [D]."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.configs import SHARED, TRAINING
from tests.emulator.rights import Roles, allow, statement
from xacct_ml.emulator.server import EmbeddedAws


def test_the_stored_policies_decide(aws: EmbeddedAws, roles: Roles, unique: str) -> None:
    """Each action on each resource, with the context that is given; a deny is another answer than no allow."""
    iam = aws.administrator(TRAINING).client("iam")
    arn = roles.create(
        unique,
        allow("s3:GetObject", resource="arn:aws:s3:::b/a*"),
        statement("Deny", "s3:PutObject", resource="*"),
        allow("iam:PassRole", resource="*", StringEquals={"iam:PassedToService": "lambda.amazonaws.com"}),
        account=TRAINING,
    )

    def decided(actions: list[str], resources: list[str], **more: Any) -> list[str]:
        answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions, ResourceArns=resources, **more)
        return [one["EvalDecision"] for one in answer["EvaluationResults"]]

    objects = ["arn:aws:s3:::b/a1", "arn:aws:s3:::b/b"]
    assert decided(["s3:GetObject", "s3:PutObject"], objects) == [
        "allowed",
        "implicitDeny",
        "explicitDeny",
        "explicitDeny",
    ]
    passed = {
        "ContextKeyName": "iam:PassedToService",
        "ContextKeyValues": ["lambda.amazonaws.com"],
        "ContextKeyType": "string",
    }
    assert decided(["iam:PassRole"], ["*"]) == ["implicitDeny"]
    assert decided(["iam:PassRole"], ["*"], ContextEntries=[passed]) == ["allowed"]
    with pytest.raises(ClientError, match="not found"):
        iam.simulate_principal_policy(PolicySourceArn=f"{arn}-not", ActionNames=["s3:GetObject"])


def test_who_may_simulate_is_decided_on_whom(roles: Roles, unique: str) -> None:
    """On the role that is simulated, not on everything."""
    arn = f"arn:aws:iam::{SHARED}:role/{unique}"
    iam = roles.session(unique, allow("iam:SimulatePrincipalPolicy", resource=arn)).client("iam")
    iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:GetObject"])
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.simulate_principal_policy(PolicySourceArn=f"{arn}-other", ActionNames=["s3:GetObject"])
