"""What the account map may say about training and the quality gate; the part of the limits that concerns the model."""

import math
from collections.abc import Callable, Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Path, Problem, at, suggestion
from xacct_ml.tables import instance_types
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables import xgboost_container as container
from xacct_ml.tables import xgboost_metrics as metrics
from xacct_ml.tables.regions import XGBOOST_VERSIONS
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS, text


def problems(config: Config) -> Iterator[Problem]:
    """Everything about training and gate that SageMaker or its XGBoost container would refuse, or that cannot pass."""
    yield from _version(config)
    yield from _allowed(config)
    yield from _spot(config)
    yield from _hyperparameters(config)
    yield from _gate(config)


def instance_type_fault(use: str) -> Callable[[str], str | None]:
    """The rule of an instance type for a use, as :mod:`xacct_ml.tables.instance_types` names it."""
    return lambda given: rules.INSTANCE_TYPE.fault(given) or instance_types.fault(use, given)


def _allowed(config: Config) -> Iterator[Problem]:
    """What the source may choose within, and that what it is seeded with is within it."""
    training, section = config.training, ("training", "allowed")
    if (allowed := training.allowed) is None:
        return
    for index, instance_type in enumerate(allowed.instance_types):
        yield from at((*section, "instance_types", index), instance_type_fault("training")(instance_type))
    if training.instance_type not in allowed.instance_types:
        reason = f"training.instance_type {training.instance_type} is not among them"
        yield Problem((*section, "instance_types"), reason)
    for name, rule, own, given in (
        ("max_instance_count", rules.INSTANCE_COUNT, "instance_count", training.instance_count),
        ("max_runtime_seconds", rules.MAXIMUM_RUNTIME_SECONDS, "max_runtime_seconds", training.max_runtime_seconds),
    ):
        most: int = getattr(allowed, name)
        yield from at((*section, name), rule.fault(most))
        if given > most:
            yield Problem((*section, name), f"training.{own} is {given}, more than it allows")


def _spot(config: Config) -> Iterator[Problem]:
    """The wait has the run in it (SageMaker API reference, StoppingCondition) [D]."""
    training, path = config.training, ("training", "max_wait_seconds")
    if training.max_wait_seconds is None:
        return
    longest = training.allowed_or_own.max_runtime_seconds
    if not training.spot:
        yield Problem(path, "only a spot training waits: add training.spot: true, or leave max_wait_seconds out")
    elif training.max_wait_seconds < longest:
        yield Problem(path, f"{training.max_wait_seconds} is less than a training may run: {longest} seconds")


def _version(config: Config) -> Iterator[Problem]:
    version = config.training.xgboost_version
    if version not in XGBOOST_VERSIONS:
        release = version.partition("-")[0].removesuffix(".0")
        meant = next((each for each in XGBOOST_VERSIONS if each.partition("-")[0] == release), None)
        hint = f"; did you mean {meant!r}?" if meant else ";"
        reason = f"unknown SageMaker XGBoost version {version!r}{hint} allowed: {', '.join(XGBOOST_VERSIONS)}"
        yield Problem(("training", "xgboost_version"), reason)


def _given(config: Config) -> dict[str, str]:
    return {name: text(value) for name, value in config.training.hyperparameters.items()}


def _hyperparameters(config: Config) -> Iterator[Problem]:
    section: Path = ("training", "hyperparameters")
    given = _given(config)
    if len(given) > rules.MAXIMUM_HYPERPARAMETERS:
        yield Problem(section, f"{len(given)} hyperparameters; allowed: up to {rules.MAXIMUM_HYPERPARAMETERS}")
    training = config.training
    version = training.xgboost_version
    if version not in XGBOOST_VERSIONS:
        return
    for name, reason in container.faults(version, given, training.instance_type, suggestion, training.instance_count):
        missing = f"training.hyperparameters.{name} {reason}"
        yield Problem(
            (*section, name), reason if name in given else missing, at_key=name in given and name not in HYPERPARAMETERS
        )


def _gate(config: Config) -> Iterator[Problem]:
    gate, given = config.quality_gate, _given(config)
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
    if known is None and "@" not in gate.metric:
        names = tuple(metrics.VALIDATION + name for name in metrics.METRICS)
        hint = suggestion(gate.metric, names)
        yield Problem(metric_path, f"unknown metric {gate.metric!r}{hint} use one of {', '.join(names)}")
        return
    if known and gate.direction not in (None, known.direction):
        reason = f"{gate.metric} improves when it is {known.direction}d; leave direction out or say {known.direction}"
        yield Problem(("quality_gate", "direction"), reason)
    version, name = config.training.xgboost_version, gate.metric.removeprefix(metrics.VALIDATION)
    if version in XGBOOST_VERSIONS and (
        fault := container.gate_fault(version, given, name, "training.hyperparameters.")
    ):
        asked: Path = ("training", "hyperparameters", "eval_metric")
        yield Problem(metric_path if "metric" in gate.model_fields_set else asked, fault)
