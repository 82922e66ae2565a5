"""What the account map may say about training and the quality gate; the part of the limits that concerns the model."""

import math
from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Path, Problem, at, suggestion
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables import xgboost_hyperparameters as hyperparameters
from xacct_ml.tables import xgboost_metrics as metrics
from xacct_ml.tables.regions import XGBOOST_VERSIONS


def problems(config: Config) -> Iterator[Problem]:
    """Everything about training and gate that SageMaker or its XGBoost container would refuse, or that cannot pass."""
    yield from _version(config)
    yield from _hyperparameters(config)
    yield from _gate(config)


def _version(config: Config) -> Iterator[Problem]:
    version = config.training.xgboost_version
    if version not in XGBOOST_VERSIONS:
        hint = suggestion(version, XGBOOST_VERSIONS)
        reason = f"unknown SageMaker XGBoost version {version!r}{hint} allowed: {', '.join(XGBOOST_VERSIONS)}"
        yield Problem(("training", "xgboost_version"), reason)


def _given(config: Config) -> dict[str, str]:
    return {name: hyperparameters.text(value) for name, value in config.training.hyperparameters.items()}


def _hyperparameters(config: Config) -> Iterator[Problem]:
    section: Path = ("training", "hyperparameters")
    given = _given(config)
    if len(given) > rules.MAXIMUM_HYPERPARAMETERS:
        yield Problem(section, f"{len(given)} hyperparameters; allowed: up to {rules.MAXIMUM_HYPERPARAMETERS}")
    missing = dict.fromkeys(hyperparameters.REQUIRED, "XGBoost requires it")
    if given.get("objective", "").startswith("multi:"):
        missing["num_class"] = f"objective {given['objective']} requires it"
    for name, reason in missing.items():
        if name not in given:
            yield Problem((*section, name), f"training.hyperparameters.{name} is missing: {reason}")
    for name, value in given.items():
        path = (*section, name)
        known = hyperparameters.HYPERPARAMETERS.get(name)
        if known is None:
            yield Problem(path, _unknown_hyperparameter(name), at_key=True)
        elif fault := rules.HYPERPARAMETER_VALUE.fault(value):
            yield from at(path, fault)
        elif not known.accepts(value):
            yield from at(path, f"{value!r} is not allowed; allowed: {known.allowed}")


def _unknown_hyperparameter(name: str) -> str:
    alias = hyperparameters.ALIASES.get(name)
    if alias:
        return f"{name!r} is another name of {alias!r}; use {alias!r}"
    hint = suggestion(name, tuple(hyperparameters.HYPERPARAMETERS))
    allowed = ", ".join(hyperparameters.HYPERPARAMETERS)
    return f"unknown hyperparameter {name!r}{hint} SageMaker's XGBoost knows: {allowed}"


def _gate(config: Config) -> Iterator[Problem]:
    gate = config.quality_gate
    metric_path: Path = ("quality_gate", "metric")
    known = metrics.known(gate.metric)
    if not math.isfinite(gate.threshold):
        yield Problem(("quality_gate", "threshold"), "quality_gate.threshold must be a finite number")
    elif known and not known.low <= gate.threshold <= known.high:
        bounds = f"{known.low:g} to {known.high:g}"
        reason = f"quality_gate.threshold {gate.threshold:g} is out of {gate.metric}'s range; allowed: {bounds}"
        yield Problem(("quality_gate", "threshold"), reason)
    if gate.metric.startswith(metrics.TRAIN):
        better = metrics.VALIDATION + gate.metric.removeprefix(metrics.TRAIN)
        reason = f"{gate.metric!r} measures the data that the model has seen, which judges nothing; use {better!r}"
        yield Problem(metric_path, reason)
        return
    if gate.metric in metrics.METRICS:
        reason = f"the metric {gate.metric!r} lacks its channel; did you mean 'validation:{gate.metric}'?"
        yield Problem(metric_path, reason)
        return
    if fault := rules.GATE_METRIC.fault(gate.metric):
        yield from at(metric_path, fault)
        return
    if known is None and gate.direction is None:
        names = tuple(metrics.VALIDATION + name for name in metrics.METRICS)
        hint = suggestion(gate.metric, names)
        reason = f"unknown metric {gate.metric!r}{hint} state its direction, or use one of {', '.join(names)}"
        yield Problem(metric_path, reason)
    if known and gate.direction not in (None, known.direction):
        reason = f"{gate.metric} improves when it is {known.direction}d; leave direction out or say {known.direction}"
        yield Problem(("quality_gate", "direction"), reason)
    if known and (unreported := _unreported(config, known.name)):
        asked: Path = ("training", "hyperparameters", "eval_metric")
        yield Problem(metric_path if "metric" in gate.model_fields_set else asked, unreported)


def _unreported(config: Config, metric: str) -> str | None:
    """Why training would not report a metric, so that no run could ever pass the gate; None where it would."""
    given = _given(config)
    if "eval_metric" in given:
        reported = tuple(given["eval_metric"].split(","))
        cause = f"training.hyperparameters.eval_metric asks for {', '.join(reported)}"
    else:
        objective = given.get("objective", hyperparameters.DEFAULT_OBJECTIVE)
        reported = hyperparameters.DEFAULT_METRICS.get(objective, (metric,))
        cause = f"without eval_metric, objective {objective} reports {' or '.join(reported)}"
    if metric in reported:
        return None
    remedy = f"add {metric} to training.hyperparameters.eval_metric"
    return f"training would not report validation:{metric}: {cause}; {remedy}"
