"""A bad day: what happens to a call follows from the seed and the call alone, and it is bounded."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.configs import SHARED, TRAINING
from xacct_ml.access.model import Principal
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.clients import OWN_USER_AGENT
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.core.fault_injection import IN_A_ROW, Dropped, FaultInjection, Thing

ALWAYS = 1.0


def call(service: str, operation: str, account: str = SHARED, agent: str = "", **params: Any) -> ApiCall:
    principal = Principal.role(f"arn:aws:iam::{account}:role/dev")
    return ApiCall(service, operation, params, principal, account, "us-east-1", "aws", {"user-agent": agent})


def fate(day: FaultInjection, one: ApiCall) -> str:
    """What the caller of one call gets: the answer, AWS's code, or nothing; and whether it was executed."""
    executed = []
    try:
        day.serve(one, lambda: executed.append(1), None)
    except ServiceError as refused:
        said = refused.code
    except Dropped:
        said = "dropped"
    else:
        said = "answered"
    return said + (" executed" if executed else "")


def test_nothing_happens_without_chance() -> None:
    """Each call is answered, and listed as undisturbed."""
    day = FaultInjection(1, rate=0)
    assert {fate(day, call("iam", "GetRole", RoleName=f"r{n}")) for n in range(50)} == {"answered executed"}
    assert day.happened == []


def test_the_same_seed_is_the_same_day_in_any_order() -> None:
    """Threads that take turns differently meet the same."""
    calls = [call("iam", "GetRole", RoleName=f"r{n}") for n in range(60)]
    one, other, another = FaultInjection(7), FaultInjection(7), FaultInjection(8)
    fates = [fate(one, each) for each in calls]
    assert fates == [fate(other, each) for each in reversed(calls)][::-1]
    assert fates != [fate(another, each) for each in calls]
    assert len(one.happened) == sum(said != "answered executed" for said in fates) > 0


def test_all_that_can_happen_to_a_call() -> None:
    """Throttled and failed with the service's own codes; the connection lost before, and after it was executed."""
    day = FaultInjection(3, rate=ALWAYS)
    seen = Counter(fate(day, call("s3", "GetObject", Bucket="b", Key=str(n))) for n in range(200))
    assert set(seen) == {"SlowDown", "InternalError", "dropped", "dropped executed"}


def test_no_call_is_disturbed_more_often_than_clients_try() -> None:
    """botocore tries three times, so a retried call comes through."""
    day = FaultInjection(3, rate=ALWAYS)
    fates = [fate(day, call("kms", "DescribeKey")) for _ in range(9)]
    assert [said == "answered executed" for said in fates] == [False] * IN_A_ROW + [True] + ([False] * 2 + [True]) * 2


def test_the_embedded_aws_itself_is_left_alone() -> None:
    """AWS's services retry among themselves."""
    day = FaultInjection(3, rate=ALWAYS)
    assert {fate(day, call("kms", "DescribeKey", agent=f"x {OWN_USER_AGENT}")) for _ in range(9)} == {
        "answered executed"
    }


@pytest.mark.parametrize(
    ("create", "read", "name", "code"),
    [("CreateRole", "GetRole", {"RoleName": "r"}, "NoSuchEntity"), ("CreateRole", "ListRoles", {}, "")],
)
def test_what_was_just_created_is_not_seen_for_a_while(create: str, read: str, name: Any, code: str) -> None:
    """A read finds nothing, at most twice; a list is never wrong in its form. Some seeds show it, some do not."""
    late = []
    for seed in range(20):
        day = FaultInjection(seed, rate=0)
        fate(day, call("iam", create, RoleName="r"))
        fates = [fate(day, call("iam", read, **name)) for _ in range(3)]
        assert fates[2] == "answered executed"
        late += [said for said in fates if said != "answered executed"]
    assert set(late) == ({code} if code else set())


def test_a_new_role_is_neither_assumable_nor_a_valid_principal_at_once() -> None:
    """For at most two questions; a role that is not new is both."""
    arn = f"arn:aws:iam::{TRAINING}:role/new"
    policy = f'{{"Statement": [{{"Principal": {{"AWS": "{arn}"}}}}]}}'
    seen = set()
    for seed in range(20):
        day = FaultInjection(seed, rate=0)
        assert not day.not_assumable(arn)
        fate(day, call("iam", "CreateRole", TRAINING, RoleName="new"))
        seen.add(fate(day, call("kms", "PutKeyPolicy", Policy=policy)))
        assert [day.not_assumable(arn) for _ in range(3)][2] is False
    assert seen == {"answered executed", "MalformedPolicyDocumentException"}


def test_one_thing_is_deleted_by_somebody_else() -> None:
    """Something that was created on that day, once."""
    deleted: list[Thing] = []
    day = FaultInjection(5, rate=0, delete=deleted.append)
    for n in range(400):
        fate(day, call("logs", "CreateLogGroup", logGroupName=f"g{n}"))
    (thing,) = deleted
    assert thing[:2] == (SHARED, "logs")
    assert f"{thing[2]} is deleted" in " ".join(day.happened)
