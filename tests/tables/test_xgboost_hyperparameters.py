"""Hyperparameters: what the container takes, and the CloudFormation parameters that carry them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.xgboost_facts import VERSIONS, facts
from xacct_ml.tables.xgboost_hyperparameters import (
    HYPERPARAMETERS,
    REQUIRED,
    Value,
    cloudformation_parameter,
    hyperparameters,
    text,
)
from xacct_ml.tables.xgboost_metrics import METRICS

OF_1_7 = hyperparameters("1.7-1")

NAMES = st.from_regex(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*", fullmatch=True)

# One value that the container's validation takes and one that it refuses, for each kind of hyperparameter.
JUDGED = [
    ("num_round", "1", "0"),
    ("num_round", "100", "1e2"),
    ("num_round", "100", ""),
    ("eta", "0", "-0.1"),
    ("eta", "1e-3", "1.01"),
    ("eta", ".5", "0.5x"),
    ("gamma", "1000000", "inf"),
    ("subsample", "1", "0"),
    ("tweedie_variance_power", "1.5", "2"),
    ("seed", "-5", "2147483648"),
    ("prob_buffer_row", "2", "1"),
    ("csv_weights", "1", "2"),
    ("booster", "dart", "Dart"),
    ("objective", "binary:logistic", "logistic"),
    ("eval_metric", "auc,error@0.7,ndcg@5", "auc, error"),
    ("eval_metric", "rmse", "rmse@2"),
    ("eval_metric", "map@3", "map@"),
    ("updater", "grow_colmaker,prune", "grow"),
    ("monotone_constraints", "(0, -1,1)", "(0,2)"),
    ("interaction_constraints", "[[1,2],[3, 4]]", "[1,2]"),
    ("deterministic_histogram", "true", "True"),
]


@pytest.mark.parametrize(("name", "taken", "refused"), JUDGED)
def test_values(name: str, taken: str, refused: str) -> None:
    """Types and ranges decide as the container's validation does."""
    assert OF_1_7[name].accepts(taken)
    assert not OF_1_7[name].accepts(refused)


@given(st.text(max_size=60))
def test_any_text_is_judged(value: str) -> None:
    """No text makes a check fail otherwise than by refusing."""
    assert {entry.accepts(value) for entry in OF_1_7.values()} <= {True, False}


@pytest.mark.parametrize(
    ("value", "expected"), [(True, "true"), (False, "false"), (5, "5"), (0.2, "0.2"), (1e-7, "1e-07"), ("auc", "auc")]
)
def test_text(value: Value, expected: str) -> None:
    """Values reach SageMaker as text."""
    assert text(value) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_tables_fit_together(version: str) -> None:
    """Aliases, required names and default metrics refer to what exists."""
    known = hyperparameters(version)
    assert {*facts(version, "aliases").values(), REQUIRED} <= set(known) <= set(HYPERPARAMETERS)
    assert not set(facts(version, "aliases")) & set(known)
    defaults = facts(version, "default_metrics")
    assert {metric.partition("@")[0] for metric in defaults.values()} <= set(METRICS)
    assert all(known["objective"].accepts(objective) for objective in defaults)
    assert len(HYPERPARAMETERS) <= rules.MAXIMUM_HYPERPARAMETERS


def test_cloudformation_parameter() -> None:
    """Words are put together in camel case."""
    assert cloudformation_parameter("max_depth") == "MaxDepth"
    assert cloudformation_parameter("lambda") == "Lambda"


def test_cloudformation_parameters_are_distinct() -> None:
    """Every hyperparameter has an alphanumeric parameter of its own, whatever the case."""
    parameters = {cloudformation_parameter(name) for name in HYPERPARAMETERS}
    assert all(parameter.isalnum() and parameter.isascii() for parameter in parameters)
    assert len({parameter.lower() for parameter in parameters}) == len(HYPERPARAMETERS)


@pytest.mark.long
@given(NAMES, NAMES)
def test_injective(one: str, other: str) -> None:
    """Two names share a parameter only if they are the same."""
    assert (cloudformation_parameter(one) == cloudformation_parameter(other)) == (one == other)


@pytest.mark.parametrize("name", ["", "_kfold", "Max_depth", "max__depth", "max_1", "max-depth", "tiefe_ä"])
def test_no_parameter(name: str) -> None:
    """A name of another form has no parameter: two of them might share one."""
    with pytest.raises(ValueError, match="not the name of a hyperparameter"):
        cloudformation_parameter(name)
