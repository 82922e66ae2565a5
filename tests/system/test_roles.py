"""The roles: least privilege, and trusted by exactly who needs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.roles import roles
from xacct_ml.system.thing import Role

CONFIG = example()
KEYS = Keys.stand_ins(Names(CONFIG))
ROLES = {(role.account, role.job): role for role in roles(CONFIG, KEYS)}

WITHOUT_RESOURCE = {
    "cloudformation:ValidateTemplate",
    "cloudwatch:PutMetricData",
    "codepipeline:PutJobFailureResult",
    "codepipeline:PutJobSuccessResult",
    "ecr:GetAuthorizationToken",
    "lambda:ListFunctions",
    "sagemaker:ListTags",
}
"""Actions that AWS grants on ``*`` only, or that the service's documentation asks for on ``*``."""


def statements(role: Role) -> Iterator[dict[str, Any]]:
    for document in role.policies.values():
        yield from document["Statement"]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("role", ROLES.values(), ids=lambda role: f"{role.account}-{role.job}")
def test_actions_are_named_one_by_one(role: Role) -> None:
    """No action has a wildcard, and only actions without resources are granted on everything."""
    for statement in statements(role):
        actions = listed(statement["Action"])
        assert not [action for action in actions if "*" in action]
        if "*" in listed(statement["Resource"]):
            assert set(actions) <= WITHOUT_RESOURCE


@pytest.mark.parametrize("role", ROLES.values(), ids=lambda role: f"{role.account}-{role.job}")
def test_a_role_is_passed_to_one_service_only(role: Role) -> None:
    """PassRole names one role of the same account and one service, in a document of its own."""
    for document in role.policies.values():
        actions = [action for statement in document["Statement"] for action in listed(statement["Action"])]
        if "iam:PassRole" in actions:
            (statement,) = document["Statement"]
            assert statement["Resource"].startswith(f"arn:aws:iam::{role.account}:role/")
            assert statement["Condition"]["StringEquals"]["iam:PassedToService"].endswith(".amazonaws.com")


def test_roles_and_their_accounts() -> None:
    """The jobs of each account; one role per job."""
    jobs = {account: {job for owner, job in ROLES if owner == account} for account in (SHARED, TRAINING, PRODUCTION)}
    assert jobs == {
        SHARED: {"pipeline", "job-result", "judge", "start"},
        TRAINING: {"train-action", "cloudformation", "state-machine", "training", "evidence", "scorer", "scoring"},
        PRODUCTION: {"deploy-action", "deploy-function", "endpoint"},
    }


@pytest.mark.parametrize(
    ("account", "job", "account_trusted", "role_trusted"),
    [
        (TRAINING, "train-action", SHARED, "churn-pipeline"),
        (PRODUCTION, "deploy-action", SHARED, "churn-pipeline"),
        (SHARED, "job-result", PRODUCTION, "churn-deploy-function"),
    ],
)
def test_cross_account_trust_is_one_role_through_its_account(
    account: str, job: str, account_trusted: str, role_trusted: str
) -> None:
    """An account principal narrowed to one role: the seed trusted whole accounts (A1, A15, B5, C5)."""
    (statement,) = ROLES[account, job].trust["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{account_trusted}:root"}
    assert statement["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{account_trusted}:role/{role_trusted}"}
    }


def test_the_endpoint_roles_trust_is_the_documented_literal() -> None:
    """SageMaker hosting sends this ARN with a literal asterisk; a wildcard operator or a model ARN would not
    match."""
    (statement,) = ROLES[PRODUCTION, "endpoint"].trust["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceArn": f"arn:aws:sagemaker:us-east-1:{PRODUCTION}:*"}}


def test_path_prefix_and_boundary_reach_every_role() -> None:
    """What enterprises demand of roles is in each role's name and ARN."""
    config = example(roles={"path": "/ml/", "name_prefix": "acme-", "permissions_boundary": "team/boundary"})
    for role in roles(config, Keys.stand_ins(Names(config))):
        assert role.arn == f"arn:aws:iam::{role.account}:role/ml/acme-churn-{role.job}"
        assert role.boundary == f"arn:aws:iam::{role.account}:policy/team/boundary"


def test_another_partition_leaves_no_trace_of_the_first() -> None:
    """In China every ARN, service host and registry is China's."""
    text = str(roles(example(region="cn-north-1"), Keys.stand_ins(Names(example(region="cn-north-1")))))
    assert "arn:aws:" not in text
    assert "s3.cn-north-1.amazonaws.com.cn" in text


def test_two_production_targets_have_their_own_roles_and_share_one_job_result_role() -> None:
    """No name or document assumes a single target."""
    targets = ({"name": "eu", "id": PRODUCTION}, {"name": "us", "id": "444444444444"})
    config = example(accounts={"shared": {"id": SHARED}, "training": {"id": TRAINING}, "production": targets})
    made = {(role.account, role.job): role for role in roles(config, Keys.stand_ins(Names(config)))}
    assert ("444444444444", "endpoint") in made
    (statement,) = made[SHARED, "job-result"].trust["Statement"]
    assert statement["Principal"]["AWS"] == [f"arn:aws:iam::{PRODUCTION}:root", "arn:aws:iam::444444444444:root"]
