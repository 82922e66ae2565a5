"""Crashes and faults at the calls that a repository in another account adds, from bootstrap to teardown."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.configs import SHARED, SOURCE, with_source_account
from tests.sweeps.commands import BEFORE_RUNS
from tests.sweeps.sweep import KINDS, Case, Sweep
from tests.sweeps.wire import Call
from tests.sweeps.world import world

pytestmark = pytest.mark.long

SEED = 7
SAMPLED = ("crash after", "answer lost once", "deleted underneath")


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world(with_source_account()) as made:
        yield Sweep(made)


def added(call: Call) -> bool:
    """In the source account, or on the event bus or the pipeline's logs of the shared one."""
    return call.account == SOURCE or (call.account == SHARED and call.service in ("events", "logs"))


@pytest.mark.parametrize("kind", SAMPLED)
def test_nothing_is_lost_or_doubled(sweep: Sweep, kind: str) -> None:
    """Struck at a call, then run again where it says so: everything is as after an undisturbed run."""
    cases: list[Case] = [case for case in sweep.cases(KINDS[kind]) if added(case.call)]
    case = Random(f"{SEED}/{kind}").choice(cases)
    assert sweep.problem(case) is None, str(case)


def test_a_second_run_makes_no_write(sweep: Sweep) -> None:
    """Of no command; a second teardown finds nothing of ours to write to."""
    for command in BEFORE_RUNS:
        sweep.reference(command.name).done.restore()
        sweep.world.begin()
        assert command.run(sweep.world) is None
        assert sweep.world.wire.writes == [], command.name


def test_the_sweep_sees_the_event_bus(sweep: Sweep) -> None:
    """Its policy is compared as well: made by bootstrap, gone after teardown."""
    place = f"{SHARED}/events/bus"
    assert "xacct-ml-churn" in str(sweep.reference("bootstrap").end[place])
    assert "xacct-ml-churn" not in str(sweep.reference("teardown").end[place])
