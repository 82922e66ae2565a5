"""Independent calls at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import boto3
import pytest

from tests.engine.fakes import Fake, World
from xacct_ml.aws.concurrently import both, concurrently
from xacct_ml.aws.errors import watch
from xacct_ml.engine.events import ignore
from xacct_ml.engine.progress import Cancelled, current, listening
from xacct_ml.engine.walk import Task

TIMEOUT = 120.0


def task(stop: threading.Event | None = None) -> Task:
    return Task(Fake("a", World()), ignore, stop or threading.Event())


def test_they_overlap_and_keep_their_order() -> None:
    """Each of the four only returns when all four have begun."""
    barrier = threading.Barrier(4)

    def number(n: int) -> Callable[[], int]:
        return lambda: (barrier.wait(TIMEOUT), n)[1]

    assert concurrently([number(n) for n in range(4)]) == [0, 1, 2, 3]
    assert concurrently([]) == []


def test_two_of_different_kinds() -> None:
    """In their order."""
    assert both(lambda: "policy", lambda: True) == ("policy", True)


def test_the_first_failure_is_raised_after_all_have_ended() -> None:
    """Nothing goes on behind the caller's back."""
    ended: list[str] = []

    def fail() -> None:
        raise KeyError("first")

    with pytest.raises(KeyError, match="first"):
        concurrently([fail, lambda: ended.append("second"), lambda: ended.append("third")])
    assert sorted(ended) == ["second", "third"]


def test_they_belong_to_the_callers_task() -> None:
    """So that an interrupt reaches them too."""
    before, mine = current(), task()
    with listening(mine):
        assert concurrently([current, current]) == [mine, mine]
    assert current() is before


@pytest.mark.usefixtures("uncollected")
def test_an_interrupt_is_not_kept_waiting() -> None:
    """Ctrl-C is for the caller's thread, which need not wait for answers that nobody wants any more."""
    release, ended = threading.Event(), []

    def interrupt() -> None:
        ident = threading.main_thread().ident
        assert ident is not None
        signal.pthread_kill(ident, signal.SIGINT)
        ended.append(release.wait(TIMEOUT))

    with pytest.raises(KeyboardInterrupt):
        concurrently([interrupt, lambda: release.wait(TIMEOUT)])
    assert ended == []
    release.set()


def test_a_watched_client_makes_no_call_for_a_stopped_task() -> None:
    """It is stopped before anything is sent; a call that is made is known by name."""
    stop = threading.Event()
    mine = task(stop)
    client = boto3.client("kms", "us-east-1", aws_access_key_id="x", aws_secret_access_key="y", endpoint_url="http://x")
    watch(client, "111111111111")
    sent: list[str] = []

    def answer(**_: object) -> None:
        sent.append(mine.waits_for)
        stop.set()
        raise ConnectionAbortedError

    client.meta.events.register("before-send", answer)
    with listening(mine):
        with pytest.raises(ConnectionAbortedError):
            client.list_keys()
        with pytest.raises(Cancelled):
            client.list_aliases()
    assert sent == ["the answer to kms:ListKeys"]
