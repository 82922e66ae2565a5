"""What the map would refuse, the check refuses: compared on every row of the tables."""

from typing import Any

import pytest

from tests.configs import example
from tests.payload.judged import ALLOWED, CONFIGURATION
from xacct_ml.payload.configuration import Allowed, configuration
from xacct_ml.payload.job import JobFailed
from xacct_ml.tables.service_limits import INSTANCE_COUNT, MAXIMUM_RUNTIME_SECONDS, VOLUME_GB, WholeNumberRule
from xacct_ml.tables.xgboost_facts import facts
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS, cloudformation_parameter
from xacct_ml.tables.xgboost_metrics import METRICS
from xacct_ml.validation import training_limits
from xacct_ml.validation.limits import single_values

VALUES = (
    *("-1", "0", "0.0", "1", "1.0", "2", "0.5", "1e3", "99999999999999999999", "999999999999999999999", "inf", "nan"),
    *("true", "false", "True", "auc", "auc,error@0.5", "auc,x", "gbtree", "reg:linear", "multi:softmax", "prune"),
    *("(0,1)", "[[1,2]]", " 1", "1 ", "x" * 3000, "exact,approx", "depthwise", "uniform", "row", "tree", "default"),
)


def checked(parameters: dict[str, str], allowed: dict[str, Any] | None = None) -> str | None:
    """Why the check refuses the configuration with these parameters; None where it does not."""
    document = {"Parameters": {**CONFIGURATION, **parameters}}
    try:
        configuration(document, Allowed.of({**ALLOWED, **(allowed or {})}, "1.7-1"), "configuration.json")
    except JobFailed as failure:
        return str(failure)
    return None


def refused_by_the_map(**changes: Any) -> bool:
    """Whether the map has a problem with training or gate."""
    config = example(**changes)
    found = (*single_values(config), *training_limits.problems(config))
    return any(problem.path[0] in ("training", "quality_gate") for problem in found)


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_a_hyperparameter_is_refused_as_by_the_map(name: str) -> None:
    """Every hyperparameter, with values of every form."""
    for value in VALUES:
        given = {"num_round": "100", "eval_metric": "auc", "objective": "binary:logistic", name: value}
        parameters = {"Eta": "", **{cloudformation_parameter(key): text for key, text in given.items()}}
        by_map = refused_by_the_map(training={"hyperparameters": given})
        assert (checked(parameters) is not None) == by_map, (name, value, checked(parameters))


@pytest.mark.parametrize("metric", METRICS)
def test_a_gate_is_refused_as_by_the_map(metric: str) -> None:
    """Every metric, with thresholds in and out of its range, and where training would not report it."""
    for threshold in (-1e9, -1.0, 0.0, 0.5, 1.0, 2.0, float("inf"), float("nan")):
        for reported in (metric, "auc"):
            gate = {"metric": f"validation:{metric}", "threshold": threshold}
            training = {
                "hyperparameters": {"num_round": "100", "objective": "binary:logistic", "eval_metric": reported}
            }
            floor = {**gate, "direction": METRICS[metric].direction}
            parameters = {
                "EvalMetric": reported,
                "GateMetric": floor["metric"],
                "GateDirection": floor["direction"],
                "GateThreshold": str(threshold),
            }
            by_map = refused_by_the_map(quality_gate=gate, training=training)
            refused = checked(parameters, {"gate": floor})
            assert (refused is not None) == by_map, (metric, threshold, reported, refused)


@pytest.mark.parametrize("text", ["0", "1", "2", "-1", "1.0", "", "9" * 400, " 1", "٣"])
def test_numbers_of_instances_are_whole_and_within_the_map(text: str) -> None:
    """The map's own limits, and what it allows the source to choose."""
    assert (checked({"InstanceCount": text}) is None) == (text in ("1", "2"))


@pytest.mark.parametrize(
    ("parameter", "field", "rule"),
    [
        ("InstanceCount", "instance_count", INSTANCE_COUNT),
        ("VolumeGB", "volume_gb", VOLUME_GB),
        ("MaxRuntimeSeconds", "max_runtime_seconds", MAXIMUM_RUNTIME_SECONDS),
    ],
)
def test_a_number_of_instances_is_refused_as_by_the_map(parameter: str, field: str, rule: WholeNumberRule) -> None:
    """Around both limits, where the map allows the source to choose as SageMaker does."""
    widest = {"maxInstanceCount": INSTANCE_COUNT.maximum, "maxRuntimeSeconds": MAXIMUM_RUNTIME_SECONDS.maximum}
    for number in (rule.minimum - 1, rule.minimum, rule.minimum + 1, rule.maximum - 1, rule.maximum, rule.maximum + 1):
        by_map = refused_by_the_map(
            training={
                "hyperparameters": {"num_round": "1", "objective": "binary:logistic", "eval_metric": "auc"},
                field: number,
            }
        )
        assert by_map == (not rule.minimum <= number <= rule.maximum)
        assert (checked({parameter: str(number)}, widest) is not None) == by_map, number


def test_the_map_may_allow_less_than_sagemaker_does() -> None:
    """Of what has a limit of its own in the map."""
    assert checked({"MaxRuntimeSeconds": "7200"}) is None
    assert "more than the map allows: 7200" in (checked({"MaxRuntimeSeconds": "7201"}) or "")
    assert checked({"InstanceCount": "2"}) is None
    assert "more than the map allows: 2" in (checked({"InstanceCount": "3"}) or "")


@pytest.mark.parametrize("given", ["ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.M5.large", "ml.m5.large ", ""])
def test_an_instance_type_is_one_that_the_map_allows(given: str) -> None:
    """By its exact name."""
    assert (checked({"InstanceType": given}) is None) == (given in ALLOWED["instanceTypes"])


@pytest.mark.parametrize(
    ("direction", "threshold", "stricter"),
    [("maximize", "0.8", True), ("maximize", "0.81", True), ("maximize", "0.79", False), ("minimize", "0.8", False)],
)
def test_the_maps_gate_is_the_floor(direction: str, threshold: str, stricter: bool) -> None:
    """Stricter, never laxer, never turned round."""
    assert (checked({"GateDirection": direction, "GateThreshold": threshold}) is None) is stricter


def test_a_gate_on_another_metric_is_refused() -> None:
    """Whether it is stricter cannot be told."""
    said = checked({"GateMetric": "validation:error", "EvalMetric": "auc,error", "GateDirection": "minimize"})
    assert "the gate is on validation:error; the map's is on validation:auc" in (said or "")


@pytest.mark.parametrize("alias", facts("1.7-1", "aliases"))
def test_an_alias_is_no_parameter(alias: str) -> None:
    """As in the map, each hyperparameter has one spelling."""
    assert "unknown parameter" in (checked({cloudformation_parameter(alias): "1"}) or "")
