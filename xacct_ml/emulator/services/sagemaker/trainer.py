"""Trains real XGBoost the way the SageMaker XGBoost container does: channels of CSV in, model.tar.gz and metrics out.

What follows the container and was read in AWS's documentation [D] (SageMaker developer guide, "XGBoost algorithm",
"XGBoost hyperparameters"): CSV with the label first and no header, ``train`` required, ``validation`` optional,
hyperparameters as strings, ``num_round`` required. A failure of the container is ``AlgorithmError: framework error``
with its traceback (users' FailureReasons, aws/amazon-sagemaker-examples #4555) [C]. Assumed [U]: that with early
stopping the metrics reported are those of the round that is kept."""

from __future__ import annotations

import gzip
import io
import math
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.services.sagemaker import channel_data, container_metrics

MODEL_FILE = "xgboost-model"
"""Name of the model in the archive; the container of version 1.3 and later writes it with ``Booster.save_model``."""

_OWN = {"num_round", "eval_metric", "early_stopping_rounds", "csv_weights", "save_model_on_termination", "nthread"}
"""Hyperparameters that the container reads itself instead of handing them to ``xgb.train``."""

_SUFFIX = "ubj"


USER_ERROR = "sagemaker_algorithm_toolkit.exceptions.UserError"
"""What the container raises where the user is to act."""


def _framework_error(raised: str) -> str:
    return f"AlgorithmError: framework error: Traceback (most recent call last): … {raised}, exit code: 1"


class TrainingFailed(Exception):
    """The job fails; the message is its FailureReason: ``ClientError: …`` the user's doing, else ``AlgorithmError:
    …``."""


@dataclass(frozen=True, slots=True)
class Trained:
    """``archive`` is model.tar.gz; ``metrics`` maps ``<channel>:<metric>`` to its value, where it is a number; ``log``
    is what was printed."""

    archive: bytes
    metrics: dict[str, float]
    log: tuple[str, ...]


def installed_version() -> str:
    """Version of the XGBoost that trains here."""
    import xgboost

    return str(xgboost.__version__)


def train(channels: Mapping[str, Sequence[bytes]], hyperparameters: Mapping[str, str]) -> Trained:
    """Train on ``channels`` (name → the CSV files in it) with SageMaker's hyperparameters.

    One thread: more slow it down on a busy machine, and the result is the same each time.

    :raises TrainingFailed: with the job's FailureReason"""
    import xgboost

    if "train" not in channels:
        raise TrainingFailed("ClientError: The 'train' channel is required but is not present.")
    rounds = _whole_number(hyperparameters, "num_round", required=True)
    backoff = _whole_number(hyperparameters, "early_stopping_rounds", required=False)
    if backoff and "validation" not in channels:
        raise TrainingFailed("ClientError: Hyperparameter early_stopping_rounds needs a 'validation' channel.")
    names = [name.strip() for name in hyperparameters.get("eval_metric", "").split(",") if name.strip()]
    own, native = container_metrics.split(names)
    params: dict[str, Any] = {key: value for key, value in hyperparameters.items() if key not in _OWN}
    params |= {"nthread": 1, "verbosity": 0}
    if native:
        params["eval_metric"] = native
    elif own:
        params["disable_default_eval_metric"] = "1"
    used = [name for name in ("train", "validation") if name in channels]
    history: dict[str, dict[str, list[float]]] = {}
    try:
        weighted = hyperparameters.get("csv_weights") == "1"
        matrices = [(channel_data.matrix(name, channels[name], weighted=weighted), name) for name in used]
        booster = xgboost.train(
            params,
            matrices[0][0],
            num_boost_round=rounds,
            evals=matrices,
            evals_result=history,
            verbose_eval=False,
            early_stopping_rounds=backoff or None,
            custom_metric=container_metrics.evaluator(own) if own else None,
            maximize=container_metrics.maximized(own[-1]) if own and backoff else None,
        )
        if backoff:
            booster = booster[: booster.best_iteration + 1]
    except channel_data.BadData as error:
        raise TrainingFailed(_framework_error(f"{USER_ERROR}: {error}")) from error
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise TrainingFailed(
            _framework_error(f"xgboost.core.XGBoostError: {channel_data.first_line(error)}")
        ) from error
    kept = booster.num_boosted_rounds() - 1
    metrics = {
        f"{channel}:{metric}": float(values[kept])
        for channel, found in history.items()
        for metric, values in found.items()
        if math.isfinite(values[kept])
    }
    return Trained(_archive(booster), metrics, tuple(_log(history)))


def _whole_number(hyperparameters: Mapping[str, str], name: str, *, required: bool) -> int:
    text = hyperparameters.get(name)
    if text is None:
        if required:
            raise TrainingFailed(f"ClientError: Missing required hyperparameter: {name}")
        return 0
    if not text.strip().isdigit() or int(text) < 1:
        raise TrainingFailed(f"ClientError: Hyperparameter {name}: value {text} not in range [1, inf]")
    return int(text)


def _archive(booster: Any) -> bytes:
    with runtime.temporary_directory("training-") as directory:
        file = Path(directory) / f"{MODEL_FILE}.{_SUFFIX}"
        booster.save_model(file)
        content = file.read_bytes()
    packed = io.BytesIO()
    # gzip stamps the time unless told otherwise; the same model is the same bytes
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        entry = tarfile.TarInfo(MODEL_FILE)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _log(history: Mapping[str, Mapping[str, Sequence[float]]]) -> list[str]:
    """The container's lines, ``[0]#011train-auc:0.90000#011…`` (#011 is how CloudWatch shows the tab)."""
    columns = [
        (f"{channel}-{metric}", values) for channel, found in history.items() for metric, values in found.items()
    ]
    count = len(columns[0][1]) if columns else 0
    return [
        f"[{position}]#011" + "#011".join(f"{name}:{values[position]:.5f}" for name, values in columns)
        for position in range(count)
    ]
