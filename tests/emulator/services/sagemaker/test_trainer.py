"""Training as the SageMaker XGBoost container does it."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from tests.emulator.services.sagemaker.workloads import DATA, PARAMETERS
from xacct_ml.emulator.data import make
from xacct_ml.emulator.services.sagemaker import container_metrics
from xacct_ml.emulator.services.sagemaker.trainer import USER_ERROR, Trained, TrainingFailed
from xacct_ml.emulator.services.sagemaker.trainer import train as train_as

FRAMEWORK = "AlgorithmError: framework error: Traceback (most recent call last):"

VERSION = "1.7-1"
CHANNELS = {name: [(DATA / f"{name}.csv").read_bytes()] for name in ("train", "validation")}


def train(channels: Any, hyperparameters: dict[str, str], version: str = VERSION) -> Trained:
    return train_as(channels, hyperparameters, version)


def booster_of(trained: Trained) -> xgboost.Booster:
    with tarfile.open(fileobj=io.BytesIO(trained.archive)) as packed:
        content = packed.extractfile("xgboost-model")
        assert content is not None
        booster = xgboost.Booster()
        booster.load_model(bytearray(content.read()))
    return booster


def accuracy(booster: xgboost.Booster) -> float:
    """On the validation data, computed from the predictions."""
    table = np.loadtxt(DATA / "validation.csv", delimiter=",")
    predicted = booster.predict(xgboost.DMatrix(table[:, 1:])) > 0.5
    return float((predicted == table[:, 0]).mean())


def test_the_data_set_is_what_its_script_makes() -> None:
    """The committed files follow from the seed."""
    for name, content in make.files().items():
        assert (DATA / name).read_text(encoding="ascii") == content


def test_metrics_are_those_of_the_model() -> None:
    """What is reported can be computed again from the archive; the data is learnable and not trivial."""
    trained = train(CHANNELS, {**PARAMETERS, "eval_metric": "auc,accuracy"})
    assert trained.metrics["validation:accuracy"] == pytest.approx(accuracy(booster_of(trained)), abs=1e-5)
    assert 0.83 < trained.metrics["validation:auc"] < 0.97


def test_training_is_repeatable_and_follows_the_hyperparameters() -> None:
    """The same twice; other hyperparameters make another model."""
    assert train(CHANNELS, PARAMETERS).archive == train(CHANNELS, PARAMETERS).archive
    assert train(CHANNELS, {**PARAMETERS, "max_depth": "2"}).metrics != train(CHANNELS, PARAMETERS).metrics
    assert booster_of(train(CHANNELS, {**PARAMETERS, "num_round": "3"})).num_boosted_rounds() == 3


def test_early_stopping_keeps_the_best_round_and_reports_the_last() -> None:
    """As SageMaker reads the log: what is reported is worse than the model, and no later tree is in the model."""
    stopped = train(CHANNELS, {**PARAMETERS, "num_round": "200", "early_stopping_rounds": "5"})
    kept = booster_of(stopped).num_boosted_rounds()
    assert len(stopped.log) == kept + 5
    best = train(CHANNELS, {**PARAMETERS, "num_round": str(kept)})
    last = train(CHANNELS, {**PARAMETERS, "num_round": str(kept + 5)})
    assert stopped.metrics == last.metrics
    assert stopped.metrics["validation:auc"] < best.metrics["validation:auc"]


def test_a_reported_number_is_what_the_log_says() -> None:
    """Five digits, as a 32-bit float."""
    trained = train(CHANNELS, PARAMETERS)
    said = trained.log[-1].rpartition("validation-auc:")[2]
    assert trained.metrics["validation:auc"] == float(np.float32(said))


def test_a_metric_with_a_threshold_is_in_the_log_alone() -> None:
    """The image's patterns know none, so SageMaker does not find it."""
    trained = train(CHANNELS, {**PARAMETERS, "eval_metric": "error@0.7,auc"})
    assert "validation-error@0.7:" in trained.log[-1]
    assert set(trained.metrics) == {"train:auc", "validation:auc"}


def test_the_last_metric_stops() -> None:
    """And is reported with the others, the container's own behind XGBoost's."""
    asked = {**PARAMETERS, "num_round": "60", "early_stopping_rounds": "3", "eval_metric": "accuracy,logloss"}
    stopped = train(CHANNELS, asked)
    assert len(stopped.log) < 60
    shown = [part.partition(":")[0] for part in stopped.log[-1].split("#011")]
    assert shown[3:] == ["validation-logloss", "validation-accuracy"]
    assert set(stopped.metrics) == {
        f"{channel}:{name}" for channel in ("train", "validation") for name in ("logloss", "accuracy")
    }


def test_images_before_2_start_from_one_half() -> None:
    """And grow exact trees; later ones estimate where to start."""
    few = {**PARAMETERS, "num_round": "1"}
    assert train(CHANNELS, few, "1.7-1").archive != train(CHANNELS, few, "3.2-0").archive
    given = {**few, "base_score": "0.5", "tree_method": "exact"}
    assert train(CHANNELS, few, "1.7-1").archive == train(CHANNELS, given, "3.2-0").archive


@pytest.mark.parametrize("version", ["1.7-1", "3.2-0"])
def test_the_containers_own_metrics_are_its_own(version: str) -> None:
    """The values that the container's code gave (tools/custom_metric_values.py), for what it is handed."""
    measured = json.loads((Path(__file__).with_name("data") / f"custom_metrics_{version}.json").read_text("utf-8"))
    for case in measured:
        seen, label = np.asarray(case["predictions"], float), np.asarray(case["labels"], float)
        found = dict(container_metrics.values(version, list(case["values"]), seen, label))
        assert found == pytest.approx(case["values"])


def test_the_containers_own_metrics_are_handed_what_the_version_hands_them() -> None:
    """Margins in 1.7, probabilities in 3.x: there everything is class 1."""
    asked = {**PARAMETERS, "eval_metric": "recall,accuracy"}
    right, wrong = train(CHANNELS, asked, "1.7-1"), train(CHANNELS, asked, "3.2-0")
    assert right.metrics["validation:accuracy"] == pytest.approx(accuracy(booster_of(right)), abs=1e-5)
    table = np.loadtxt(DATA / "validation.csv", delimiter=",")
    assert wrong.metrics["validation:recall"] == 1
    assert wrong.metrics["validation:accuracy"] == pytest.approx(float(table[:, 0].mean()), abs=1e-5)


def test_without_validation_there_are_no_validation_metrics() -> None:
    """Only the channels given are evaluated."""
    assert set(train({"train": CHANNELS["train"]}, PARAMETERS).metrics) == {"train:auc"}


def test_several_files_are_one_channel() -> None:
    """Split over objects, the data is the same."""
    lines = CHANNELS["train"][0].splitlines(keepends=True)
    parts = [b"".join(lines[:400]), b"".join(lines[400:])]
    whole, split = train(CHANNELS, PARAMETERS), train({**CHANNELS, "train": parts}, PARAMETERS)
    assert whole.metrics == split.metrics


def test_csv_weights_are_the_second_column() -> None:
    """A weight is no feature."""
    rows = [line.split(b",", 1) for line in CHANNELS["train"][0].splitlines()]
    weighted = b"\n".join(label + b",1," + rest for label, rest in rows)
    trained = train({"train": [weighted]}, {**PARAMETERS, "csv_weights": "1"})
    assert trained.metrics == train({"train": CHANNELS["train"]}, PARAMETERS).metrics


@pytest.mark.parametrize(
    ("channels", "change", "reason"),
    [
        ({"validation": CHANNELS["validation"]}, {}, f"{FRAMEWORK} … {USER_ERROR}: Missing required channel: train"),
        ({"train": []}, {}, f"{FRAMEWORK} … {USER_ERROR}: No data in training channel path /opt/ml/input/data/train"),
        ({"train": [b"1,inf\n"]}, {}, f"{FRAMEWORK} … {USER_ERROR}: Failed to load csv data with exception: "),
        ({"train": [b"\n1,2\n"]}, {}, f"{FRAMEWORK} … {USER_ERROR}: Could not determine delimiter on line "),
        ({"train": [b"1,2\n"], "validation": [b"1,2,3\n"]}, {}, "AlgorithmError: "),
        (CHANNELS, {"num_round": "0"}, f"{FRAMEWORK} … {USER_ERROR}: Hyperparameter num_round: 0 is not in [1, +inf)"),
        (CHANNELS, {"objective": "nonsense"}, f"{FRAMEWORK} … {USER_ERROR}: Hyperparameter objective: "),
        (CHANNELS, {"eval_metric": "merror"}, f"{FRAMEWORK} … {USER_ERROR}: Hyperparameter eval_metric: merror cannot"),
        ({"train": [b"7,2\n1,3\n"]}, {}, f"{FRAMEWORK} … xgboost.core.XGBoostError: "),
    ],
)
def test_failures_have_sagemakers_prefix(channels: Any, change: dict[str, str], reason: str) -> None:
    """What the container raises, in its traceback."""
    with pytest.raises(TrainingFailed) as caught:
        train(channels, {**PARAMETERS, **change})
    assert str(caught.value).startswith(reason)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("version", "said"), [("1.7-1", "label must be in [0,1] for logistic"), ("3.2-0", "base_score")]
)
def test_labels_that_do_not_fit_are_told_as_the_version_tells_them(version: str, said: str) -> None:
    """Users report the first; later versions look at what they start from before they look at labels."""
    with pytest.raises(TrainingFailed) as caught:
        train({"train": [b"7,2\n1,3\n"]}, PARAMETERS, version)
    assert said in str(caught.value)


def test_missing_features_are_missing_and_missing_labels_are_zero() -> None:
    """As XGBoost's own loader reads them: a model of data with gaps is the one of numpy's NaN."""
    rows = [line.split(b",") for line in CHANNELS["train"][0].splitlines()]
    for position, row in enumerate(rows):
        row[1 + position % 3] = (b"", b"nan", b" NaN ")[position % 3]
    gaps = b"\n".join(b",".join(row) for row in rows)
    table = np.array([[float(field) if field.strip() else np.nan for field in row] for row in rows])
    expected = xgboost.train(
        {name: value for name, value in PARAMETERS.items() if name not in ("num_round", "eval_metric")},
        xgboost.DMatrix(table[:, 1:], label=table[:, 0]),
        num_boost_round=int(PARAMETERS["num_round"]),
    )
    asked = xgboost.DMatrix(table[:, 1:])
    trained = booster_of(train({"train": [gaps]}, PARAMETERS, "3.2-0"))
    assert trained.predict(asked).tolist() == expected.predict(asked).tolist()
    unlabelled = b"\n".join((b"" if row[0] == b"0" else row[0]) + b"," + b",".join(row[1:]) for row in rows)
    assert train({"train": [unlabelled]}, PARAMETERS).archive == train({"train": [gaps]}, PARAMETERS).archive


def test_a_metric_without_a_value_is_not_reported() -> None:
    """AUC of one class is not a number."""
    ones = [b"1,2,3\n1,3,4\n1,5,6\n"]
    assert train({"train": ones}, {**PARAMETERS, "num_round": "1"}).metrics == {}
