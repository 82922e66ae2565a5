"""What a version of the XGBoost container says of hyperparameters that it refuses, as its traceback ends.

The sentences are in its table, by rule (:mod:`xacct_ml.tables.xgboost_facts`, `words`) [C]."""

from collections.abc import Callable, Iterator, Mapping

from xacct_ml.tables.xgboost_container import dependencies
from xacct_ml.tables.xgboost_facts import facts
from xacct_ml.tables.xgboost_hyperparameters import REQUIRED, hyperparameters, in_range

USER_ERROR = "sagemaker_algorithm_toolkit.exceptions.UserError"
"""What the container raises where the user is to act."""

PARSED: Mapping[str, Callable[[str], int | float]] = {"integer": int, "float": float}
"""Kind of hyperparameter → how the container reads it, where it is no text."""


def refusal(version: str, given: Mapping[str, str]) -> str | None:
    """What its validators raise; None where they take all of it, or what they say of it is not known here.

    ``given`` is without aliases. The order is the validators': what is missing, values, rules between them."""
    return next(_refusals(version, given), None)


def _refusals(version: str, given: Mapping[str, str]) -> Iterator[str]:
    words, known = facts(version, "words"), hyperparameters(version)
    if REQUIRED not in given:
        yield words["missing"].format(name=REQUIRED)
    for name in given:
        if name not in known:
            yield words["unknown"].format(name=name)
    for name, value in given.items():
        if name in known and not known[name].accepts(value):
            yield from _value(version, name, value)
    rules = facts(version, "rules")
    if "num_class" not in given and given.get("objective") in rules["objectives_with_num_class"].split():
        yield words["objectives_with_num_class"]
    metrics = {metric.partition("@")[0] for metric in given.get("eval_metric", "").split(",")}
    if "objective" not in given and metrics & set(rules["metrics_that_need_an_objective"].split()):
        yield words["metrics_that_need_an_objective"]
    for *_, rule in dependencies(version, given):
        yield words[rule]


def _value(version: str, name: str, value: str) -> Iterator[str]:
    """A value of the wrong type, or out of the range. Nothing where only this project wants another spelling."""
    words = facts(version, "words")
    kind, _, interval = facts(version, "hyperparameters")[name].partition(" ")
    allowed = words.get(f"range {name}", "")
    if kind in PARSED:
        try:
            number = PARSED[kind](value)
        except ValueError:
            yield words["no number"].format(name=name)
        else:
            if not in_range(number, interval):
                yield f"{USER_ERROR}: Hyperparameter {name}: {number} is not in {allowed}"
    elif kind == "choice":
        yield f"{USER_ERROR}: Hyperparameter {name}: {value} is not in {allowed}"
    elif kind == "list" or (name == "eval_metric" and "@" not in value):
        yield f"{USER_ERROR}: Hyperparameter {name}: value {value.split(',')} not in range {allowed}"
