"""Whether a bucket's name can be had."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.cli.fakes import FakeClient, refused
from tests.configs import SHARED, ireland
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import bucket_name
from xacct_ml.operations.doctor.check import State

US = f"User: arn:aws:sts::{SHARED}:assumed-role/o/s is not authorized to perform: s3:ListBucket on resource: x"


def test_one_bucket_in_each_region() -> None:
    assert [one.region for one in checks(bucket_name, ireland())] == ["us-east-1", "eu-west-1"]


@pytest.mark.parametrize(
    ("head", "state"),
    [
        ({}, State.OK),
        (refused("HeadBucket", "404", "Not Found"), State.OK),
        (refused("HeadBucket", "AccessDenied", "Access Denied"), State.FAILED),
        (refused("HeadBucket", "AccessDenied", US), None),
        (refused("HeadBucket", "403", "Forbidden"), None),
        (refused("HeadBucket", "InternalError", "We encountered an internal error"), None),
    ],
    ids=["ours", "free", "another's", "no right", "nobody says", "broken"],
)
def test_s3_names_the_caller_where_a_right_is_missing(head: object, state: State | None) -> None:
    """And nobody where the bucket is another's."""
    (check,) = checks(bucket_name)
    s3 = FakeClient(head_bucket=head)
    if state is None:
        with pytest.raises(ClientError):
            look(check, s3=s3)
    else:
        assert look(check, s3=s3).state is state
