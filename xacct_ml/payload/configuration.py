"""The source's ``configuration.json``: what the ML team chooses, within what the map allows.

The same tables decide here and where the account map is checked, so that what the map would refuse is refused before
anything is deployed or trained.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.foreign import line
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables import xgboost_container as container
from xacct_ml.tables import xgboost_metrics as metrics
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS, cloudformation_parameter

from .gate import Gate
from .job import JobFailed

_INSTANCES = ("InstanceType", "InstanceCount", "VolumeGB", "MaxRuntimeSeconds")
_GATE = ("GateMetric", "GateThreshold", "GateDirection")
_NAMES = {cloudformation_parameter(name): name for name in HYPERPARAMETERS}
"""Hyperparameters by the name of the CloudFormation parameter that carries them."""

_SHOWN_FAULTS = 10
_SHOWN = 200
"""So many characters of a value are shown."""


@dataclass(frozen=True)
class Allowed:
    """What the map allows. ``gate`` is the floor, ``xgboost_version`` the image's."""

    instance_types: tuple[str, ...]
    max_instance_count: int
    max_runtime_seconds: int
    gate: Gate
    xgboost_version: str

    @classmethod
    def of(cls, document: Mapping[str, Any], xgboost_version: str) -> "Allowed":
        gate = document["gate"]
        return cls(
            tuple(document["instanceTypes"]),
            document["maxInstanceCount"],
            document["maxRuntimeSeconds"],
            Gate(gate["metric"], gate["direction"], gate["threshold"]),
            xgboost_version,
        )


@dataclass(frozen=True)
class Configuration:
    """``hyperparameters`` by SageMaker's names, without those that are left to XGBoost."""

    hyperparameters: Mapping[str, str]
    instance_type: str
    instance_count: int
    volume_gb: int
    max_runtime_seconds: int
    gate: Gate

    def instances(self) -> dict[str, Any]:
        return {
            "type": self.instance_type,
            "count": self.instance_count,
            "volumeGB": self.volume_gb,
            "maxRuntimeSeconds": self.max_runtime_seconds,
        }


def configuration(document: Any, allowed: Allowed, file: str) -> Configuration:
    """``document`` is what is in ``file``. Raises :class:`JobFailed` with every fault."""
    faults = list(_shape(document))
    given = {} if faults else document["Parameters"]
    if not faults:
        faults = [*_parameters(given, allowed)]
    if faults:
        more = f"; and {len(faults) - _SHOWN_FAULTS} more" if len(faults) > _SHOWN_FAULTS else ""
        told = "; ".join(faults[:_SHOWN_FAULTS])
        raise JobFailed(f"{file}: {told}{more}. Nothing was deployed or trained.", "ConfigurationError")
    return Configuration(
        _hyperparameters(given),
        given["InstanceType"],
        int(given["InstanceCount"]),
        int(given["VolumeGB"]),
        int(given["MaxRuntimeSeconds"]),
        Gate(given["GateMetric"], given["GateDirection"], float(given["GateThreshold"])),
    )


def _shape(document: Any) -> Iterator[str]:
    if not isinstance(document, dict) or not isinstance(document.get("Parameters"), dict):
        yield 'is no template configuration: {"Parameters": {name: text}}'
        return
    if others := sorted(document.keys() - {"Parameters"}):
        yield f"has {_quoted(others)} beside Parameters, which no configuration of this project has"
    for name, value in document["Parameters"].items():
        if not isinstance(value, str):
            yield f"{_quoted(name)} must be a text, as all parameters"
        elif name not in (*_INSTANCES, *_GATE) and name not in _NAMES:
            yield f"unknown parameter {_quoted(name)}"
    for name in (*_INSTANCES, *_GATE):
        if name not in document["Parameters"]:
            yield f"{name} is missing"


def _parameters(given: Mapping[str, str], allowed: Allowed) -> Iterator[str]:
    chosen = _hyperparameters(given)
    if len(chosen) > rules.MAXIMUM_HYPERPARAMETERS:
        yield f"{len(chosen)} hyperparameters; allowed: up to {rules.MAXIMUM_HYPERPARAMETERS}"
    instances = [*_instances(given, allowed)]
    count = 1 if instances else int(given["InstanceCount"])
    for name, fault in container.faults(allowed.xgboost_version, chosen, given["InstanceType"], lambda *_: ";", count):
        yield f"{cloudformation_parameter(name)}: {fault}"
    yield from instances
    yield from _gate(given, chosen, allowed)


def _instances(given: Mapping[str, str], allowed: Allowed) -> Iterator[str]:
    if given["InstanceType"] not in allowed.instance_types:
        types = ", ".join(allowed.instance_types)
        yield f"InstanceType {_quoted(given['InstanceType'])} is not allowed by the map; allowed: {types}"
    limits = (
        ("InstanceCount", rules.INSTANCE_COUNT, allowed.max_instance_count),
        ("MaxRuntimeSeconds", rules.MAXIMUM_RUNTIME_SECONDS, allowed.max_runtime_seconds),
        ("VolumeGB", rules.VOLUME_GB, rules.VOLUME_GB.maximum),
    )
    for name, rule, most in limits:
        text = given[name]
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            yield f"{name} {_quoted(text)} is no whole number"
        elif fault := rule.fault(int(text)):
            yield f"{name} {fault}"
        elif int(text) > most:
            yield f"{name} {text} is more than the map allows: {most}"


def _gate(given: Mapping[str, str], chosen: Mapping[str, str], allowed: Allowed) -> Iterator[str]:
    threshold = _number(given["GateThreshold"])
    if threshold is None:
        yield f"GateThreshold {_quoted(given['GateThreshold'])} is no finite number"
        return
    gate = Gate(given["GateMetric"], given["GateDirection"], threshold)
    known = metrics.known(gate.metric)
    if laxer := gate.laxer_than(allowed.gate):
        yield laxer
    elif known and not known.low <= threshold <= known.high:
        yield f"GateThreshold {threshold:g} is out of {gate.metric}'s range: {known.low:g} to {known.high:g}"
    elif reason := container.gate_fault(allowed.xgboost_version, chosen, gate.metric.removeprefix(metrics.VALIDATION)):
        yield reason


def _hyperparameters(given: Mapping[str, str]) -> dict[str, str]:
    """An empty text leaves a hyperparameter to XGBoost, as the template has it."""
    return {_NAMES[name]: value for name, value in given.items() if name in _NAMES and value != ""}


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _quoted(value: object) -> str:
    return line(repr(value), _SHOWN)
