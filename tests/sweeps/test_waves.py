"""A few cases of the sweep for a map with three production targets in two waves, and a re-run of each command."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.journeys.test_waves import MAP
from tests.sweeps.commands import BEFORE_RUNS
from tests.sweeps.sweep import KINDS, Sweep
from tests.sweeps.world import world
from xacct_ml.validation import load

pytestmark = pytest.mark.long

SEED = 5
SWEPT = (("bootstrap", "crash after"), ("create-pipeline", "crash after"), ("teardown", "crash before"))


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world(load(MAP)) as made:
        yield Sweep(made)


@pytest.mark.parametrize(("command", "kind"), SWEPT)
def test_nothing_is_lost_or_doubled(sweep: Sweep, command: str, kind: str) -> None:
    """Killed at a call in any of five accounts, then run again: everything is as after an undisturbed run."""
    cases = [case for case in sweep.cases(KINDS[kind]) if case.command == command]
    case = Random(f"{SEED}/{command}").choice(cases)
    assert sweep.problem(case) is None, str(case)


def test_a_second_run_makes_no_write(sweep: Sweep) -> None:
    """Of no command; a second teardown finds nothing of ours to write to."""
    for command in BEFORE_RUNS:
        sweep.reference(command.name).done.restore()
        sweep.world.begin()
        assert command.run(sweep.world) is None
        assert sweep.world.wire.writes == [], command.name
