"""The hyperparameters of the SageMaker XGBoost container: names, types and ranges, and the form they are passed in.

Sources: SageMaker developer guide "XGBoost hyperparameters" [D], and aws/sagemaker-xgboost-container
``algorithm_mode/hyperparameter_validation.py`` [C], which refuses names that it does not know and values out of range.
Where the two differ the container's range is used, because the container decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xacct_ml.tables.xgboost_metrics import METRICS

Value = str | int | float | bool

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")
_MONOTONE_CONSTRAINTS = re.compile(r"\( ?(-1|0|1) ?(, ?(-1|0|1) ?)*,? ?\)")
_INTERACTION_CONSTRAINTS = re.compile(r"\[ ?\[[0-9, ]+\]( ?, ?\[[0-9, ]+\])* ?\]")
_METRICS_WITH_THRESHOLD = ("error", "ndcg", "map")


def text(value: Value) -> str:
    """The string that SageMaker gets for a value of the map: booleans in lower case, numbers as Python writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter. ``allowed`` says in words what ``accepts`` decides for the value's text."""

    name: str
    allowed: str
    accepts: Callable[[str], bool]


def _in_range(number: float, interval: str) -> bool:
    """Whether a number lies in an interval as written in mathematics, such as ``(0, 1]`` or ``[1, inf)``."""
    low, high = (float(bound) for bound in interval[1:-1].split(","))
    above = number >= low if interval[0] == "[" else number > low
    below = number <= high if interval[-1] == "]" else number < high
    return above and below


def _integer(name: str, interval: str) -> Hyperparameter:
    def accepts(value: str) -> bool:
        return _WHOLE_NUMBER.fullmatch(value) is not None and len(value) <= 20 and _in_range(int(value), interval)

    return Hyperparameter(name, f"a whole number in {interval}", accepts)


def _float(name: str, interval: str) -> Hyperparameter:
    def accepts(value: str) -> bool:
        if not _NUMBER.fullmatch(value):
            return False
        number = float(value)
        return math.isfinite(number) and _in_range(number, interval)

    return Hyperparameter(name, f"a number in {interval}", accepts)


def _choice(name: str, *choices: str) -> Hyperparameter:
    return Hyperparameter(name, f"one of {', '.join(choices)}", lambda value: value in choices)


def _list_of(name: str, *choices: str) -> Hyperparameter:
    allowed = f"a comma-separated list, without spaces, of {', '.join(choices)}"
    return Hyperparameter(name, allowed, lambda value: all(item in choices for item in value.split(",")))


def _pattern(name: str, pattern: re.Pattern[str], allowed: str) -> Hyperparameter:
    return Hyperparameter(name, allowed, lambda value: pattern.fullmatch(value) is not None)


def _is_eval_metric(item: str) -> bool:
    name, at, threshold = item.partition("@")
    if at:
        return name in _METRICS_WITH_THRESHOLD and _NUMBER.fullmatch(threshold) is not None
    return name in METRICS


_EVAL_METRIC = Hyperparameter(
    "eval_metric",
    f"a comma-separated list, without spaces, of {', '.join(sorted(METRICS))}, or error@t, ndcg@t, map@t",
    lambda value: all(_is_eval_metric(item) for item in value.split(",")),
)

_OBJECTIVES = (
    "binary:hinge binary:logistic binary:logitraw count:poisson multi:softmax multi:softprob rank:map rank:ndcg "
    "rank:pairwise reg:absoluteerror reg:gamma reg:linear reg:logistic reg:pseudohubererror reg:squarederror "
    "reg:squaredlogerror reg:tweedie survival:aft survival:cox"
)
_UPDATERS = (
    "coord_descent distcol grow_colmaker grow_histmaker grow_local_histmaker grow_quantile_histmaker grow_skmaker "
    "prune refresh shotgun sync"
)

HYPERPARAMETERS: Mapping[str, Hyperparameter] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            _integer("num_round", "[1, inf)"),
            _integer("num_class", "[2, inf)"),
            _choice("aft_loss_distribution", "normal", "logistic", "extreme"),
            _float("aft_loss_distribution_scale", "[0, inf)"),
            _float("alpha", "[0, inf)"),
            _float("base_score", "[0, inf)"),
            _choice("booster", "gbtree", "gblinear", "dart"),
            _float("colsample_bylevel", "(0, 1]"),
            _float("colsample_bynode", "(0, 1]"),
            _float("colsample_bytree", "(0, 1]"),
            _integer("csv_weights", "[0, 1]"),
            _choice("deterministic_histogram", "true", "false"),
            _choice("dsplit", "row", "col"),
            _integer("early_stopping_rounds", "[1, inf)"),
            _float("eta", "[0, 1]"),
            _EVAL_METRIC,
            _float("gamma", "[0, inf)"),
            _choice("grow_policy", "depthwise", "lossguide"),
            _pattern("interaction_constraints", _INTERACTION_CONSTRAINTS, "a nested list such as [[1,2],[3,4,5]]"),
            _float("lambda", "[0, inf)"),
            _float("lambda_bias", "[0, 1]"),
            _integer("max_bin", "[0, inf)"),
            _float("max_delta_step", "[0, inf)"),
            _integer("max_depth", "[0, inf)"),
            _integer("max_leaves", "[0, inf)"),
            _float("min_child_weight", "[0, inf)"),
            _pattern("monotone_constraints", _MONOTONE_CONSTRAINTS, "a tuple of -1, 0 and 1 such as (0,1)"),
            _choice("normalize_type", "tree", "forest"),
            _integer("nthread", "[1, inf)"),
            _integer("num_parallel_tree", "[1, inf)"),
            _choice("objective", *_OBJECTIVES.split()),
            _integer("one_drop", "[0, 1]"),
            _choice("predictor", "auto", "cpu_predictor", "gpu_predictor"),
            _integer("prob_buffer_row", "(1, inf)"),
            _choice("process_type", "default", "update"),
            _float("rate_drop", "[0, 1]"),
            _integer("refresh_leaf", "[0, 1]"),
            _choice("sample_type", "uniform", "weighted"),
            _choice("sampling_method", "uniform", "gradient_based"),
            _choice("save_model_on_termination", "true", "false"),
            _float("scale_pos_weight", "(0, inf)"),
            _integer("seed", "(-2147483648, 2147483647)"),
            _choice("single_precision_histogram", "true", "false"),
            _float("sketch_eps", "(0, 1)"),
            _float("skip_drop", "[0, 1]"),
            _float("subsample", "(0, 1]"),
            _choice("tree_method", "auto", "exact", "approx", "hist", "gpu_hist"),
            _float("tweedie_variance_power", "(1, 2)"),
            _list_of("updater", *_UPDATERS.split()),
            _choice("use_dask_gpu_training", "true", "false"),
            _integer("verbosity", "[0, 3]"),
        )
    }
)
"""Name → hyperparameter, without the container's aliases."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {"learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha"}
)
"""Names that the container takes for another one [C]; the map uses the latter only, so that each has one spelling."""

REQUIRED = ("num_round",)

DEFAULT_METRICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "binary:logistic": ("logloss", "error"),
        "binary:logitraw": ("logloss", "error"),
        "binary:hinge": ("error",),
        "multi:softmax": ("mlogloss", "merror"),
        "multi:softprob": ("mlogloss", "merror"),
        "reg:squarederror": ("rmse",),
        "reg:linear": ("rmse",),
        "reg:logistic": ("rmse",),
    }
)
"""Objective → what XGBoost reports without ``eval_metric``; two names where it changed with XGBoost 1.3 (its docs)."""

DEFAULT_OBJECTIVE = "reg:squarederror"


def cloudformation_parameter(name: str) -> str:
    """The CloudFormation parameter that carries a hyperparameter: ``max_depth`` → ``MaxDepth``.

    Injective: every part of a name begins with a letter and is lower case. CloudFormation parameter names are
    alphanumeric and at most 255 characters long (user guide, "Parameters") [D].

    Raises ``ValueError`` for a name of another form.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a hyperparameter: {name!r}")
    return "".join(part.capitalize() for part in name.split("_"))
