"""Names that two projects cannot both have."""

from __future__ import annotations

import pytest

from tests.configs import SHARED, example
from xacct_ml.config.model import Config
from xacct_ml.operations.name_conflicts import clashes

OTHER = "churn-eu"


def test_another_project_takes_no_name() -> None:
    """Not even where its name begins with the other's."""
    assert clashes(example(), example(project=OTHER)) == ()


@pytest.mark.parametrize(
    ("other", "taken"),
    [
        (
            example(project=OTHER, bucket={"name": f"churn-{SHARED}-us-east-1"}),
            "S3 bucket churn-111111111111-us-east-1",
        ),
        (example(project=OTHER, pipeline={"repository": "churn"}), "CodeCommit repository churn in 111111111111"),
        (example(project=OTHER, endpoint={"name": "churn"}), "SageMaker endpoint churn in 333333333333"),
    ],
)
def test_a_name_that_the_map_gives(other: Config, taken: str) -> None:
    """Said with the account; a bucket's name counts in all accounts."""
    assert list(map(str, clashes(example(), other))) == [taken]


def test_a_pipelines_name_is_two() -> None:
    """Of the one that trains, and of the one that releases."""
    other = example(project=OTHER, pipeline={"name": "churn"})
    taken = [f"CodePipeline pipeline {name} in 111111111111" for name in ("churn", "churn-release")]
    assert list(map(str, clashes(example(), other))) == taken


def test_names_that_meet_by_chance() -> None:
    """``churn`` with an endpoint ``eu-x`` and ``churn-eu`` with an endpoint ``x`` would have one alarm."""
    found = clashes(example(endpoint={"name": "eu-x"}), example(project=OTHER, endpoint={"name": "x"}))
    assert list(map(str, found)) == ["CloudWatch alarm churn-eu-x-5xx in 333333333333"]
