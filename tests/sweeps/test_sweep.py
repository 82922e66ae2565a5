"""A seeded sample of the sweep that ``python -m tests.sweeps`` makes in full, and proof that it can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.sweeps.sweep import CRASHES, KINDS, Case, Sweep
from tests.sweeps.world import world
from xacct_ml.aws import errors
from xacct_ml.resources import base
from xacct_ml.resources.kms_key import KmsKey
from xacct_ml.resources.log_group import LogGroup
from xacct_ml.resources.role import Role

SEED = 20
PER_KIND = 3


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world() as made:
        yield Sweep(made)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_or_doubled(sweep: Sweep, kind: str) -> None:
    """Struck at a call, then run again where it says so: everything is as after an undisturbed run."""
    cases = list(sweep.cases(KINDS[kind]))
    for case in Random(f"{SEED}/{kind}").sample(cases, PER_KIND):
        assert sweep.problem(case) is None, str(case)


def test_every_call_is_in_the_sweep(sweep: Sweep) -> None:
    """The cases are the calls of an undisturbed run, each struck by every crash; nothing is chosen by hand."""
    cases = Counter((case.command, case.call) for case in sweep.cases(*CRASHES))
    for name in ("bootstrap", "upload-data", "create-pipeline", "teardown"):
        calls = set(sweep.reference(name).calls)
        assert calls
        assert calls == {call for command, call in cases if command == name}
    assert set(cases.values()) == {len(CRASHES)}


def test_a_second_run_makes_no_write(sweep: Sweep) -> None:
    """Of no command; a second teardown finds nothing of ours to write to."""
    for name in ("bootstrap", "upload-data", "create-pipeline", "teardown"):
        reference = sweep.reference(name)
        sweep.start(reference.command)
        for _ in range(2):
            sweep.world.begin()
            assert reference.command.run(sweep.world) is None
        assert sweep.world.wire.writes == []


# -- planted bugs ------------------------------------------------------------------------------------------------------
@contextmanager
def planted(owner: Any, name: str, bug: Any) -> Iterator[None]:
    """Inside, ``owner``'s member ``name`` is the buggy one."""
    sound = vars(owner)[name]
    setattr(owner, name, bug)
    try:
        yield
    finally:
        setattr(owner, name, sound)


def made_and_no_more(make: Any, *_: Any) -> None:
    """What was there already, or is not seen yet, is a failure."""
    make()


def removed_and_no_more(remove: Any, _: Any, observed: Any) -> None:
    """What is gone already is a failure."""
    remove(observed)


def found_by_alias_only(_: KmsKey) -> None:
    """A key that was made but not given its alias is not found."""


def left_as_it_is(*_: Any) -> None:
    """What exists is taken for finished."""


@contextmanager
def giving_up(sweep: Sweep, case: Case) -> Iterator[None]:
    """Nothing is ever sent a second time."""

    def give_up(caught_exception: Exception | None, **_: Any) -> None:
        raise caught_exception or ConnectionClosedError(endpoint_url="the service")

    events = sweep.world.wire.client(case.call.account, case.call.service).meta.events
    events.register_first("needs-retry", give_up)
    try:
        yield
    finally:
        events.unregister("needs-retry", give_up)


LOGS = "/aws/lambda/churn-deploy"
Bug = Callable[[Sweep, Case], AbstractContextManager[None]]


def member(owner: Any, name: str, bug: Any) -> Bug:
    return lambda *_: planted(owner, name, bug)


BUGS: dict[str, tuple[Bug, str, str, str]] = {
    # class of fault: the bug, and the case that must catch it (command, operation, thing)
    "crash before": (member(Role, "change", left_as_it_is), "bootstrap", "PutRolePolicy", "churn-start"),
    "crash after": (member(KmsKey, "_by_tag", found_by_alias_only), "bootstrap", "CreateKey", ""),
    "throttled": (member(errors, "THROTTLED", frozenset()), "upload-data", "DescribeKey", ""),
    "failed once": (giving_up, "bootstrap", "CreateLogGroup", LOGS),
    "failed": (member(LogGroup, "change", left_as_it_is), "bootstrap", "PutRetentionPolicy", LOGS),
    "timed out once": (giving_up, "bootstrap", "CreateLogGroup", LOGS),
    "timed out": (member(errors, "UNREACHABLE", ()), "upload-data", "DescribeKey", ""),
    "answer lost once": (member(base, "create_or_continue", made_and_no_more), "bootstrap", "CreateRole", "churn-start"),
    "answer lost": (member(KmsKey, "_by_tag", found_by_alias_only), "bootstrap", "CreateKey", ""),
    "session expired": (member(errors, "EXPIRED", frozenset()), "upload-data", "DescribeKey", ""),
    "not seen yet": (member(base, "create_or_continue", made_and_no_more), "bootstrap", "CreateLogGroup", LOGS),
    "deleted underneath": (member(base, "remove_rest", removed_and_no_more), "teardown", "DeleteLogGroup", LOGS),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_bug_of_each_class_is_caught(sweep: Sweep, kind: str) -> None:
    """The same case holds without the bug."""
    bug, command, operation, thing = BUGS[kind]
    case = next(
        case
        for case in sweep.cases(KINDS[kind])
        if (case.command, case.call.operation, case.call.thing) == (command, operation, thing)
    )
    with bug(sweep, case):
        assert sweep.problem(case, anew=True) is not None
    assert sweep.problem(case, anew=True) is None
