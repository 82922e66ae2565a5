"""Which of the operators' rights are needed now, and what is said of those that are missing."""

from __future__ import annotations

from tests.configs import SHARED
from tests.operations.doctor.subjects import KEY, subject
from xacct_ml.operations.doctor.check import State
from xacct_ml.operations.doctor.operator_rights import judge, statements
from xacct_ml.operations.doctor.simulation import Simulated

WHO = "arn:aws:iam::111111111111:role/operator"


def sids(key: str | None) -> set[str]:
    given = subject(key=key)
    return {one["Sid"] for one in statements(given.policies[SHARED], keys_exist=given.keys_exist)}


def test_what_makes_a_key_is_needed_before_there_is_one() -> None:
    """And what names it afterwards only: before, its id is unknown."""
    before, after = sids(None), sids(KEY)
    assert "CreateKey" in before - after
    assert "UseKeyThroughS3" in after - before


def test_denials_are_named_with_their_resources() -> None:
    """A few of them, and how many there are."""
    denied = [Simulated(f"iam:Do{number}", "arn", "implicitDeny", None) for number in range(6)]
    found = judge([*denied, Simulated("s3:ListBucket", "b", "allowed", None)], WHO)
    assert found.state is State.FAILED
    assert found.sentence.startswith("6 of 7 are not allowed")
    assert "iam:Do0 on arn" in found.sentence
    assert found.sentence.endswith("and 2 more")
    assert judge([Simulated("s3:ListBucket", "b", "allowed", True)], WHO).state is State.OK


def test_what_the_organization_denies_no_policy_of_the_account_allows() -> None:
    found = judge([Simulated("iam:CreateRole", "arn", "implicitDeny", False)], WHO)
    assert found.sentence.startswith("a service control policy denies")
    assert found.next_step is not None
    assert "organization" in found.next_step
