"""Every crash and fault at the calls that make and delete the group of a model registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.configs import example
from tests.sweeps.sweep import KINDS, Sweep
from tests.sweeps.world import world

pytestmark = pytest.mark.long

CONFIG = example(registry={"model_package_group": "churn-models"})


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world(CONFIG) as made:
        yield Sweep(made)


@pytest.mark.parametrize("kind", ["crash before", "crash after", "answer lost once", "timed out once", "not seen yet"])
def test_the_group_is_made_and_deleted_whatever_happens(sweep: Sweep, kind: str) -> None:
    """Nothing is lost, doubled or left."""
    cases = [case for case in sweep.cases(KINDS[kind]) if "ModelPackage" in case.call.operation]
    assert cases
    assert {str(case): why for case in cases if (why := sweep.problem(case)) is not None} == {}
