"""What the operators may do: enough (every rehearsal runs under it), and nothing that undoes its own limits."""

from __future__ import annotations

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Principal, Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy
from xacct_ml.operations.operator_policies import policies
from xacct_ml.system.keys import Keys

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


OTHERS_KEY = f"arn:aws:kms:us-east-1:{SHARED}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
HARM = (
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "EnableKey",
    "DisableKey",
    "UntagResource",
    "Decrypt",
)
TAG = {"aws:RequestTag/xacct-ml:project": "churn", "aws:TagKeys": "xacct-ml:project"}


def on_key(action: str, context: dict[str, str], arn: str = OTHERS_KEY) -> bool:
    """Whether the shared account's operator, with the policies of the first run too, may do it to a key."""
    operator = Principal.session(f"arn:aws:iam::{SHARED}:role/xacct-ml-operator", "test")
    documents = policies(example())[SHARED]
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}, "Action": "kms:*", "Resource": "*"}
    default = Policy.parse({"Version": "2012-10-17", "Statement": [root]}, "default key policy")
    given = tuple(Policy.parse(text, name) for name, text in documents.items())
    asked = Request(operator, f"kms:{action}", arn, SHARED, context)
    return decide(asked, PolicySet(given, resource=default, resource_kind=ResourcePolicyKind.KEY)).allowed


@pytest.mark.parametrize("action", HARM)
def test_the_first_run_gives_no_right_on_a_key_that_exists(action: str) -> None:
    """Whatever tag and alias it was given before, by whichever of the policies."""
    through_s3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    made_ours = {"aws:ResourceTag/xacct-ml:project": "churn", "kms:ResourceAliases": "alias/churn", **through_s3}
    assert not on_key(action, made_ours)


def test_a_key_that_a_project_has_is_not_tagged() -> None:
    """Of a key without the tag nothing tells that it is not the new one; no right follows from it."""
    assert on_key("TagResource", TAG)
    assert not on_key("TagResource", {**TAG, "aws:ResourceTag/xacct-ml:project": "another"})
    assert not on_key("TagResource", {"aws:RequestTag/xacct-ml:project": "another"})


def test_the_standing_policies_name_the_key() -> None:
    """Without the first run's nothing is on every key; the key's id goes in place of the one that stands for it."""
    own = OTHERS_KEY
    documents = policies(example(), Keys.of({"us-east-1": own}))[SHARED]
    assert set(documents.pop("first-run")["Statement"][0]) >= {"Action", "Condition"}
    keys = {one["Resource"] for one in documents["key"]["Statement"] if "key/" in str(one["Resource"])}
    assert keys == {own}
    assert "key/*" not in str(documents)
    assert "aws:ResourceTag" not in str(documents)


def test_a_key_of_the_maps_needs_no_first_run() -> None:
    assert "first-run" not in policies(example(key={"arn": OTHERS_KEY}))[SHARED]
