"""Training as the SageMaker XGBoost container does it."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import numpy as np
import pytest
import xgboost

from tests.emulator.services.sagemaker.workloads import DATA, PARAMETERS
from xacct_ml.emulator.data import make
from xacct_ml.emulator.services.sagemaker.trainer import Trained, TrainingFailed, train

CHANNELS = {name: [(DATA / f"{name}.csv").read_bytes()] for name in ("train", "validation")}


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


def test_early_stopping_keeps_the_best_round() -> None:
    """The metrics reported are the best round's, and no later tree is in the model."""
    stopped = train(CHANNELS, {**PARAMETERS, "num_round": "200", "early_stopping_rounds": "5"})
    kept = booster_of(stopped).num_boosted_rounds()
    assert len(stopped.log) == kept + 5
    again = train(CHANNELS, {**PARAMETERS, "num_round": str(kept)})
    assert stopped.metrics == pytest.approx(again.metrics)


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
        ({"validation": CHANNELS["validation"]}, {}, "ClientError: The 'train' channel is required"),
        ({"train": []}, {}, "ClientError: No data found in channel 'train'"),
        ({"train": [b"label,a\n1,2\n"]}, {}, "ClientError: The CSV data of channel 'train' cannot be read"),
        ({"train": [b"1,2\n1,2,3\n"]}, {}, "ClientError: The CSV data of channel 'train' cannot be read"),
        ({"train": [b"1,2\n"], "validation": [b"1,2,3\n"]}, {}, "AlgorithmError: "),
        ({"train": [b"1\n0\n"]}, {}, "ClientError: Channel 'train' has no features"),
        (CHANNELS, {"num_round": "0"}, "ClientError: Hyperparameter num_round"),
        (CHANNELS, {"objective": "nonsense"}, "AlgorithmError: framework error: "),
        (CHANNELS, {"eta": "fast"}, "AlgorithmError: framework error: "),
        ({"train": CHANNELS["train"]}, {"early_stopping_rounds": "3"}, "ClientError: Hyperparameter early_stopping"),
    ],
)
def test_failures_have_sagemakers_prefix(channels: Any, change: dict[str, str], reason: str) -> None:
    """ClientError where the user is to act, AlgorithmError where XGBoost refuses."""
    with pytest.raises(TrainingFailed) as caught:
        train(channels, {**PARAMETERS, **change})
    assert str(caught.value).startswith(reason)
    assert "\n" not in str(caught.value)


def test_a_metric_without_a_value_is_not_reported() -> None:
    """AUC of one class is not a number."""
    ones = [b"1,2,3\n1,3,4\n1,5,6\n"]
    assert train({"train": ones}, {**PARAMETERS, "num_round": "1", "base_score": "0.5"}).metrics == {}
