"""What XGBoost does with what one version of SageMaker's XGBoost container accepted: run by make_xgboost_tables.

``PYTHON xgboost_training_probe.py SRC`` with the container's ``src``, by a Python that has the XGBoost of that version,
numpy and scikit-learn, reads a list of hyperparameters as JSON from standard input and writes JSON. Each set that the
container's validators take is trained with for three rounds on 60 rows that fit the objective, as the container would
(its module ``algorithm_mode.train``): its own metrics, its early stopping, parsed values. Its code is run, not copied.

- ``trains``: of each set ``+``, ``-`` (training fails), or ``.``: not asked (too large, or a GPU is needed);
- ``default_metrics``: objective → what is reported without ``eval_metric``;
- ``objectives_that_fail``, and of the others ``metrics_that_fail``: metric → objectives;
- ``metrics_that_are_wrong``: metric → objectives with which the container's own value is not that of the predictions.
"""

from __future__ import annotations

import ast
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from xgboost_container_probe import validators

ROUNDS = 3
LARGEST = 10_000
"""A larger number takes memory, and says nothing else."""

_GPU = {"gpu_hist", "gpu_predictor"}


class Container:
    """Trains as the version whose source is given."""

    def __init__(self, source: Path) -> None:
        sys.path.insert(0, str(source))
        self.hyperparameters, self.registered = validators(source)
        from sagemaker_xgboost_container.constants import xgb_constants  # type: ignore[import-not-found]
        from sagemaker_xgboost_container.metrics import custom_metrics  # type: ignore[import-not-found]

        self.custom, self.maximized = custom_metrics, xgb_constants.XGB_MAXIMIZE_METRICS
        tree = ast.parse((source / "sagemaker_xgboost_container/algorithm_mode/train.py").read_text("utf-8"))
        keywords = {each.arg for each in ast.walk(tree) if isinstance(each, ast.keyword)}
        self.argument = next(iter(keywords & {"feval", "custom_metric"}))

    def train(self, given: Mapping[str, str]) -> tuple[Any, dict[str, list[float]], Any]:
        """Booster, metric → values, and the data. Raises whatever fails."""
        config = self.hyperparameters.validate(dict(given))
        config["updater"] = ",".join(config["updater"]) if "updater" in config else None
        config = {name: value for name, value in config.items() if value is not None}
        rounds = min(config.pop("num_round"), ROUNDS)
        for name in ("save_model_on_termination", "use_dask_gpu_training"):
            config.pop(name, None)
        asked, patience = config.pop("eval_metric", None), config.pop("early_stopping_rounds", None)
        own = self.custom.get_custom_metrics(asked or [])
        if native := [name for name in asked or () if name not in own]:
            config["eval_metric"] = native
        more = {self.argument: self.custom.configure_feval(own)} if own else {}
        if asked and patience:
            more["callbacks"] = [_stopping(patience, asked[-1], asked[-1] in self.maximized)]
        matrix = _data(str(config.get("objective", "reg:squarederror")), int(config.get("num_class", 0)))
        history: dict[str, dict[str, list[float]]] = {}
        config |= {"nthread": 1, "verbosity": 0}
        evals = [(matrix, "train"), (matrix, "validation")]
        booster = xgboost.train(config, matrix, rounds, evals=evals, evals_result=history, verbose_eval=False, **more)
        return booster, history["validation"], matrix


def _stopping(patience: int, metric: str, maximize: bool) -> Any:
    return xgboost.callback.EarlyStopping(
        rounds=patience, data_name="validation", metric_name=metric, maximize=maximize, save_best=True
    )


def _data(objective: str, classes: int) -> Any:
    """Sixty rows of five features with labels that the objective takes: 0 and 1 wherever it can be."""
    random = np.random.RandomState(7)
    features = random.rand(60, 5)
    labels = (features[:, 0] + 0.6 * random.rand(60) > 1.1).astype(float)
    if objective.startswith("multi:"):
        labels = np.arange(60) % max(classes, 1)
    if objective == "reg:gamma":
        labels = labels + 1
    return xgboost.DMatrix(features, label=labels)


def _asked(given: Mapping[str, str]) -> bool:
    if given.get("use_dask_gpu_training") == "true" or _GPU & set(given.values()):
        return False
    return all(not _is_number(value) or abs(float(value)) <= LARGEST for value in given.values())


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _verdict(container: Container, given: Mapping[str, str]) -> str:
    try:
        container.hyperparameters.validate(dict(given))
    except Exception:  # noqa: BLE001  refused by the container itself, whatever it raises
        return "-"
    if not _asked(given):
        return "."
    return "+" if _trained(container, given) else "-"


def _trained(container: Container, given: Mapping[str, str]) -> tuple[Any, dict[str, list[float]], Any] | None:
    try:
        return container.train(given)
    except Exception:  # noqa: BLE001  whatever is raised ends the training job
        return None


def _of(objective: str, **more: str) -> dict[str, str]:
    classes = {"num_class": "3"} if objective.startswith("multi:") else {}
    return {"num_round": "3", "objective": objective, **classes, **more}


def _truth(metric: str, objective: str, predicted: Any, labels: Any) -> float | None:
    """The metric of the predictions; None where they are none that it is about."""
    from sklearn import metrics  # type: ignore[import-not-found]

    if metric not in ("mae", "mse", "r2", "rmse"):
        if (classes := _classes(objective, predicted)) is None:
            return None
        average = metric.rpartition("_")[2] if "_" in metric else {"f1": "macro"}.get(metric, "binary")
        if metric == "accuracy":
            return float(metrics.accuracy_score(labels, classes))
        if metric == "balanced_accuracy":
            return float(metrics.balanced_accuracy_score(labels, classes))
        return float(getattr(metrics, f"{metric.split('_')[0]}_score")(labels, classes, average=average))
    if predicted.ndim > 1:
        return None
    squared = float(metrics.mean_squared_error(labels, predicted))
    values = {"mse": squared, "rmse": squared**0.5, "mae": float(metrics.mean_absolute_error(labels, predicted))}
    return values[metric] if metric in values else float(metrics.r2_score(labels, predicted))


def _classes(objective: str, predicted: Any) -> Any:
    if objective in ("binary:logistic", "reg:logistic"):
        return (predicted > 0.5).astype(int)
    if objective == "binary:logitraw":
        return (predicted > 0).astype(int)
    if objective in ("binary:hinge", "multi:softmax"):
        return predicted.astype(int)
    return predicted.argmax(axis=1) if objective == "multi:softprob" else None


def _metrics(container: Container, objectives: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Metric, objective and ``fails`` or ``wrong``."""
    own = set(container.custom.CUSTOM_METRICS)
    for metric in sorted(name.removeprefix("validation:") for name in container.registered.names):
        for objective in objectives:
            given = _of(objective, eval_metric=metric)
            if _verdict(container, given) == "-":
                if _accepted(container, given):
                    yield metric, objective, "fails"
            elif metric in own:
                booster, history, matrix = container.train(given)
                labels = matrix.get_label()
                try:
                    true = _truth(metric, objective, booster.predict(matrix), labels)
                except ValueError:
                    true = None
                if true is None or not math.isclose(history[metric][-1], true, abs_tol=1e-4):
                    yield metric, objective, "wrong"


def _accepted(container: Container, given: Mapping[str, str]) -> bool:
    try:
        container.hyperparameters.validate(dict(given))
    except Exception:  # noqa: BLE001
        return False
    return True


def main() -> None:
    container = Container(Path(sys.argv[1]).resolve())
    objectives = [each for each in container.hyperparameters["objective"].range if each != "aft_loss_distribution"]
    trained = {each: _trained(container, _of(each)) for each in sorted(objectives)}
    working = [each for each, result in trained.items() if result]
    found: dict[str, dict[str, list[str]]] = {"fails": {}, "wrong": {}}
    for metric, objective, verdict in _metrics(container, working):
        found[verdict].setdefault(metric, []).append(objective)
    answer = {
        "xgboost": xgboost.__version__,
        "default_metrics": {each: " ".join(result[1]) for each, result in trained.items() if result},
        "objectives_that_fail": " ".join(each for each, result in trained.items() if not result),
        "metrics_that_fail": {metric: " ".join(each) for metric, each in found["fails"].items()},
        "metrics_that_are_wrong": {metric: " ".join(each) for metric, each in found["wrong"].items()},
        "trains": [_verdict(container, given) for given in json.load(sys.stdin)],
    }
    sys.stdout.write("\n" + json.dumps(answer))


if __name__ == "__main__":
    main()
