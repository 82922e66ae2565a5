"""The hyperparameters of the SageMaker XGBoost container: names, types and ranges, and the form they are passed in.

What each version of the container takes is in its table (:mod:`xacct_ml.tables.xgboost_facts`)."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from xacct_ml.tables import xgboost_facts

Value = str | int | float | bool

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")
_MONOTONE_CONSTRAINTS = re.compile(r"\( ?(-1|0|1) ?, ?((-1|0|1) ?, ?)*(-1|0|1)? ?\)")
_FEATURES = r"\[ ?[1-9][0-9]* ?(, ?[1-9][0-9]* ?)*\]"
_INTERACTION_CONSTRAINTS = re.compile(rf"\[ ?{_FEATURES} ?(, ?{_FEATURES} ?)*\]")
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


def in_range(number: float, interval: str) -> bool:
    """Whether a number lies in an interval as written in mathematics, such as ``(0, 1]`` or ``[1, inf)``."""
    low, high = (float(bound) for bound in interval[1:-1].split(","))
    above = number >= low if interval[0] == "[" else number > low
    below = number <= high if interval[-1] == "]" else number < high
    return above and below


def _integer(name: str, interval: str) -> Hyperparameter:
    def accepts(value: str) -> bool:
        return _WHOLE_NUMBER.fullmatch(value) is not None and len(value) <= 20 and in_range(int(value), interval)

    return Hyperparameter(name, f"a whole number in {interval}", accepts)


def _float(name: str, interval: str) -> Hyperparameter:
    def accepts(value: str) -> bool:
        if not _NUMBER.fullmatch(value):
            return False
        number = float(value)
        return math.isfinite(number) and in_range(number, interval)

    return Hyperparameter(name, f"a number in {interval}", accepts)


def _choice(name: str, words: str) -> Hyperparameter:
    choices = words.split()
    return Hyperparameter(name, f"one of {', '.join(choices)}", lambda value: value in choices)


def _list(name: str, words: str) -> Hyperparameter:
    choices = words.split()
    allowed = f"a comma-separated list, without spaces, of {', '.join(choices)}"
    return Hyperparameter(name, allowed, lambda value: all(item in choices for item in value.split(",")))


def _eval_metric(version: str) -> Hyperparameter:
    metrics = xgboost_facts.facts(version, "metrics")["names"].split()

    def known(item: str) -> bool:
        name, at, threshold = item.partition("@")
        if at:
            return name in _METRICS_WITH_THRESHOLD and _NUMBER.fullmatch(threshold) is not None
        return name in metrics

    allowed = f"a comma-separated list, without spaces, of {', '.join(metrics)}, or error@t, ndcg@t, map@t"
    return Hyperparameter("eval_metric", allowed, lambda value: all(map(known, value.split(","))))


_FORMS: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "interaction_constraints": ("a nested list of numbers above 0 such as [[1,2],[3,4,5]]", _INTERACTION_CONSTRAINTS),
    "monotone_constraints": ("a tuple of -1, 0 and 1 such as (0,1), or (1,) of one", _MONOTONE_CONSTRAINTS),
}
_KINDS = {"integer": _integer, "float": _float, "choice": _choice, "list": _list}


def _hyperparameter(version: str, name: str, fact: str) -> Hyperparameter:
    kind, _, given = fact.partition(" ")
    if name == "eval_metric":
        return _eval_metric(version)
    if kind == "form":
        allowed, form = _FORMS[name]
        return Hyperparameter(name, allowed, lambda value: form.fullmatch(value) is not None)
    return _KINDS[kind](name, given)


@cache
def hyperparameters(version: str) -> Mapping[str, Hyperparameter]:
    """Name → hyperparameter of a version of the image, without aliases. Raises ValueError for an unknown version."""
    found = xgboost_facts.facts(version, "hyperparameters")
    return MappingProxyType(
        {name: _hyperparameter(version, name, found[name]) for name in HYPERPARAMETERS if name in found}
    )


HYPERPARAMETERS = xgboost_facts.names("hyperparameters")
"""The hyperparameters of all versions, without aliases: the parameters of the training template."""

REQUIRED = "num_round"


def cloudformation_parameter(name: str) -> str:
    """The CloudFormation parameter that carries a hyperparameter: ``max_depth`` → ``MaxDepth``.

    Injective: every part of a name begins with a letter and is lower case. CloudFormation parameter names are
    alphanumeric and at most 255 characters long (user guide, "Parameters") [D].

    Raises ``ValueError`` for a name of another form."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a hyperparameter: {name!r}")
    return "".join(part.capitalize() for part in name.split("_"))
