"""A seeded sample of crashes and faults at calls that only a map with targets in other regions has."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.configs import ireland
from tests.sweeps.commands import BEFORE_RUNS
from tests.sweeps.sweep import KINDS, Case, Sweep
from tests.sweeps.world import world

pytestmark = pytest.mark.long

CONFIG = ireland()
SEED = 5


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world(CONFIG) as made:
        yield Sweep(made)


def elsewhere(sweep: Sweep, kind: str, command: str) -> Case:
    """One case in another region, or about the copies there."""
    cases = [
        case
        for case in sweep.cases(KINDS[kind])
        if case.command == command
        if case.call.region not in (CONFIG.region, "") or "-copy" in case.call.about or "eu-" in case.call.about
    ]
    return Random(f"{SEED}/{kind}/{command}").choice(cases)


@pytest.mark.parametrize(("kind", "command"), [("crash after", "bootstrap"), ("crash before", "teardown")])
def test_a_crash_in_another_region_is_gone_on_from(sweep: Sweep, kind: str, command: str) -> None:
    """The same command again, and everything is as after an undisturbed run."""
    case = elsewhere(sweep, kind, command)
    assert sweep.problem(case) is None, str(case)


def test_a_fault_in_another_region_is_survived(sweep: Sweep) -> None:
    """Keys, buckets, roles and functions of other regions are made like all others."""
    case = elsewhere(sweep, "answer lost", "bootstrap")
    assert sweep.problem(case) is None, str(case)


def test_a_second_run_makes_no_write(sweep: Sweep) -> None:
    """In no region."""
    for command in BEFORE_RUNS:
        sweep.reference(command.name).done.restore()
        sweep.world.begin()
        assert command.run(sweep.world) is None
        assert sweep.world.wire.writes == [], command.name
