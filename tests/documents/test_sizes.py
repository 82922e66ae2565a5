"""Documents that would outgrow a limit are found when the map is read."""

from __future__ import annotations

import pytest

from tests.configs import SHARED, TRAINING, example
from xacct_ml.documents.sizes import check_sizes, sizes
from xacct_ml.errors import InputError


def test_the_example_is_well_within_every_limit() -> None:
    """Each document is measured, and none is close."""
    measured = list(sizes(example()))
    assert len(measured) > 40
    assert all(size.size < size.limit for size in measured)


def test_too_many_production_targets_are_named_with_document_and_advice() -> None:
    """The job-result role's trust policy is the first to overflow."""
    targets = tuple({"name": f"target{number}", "id": f"{number:012d}"} for number in range(500, 530))
    config = example(accounts={"shared": {"id": SHARED}, "training": {"id": TRAINING}, "production": targets})
    with pytest.raises(InputError) as error:
        check_sizes(config)
    assert "trust policy of role churn-job-result" in error.value.message
    assert "2,048" in error.value.message
    assert "fewer production targets" in error.value.message
