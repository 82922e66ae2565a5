"""What is asked of SimulatePrincipalPolicy, and of whom."""

from __future__ import annotations

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient
from tests.configs import SHARED, example, operator_role
from xacct_ml.operations.doctor.simulation import Simulated, Unsimulated, concrete, context_of, simulate, source

PLAIN = example(
    accounts={"shared": {"id": SHARED}, "training": {"id": "222222222222"}, "production": ({"id": "333333333333"},)}
)


def entered_as(arn: str, **iam: object) -> FakeAccounts:
    sts = FakeClient(get_caller_identity={"Arn": arn})
    return FakeAccounts({(SHARED, "sts"): sts, (SHARED, "iam"): FakeClient(**iam)})


def test_the_role_is_simulated_not_its_session() -> None:
    """The map's, or the one that the session is of, whose path the session's ARN does not have."""
    assert source(example(), SHARED, FakeAccounts({})) == operator_role(SHARED)
    role = "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
    there = entered_as(
        "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_1/ada", get_role={"Role": {"Arn": role}}
    )
    assert source(PLAIN, SHARED, there) == role
    assert there.clients[SHARED, "iam"].calls == [("get_role", {"RoleName": "AWSReservedSSO_Admin_1"})]
    user = "arn:aws:iam::111111111111:user/ml/ada"
    assert source(PLAIN, SHARED, entered_as(user)) == user
    with pytest.raises(Unsimulated, match="only roles and users"):
        source(PLAIN, SHARED, entered_as("arn:aws:iam::111111111111:root"))


def test_all_pages_and_each_resource() -> None:
    """What the organization says is said once for all resources of an action."""
    pages = {
        None: {
            "EvaluationResults": [
                {
                    "EvalActionName": "s3:GetObject",
                    "EvalDecision": "implicitDeny",
                    "OrganizationsDecisionDetail": {"AllowedByOrganizations": False},
                    "ResourceSpecificResults": [
                        {"EvalResourceName": "a", "EvalResourceDecision": "allowed"},
                        {"EvalResourceName": "b", "EvalResourceDecision": "implicitDeny"},
                    ],
                }
            ],
            "IsTruncated": True,
            "Marker": "m",
        },
        "m": {
            "EvaluationResults": [
                {"EvalActionName": "s3:PutObject", "EvalResourceName": "*", "EvalDecision": "allowed"}
            ],
            "IsTruncated": False,
        },
    }
    iam = FakeClient(simulate_principal_policy=lambda Marker=None, **_: pages[Marker])  # noqa: N803
    assert list(simulate(iam, "arn", ["s3:GetObject", "s3:PutObject"], ["a", "b"])) == [
        Simulated("s3:GetObject", "a", "allowed", False),
        Simulated("s3:GetObject", "b", "implicitDeny", False),
        Simulated("s3:PutObject", "*", "allowed", None),
    ]


def test_conditions_are_fulfilled_as_far_as_a_value_can() -> None:
    statement = {
        "Condition": {
            "StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "x"]},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["xacct-ml:project"]},
            "StringLike": {"kms:RequestAlias": "alias/churn*"},
            "Bool": {"aws:SecureTransport": "true"},
            "StringNotEquals": {"aws:RequestedRegion": "x"},
            "Null": {"aws:TagKeys": "true"},
        }
    }
    found = {
        (one["ContextKeyName"], one["ContextKeyValues"][0], one["ContextKeyType"]) for one in context_of(statement)
    }
    assert found == {
        ("iam:PassedToService", "lambda.amazonaws.com", "string"),
        ("aws:TagKeys", "xacct-ml:project", "stringList"),
        ("kms:RequestAlias", "alias/churnx", "string"),
        ("aws:SecureTransport", "true", "boolean"),
    }
    assert concrete("*") == "*"
    assert concrete("arn:aws:s3:::b/*/????.csv") == "arn:aws:s3:::b/x/0000.csv"
