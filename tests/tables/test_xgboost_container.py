"""What the container's own validators, and training, said to 2,763 sets of hyperparameters: whoever judges them here
agrees.

The verdicts are written by ``tools/make_xgboost_tables.py``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.configs import example
from tests.payload.judged import ALLOWED, CONFIGURATION
from xacct_ml.emulator.services.sagemaker.trainer import TrainingFailed, train
from xacct_ml.payload.configuration import Allowed, configuration
from xacct_ml.payload.job import JobFailed
from xacct_ml.tables.regions import XGBOOST_VERSIONS
from xacct_ml.tables.xgboost_container import faults, gate_fault, reported
from xacct_ml.tables.xgboost_facts import VERSIONS, facts
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS, cloudformation_parameter
from xacct_ml.tables.xgboost_metrics import METRICS
from xacct_ml.validation.training_limits import problems

SAID, *LINES = Path(__file__).with_name("data").joinpath("container_verdicts.jsonl").read_text("utf-8").splitlines()
ROWS: list[tuple[str, str, dict[str, str]]] = [json.loads(line) for line in LINES]
INSTANCE = "ml.m5.xlarge"
PARAMETERS = {cloudformation_parameter(name) for name in HYPERPARAMETERS}

STRICTER = (
    "is another name of",
    "without eval_metric the container ignores it",
    "allowed: a tuple",
    "allowed: a nested list",
    "allowed: a whole number",
    "allowed: a number",
    "allowed: a comma-separated list",
)
"""What is refused here although training would work: one name for each hyperparameter, one form for each value, and
nothing that is ignored."""


def rows(version: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What the validators said, what training said, and the set."""
    position = json.loads(SAID)["versions"].index(version)
    return ((said[position], then[position], given) for said, then, given in ROWS)


def reasons(version: str, given: Mapping[str, str]) -> list[str]:
    return [reason for _, reason in faults(version, given, INSTANCE, lambda *_: ";")]


def test_every_version_of_the_image_is_known() -> None:
    """The table has those that the map may name."""
    assert set(XGBOOST_VERSIONS) <= set(VERSIONS) == set(json.loads(SAID)["versions"])
    assert len(ROWS) > 2500


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_accepted_that_the_container_refuses(version: str) -> None:
    """Neither its validators nor its training."""
    for said, then, given in rows(version):
        if not (found := reasons(version, given)):
            assert (said, then) in (("+", "+"), ("+", ".")), given
        elif then == "+":
            assert any(word in reason for reason in found for word in STRICTER), (given, found)


def refused_by_the_map(version: str, given: Mapping[str, str]) -> bool:
    training = {"xgboost_version": version, "hyperparameters": given}
    found = problems(example(training=training))
    return any(problem.path[:2] == ("training", "hyperparameters") for problem in found)


def refused_by_the_check(version: str, given: Mapping[str, str]) -> bool:
    chosen = {cloudformation_parameter(name): value for name, value in given.items()}
    others = {name: value for name, value in CONFIGURATION.items() if name not in PARAMETERS}
    allowed = Allowed.of(ALLOWED, version)
    try:
        configuration({"Parameters": {**others, **chosen}}, allowed, "configuration.json")
    except JobFailed:
        return True
    return False


def refused_by_the_embedded_aws(version: str, given: Mapping[str, str]) -> bool:
    """It gets no data, which it would say next."""
    with pytest.raises(TrainingFailed) as caught:
        train({"train": []}, given, version)
    return "No data in training channel" not in str(caught.value)


@pytest.mark.parametrize(
    "version", ["3.2-0", *(pytest.param(each, marks=pytest.mark.long) for each in ("1.2-2", "1.7-1"))]
)
def test_the_map_the_configuration_and_the_embedded_aws_agree(version: str) -> None:
    """On every row."""
    for _, _, given in rows(version):
        refused = bool(reasons(version, given))
        if not set(given) & set(facts(version, "aliases")):
            assert refused_by_the_embedded_aws(version, given) == refused, given
        # These two also want what the gate is on.
        refused = refused or gate_fault(version, given, "auc") is not None
        assert refused_by_the_map(version, given) == refused, given
        if set(given) <= set(HYPERPARAMETERS) and "" not in given.values():
            assert refused_by_the_check(version, given) == refused, given


WRONG = [
    ("1.7-1", "count:poisson", "rmse", "before the objective's link function"),
    ("1.7-1", "reg:gamma", "mae", "before the objective's link function"),
    ("1.7-1", "reg:tweedie", "mse", "before the objective's link function"),
    ("1.7-1", "binary:logistic", "r2", "before the objective's link function"),
    ("1.7-1", "reg:squarederror", "accuracy", "the objective predicts none"),
    ("3.0-5", "binary:logistic", "accuracy", "takes every prediction above 0 for class 1"),
    ("3.2-0", "binary:logistic", "recall", "takes every prediction above 0 for class 1"),
    ("3.2-0", "binary:logistic", "f1_macro", "takes every prediction above 0 for class 1"),
    ("3.2-0", "multi:softmax", "accuracy", "takes every prediction above 0 for class 1"),
]


@pytest.mark.parametrize(("version", "objective", "metric", "reason"), WRONG)
def test_no_gate_is_on_what_the_image_computes_wrongly(version: str, objective: str, metric: str, reason: str) -> None:
    """With the reason."""
    given = {"num_round": "5", "objective": objective, "eval_metric": metric, "num_class": "3"}
    said = gate_fault(version, given, metric)
    assert said is not None
    assert f"image {version} computes validation:{metric} wrongly for objective {objective}" in said
    assert reason in said


@pytest.mark.parametrize(
    ("version", "objective", "metric"),
    [
        ("1.7-1", "binary:logistic", "accuracy"),
        ("1.7-1", "multi:softmax", "accuracy"),
        ("1.7-1", "reg:squarederror", "rmse"),
        ("3.2-0", "multi:softprob", "accuracy"),
        ("3.2-0", "binary:hinge", "accuracy"),
        ("3.2-0", "binary:logitraw", "recall"),
        ("3.2-0", "count:poisson", "rmse"),
        ("3.2-0", "binary:logistic", "auc"),
        ("1.2-1", "count:poisson", "rmse"),
    ],
)
def test_a_gate_is_on_what_the_image_computes_rightly(version: str, objective: str, metric: str) -> None:
    """The container's value is that of the predictions."""
    given = {"num_round": "5", "objective": objective, "eval_metric": metric, "num_class": "3"}
    assert gate_fault(version, given, metric) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_gates_metric_is_one_that_sagemaker_finds_in_the_log(version: str) -> None:
    """By the image's own pattern, and never one with a threshold."""
    assert set(facts(version, "metrics")["names"].split()) <= set(METRICS)
    for metric in (*METRICS, "error@0.7", "ndcg@5", "map@3"):
        said = gate_fault(version, {"eval_metric": metric, "objective": "rank:map"}, metric) or ""
        assert ("does not report" in said or "@" in metric) == (
            metric not in facts(version, "metrics")["names"].split()
        )
        assert ("own patterns" in said) == ("@" in metric)
        line = f"[3]#011train-{metric}:0.50000#011validation-{metric}:0.25000#011validation-x:1"
        found = {f"train:{metric}": 0.5, f"validation:{metric}": 0.25}
        assert reported(version, line) == (found if metric in facts(version, "metrics")["names"].split() else {})


def test_without_eval_metric_the_objectives_own_is_reported() -> None:
    """Which changed with XGBoost 1.3."""
    given = {"objective": "binary:logistic"}
    assert gate_fault("1.2-1", given, "error") is None
    assert gate_fault("1.7-1", given, "logloss") is None
    assert "reports logloss; add error to x.eval_metric" in (gate_fault("1.7-1", given, "error", "x.") or "")


def test_an_instance_type_without_gpu_trains_on_none() -> None:
    """As long as the version knows gpu_hist at all."""
    given = {"num_round": "5", "tree_method": "gpu_hist"}
    assert not list(faults("1.7-1", given, "ml.g4dn.xlarge", lambda *_: ""))
    assert "a GPU" in reasons("1.7-1", given)[0]
    assert "no gpu_hist any more" in reasons("3.2-0", given)[0]


def test_an_unknown_version_is_an_error() -> None:
    """Whoever asks has checked it."""
    with pytest.raises(ValueError, match=r"4\.0"):
        list(faults("4.0-1", {}, INSTANCE, lambda *_: ""))


@pytest.mark.parametrize(
    ("version", "given"),
    [
        ("1.7-1", {"tree_method": "exact"}),
        ("3.2-0", {"tree_method": "exact"}),
        ("3.2-0", {"updater": "grow_colmaker,prune"}),
        ("1.7-1", {"objective": "survival:cox"}),
        ("1.7-1", {"objective": "survival:cox", "eval_metric": "cox-nloglik"}),
        ("1.7-1", {"dsplit": "col"}),
    ],
)
def test_what_trains_on_one_instance_alone_is_refused_for_several(version: str, given: dict[str, str]) -> None:
    """XGBoost's distributed training has less than that of one process (tools/xgboost_distributed_probe.py)."""
    asked = {"num_round": "3", **given}
    assert not list(faults(version, asked, INSTANCE, lambda *_: ""))
    ((name, _),) = faults(version, asked, INSTANCE, lambda *_: "", 2)
    assert name in given


@pytest.mark.parametrize(("version", "method"), [("1.7-1", "gpu_hist"), ("3.2-0", "hist")])
def test_dask_trains_on_gpus_by_the_method_of_the_version(version: str, method: str) -> None:
    """Before 3.2-0 it was gpu_hist, which XGBoost has no more."""
    given = {"num_round": "3", "use_dask_gpu_training": "true", "tree_method": method}
    assert not list(faults(version, given, "ml.g4dn.xlarge", lambda *_: "", 2))
    assert list(faults(version, given, "ml.m5.xlarge", lambda *_: "", 2))
