"""The labels of each objective, compared with what XGBoost says when it is asked to learn from them."""

import re

import numpy as np
import pytest
import xgboost

from xacct_ml.tables.objective_labels import OBJECTIVES, Labels, of_objective
from xacct_ml.tables.regions import XGBOOST_VERSIONS
from xacct_ml.tables.xgboost_hyperparameters import hyperparameters

TRIED = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 31.0, 32.0)
QUICK = ("binary:logistic", "count:poisson", "multi:softmax", "rank:pairwise", "reg:squarederror")
"""One of each kind; the others are long tests."""
STRICTER = {
    ("binary:logistic", 0.5),
    ("binary:logitraw", 0.5),
    *(("binary:hinge", label) for label in TRIED),
    *(("rank:pairwise", label) for label in TRIED),
}
"""What XGBoost learns from although the labels are no classes, or no relevance."""


def learns(objective: str, label: float) -> bool:
    """Whether XGBoost trains on a table with this label among good ones."""
    labels = np.ones(10)
    labels[3] = label
    parameters = {
        "objective": objective,
        "verbosity": 0,
        **({"num_class": 3} if objective.startswith("multi:") else {}),
    }
    try:
        xgboost.train(parameters, xgboost.DMatrix(np.arange(20.0).reshape(10, 2), label=labels, nthread=1), 1)
    except xgboost.core.XGBoostError:
        return False
    return True


@pytest.mark.parametrize(
    "objective",
    [
        pytest.param(each, marks=[] if each in QUICK else [pytest.mark.long])
        for each in sorted(OBJECTIVES)
        if each != "survival:aft"
    ],
)
def test_as_xgboost_says(objective: str) -> None:
    """Whatever is accepted is learnt from; what is refused is not, or is listed."""
    rules = of_objective(objective).within(3)
    for label in TRIED:
        if rules.holds(label):
            assert learns(objective, label), label
        elif (objective, label) not in STRICTER:
            assert not learns(objective, label), label


def test_bounds_cannot_be_in_a_csv() -> None:
    """XGBoost fails for want of them, whatever the label."""
    assert not any(learns("survival:aft", label) for label in TRIED)


def test_every_objective_of_the_container_is_there() -> None:
    """And no other: what each version of the container takes is in its own table."""
    allowed = " ".join(hyperparameters(version)["objective"].allowed for version in XGBOOST_VERSIONS)
    assert set(re.findall(r"[a-z]+:[a-z]+", allowed)) == set(OBJECTIVES)


def test_an_objective_that_is_not_known_takes_any_number() -> None:
    """A newer container has more of them."""
    assert of_objective("reg:new") == Labels("reg:new")
    assert of_objective(None).objective == "reg:squarederror"
