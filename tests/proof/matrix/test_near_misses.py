"""Grants that are too wide by a name's beginning or by everything of a type: each shows in the whole matrix."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.proof.changes import BUCKET_POLICY, KEY_ARN, NAMES, POLICIES, WORLD, identity_of, trust_of
from tests.proof.maps import MAPS
from xacct_ml.access.model import Request
from xacct_ml.arn import Arn
from xacct_ml.operations.policies import world
from xacct_ml.proof.matrix.matrix import whole_matrix
from xacct_ml.proof.matrix.near_misses import near_places
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.policies import DocumentRef, statements_of
from xacct_ml.system.names import Names

pytestmark = pytest.mark.long

TARGET = NAMES.production[0]
DEPLOY, ENDPOINT = NAMES.deploy_function_role(TARGET), NAMES.endpoint_role(TARGET)
ANY_BUCKET = f"arn:aws:s3:::{NAMES.project}-*"


def opened_by(ref: DocumentRef, old: str, new: str, *, without: str = "") -> list[Request]:
    """What no hop means, where the document has ``new`` in place of ``old`` (which it must have), and no condition on
    the key ``without``."""
    document = copy.deepcopy(POLICIES.entries[ref])

    def put(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: put(one) for key, one in value.items() if key != without}
        if isinstance(value, list | tuple):
            return [put(one) for one in value]
        return value.replace(old, new) if isinstance(value, str) else value

    wider = put(document)
    assert statements_of(wider) != statements_of(document)
    given = WORLD.with_policies(POLICIES.with_document(ref, wider))
    return [cell.request for cell in whole_matrix(given).unintended if cell.decision.allowed]


@pytest.mark.parametrize(
    ("ref", "action"),
    [
        (identity_of(NAMES.train_action_role, "artifacts"), "s3:GetObject"),
        (identity_of(NAMES.training_role, "data"), "s3:PutObject"),
        (identity_of(ENDPOINT, "model"), "s3:GetObject"),
        (identity_of(NAMES.pipeline_role, "artifacts"), "s3:PutObject"),
    ],
)
def test_a_bucket_of_a_near_miss_name_in_a_foreign_account(ref: DocumentRef, action: str) -> None:
    """Bucket names are global: anybody makes ``<project>-evil`` and lets the role in."""
    opened = opened_by(ref, NAMES.bucket_arn, ANY_BUCKET, without="aws:ResourceAccount")
    assert action in {request.action for request in opened}
    assert not [one for one in opened_by(ref, NAMES.bucket_arn, ANY_BUCKET) if one.resource_account == FOREIGN_ACCOUNT]


@pytest.mark.parametrize(
    ("ref", "role"),
    [
        (identity_of(DEPLOY, "report"), NAMES.job_result_role),
        (identity_of(NAMES.pipeline_role, "actions"), NAMES.deploy_action_role(TARGET)),
    ],
)
def test_every_role_of_another_account(ref: DocumentRef, role: str) -> None:
    """Any other role there may trust whoever it likes."""
    opened = opened_by(ref, role, NAMES.arn("iam", Arn.parse(role).account, "role/*", region=""))
    assert "sts:AssumeRole" in {request.action for request in opened}


@pytest.mark.parametrize(
    ("ref", "action"),
    [
        (identity_of(NAMES.pipeline_role, "artifacts"), "kms:DescribeKey"),
        (identity_of(NAMES.training_role, "data"), "kms:Decrypt"),
        (identity_of(ENDPOINT, "model"), "kms:Decrypt"),
    ],
)
def test_every_key_of_the_shared_account(ref: DocumentRef, action: str) -> None:
    """The default policy of every other key leaves it to IAM."""
    opened = opened_by(ref, KEY_ARN, NAMES.key_arn("*"))
    assert action in {request.action for request in opened}


@pytest.mark.parametrize("ending", ["*", "-*", "?"])
@pytest.mark.parametrize(
    ("ref", "name"),
    [
        (identity_of(NAMES.cloudformation_role, "state-machine"), NAMES.state_machine_arn),
        (identity_of(DEPLOY, "endpoint"), NAMES.endpoint_arn(TARGET)),
        (identity_of(NAMES.start_role, "start"), NAMES.pipeline_arn),
        (identity_of(NAMES.deploy_action_role(TARGET), "invoke"), NAMES.function_arn(TARGET)),
    ],
)
def test_every_name_that_begins_as_ours(ref: DocumentRef, name: str, ending: str) -> None:
    """A project ``churn2`` in the same account, and ``churn-x``: the identity policy alone lets us at it."""
    assert opened_by(ref, name, f"{name}{ending}")


def test_another_stack_that_begins_as_ours() -> None:
    """Stacks have an id behind their names."""
    ref = identity_of(NAMES.train_action_role, "stack")
    assert opened_by(ref, NAMES.stack_arn_pattern, NAMES.stack_arn_pattern.replace("/*", "*/*"))


@pytest.mark.parametrize("pattern", ["*", "-*"])
@pytest.mark.parametrize(
    ("ref", "role"),
    [
        (BUCKET_POLICY, NAMES.training_role),
        (BUCKET_POLICY, ENDPOINT),
        (trust_of(NAMES.job_result_role), DEPLOY),
        (trust_of(NAMES.train_action_role), NAMES.pipeline_role),
    ],
)
def test_every_role_whose_name_begins_as_ours(ref: DocumentRef, role: str, pattern: str) -> None:
    """In the other account, whoever may make a role makes one of such a name."""
    opened = opened_by(ref, role, NAMES.role_arn(Arn.parse(role).account, "").removesuffix("-") + pattern)
    assert opened


@pytest.mark.parametrize("name", MAPS)
def test_no_near_miss_is_ours(name: str) -> None:
    """Neither a thing of the map nor of a class that is meant."""
    given = world(MAPS[name])
    near = list(near_places(Names(MAPS[name]), given.places))
    assert len(near) > 50
    assert [place.arn for place in near if given.places.of(place.arn) is not None] == []
