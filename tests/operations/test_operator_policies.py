"""What the operators may do: enough (every rehearsal runs under it), and nothing that undoes its own limits."""

from __future__ import annotations

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Principal, Request
from xacct_ml.access.policy import Policy
from xacct_ml.operations.operator_policies import policies

BOUNDARY = "arn:aws:iam::{}:policy/boundary"


def allowed(account: str, action: str, *, boundary: bool, **context: str) -> bool:
    config = example(roles={"permissions_boundary": "boundary"} if boundary else {})
    documents = policies(config)[account]
    job = {SHARED: "pipeline", TRAINING: "training", PRODUCTION: "endpoint"}[account]
    role = f"arn:aws:iam::{account}:role/churn-{job}"
    operator = Principal.session(f"arn:aws:iam::{account}:role/xacct-ml-operator", "test")
    request = Request(operator, action, role, account, {key.replace("_", ":"): value for key, value in context.items()})
    return decide(request, PolicySet(tuple(Policy.parse(text, name) for name, text in documents.items()))).allowed


@pytest.mark.parametrize("account", [SHARED, TRAINING, PRODUCTION])
def test_with_a_boundary_in_the_map_roles_are_written_under_it_only(account: str) -> None:
    """Neither without it, nor under another one, nor by taking it away afterwards."""
    boundary = BOUNDARY.format(account)
    assert allowed(account, "iam:PutRolePolicy", boundary=True, iam_PermissionsBoundary=boundary)
    assert not allowed(account, "iam:PutRolePolicy", boundary=True)
    assert not allowed(account, "iam:PutRolePolicy", boundary=True, iam_PermissionsBoundary=f"{boundary}-wider")
    assert not allowed(account, "iam:DeleteRolePermissionsBoundary", boundary=True)


def test_without_a_boundary_in_the_map_one_set_by_hand_can_be_taken_away() -> None:
    """Drift of a role is mended."""
    assert allowed(TRAINING, "iam:DeleteRolePermissionsBoundary", boundary=False)
    assert allowed(TRAINING, "iam:PutRolePolicy", boundary=False)


def test_what_adopting_needs_is_there_only_where_the_map_adopts() -> None:
    """The key of the map may be tagged and given a policy before it has our tag; no other key may."""
    arn = f"arn:aws:kms:us-east-1:{SHARED}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    adopting = policies(example(key={"arn": arn}, adopt=("shared/bucket",)))[SHARED]["adopted"]["Statement"]
    assert [(one["Action"], one["Resource"]) for one in adopting] == [
        (["kms:DeleteAlias", "kms:PutKeyPolicy", "kms:TagResource", "kms:UntagResource"], arn),
        ("s3:DeleteBucketPolicy", "arn:aws:s3:::churn-111111111111-us-east-1"),
    ]
    assert "adopted" not in policies(example())[SHARED]
