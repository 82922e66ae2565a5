"""Scores of real models: XGBoost's own metrics, the container's, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import xgboost

from tests.payload.scores.trained import ROWS, labels_of, score_of_features, text, trained
from xacct_ml.emulator.services.sagemaker import container_metrics
from xacct_ml.foreign import ForeignTextError
from xacct_ml.payload.scores.score import Held, Scored, compared, score


def scored(objective: str, *metrics: str, **more: Any) -> tuple[Scored, dict[str, float]]:
    made = trained(objective, metrics, **more)
    return score(made.hyperparameters, made.predictions, Held.of(made.labels)), made.metrics


@pytest.mark.parametrize(
    ("objective", "metrics", "more"),
    [
        ("binary:logistic", ("auc", "aucpr", "error", "logloss"), {}),
        ("binary:logitraw", ("auc", "aucpr"), {}),
        ("binary:hinge", ("error",), {}),
        ("multi:softprob", ("merror", "mlogloss"), {"num_class": 3}),
        ("multi:softmax", ("merror",), {"num_class": 3}),
        ("reg:squarederror", ("rmse", "mae", "mape"), {}),
        ("reg:squaredlogerror", ("rmsle", "rmse"), {}),
        ("reg:pseudohubererror", ("mphe",), {}),
        ("count:poisson", ("poisson-nloglik", "rmse"), {}),
        ("reg:gamma", ("gamma-nloglik", "gamma-deviance"), {}),
        ("reg:tweedie", ("tweedie-nloglik@1.3",), {"tweedie_variance_power": 1.3}),
    ],
)
def test_metrics_are_those_of_xgboost(objective: str, metrics: tuple[str, ...], more: dict[str, Any]) -> None:
    found, expected = scored(objective, *metrics, **more)
    for name, value in expected.items():
        assert found.document["metrics"][name]["value"] == pytest.approx(value, rel=1e-6), name


@pytest.mark.parametrize(("objective", "metric"), [("rank:ndcg", "ndcg"), ("rank:map", "map"), ("rank:map", "ndcg")])
def test_an_order_is_scored_as_xgboost_does(objective: str, metric: str) -> None:
    """Of all rows: where none are said, XGBoost since 2.0 takes the first 32 only, which tells little of one group."""
    features, value = score_of_features()
    label = labels_of(objective, value)
    matrix = xgboost.DMatrix(features, label)
    parameters = {"max_depth": 3, "nthread": 1, "eval_metric": [f"{metric}@{ROWS}"]}
    history: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(parameters, matrix, 8, evals=[(matrix, "rows")], evals_result=history, verbose_eval=False)
    found = score({"objective": objective}, text(booster.predict(matrix)), Held.of(text(label)))
    assert found.document["metrics"][metric]["value"] == pytest.approx(
        history["rows"][f"{metric}@{ROWS}"][-1], rel=1e-8
    )


def test_metrics_of_two_classes_are_those_of_the_container() -> None:
    """Which are scikit-learn's (:mod:`container_metrics` is compared with the container's own values), of margins."""
    names = ["accuracy", "balanced_accuracy", "f1", "precision", "recall", "f1_binary"]
    assert of_container("binary:logitraw", names)


def test_metrics_of_several_classes_are_those_of_the_container() -> None:
    names = ["accuracy", "balanced_accuracy", "f1", "precision_macro", "recall_macro"]
    assert of_container("multi:softprob", names, num_class=3)


def of_container(objective: str, names: list[str], **more: Any) -> bool:
    made = trained(objective, **more)
    found = score(made.hyperparameters, made.predictions, Held.of(made.labels)).document["metrics"]
    values = np.array([json.loads(line) for line in b"".join(made.predictions).splitlines()])
    labels = np.array([float(line) for line in b"".join(made.labels).split()])
    expected = dict(container_metrics.values("1.7-1", names, values, labels))
    return {name: found[name]["value"] for name in names} == pytest.approx(expected)


def test_the_value_lies_in_its_interval() -> None:
    for objective in ("binary:logistic", "reg:gamma", "rank:map"):
        for name, found in scored(objective)[0].document["metrics"].items():
            assert found["low"] < found["value"] < found["high"], name


@pytest.mark.long
def test_the_interval_holds_the_true_value_19_times_of_20() -> None:
    """Of samples of rows whose AUC, error and logloss are known from a large one."""
    random = np.random.default_rng(1)

    def sample(rows: int) -> Scored:
        labels = random.random(rows) < 0.3
        values = 1 / (1 + np.exp(-(random.normal(size=rows) + 1.5 * labels - 1)))
        return score({"objective": "binary:logistic"}, text(values), Held.of(text(labels.astype(float))))

    truth = {name: found["value"] for name, found in sample(30_000).document["metrics"].items()}
    samples = [sample(150).document["metrics"] for _ in range(200)]
    for name, value in truth.items():
        held = sum(found[name]["low"] <= value <= found[name]["high"] for found in samples) / len(samples)
        assert 0.90 <= held <= 0.995, (name, held)


def test_two_models_are_compared_row_by_row() -> None:
    """Where the difference is small, the intervals beside each other overlap, and that of the difference is above 0."""
    better, worse = trained("binary:logistic", rounds=30), trained("binary:logistic", rounds=3)
    held = Held.of(better.labels)
    one, other = (
        score(better.hyperparameters, better.predictions, held),
        score({**worse.hyperparameters}, worse.predictions, held),
    )
    found = compared(one, other)["metrics"]
    assert found["logloss"]["high"] < 0 < found["auc"]["low"]
    assert found["auc"]["value"] == pytest.approx(
        one.document["metrics"]["auc"]["value"] - other.document["metrics"]["auc"]["value"]
    )
    assert compared(one, one)["metrics"]["auc"] == {"value": 0, "low": 0, "high": 0}


def test_slices_have_scores_of_their_own() -> None:
    made = trained("binary:logistic", ("error",))
    column = ["a" if number % 3 else "b" for number in range(ROWS)]
    sliced = "plan\n" + "".join(f"{value}\n" for value in column)
    held = Held.of(made.labels, [sliced.encode()])
    found = score(made.hyperparameters, made.predictions, held).document["slices"]
    errors = {each["slice"]: each for each in found if each["metric"] == "error"}
    assert {value: each["rows"] for value, each in errors.items()} == {"a": 200, "b": 100}
    whole = (200 * errors["a"]["value"] + 100 * errors["b"]["value"]) / ROWS
    assert whole == pytest.approx(made.metrics["error"])


def test_what_a_report_draws() -> None:
    found = scored("binary:logistic")[0].document
    assert sum(map(sum, found["confusion"]["matrix"])) == ROWS
    assert [found["roc"][0], found["roc"][-1]] == [[0, 0], [1, 1]]
    assert len(found["roc"]) <= 51
    assert found["pr"][-1][0] == 1
    assert sum(each["rows"] for each in found["calibration"]) == ROWS
    assert sum(found["predictions"]["histogram"]) == ROWS
    assert sum(found["labels"]["counts"].values()) == ROWS


def test_the_document_is_json_and_the_same_each_time() -> None:
    documents = [json.dumps(scored("multi:softprob", num_class=3)[0].document, allow_nan=False) for _ in range(2)]
    assert documents[0] == documents[1]


def test_one_class_alone_has_no_auc() -> None:
    found = score({"objective": "binary:logistic"}, [b"0.5\n0.6\n"], Held.of([b"0\n0\n"])).document
    assert "auc" not in found["metrics"]
    assert found["roc"] is None
    assert found["metrics"]["accuracy"]["value"] == 0.5


def test_a_constant_prediction_is_one_value() -> None:
    found = score({"objective": "binary:logistic"}, [b"0.5\n" * 9], Held.of([b"0\n1\n0\n" * 3])).document
    assert found["predictions"]["distinct"] == 1
    assert found["metrics"]["auc"]["value"] == 0.5


@pytest.mark.parametrize(
    ("hyperparameters", "predictions", "labels", "said"),
    [
        ({"objective": "binary:logistic"}, b"0.5\n", b"0\n1\n", "the predictions have 1 rows, the labels 2"),
        (
            {"objective": "binary:logistic"},
            b"0.5\nnan\n",
            b"0\n1\n",
            "the predictions, line 2: 'nan' is no finite number",
        ),
        (
            {"objective": "binary:logistic"},
            b"0.5\n1.5\n",
            b"0\n1\n",
            "a prediction of binary:logistic is no probability",
        ),
        (
            {"objective": "binary:logistic"},
            b"0.5\n0.5\n",
            b"0\n2\n",
            "labels.csv, line 2: 2 is no class of the objective",
        ),
        (
            {"objective": "multi:softprob", "num_class": "3"},
            b"[0.5, 0.5]\n",
            b"0\n",
            "2 numbers where there are 3 classes",
        ),
        ({"objective": "multi:softmax", "num_class": "3"}, b"3.0\n", b"0\n", "a prediction is no class below 3"),
        ({"objective": "reg:squarederror"}, b"\xff\n", b"0\n", "the predictions, line 1 is not UTF-8"),
        (
            {"objective": "reg:squarederror"},
            b"1" * 70_000,
            b"0\n",
            "the predictions, line 1 is longer than 65,536 bytes",
        ),
        ({"objective": "reg:squarederror"}, b"", b"", "labels.csv has no row"),
    ],
)
def test_what_is_no_score(hyperparameters: dict[str, str], predictions: bytes, labels: bytes, said: str) -> None:
    with pytest.raises(ForeignTextError, match="^.*" + said.replace(".", r"\.").replace("'", "'")):
        score(hyperparameters, [predictions], Held.of([labels]))


def test_no_more_rows_are_scored_than_said() -> None:
    rows = b"0\n1\n" * 100_001
    found = score({"objective": "reg:squarederror"}, [rows], Held.of([rows]))
    assert found.document["rows"] == 200_000


def test_survival_has_no_metric_here() -> None:
    found = score({"objective": "survival:cox"}, [b"0.5\n0.7\n"], Held.of([b"3\n-4\n"])).document
    assert found["metrics"] == {}
    assert found["predictions"]["distinct"] == 2
