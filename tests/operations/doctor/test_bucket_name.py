"""Whether a bucket's name can be had."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.cli.fakes import FakeClient, refused
from tests.configs import SHARED, ireland
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import bucket_name
from xacct_ml.operations.doctor.check import State

FORBIDDEN = refused("HeadBucket", "403", "Forbidden")
US = f"User: arn:aws:sts::{SHARED}:assumed-role/o/s is not authorized to perform: s3:GetBucketLocation on resource: x"


def test_one_bucket_in_each_region() -> None:
    assert [one.region for one in checks(bucket_name, ireland())] == ["us-east-1", "eu-west-1"]


@pytest.mark.parametrize(
    ("head", "location", "state"),
    [
        ({}, {}, State.OK),
        (refused("HeadBucket", "404", "Not Found"), {}, State.OK),
        (FORBIDDEN, refused("GetBucketLocation", "AccessDenied", "Access Denied"), State.FAILED),
        (FORBIDDEN, refused("GetBucketLocation", "AccessDenied", US), State.UNKNOWN),
        (FORBIDDEN, {}, State.UNKNOWN),
    ],
    ids=["ours", "free", "another's", "no right", "nobody says"],
)
def test_a_bare_403_is_asked_again(head: object, location: object, state: State) -> None:
    """S3 names the caller where his right is missing, and nobody where the bucket is another's."""
    (check,) = checks(bucket_name)
    assert look(check, s3=FakeClient(head_bucket=head, get_bucket_location=location)).state is state


def test_another_error_is_not_taken_for_an_answer() -> None:
    (check,) = checks(bucket_name)
    with pytest.raises(ClientError):
        look(check, s3=FakeClient(head_bucket=refused("HeadBucket", "500")))
