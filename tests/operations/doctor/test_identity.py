"""Whose the credentials are, and whether a region is enabled."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.cli.fakes import FakeClient, refused
from tests.configs import PRODUCTION, SHARED, TRAINING, example, ireland
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import identity
from xacct_ml.operations.doctor.check import State

ARN = "arn:aws:sts::111111111111:assumed-role/xacct-ml-operator/ada"


def test_each_account_is_asked_who_calls() -> None:
    found = checks(identity)
    assert [(one.what, one.account) for one in found] == [("identity", id_) for id_ in (SHARED, TRAINING, PRODUCTION)]
    assert look(found[0], sts=FakeClient(get_caller_identity={"Arn": ARN})).sentence == ARN


def test_an_opt_in_region_is_asked_in_every_account_that_has_something_there() -> None:
    """STS there does not know the credentials of an account that has not enabled it."""
    closed = [one for one in checks(identity, example("me-south-1")) if one.what == "opt-in region"]
    assert {one.account for one in closed} == {SHARED, TRAINING, PRODUCTION}
    assert {one.region for one in closed} == {"me-south-1"}
    unknown_token = FakeClient(get_caller_identity=refused("GetCallerIdentity", "InvalidClientTokenId"))
    found = look(closed[0], sts=unknown_token)
    assert (found.state, found.next_step) == (
        State.FAILED,
        f"aws account enable-region --region-name me-south-1, in account {SHARED}",
    )
    assert look(closed[0], sts=FakeClient(get_caller_identity={})).state is State.OK
    with pytest.raises(ClientError):
        look(closed[0], sts=FakeClient(get_caller_identity=refused("GetCallerIdentity", "InternalFailure")))
    assert all(one.what == "identity" for one in checks(identity, ireland()))
