"""The permissions boundary of the map, in every account."""

from __future__ import annotations

from tests.cli.fakes import FakeClient, refused
from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import boundary
from xacct_ml.operations.doctor.check import State

BOUNDED = example(roles={"permissions_boundary": "ml/limit"})


def test_it_is_looked_for_where_roles_are_made() -> None:
    """And by bootstrap, too: CreateRole would refuse each of them."""
    found = checks(boundary, BOUNDED)
    assert [one.account for one in found] == [SHARED, TRAINING, PRODUCTION]
    assert all(one.quick for one in found)
    assert checks(boundary) == ()
    iam = FakeClient(get_policy={"Policy": {}})
    assert look(found[1], iam=iam).state is State.OK
    assert iam.calls == [("get_policy", {"PolicyArn": f"arn:aws:iam::{TRAINING}:policy/ml/limit"})]
    missing = look(found[1], iam=FakeClient(get_policy=refused("GetPolicy", "NoSuchEntity")))
    assert missing.state is State.FAILED
    assert TRAINING in str(missing.next_step)
