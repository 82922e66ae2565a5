"""What is known of each version of SageMaker's XGBoost container, as text: the two tables behind the other modules.

``data/xgboost_containers.toml`` is written by ``tools/make_xgboost_tables.py`` from the container itself;
``data/xgboost_beyond.toml`` is by hand, each fact with its source."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_DATA = Path(__file__).with_name("data")


def _table(name: str) -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(_DATA.joinpath(name).read_text("utf-8")))


_CONTAINERS, _BEYOND = _table("xgboost_containers.toml"), _table("xgboost_beyond.toml")

VERSIONS: tuple[str, ...] = tuple(_CONTAINERS["sources"])
"""Versions of the image, in the order of release."""


@cache
def facts(version: str, section: str) -> Mapping[str, str]:
    """Name → fact, of one section of the tables, as it holds of a version. Raises ValueError for an unknown version."""
    found = {
        name: fact
        for table in (_BEYOND, _CONTAINERS)
        for name, spans in table.get(section, {}).items()
        for span, fact in spans.items()
        if within(version, span)
    }
    return MappingProxyType(found)


def rules(version: str) -> Iterator[Mapping[str, Any]]:
    """What XGBoost refuses although the container's validators take it, as it holds of a version."""
    return (rule for rule in _BEYOND["rule"] if within(version, rule["versions"]))


def names(section: str) -> tuple[str, ...]:
    """Every name of a section, of whatever version."""
    return tuple(_CONTAINERS[section])


def defaults() -> Mapping[str, str]:
    """What XGBoost takes for a hyperparameter that is not given, where a rule asks for it."""
    return MappingProxyType(dict(_BEYOND["defaults"]))


def within(version: str, span: str) -> bool:
    """Whether a version is one of ``first..last``, or the one named. Raises ValueError for an unknown version."""
    if version not in VERSIONS:
        raise ValueError(f"unknown SageMaker XGBoost version {version!r}")
    first, _, last = span.partition("..")
    return VERSIONS.index(first) <= VERSIONS.index(version) <= VERSIONS.index(last or first)
