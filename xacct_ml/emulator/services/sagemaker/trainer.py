"""Trains real XGBoost the way the SageMaker XGBoost container does: channels of CSV in, model.tar.gz and metrics out.

What follows the container and was read in AWS's documentation [D] (SageMaker developer guide, "XGBoost algorithm",
"XGBoost hyperparameters"): CSV with the label first and no header, ``train`` required, ``validation`` optional,
hyperparameters as strings, ``num_round`` required. Assumed [U]: the words of the failures, an empty field read as 0,
and that with early stopping the metrics reported are those of the round that is kept."""

from __future__ import annotations

import gzip
import io
import math
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.services.sagemaker import container_metrics

if TYPE_CHECKING:
    import numpy as np

MODEL_FILE = "xgboost-model"
"""Name of the model in the archive; the container of version 1.3 and later writes it with ``Booster.save_model``."""

_OWN = {"num_round", "eval_metric", "early_stopping_rounds", "csv_weights", "save_model_on_termination", "nthread"}
"""Hyperparameters that the container reads itself instead of handing them to ``xgb.train``."""

_SUFFIX = "ubj"


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
        matrices = [(_matrix(name, channels[name], weighted=weighted), name) for name in used]
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
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise TrainingFailed(f"AlgorithmError: framework error: {_first_line(error)}") from error
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


def _matrix(channel: str, files: Sequence[bytes], *, weighted: bool) -> Any:
    """Label, then the row's weight if ``weighted``, then the features."""
    import numpy as np
    import xgboost

    tables = [_table(channel, content) for content in files if content.strip()]
    if not tables:
        raise TrainingFailed(f"ClientError: No data found in channel '{channel}'.")
    if len({table.shape[1] for table in tables}) > 1:
        raise TrainingFailed(f"ClientError: The files of channel '{channel}' have different numbers of columns.")
    table = np.vstack(tables)
    first = 2 if weighted else 1
    if table.shape[1] <= first:
        raise TrainingFailed(f"ClientError: Channel '{channel}' has no features beside its label.")
    return xgboost.DMatrix(table[:, first:], label=table[:, 0], weight=table[:, 1] if weighted else None)


def _table(channel: str, content: bytes) -> np.ndarray[Any, np.dtype[np.float32]]:
    import numpy as np

    try:
        text = content.decode("utf-8")
        return np.loadtxt(
            io.StringIO(text), delimiter=",", dtype=np.float32, ndmin=2, comments=None, converters=_number
        )
    except ValueError as error:
        raise TrainingFailed(
            f"ClientError: The CSV data of channel '{channel}' cannot be read: {_first_line(error)}. It must have no "
            "header, numbers only and one width, the label first."
        ) from error


def _number(field: str) -> float:
    return float(field) if field.strip() else 0.0


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


def _first_line(error: Exception) -> str:
    """What XGBoost says, without its stack trace and source position."""
    text = str(error).strip().split("Stack trace", maxsplit=1)[0].strip()
    lines = [line for line in text.splitlines() if line.strip()]
    return (lines[0].split("] ", 1)[-1] if lines else type(error).__name__).rstrip(".")
