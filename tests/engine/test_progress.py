"""Which calls are under way, and since when."""

from __future__ import annotations

import threading

from tests.engine.fakes import FakeClock
from xacct_ml.engine.progress import Call, Calls, call_ended, call_started, listening


def test_calls_in_a_row_are_one_wait() -> None:
    """Pages that follow each other at once are waited for together; after a rest the wait is a new one."""
    clock = FakeClock()
    calls = Calls(clock)
    with listening(calls):
        for _ in range(3):
            call_started("iam:ListRoles", "1")
            clock.time += 4
            call_ended()
        call_started("iam:ListRoles", "1")
        assert calls.pending() == ((Call("iam:ListRoles", "1"),), 0)
        call_ended()
        clock.time += 5
        call_started("kms:ListAliases", "1")
        assert calls.pending() == ((Call("kms:ListAliases", "1"),), 17)


def test_each_thread_has_its_own() -> None:
    """The oldest comes first, and one that ends leaves the others."""
    calls = Calls(FakeClock())
    calls.call_started(Call("sts:GetCallerIdentity", "1"))
    other = threading.Thread(target=calls.call_started, args=(Call("sts:GetCallerIdentity", "2"),))
    other.start()
    other.join()
    assert [call.account for call in calls.pending()[0]] == ["1", "2"]
    calls.call_ended()
    assert [call.account for call in calls.pending()[0]] == ["2"]


def test_nobody_has_to_collect() -> None:
    """Nor is anything kept once the collecting is over."""
    calls = Calls(FakeClock())
    with listening(calls):
        pass
    call_started("kms:ListAliases", "1")
    call_ended()
    assert calls.pending()[0] == ()
