"""A seeded sample of the sweep for maps whose source is a git host or a zip (``docs/maps``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.sweeps.sweep import KINDS, Sweep
from tests.sweeps.world import world
from xacct_ml.validation import load

pytestmark = pytest.mark.long

MAPS = Path(__file__).parents[2] / "docs" / "maps"
SEED = 5
SAMPLED = ("crash after", "answer lost once")


@pytest.fixture(scope="module", params=["source-object", "connection"])
def sweep(request: pytest.FixtureRequest) -> Iterator[Sweep]:
    with world(load(MAPS / f"{request.param}.yaml")) as made:
        yield Sweep(made)


@pytest.mark.parametrize("kind", SAMPLED)
def test_nothing_is_lost_or_doubled(sweep: Sweep, kind: str) -> None:
    """Struck at a call, then run again: everything is as after an undisturbed run."""
    case = Random(f"{SEED}/{kind}").choice(list(sweep.cases(KINDS[kind])))
    assert sweep.problem(case) is None, str(case)


def test_the_first_zip_is_made_once(sweep: Sweep) -> None:
    """Whatever happens to the call that makes it, or to its answer; there is no such call for a git host."""
    key = sweep.world.names.source_key
    cases = [
        case
        for case in sweep.cases(*(KINDS[kind] for kind in SAMPLED))
        if case.command == "bootstrap" and case.call.operation == "PutObject"
    ]
    assert {case.kind for case in cases} == (set() if key is None else {*SAMPLED})
    assert [problem for case in cases if (problem := sweep.problem(case)) is not None] == []


def test_configure_is_continued_from_every_write(sweep: Sweep) -> None:
    """The zip is sent once, and so are what a data manifest names and the manifests."""
    cases = [case for case in sweep.cases(*(KINDS[kind] for kind in SAMPLED)) if case.command == "configure"]
    assert len(cases) == 2 * (6 if sweep.world.names.source_key is None else 7)
    assert [problem for case in cases if (problem := sweep.problem(case)) is not None] == []


def test_a_second_run_makes_no_write(sweep: Sweep) -> None:
    """Of no command; a second teardown finds nothing of ours."""
    for name in ("bootstrap", "create-pipeline", "teardown", "configure"):
        sweep.reference(name).done.restore()
        sweep.world.begin()
        assert sweep.reference(name).command.run(sweep.world) is None
        assert sweep.world.wire.writes == [], name
