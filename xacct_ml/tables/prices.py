"""AWS's list prices, as far as they are known: which region, since when, and from where is in ``data/prices.toml``."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xacct_ml.tables.regions import REGIONS

_FACTS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("data").joinpath("prices.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Price:
    """``usd`` for one unit, on demand. ``seen`` is the day that ``source`` is of."""

    usd: float
    seen: date
    source: str


def price(unit: str, region: str) -> Price | None:
    """What one ``unit`` costs, such as ``key_month`` or ``instance_hour ml.m5.large``; None where it is not known."""
    return PRICES.get((unit, region))


def words(unit: str) -> str:
    """What one of a unit is called, such as ``an hour of ml.m5.large``; the unit itself where nothing says."""
    name, _, kind = unit.partition(" ")
    return f"{_FACTS['units'].get(name, name)} {kind}".strip()


def _rows() -> Iterator[tuple[tuple[str, str], Price]]:
    for row in _FACTS["rows"]:
        source = _FACTS["sources"][row["source"]]
        for unit, usd in _units(row):
            for region in _regions(row["regions"]):
                yield (unit, region), Price(usd, source["seen"], source["what"])


def _units(row: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from ((f"{name} {kind}", usd) for kind, usd in value.items())
        elif isinstance(value, float):
            yield name, value


def _regions(named: str) -> Iterator[str]:
    for one in named.split():
        yield from (region for region, partition in REGIONS.items() if one in (region, partition))


PRICES: Mapping[tuple[str, str], Price] = MappingProxyType(dict(_rows()))
"""Unit and region → price."""
