"""What SageMaker's XGBoost image of one version would do with a configuration: refuse it, fail, not report a metric, or
compute it wrongly.

One judgement for everything that asks: the account map, the source's configuration, the embedded AWS."""

import math
import re
from collections.abc import Callable, Iterator, Mapping

from xacct_ml.tables import xgboost_facts
from xacct_ml.tables.service_limits import HYPERPARAMETER_VALUE
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS, REQUIRED, hyperparameters, in_range

Suggest = Callable[[str, tuple[str, ...]], str]
Fault = tuple[str, str]
"""The name of a hyperparameter, and why it is missing, or refused, or makes training fail."""

_TAB = "#011"
"""As CloudWatch Logs has it."""
_INSTANCE_TYPE, _INSTANCE_COUNT = "instance_type", "instance_count"
_OUTSIDE = "outside "
_CONSTRAINTS = ("monotone_constraints", "interaction_constraints")


def faults(
    version: str, given: Mapping[str, str], instance_type: str, suggest: Suggest, instance_count: int = 1
) -> Iterator[Fault]:
    """Each hyperparameter that is missing, or with which training would fail.

    ``given`` is text, as SageMaker has it; ``suggest`` words a guess at what an unknown name was meant to be, from the
    known ones. Raises ValueError for an unknown version."""
    known = hyperparameters(version)
    found = False
    for name, reason in (*_missing(version, given), *_values(version, given, suggest)):
        found = True
        yield name, reason
    if not found:
        # Rules between values are about values that are some.
        yield from ((name, reason) for name, reason, _ in dependencies(version, given))
        if all(name in known for name in given):
            yield from _metrics(version, given)
            yield from _training(version, given, instance_type, instance_count)


def _missing(version: str, given: Mapping[str, str]) -> Iterator[Fault]:
    rules, metrics = xgboost_facts.facts(version, "rules"), _asked(given)
    missing = {REQUIRED: "XGBoost requires it"}
    if given.get("objective") in rules["objectives_with_num_class"].split():
        missing["num_class"] = f"objective {given['objective']} requires it"
    if set(_bare(metrics)) & set(rules["metrics_that_need_an_objective"].split()):
        missing["objective"] = f"with eval_metric {given['eval_metric']} the container requires it"
    yield from ((name, f"is missing: {reason}") for name, reason in missing.items() if name not in given)


def _values(version: str, given: Mapping[str, str], suggest: Suggest) -> Iterator[Fault]:
    known = hyperparameters(version)
    for name, value in given.items():
        if name not in known:
            yield name, _unknown(version, name, suggest)
        elif fault := HYPERPARAMETER_VALUE.fault(value):
            yield name, fault
        elif not known[name].accepts(value):
            yield name, f"{value!r} is not allowed; allowed: {known[name].allowed}"


def _unknown(version: str, name: str, suggest: Suggest) -> str:
    if alias := xgboost_facts.facts(version, "aliases").get(name):
        return f"{name!r} is another name of {alias!r}; use {alias!r}"
    if name in HYPERPARAMETERS:
        return f"image {version} does not know {name!r}: it would fail"
    known = tuple(hyperparameters(version))
    return f"unknown hyperparameter {name!r}{suggest(name, known)} SageMaker's XGBoost knows: {', '.join(known)}"


def dependencies(version: str, given: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Broken rules between hyperparameters that the container's own validators have: as a fault, and the rule's name in
    the table."""
    rules = xgboost_facts.facts(version, "rules")
    objective = _effective(given)["objective"]
    for metric in _asked(given):
        fitting = rules.get(f"objectives_of {metric}")
        if fitting is not None and objective not in fitting.split():
            reason = f"{metric} is not allowed with objective {objective}; allowed: {_list(fitting)}"
            yield "eval_metric", reason, f"objectives_of {metric}"
    for name in _CONSTRAINTS:
        methods = rules.get(f"tree_methods_of {name}", "").split()
        if name in given and given.get("tree_method", "-") not in methods:
            reason = f"needs tree_method {' or '.join(methods)}, said in so many words"
            yield name, reason, f"tree_methods_of {name}"
    if "updater" in given:
        yield from _updaters(rules, given)


def _updaters(rules: Mapping[str, str], given: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    effective, chosen = _effective(given), given["updater"].split(",")
    case, of = "trees", f"booster {effective['booster']}"
    if effective["booster"] == "gblinear":
        case = "gblinear"
    elif effective["process_type"] == "update":
        case, of = "update", "process_type update"
    allowed, exclusive = rules[f"updaters {case}"].split(), rules[f"one_of {case}"].split()
    wrong = [each for each in chosen if each not in allowed]
    if wrong:
        reason = f"{wrong[0]!r} is not allowed with {of}; allowed: {', '.join(allowed)}"
        yield "updater", reason, f"updaters {case}"
    elif sum(each in exclusive for each in chosen) > 1:
        yield "updater", f"only one of {', '.join(exclusive)} is allowed", f"one_of {case}"


def _metrics(version: str, given: Mapping[str, str]) -> Iterator[Fault]:
    """Metrics that XGBoost, or the container's own code, cannot compute of an objective."""
    failing, objective = xgboost_facts.facts(version, "metrics_that_fail"), _effective(given)["objective"]
    two_classes = xgboost_facts.facts(version, "custom").get("two_class_metrics", "").split()
    for metric in _bare(_asked(given)):
        fine = metric in two_classes and given.get("num_class") == "2"
        if objective in failing.get(metric, "").split() and not fine:
            yield "eval_metric", f"{metric} cannot be computed with objective {objective}: training fails"


def _training(version: str, given: Mapping[str, str], instance_type: str, instance_count: int) -> Iterator[Fault]:
    values = {**_effective(given), _INSTANCE_TYPE: instance_type, _INSTANCE_COUNT: str(instance_count)}
    for rule in xgboost_facts.rules(version):
        holds = all(name in values and _matches(pattern, values[name]) for name, pattern in rule["when"].items())
        if holds and rule["name"] in given and not given.keys() & set(rule.get("absent", ())):
            yield rule["name"], rule["reason"]


def _matches(pattern: str, value: str) -> bool:
    if pattern.startswith(_OUTSIDE):
        return not in_range(float(value), pattern.removeprefix(_OUTSIDE))
    return re.fullmatch(pattern, value) is not None


def log_pattern(version: str, metric: str) -> str:
    """The regular expression by which a metric such as ``validation:auc`` is found in the log of a training job."""
    return xgboost_facts.facts(version, "metrics")["log_line"].replace("{metric}", metric.replace(":", "-", 1))


def reported(version: str, line: str) -> dict[str, float]:
    """Metric, with its channel, → value: what SageMaker finds in a line of the log. Others than the image's own it does
    not look for; what is no number is not there."""
    found: dict[str, float] = {}
    for name in xgboost_facts.facts(version, "metrics")["names"].split():
        for metric in (f"train:{name}", f"validation:{name}"):
            if match := re.match(log_pattern(version, metric), line):
                try:
                    value = float(match[1].partition(_TAB)[0])
                except ValueError:
                    continue
                if math.isfinite(value):
                    found[metric] = value
    return found


def gate_fault(version: str, given: Mapping[str, str], metric: str, where: str = "") -> str | None:
    """Why no gate may be on a metric such as ``auc``: no run could pass it, or it would judge a wrong number; None
    where it may. ``where`` is put before the name of a hyperparameter, to say which section has it."""
    name, at, _ = metric.partition("@")
    if at:
        return (
            f"SageMaker reads metrics from the log by the image's own patterns, and none has validation:{metric}; "
            f"use validation:{name}"
        )
    if metric not in xgboost_facts.facts(version, "metrics")["names"].split():
        return f"image {version} does not report validation:{metric}"
    return _wrong(version, given, metric) or _unreported(version, given, metric, where)


def _wrong(version: str, given: Mapping[str, str], metric: str) -> str | None:
    objective = _effective(given)["objective"]
    if objective not in xgboost_facts.facts(version, "metrics_that_are_wrong").get(metric, "").split():
        return None
    custom = xgboost_facts.facts(version, "custom")
    of = f"image {version} computes validation:{metric} wrongly for objective {objective}"
    if metric not in custom["class_metrics"].split():
        return f"{of}: from what the model says before the objective's link function, not from its predictions"
    if not re.match("binary:|multi:|reg:logistic", objective):
        return f"{of}: it counts classes, and the objective predicts none"
    return f"{of}: it takes every prediction above 0 for class 1, and that is nearly every one"


def _unreported(version: str, given: Mapping[str, str], metric: str, where: str) -> str | None:
    if "eval_metric" in given:
        reported = _asked(given)
        cause = f"{where}eval_metric asks for {', '.join(reported)}"
    else:
        objective = _effective(given)["objective"]
        default = xgboost_facts.facts(version, "default_metrics").get(objective)
        if default is None:
            return None
        reported = [default]
        cause = f"without eval_metric, objective {objective} reports {default}"
    if metric in reported:
        return None
    return f"training would not report validation:{metric}: {cause}; add {metric} to {where}eval_metric"


def _effective(given: Mapping[str, str]) -> dict[str, str]:
    """With what XGBoost takes where nothing is given; classes without an objective are those of multi:softmax."""
    classes = {"objective": "multi:softmax"} if "num_class" in given else {}
    return {**xgboost_facts.defaults(), **classes, **given}


def _asked(given: Mapping[str, str]) -> list[str]:
    return given["eval_metric"].split(",") if "eval_metric" in given else []


def _bare(metrics: list[str]) -> list[str]:
    return [metric.partition("@")[0] for metric in metrics]


def _list(words: str) -> str:
    return ", ".join(words.split())
