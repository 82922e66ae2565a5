"""The hyperparameters of the SageMaker XGBoost container: names, types and ranges, and the form they are passed in.

The facts and their sources are in ``data/xgboost_hyperparameters.toml``."""

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xacct_ml.tables.xgboost_metrics import METRICS

_FACTS: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("data").joinpath("xgboost_hyperparameters.toml").read_text("utf-8")
)

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


def _choice(name: str, words: str) -> Hyperparameter:
    choices = words.split()
    return Hyperparameter(name, f"one of {', '.join(choices)}", lambda value: value in choices)


def _list(name: str, words: str) -> Hyperparameter:
    choices = words.split()
    allowed = f"a comma-separated list, without spaces, of {', '.join(choices)}"
    return Hyperparameter(name, allowed, lambda value: all(item in choices for item in value.split(",")))


def _is_eval_metric(item: str) -> bool:
    name, at, threshold = item.partition("@")
    if at:
        return name in _METRICS_WITH_THRESHOLD and _NUMBER.fullmatch(threshold) is not None
    return name in METRICS


_FORMS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "eval_metric": (
        f"a comma-separated list, without spaces, of {', '.join(sorted(METRICS))}, or error@t, ndcg@t, map@t",
        lambda value: all(_is_eval_metric(item) for item in value.split(",")),
    ),
    "interaction_constraints": (
        "a nested list such as [[1,2],[3,4,5]]",
        lambda value: _INTERACTION_CONSTRAINTS.fullmatch(value) is not None,
    ),
    "monotone_constraints": (
        "a tuple of -1, 0 and 1 such as (0,1)",
        lambda value: _MONOTONE_CONSTRAINTS.fullmatch(value) is not None,
    ),
}
_KINDS = {"integer": _integer, "float": _float, "choice": _choice, "list": _list}


def _hyperparameter(name: str, fact: str) -> Hyperparameter:
    kind, given = fact.split(maxsplit=1) if fact != "form" else (fact, "")
    return Hyperparameter(name, *_FORMS[name]) if kind == "form" else _KINDS[kind](name, given)


HYPERPARAMETERS: Mapping[str, Hyperparameter] = MappingProxyType(
    {name: _hyperparameter(name, fact) for name, fact in _FACTS["hyperparameters"].items()}
)
"""Name → hyperparameter, without the container's aliases."""

ALIASES: Mapping[str, str] = MappingProxyType(_FACTS["aliases"])
"""Names that the container takes for another one [C]; the map uses the latter only, so that each has one spelling."""

REQUIRED = ("num_round",)

DEFAULT_METRICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {objective: tuple(names.split()) for objective, names in _FACTS["default_metrics"].items()}
)
"""Objective → what XGBoost reports without ``eval_metric``; two names where it changed with XGBoost 1.3 (its docs)."""

DEFAULT_OBJECTIVE = "reg:squarederror"


def cloudformation_parameter(name: str) -> str:
    """The CloudFormation parameter that carries a hyperparameter: ``max_depth`` → ``MaxDepth``.

    Injective: every part of a name begins with a letter and is lower case. CloudFormation parameter names are
    alphanumeric and at most 255 characters long (user guide, "Parameters") [D].

    Raises ``ValueError`` for a name of another form."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a hyperparameter: {name!r}")
    return "".join(part.capitalize() for part in name.split("_"))
