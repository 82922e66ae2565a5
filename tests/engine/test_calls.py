"""Which calls are under way, and since when."""

from __future__ import annotations

import threading

from tests.engine.fakes import FakeClock
from xacct_ml.engine.calls import Call, Calls, begins, collecting, ends


def test_calls_in_a_row_are_one_wait() -> None:
    """Pages that follow each other at once are waited for together; after a rest the wait is a new one."""
    clock = FakeClock()
    calls = Calls(clock)
    with collecting(calls):
        for _ in range(3):
            begins("iam:ListRoles", "1")
            clock.time += 4
            ends()
        begins("iam:ListRoles", "1")
        assert calls.waiting() == ((Call("iam:ListRoles", "1"),), 0)
        ends()
        clock.time += 5
        begins("kms:ListAliases", "1")
        assert calls.waiting() == ((Call("kms:ListAliases", "1"),), 17)


def test_each_thread_has_its_own() -> None:
    """The oldest comes first, and one that ends leaves the others."""
    calls = Calls(FakeClock())
    calls.begin(Call("sts:GetCallerIdentity", "1"))
    other = threading.Thread(target=calls.begin, args=(Call("sts:GetCallerIdentity", "2"),))
    other.start()
    other.join()
    assert [call.account for call in calls.waiting()[0]] == ["1", "2"]
    calls.end()
    assert [call.account for call in calls.waiting()[0]] == ["2"]


def test_nobody_has_to_collect() -> None:
    """Nor is anything kept once the collecting is over."""
    calls = Calls(FakeClock())
    with collecting(calls):
        pass
    begins("kms:ListAliases", "1")
    ends()
    assert calls.waiting()[0] == ()
