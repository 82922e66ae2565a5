"""Account maps for tests, as Python."""

from __future__ import annotations

from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.tables.regions import partition

SHARED, TRAINING, PRODUCTION = "111111111111", "222222222222", "333333333333"
SOURCE = "555555555555"


def operator_role(account: str, region: str = "us-east-1") -> str:
    return f"arn:{partition(region)}:iam::{account}:role/xacct-ml-operator"


def ireland(**changes: Any) -> Config:
    """Its one endpoint is in another region than the pipeline."""
    target = {"name": "ireland", "id": PRODUCTION, "region": "eu-west-1", "role_arn": operator_role(PRODUCTION)}
    accounts = {
        "shared": {"id": SHARED, "role_arn": operator_role(SHARED)},
        "training": {"id": TRAINING, "role_arn": operator_role(TRAINING)},
        "production": (target,),
    }
    return example(accounts=accounts, **changes)


def example(region: str = "us-east-1", **changes: Any) -> Config:
    """A small whole map; ``changes`` replace top-level sections."""
    sections: dict[str, Any] = {
        "project": "churn",
        "region": region,
        "accounts": {
            "shared": {"id": SHARED, "role_arn": operator_role(SHARED, region)},
            "training": {"id": TRAINING, "role_arn": operator_role(TRAINING, region)},
            "production": ({"id": PRODUCTION, "role_arn": operator_role(PRODUCTION, region)},),
        },
        "training": {"hyperparameters": {"objective": "binary:logistic", "num_round": 50, "max_depth": 5}},
        "endpoint": {"instance_type": "ml.m5.large", "instance_count": 1},
        **changes,
    }
    return Config.model_validate(sections)


def with_source_account(region: str = "us-east-1", **changes: Any) -> Config:
    """The same with its repository in an account of its own."""
    accounts = {
        name: {"id": account, "role_arn": operator_role(account, region)}
        for name, account in (("shared", SHARED), ("source", SOURCE), ("training", TRAINING))
    }
    production = ({"id": PRODUCTION, "role_arn": operator_role(PRODUCTION, region)},)
    return example(region, **{"accounts": {**accounts, "production": production}, **changes})


APPROVER = f"arn:aws:iam::{SHARED}:role/ml-approver"


def approved_by_two(**changes: Any) -> Config:
    """The small map with a role of its own for who approves, and two of them."""
    return example(**{"approvers": {"role_arn": APPROVER}, "approvals": 2, **changes})
