"""What one version of SageMaker's XGBoost container accepts, asked of its own validators; run by make_xgboost_tables.

``python xgboost_container_probe.py SRC`` with the container's ``src`` reads a list of hyperparameters as JSON from
standard input and writes JSON: ``facts``, and in ``taken`` whether each member of the list passed. Its code is run,
not copied: it is imported from the directory given."""

from __future__ import annotations

import ast
import itertools
import json
import math
import sys
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_NOT_OURS = ("silent",)
"""Kept out: XGBoost replaced it by ``verbosity`` before 1.0."""

_NO_OBJECTIVE = "aft_loss_distribution"
"""A slip of the validators: the name of a hyperparameter among the objectives, which XGBoost refuses."""


def validators(source: Path) -> tuple[Any, Any]:
    """The package's own ``__init__`` starts a server's code; the modules with the rules are imported past it."""
    package = types.ModuleType("sagemaker_xgboost_container.algorithm_mode")
    package.__path__ = [str(source / "sagemaker_xgboost_container" / "algorithm_mode")]
    sys.modules[package.__name__] = package
    from sagemaker_xgboost_container.algorithm_mode import hyperparameter_validation, metrics  # type: ignore[import-not-found]

    registered = metrics.initialize()
    return hyperparameter_validation.initialize(registered), registered


def _takes(hyperparameters: Any, given: Mapping[str, str]) -> bool:
    """Whatever the validators raise, KeyError and TypeError too, ends the training job."""
    try:
        hyperparameters.validate(dict(given))
    except Exception:  # noqa: BLE001
        return False
    return True


def _interval(bounds: Any) -> str:
    low, high = bounds.min_open, bounds.max_open
    left = f"({low:g}" if low is not None else f"[{bounds.min_closed:g}"
    if high is None and bounds.max_closed is None:
        return f"{left}, inf)"
    return f"{left}, {_whole(high)})" if high is not None else f"{left}, {_whole(bounds.max_closed)}]"


def _whole(bound: float) -> str:
    return str(int(bound)) if bound == math.floor(bound) else f"{bound:g}"


def _fact(entry: Any) -> str:
    kind = type(entry).__name__.removesuffix("Hyperparameter")
    if kind in ("Integer", "Continuous"):
        if entry.name == "seed":
            return f"integer ({entry.range.min_open}, {entry.range.max_open})"
        return ("integer " if kind == "Integer" else "float ") + _interval(entry.range)
    if kind in ("Tuple", "NestedList") or entry.name == "eval_metric":
        return "form"
    words = entry.range if isinstance(entry.range, list) else entry.range.format()
    chosen = sorted(set(words) - {_NO_OBJECTIVE})
    return ("list " if kind == "CommaSeparatedList" else "choice ") + " ".join(chosen)


def _names_of(fact: str) -> list[str]:
    return fact.split()[1:]


def _rules(hyperparameters: Any, facts: Mapping[str, str], metrics: Sequence[str]) -> dict[str, str]:
    """The validators' rules between hyperparameters, found by asking."""

    def takes(**given: str) -> bool:
        return _takes(hyperparameters, {"num_round": "1", **given})

    objectives = _names_of(facts["objective"])
    classes = {name: {"num_class": "3"} if name.startswith("multi:") else {} for name in objectives}
    rules: dict[str, str] = {}
    for metric in metrics:
        fits = [name for name in objectives if takes(eval_metric=metric, objective=name, **classes[name])]
        if fits != objectives:
            rules[f"objectives_of {metric}"] = " ".join(fits)
    rules["metrics_that_need_an_objective"] = " ".join(each for each in metrics if not takes(eval_metric=each))
    rules["objectives_with_num_class"] = " ".join(name for name in objectives if not takes(objective=name))
    for name, value in (("monotone_constraints", "(1,)"), ("interaction_constraints", "[[1,2]]")):
        if name in facts:
            methods = [each for each in _names_of(facts["tree_method"]) if takes(tree_method=each, **{name: value})]
            unnamed = ["-"] if takes(**{name: value}) else []
            rules[f"tree_methods_of {name}"] = " ".join(unnamed + methods)
    updaters = _names_of(facts["updater"])
    for case, given in (("gblinear", {"booster": "gblinear"}), ("update", {"process_type": "update"}), ("trees", {})):
        alone = [each for each in updaters if takes(updater=each, **given)]
        rules[f"updaters {case}"] = " ".join(alone)
        pairs = [pair for pair in itertools.combinations(alone, 2) if takes(updater=",".join(pair), **given)]
        rules[f"one_of {case}"] = " ".join(_exclusive(alone, pairs))
    return rules


def _said(hyperparameters: Any, given: Mapping[str, str]) -> str:
    """What the validators raise, as a traceback ends with it."""
    try:
        hyperparameters.validate(dict(given))
    except Exception as error:  # noqa: BLE001
        kind = type(error)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        # One message has a generator's address in it, letter by letter.
        return f"{name}: {error}".split(": ', <, g, e, n")[0]
    return ""


def _words(hyperparameters: Any, facts: Mapping[str, str], rules: Mapping[str, str]) -> dict[str, str]:
    """By rule, what the validators raise; ``{name}`` stands for a hyperparameter's, of which `range` is the range as
    they write it."""

    def said(**given: str) -> str:
        return _said(hyperparameters, {"num_round": "1", **given})

    words = {
        "missing": _said(hyperparameters, {}).replace("num_round", "{name}"),
        "unknown": said(nothing="1").replace("nothing", "{name}"),
        "no number": said(num_round="x").replace("num_round", "{name}"),
        "objectives_with_num_class": said(objective="multi:softmax"),
        "metrics_that_need_an_objective": said(eval_metric="auc"),
    }
    for rule in rules:
        kind, _, of = rule.partition(" ")
        if kind == "objectives_of":
            words[rule] = said(eval_metric=of, objective="reg:linear")
        elif kind == "tree_methods_of":
            words[rule] = said(**{of: "(1,)" if of.startswith("monotone") else "[[1,2]]", "tree_method": "auto"})
    words["updaters gblinear"] = said(booster="gblinear", updater="prune")
    words["updaters update"] = said(process_type="update", updater="sync")
    words["updaters trees"] = said(updater="shotgun")
    words["one_of trees"] = said(updater="grow_colmaker,distcol")
    words["one_of gblinear"] = said(booster="gblinear", updater="shotgun,coord_descent")
    for name in facts:
        if (allowed := hyperparameters[name].range) is not None:
            words[f"range {name}"] = " ".join(str(allowed).split())
    return words


def _exclusive(alone: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Those of which at most one may be named."""
    together = {frozenset(pair) for pair in pairs}
    return [each for each in alone if any(frozenset((each, other)) not in together for other in alone if other != each)]


class _Matrix:
    def __init__(self, labels: list[int]) -> None:
        self._labels = labels

    def get_label(self) -> list[int]:
        return self._labels


def _custom_metrics(source: Path) -> dict[str, str]:
    """How the container's own metrics see predictions: by calling them, with scikit-learn's functions replaced by
    ones that tell what they were given."""
    import numpy as np

    told: dict[str, Any] = {}

    def recorder(name: str) -> Any:
        def record(*given: Any, **named: Any) -> float:
            told[name] = (given, named)
            return 0.0

        return record

    module = types.ModuleType("sklearn.metrics")
    module.__getattr__ = recorder  # type: ignore[method-assign]
    sys.modules |= {"sklearn": types.ModuleType("sklearn"), "sklearn.metrics": module}
    from sagemaker_xgboost_container.metrics import custom_metrics  # type: ignore[import-not-found]

    def seen(name: str, predictions: Any) -> tuple[list[float], str] | None:
        told.clear()
        try:
            custom_metrics.CUSTOM_METRICS[name](np.asarray(predictions), _Matrix([0, 1]))
        except Exception:  # noqa: BLE001
            return None
        ((_, given), named) = next(iter(told.values()))
        average = named.get("average", "binary" if name in ("precision", "recall") else "")
        return [float(each) for each in np.asarray(given).ravel()], average

    names = sorted(custom_metrics.CUSTOM_METRICS)
    classes = [name for name in names if (found := seen(name, [0.2, 0.8])) and set(found[0]) <= {0.0, 1.0}]
    said = {
        "custom_metrics": " ".join(names),
        "class_metrics": " ".join(classes),
        "two_class_metrics": " ".join(name for name in classes if (seen(name, [0.2, 0.8]) or ((), ""))[1] == "binary"),
    }
    by = {tuple((seen(name, [0.2, 0.8]) or ((), ""))[0]) for name in classes}
    said["classes_of_one_number"] = {((0.0, 1.0),): "rounded", ((1.0, 1.0),): "above 0"}[tuple(by)]
    shaped = {seen(name, [[0.1, 0.7, 0.2], [0.8, 0.1, 0.1]]) is not None for name in classes}
    said["classes_of_a_row"] = {(True,): "largest", (False,): "fails"}[tuple(shaped)]
    called = ast.parse((source / "sagemaker_xgboost_container/algorithm_mode/train.py").read_text("utf-8"))
    keywords = {each.arg for each in ast.walk(called) if isinstance(each, ast.keyword)}
    said["argument_of_xgb_train"] = next(iter(keywords & {"feval", "custom_metric"}))
    return said


_NOT_NEEDED = (
    *("mlio", "mlio.integ", "mlio.integ.arrow", "mlio.integ.numpy", "mlio.integ.scipy", "pandas", "pyarrow"),
    *("pyarrow.parquet", "scipy", "scipy.sparse", "xgboost", "sagemaker_containers", "sagemaker_containers.record_pb2"),
)
"""What the modules that read data import, and what is asked of them does not use."""

_TYPES = (
    *("csv", "text/csv", "libsvm", "text/libsvm", "text/x-libsvm", "parquet", "application/x-parquet"),
    *("recordio-protobuf", "application/x-recordio-protobuf", "application/json", "text/plain"),
)


def _data(source: Path) -> dict[str, str]:
    """Content types, and the arguments with which XGBoost's loader reads CSV."""
    for name in _NOT_NEEDED:
        stub = types.ModuleType(name)
        stub.__path__ = []
        # PEP 562: whatever is imported from it exists.
        stub.__getattr__ = lambda _: types.SimpleNamespace(CSV="text/csv")  # type: ignore[method-assign]
        sys.modules.setdefault(name, stub)
    from sagemaker_xgboost_container import data_utils  # type: ignore[import-not-found]

    def kind(content_type: str) -> str | None:
        try:
            return str(data_utils.get_content_type(content_type))
        except Exception:  # noqa: BLE001
            return None

    said = {"content_types": " ".join(data_utils.VALID_CONTENT_TYPES)}
    said["csv_content_types"] = " ".join(each for each in _TYPES if kind(each) == "csv")
    said["csv_label_sizes"] = " ".join(each for each in "0123" if kind(f"text/csv; label_size={each}") == "csv")
    texts = _texts(source / "sagemaker_xgboost_container/data_utils.py")
    (plain, weighted) = sorted((text for text in texts if "format=csv" in text), key=len)
    return {**said, "csv_uri": plain, "csv_uri_with_weights": weighted}


def _serving(source: Path) -> dict[str, str]:
    """What may be asked for, and how a model was stored: a pickled one wants its own number of features."""
    folder = source / "sagemaker_xgboost_container" / "algorithm_mode"
    tree = ast.parse((folder / "serve.py").read_text("utf-8"))
    accepts = [
        ast.literal_eval(each.value)
        for each in ast.walk(tree)
        if isinstance(each, ast.Assign) and getattr(each.targets[0], "id", "") == "SUPPORTED_ACCEPTS"
    ]
    stored = "pickle" if "pkl.dump" in (folder / "train.py").read_text("utf-8") else "save_model"
    return {"accepts": " ".join(accepts[0]) if accepts else "", "model": stored}


def _texts(module: Path) -> list[str]:
    tree = ast.parse(module.read_text("utf-8"))
    return [each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def main() -> None:
    source = Path(sys.argv[1])
    sys.path.insert(0, str(source))
    hyperparameters, registered = validators(source)
    facts = {
        name: _fact(entry)
        for name, entry in hyperparameters.hyperparameters.items()
        if not name.startswith("_") and name not in _NOT_OURS
    }
    metrics = sorted(name.removeprefix("validation:") for name in registered.names)
    patterns = {each.regex.replace(each.name.replace(":", "-", 1), "{metric}") for each in registered.metrics.values()}
    (pattern,) = patterns
    answer = {
        "hyperparameters": facts,
        "aliases": getattr(hyperparameters, "aliases", {}),
        "metrics": metrics,
        "log_line": pattern,
        "rules": (rules := _rules(hyperparameters, facts, metrics)),
        "words": _words(hyperparameters, facts, rules),
        "custom": _custom_metrics(source),
        "data": _data(source),
        "serving": _serving(source),
    }
    taken = [_takes(hyperparameters, given) for given in json.load(sys.stdin)]
    json.dump({"facts": answer, "taken": taken}, sys.stdout)


if __name__ == "__main__":
    main()
