"""What the container says of hyperparameters, in its own words."""

from __future__ import annotations

import pytest

from xacct_ml.emulator.services.sagemaker.container_words import USER_ERROR, refusal

BINARY = {"num_round": "5", "objective": "binary:logistic"}

SAID = [
    # aws/sagemaker-xgboost-container #211
    (
        {"num_round": "5", "objective": "reg:squarederror", "eval_metric": "auc"},
        f"{USER_ERROR}: Metric 'auc' can only be applied for classification and ranking problems.",
    ),
    ({"objective": "reg:squarederror"}, f"{USER_ERROR}: Missing required hyperparameter: num_round"),
    ({**BINARY, "max_dept": "3"}, f"{USER_ERROR}: Extraneous hyperparameter found: max_dept"),
    ({**BINARY, "eta": "1.5"}, f"{USER_ERROR}: Hyperparameter eta: 1.5 is not in [0, 1]"),
    ({**BINARY, "eta": "fast"}, f"{USER_ERROR}: Hyperparameter eta: could not parse value (caused by ValueError)"),
    (
        {**BINARY, "booster": "linear"},
        f"{USER_ERROR}: Hyperparameter booster: linear is not in ['gbtree', 'gblinear', 'dart']",
    ),
    (
        {"num_round": "5", "objective": "multi:softmax"},
        f"{USER_ERROR}: Require input for parameter 'num_class' for multi-classification",
    ),
    ({"num_round": "5", "eval_metric": "auc"}, "KeyError: 'objective'"),
    (
        {**BINARY, "updater": "sync", "process_type": "update"},
        f"{USER_ERROR}: process_type 'update' can only be used with updater 'refresh' and 'prune'",
    ),
]


@pytest.mark.parametrize(("given", "said"), SAID)
def test_refusals(given: dict[str, str], said: str) -> None:
    """As the validators raise them."""
    assert refusal("1.7-1", given) == said


@pytest.mark.parametrize("given", [BINARY, {**BINARY, "max_depth": " 3"}, {**BINARY, "process_type": "update"}])
def test_what_the_validators_take_they_do_not_speak_of(given: dict[str, str]) -> None:
    """Another spelling is refused by this project alone; what XGBoost refuses, XGBoost says."""
    assert refusal("1.7-1", given) is None
