"""A seeded sample of crashes and faults at the calls that make and delete what keeps captured requests; and its key and
bucket, changed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.configs import PRODUCTION, example
from tests.sweeps.commands import BEFORE_RUNS
from tests.sweeps.drift import UNDISTURBED, drifts, problem
from tests.sweeps.sweep import KINDS, Sweep
from tests.sweeps.world import world

pytestmark = pytest.mark.long

CONFIG = example(endpoint={"capture": {}})
SEED = 7


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world(CONFIG) as made:
        yield Sweep(made)


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        *((command, kind) for command in ("bootstrap", "teardown") for kind in ("crash before", "crash after")),
        ("bootstrap", "answer lost once"),
        ("bootstrap", "not seen yet"),
        ("teardown", "timed out once"),
    ],
)
def test_key_and_bucket_are_made_and_deleted_whatever_happens(sweep: Sweep, command: str, kind: str) -> None:
    cases = [
        case
        for case in sweep.cases(KINDS[kind])
        if case.command == command and case.call.account == PRODUCTION and case.call.service in ("kms", "s3")
    ]
    assert cases
    chosen = Random(f"{SEED}/{kind}/{command}").sample(cases, min(5, len(cases)))
    assert {str(case): why for case in chosen if (why := sweep.problem(case)) is not None} == {}


def test_what_somebody_changes_is_put_right(sweep: Sweep) -> None:
    sweep.reference(UNDISTURBED).done.restore()
    sweep.world.begin()
    changed = [one for one in drifts(sweep.world) if one.id in ("production/capture-key", "production/capture-bucket")]
    assert len(changed) > 8
    assert problem(sweep, changed) is None


def test_a_second_run_makes_no_write(sweep: Sweep) -> None:
    for command in BEFORE_RUNS:
        sweep.reference(command.name).done.restore()
        sweep.world.begin()
        assert command.run(sweep.world) is None
        assert sweep.world.wire.writes == [], command.name
