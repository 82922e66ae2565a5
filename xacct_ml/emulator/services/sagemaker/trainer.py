"""Trains real XGBoost the way the SageMaker XGBoost container does: channels of CSV in, model.tar.gz and metrics out.

CSV with the label first and no header, ``train`` required, ``validation`` optional, hyperparameters as strings
(SageMaker developer guide, "XGBoost algorithm") [D]. What the image of the job refuses, or fails with, is refused; its
own metrics are computed as it does; every round is printed with five digits, and early stopping keeps the best round
while what was printed last is what SageMaker reports (aws/sagemaker-xgboost-container, algorithm_mode/train.py and
callback.py) [C], as 32-bit floats (a recorded DescribeTrainingJob) [C]. A failure of the container is
``AlgorithmError: framework error`` with its traceback (users' FailureReasons, aws/amazon-sagemaker-examples #4555) [C].
"""

from __future__ import annotations

import ast
import gzip
import io
import struct
import tarfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.services.sagemaker import channel_data, container_metrics, container_words
from xacct_ml.emulator.services.sagemaker.container_words import PARSED, USER_ERROR
from xacct_ml.tables import xgboost_container
from xacct_ml.tables.xgboost_facts import facts
from xacct_ml.tables.xgboost_metrics import METRICS

_LABELS = ("label must be in (0, 1) for", "label must be in [0,1] for")
"""What the installed XGBoost says of labels of a logistic objective, and what those before 2 say (users' reports)."""

MODEL_FILE = "xgboost-model"
"""Name of the model in the archive; the container of version 1.3 and later writes it with ``Booster.save_model``."""

_OWN = {
    *("num_round", "eval_metric", "early_stopping_rounds", "csv_weights", "save_model_on_termination", "nthread"),
    *("use_dask_gpu_training", "predictor", "monotone_constraints"),
}
"""Hyperparameters that are not handed to ``xgb.train`` as they are."""

_ESTIMATES_BASE_SCORE = 2
"""From this version of XGBoost on ``base_score`` is estimated and ``tree_method: auto`` is ``hist``; before, 0.5 and
``exact`` for all but large data (release notes of XGBoost 2.0), on several instances ``approx`` (documentation of 1.7,
tree_method)."""

_SUFFIX = "ubj"


def user_error(said: str) -> TrainingFailed:
    """What the container raises where the user is to act, with its own words."""
    return TrainingFailed(framework_error(f"{USER_ERROR}: {said}"))


def framework_error(raised: str) -> str:
    return f"AlgorithmError: framework error: Traceback (most recent call last): … {raised}, exit code: 1"


class TrainingFailed(Exception):
    """The job fails; the message is its FailureReason: ``ClientError: …`` the user's doing, else ``AlgorithmError:
    …``."""


@dataclass(frozen=True, slots=True)
class Boosted:
    """``model`` as the container saves it, in UBJSON; ``log`` is what was printed."""

    model: bytes
    log: tuple[str, ...]


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


def train(
    channels: Mapping[str, Sequence[bytes]],
    hyperparameters: Mapping[str, str],
    version: str,
    instance_type: str = "ml.m5.xlarge",
) -> Trained:
    """Train on ``channels`` (name → the CSV files in it) with SageMaker's hyperparameters, as the image's ``version``,
    on one instance.

    One thread: more slow it down on a busy machine, and the result is the same each time.

    :raises TrainingFailed: with the job's FailureReason"""
    return trained(version, boost(version, checked(version, hyperparameters, channels, instance_type), channels))


def checked(
    version: str,
    hyperparameters: Mapping[str, str],
    channels: Collection[str],
    instance_type: str,
    instance_count: int = 1,
) -> dict[str, str]:
    """The hyperparameters, without aliases.

    :raises TrainingFailed: the image refuses them or fails with them, or a channel is missing"""
    if "train" not in channels:
        raise user_error("Missing required channel: train")
    aliases = facts(version, "aliases")
    given = {aliases.get(name, name): value for name, value in hyperparameters.items()}
    if said := container_words.refusal(version, given):
        raise TrainingFailed(framework_error(said))
    for name, reason in xgboost_container.faults(version, given, instance_type, lambda *_: ";", instance_count):
        raise user_error(f"Hyperparameter {name}: {reason}")
    return given


def boost(
    version: str,
    given: Mapping[str, str],
    channels: Mapping[str, Sequence[bytes]],
    content_type: str = channel_data.CSV,
    after_round: Callable[[], None] = lambda: None,
) -> Boosted:
    """What the container does on an instance with the data that it has: alone, or within XGBoost's collective, where
    every instance ends with the same model. ``content_type`` is that of the channel train, by which it reads both.
    What ``after_round`` raises ends it.

    :raises TrainingFailed: with the job's FailureReason"""
    import xgboost

    history: dict[str, dict[str, list[float]]] = {}
    try:
        weighted = given.get("csv_weights") == "1"
        used = [name for name in ("train", "validation") if name in channels]
        read = partial(channel_data.matrix, version, weighted=weighted, content_type=content_type)
        matrices = [(read(name, channels[name]), name) for name in used]
        booster = xgboost.train(
            _parameters(version, given),
            matrices[0][0],
            num_boost_round=int(given["num_round"]),
            evals=matrices,
            evals_result=history,
            verbose_eval=False,
            callbacks=[*_callbacks(version, given, matrices), _calling(after_round)],
        )
    except channel_data.BadData as error:
        raise user_error(str(error)) from error
    except (xgboost.core.XGBoostError, ValueError) as error:
        said = channel_data.first_line(error)
        if _starts_from_one_half(version):
            said = said.replace(*_LABELS)
        raise TrainingFailed(framework_error(f"xgboost.core.XGBoostError: {said}")) from error
    return Boosted(_saved(booster), tuple(_log(history)))


def trained(version: str, boosted: Boosted) -> Trained:
    """What SageMaker makes of it: the archive, and the metrics that it finds in the log."""
    found = xgboost_container.reported(version, boosted.log[-1]) if boosted.log else {}
    return Trained(_archive(boosted.model), {name: _single(value) for name, value in found.items()}, boosted.log)


def _parameters(version: str, given: Mapping[str, str]) -> dict[str, Any]:
    """What the container hands to ``xgb.train``, and what its XGBoost takes where nothing is given."""
    kinds = facts(version, "hyperparameters")
    parsed: dict[str, Any] = {
        name: PARSED.get(kinds[name].split()[0], str)(value) for name, value in given.items() if name not in _OWN
    }
    own, native = container_metrics.split(version, _metrics(given))
    if "monotone_constraints" in given:
        parsed["monotone_constraints"] = ast.literal_eval(given["monotone_constraints"])
    if parsed.get("tree_method") == "gpu_hist":
        parsed["tree_method"] = "hist"
    if native:
        parsed["eval_metric"] = native
    elif own:
        parsed["disable_default_eval_metric"] = 1
    if _starts_from_one_half(version):
        parsed.setdefault("base_score", 0.5)
        if parsed.get("tree_method", "auto") == "auto" and not {"updater", "booster"} & parsed.keys():
            parsed["tree_method"] = "approx" if _distributed() else "exact"
    return {**parsed, "nthread": 1, "verbosity": 0}


def _distributed() -> bool:
    from xgboost import collective

    return bool(collective.is_distributed())


def _starts_from_one_half(version: str) -> bool:
    return int(version.split(".")[0]) < _ESTIMATES_BASE_SCORE


def _callbacks(version: str, given: Mapping[str, str], matrices: Sequence[tuple[Any, str]]) -> list[Any]:
    import xgboost

    class OwnMetrics(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        """The container's own metrics, behind XGBoost's."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
            for matrix, channel in matrices:
                seen = model.predict(matrix, output_margin=container_metrics.sees_margins(version))
                for name, value in container_metrics.values(version, own, seen, matrix.get_label()):
                    evals_log.setdefault(channel, {}).setdefault(name, []).append(_of_all_instances(value))
            return False

    names = _metrics(given)
    own, _ = container_metrics.split(version, names)
    found: list[Any] = [OwnMetrics()] if own else []
    if "early_stopping_rounds" in given and names and len(matrices) > 1:
        last = METRICS.get(names[-1].partition("@")[0])
        stop = xgboost.callback.EarlyStopping(
            rounds=int(given["early_stopping_rounds"]),
            data_name="validation",
            metric_name=names[-1],
            maximize=last is not None and last.direction == "maximize",
            save_best=True,
        )
        found.append(stop)
    return found


def _calling(after_round: Callable[[], None]) -> Any:
    import xgboost

    class AfterRound(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
            after_round()
            return False

    return AfterRound()


def _of_all_instances(value: float) -> float:
    """XGBoost takes the mean of what each instance computed by a metric that is not its own, however many rows it has
    (its callback.py, `_allreduce_metric`) [C]."""
    import numpy as np
    from xgboost import collective

    if (count := collective.get_world_size()) == 1:
        return value
    return float(collective.allreduce(np.array([value]), collective.Op.SUM)[0] / count)


def _metrics(given: Mapping[str, str]) -> list[str]:
    return given["eval_metric"].split(",") if "eval_metric" in given else []


def _single(value: float) -> float:
    """What SageMaker makes of a number in the log: a float of 32 bits."""
    number: float = struct.unpack("f", struct.pack("f", value))[0]
    return number


def _saved(booster: Any) -> bytes:
    with runtime.temporary_directory("training-") as directory:
        file = Path(directory) / f"{MODEL_FILE}.{_SUFFIX}"
        booster.save_model(file)
        return file.read_bytes()


def _archive(content: bytes) -> bytes:
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
