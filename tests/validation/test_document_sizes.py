"""Documents that would outgrow a limit are found when the map is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.configs import SHARED, TRAINING, example
from xacct_ml.config.model import Config, Wave
from xacct_ml.errors import InputError
from xacct_ml.validation.document_sizes import check_sizes, sizes


def test_the_example_is_well_within_every_limit() -> None:
    """Each document is measured, and none is close."""
    measured = list(sizes(example()))
    assert len(measured) > 40
    assert all(size.size < size.limit for size in measured)


def targets(count: int) -> Config:
    production = tuple({"name": f"target-{number}", "id": f"{number:012d}"} for number in range(500, 500 + count))
    return example(accounts={"shared": {"id": SHARED}, "training": {"id": TRAINING}, "production": production})


def test_sixteen_targets_in_sixteen_accounts_fit() -> None:
    """With ordinary names; a longer project's too."""
    check_sizes(targets(16))
    check_sizes(targets(16).model_copy(update={"project": "customer-churn-eu"}))


def test_too_many_production_targets_are_named_with_document_and_advice() -> None:
    """The job-result role's trust policy is the first to overflow; it says how many fit, and so many do."""
    with pytest.raises(InputError) as error:
        check_sizes(targets(30), Path("config.yaml"))
    assert str(error.value.file) == "config.yaml"
    assert "trust policy of role churn-job-result" in error.value.message
    assert "2,048" in error.value.message
    assert "fewer production targets" in error.value.message
    fitting = re.search(r"the first (\d+) of 30 would fit", error.value.message)
    assert fitting is not None
    check_sizes(targets(int(fitting[1])))
    with pytest.raises(InputError):
        check_sizes(targets(int(fitting[1]) + 1))


def test_too_many_stages() -> None:
    """CodePipeline takes fifty: five before the waves, two for each wave with approval."""
    production = targets(23).accounts.production
    waves = tuple(Wave(name=target.name, targets=(target.name,)) for target in production)
    config = targets(23).model_copy(update={"waves": waves})
    with pytest.raises(InputError) as error:
        check_sizes(config)
    said = (error.value.message, *error.value.details)
    assert any("the pipeline would have 51 stages, the limit is 50: fewer waves" in line for line in said)
    without = config.model_copy(update={"waves": (waves[0].model_copy(update={"approval": False}), *waves[1:])})
    assert all(size.fits for size in sizes(without) if size.unit == "stages")
