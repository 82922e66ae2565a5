"""Every crash and fault at the calls that make and delete a schedule and a topic."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.configs import example
from tests.sweeps.sweep import KINDS, Sweep
from tests.sweeps.world import world

pytestmark = pytest.mark.long

CONFIG = example(
    schedule={"expression": "cron(0 6 ? * MON *)"}, notifications={"emails": ("ann@example.com", "bob@example.com")}
)
OPERATIONS = ("Schedule", "Topic", "Subscribe", "Unsubscribe")


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world(CONFIG) as made:
        yield Sweep(made)


@pytest.mark.parametrize("kind", ["crash before", "crash after", "answer lost once", "timed out once", "not seen yet"])
def test_they_are_made_and_deleted_whatever_happens(sweep: Sweep, kind: str) -> None:
    """Nothing is lost, doubled or left."""
    cases = [case for case in sweep.cases(KINDS[kind]) if case.call.operation.endswith(OPERATIONS)]
    assert cases
    assert {str(case): why for case in cases if (why := sweep.problem(case)) is not None} == {}
