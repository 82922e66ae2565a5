"""The list prices: each with its day and source, none twice."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from xacct_ml.tables import prices
from xacct_ml.tables.prices import PRICES, price, words
from xacct_ml.tables.regions import REGIONS
from xacct_ml.tables.service_limits import INSTANCE_TYPE

FACTS: dict[str, Any] = tomllib.loads(
    Path(prices.__file__).with_name("data").joinpath("prices.toml").read_text("utf-8")
)


def test_every_price_has_a_day_and_a_source() -> None:
    """And every source is one of some price; none is of a day to come."""
    used = {row["source"] for row in FACTS["rows"]}
    assert used == set(FACTS["sources"])
    for source in FACTS["sources"].values():
        assert isinstance(source["seen"], date)
        assert source["what"].endswith(("[C]", "[D]"))


def test_no_unit_of_a_region_has_two_prices() -> None:
    """Which of two would count would be chance."""
    found = Counter(
        (unit, region)
        for row in FACTS["rows"]
        for unit, _ in prices._units(row)
        for region in prices._regions(row["regions"])
    )
    assert {place for place, number in found.items() if number > 1} == set()
    assert len(found) == len(PRICES)


@pytest.mark.parametrize("row", FACTS["rows"], ids=lambda row: row["source"])
def test_rows_name_what_there_is(row: dict[str, Any]) -> None:
    """Regions or the partition, units that have words, instance types."""
    assert all(one in REGIONS or one == "aws" for one in row["regions"].split())
    for unit, usd in prices._units(row):
        name, _, kind = unit.partition(" ")
        assert name in FACTS["units"]
        assert usd > 0
        if name == "instance_hour":
            assert INSTANCE_TYPE.fault(kind) is None


def test_what_a_plain_map_uses_is_known_in_its_region() -> None:
    """And elsewhere what has one price everywhere."""
    for unit in ("instance_hour ml.m5.large", "instance_hour ml.m5.xlarge", "key_month", "pipeline_action_minute"):
        assert price(unit, "us-east-1") is not None
    assert price("key_month", "eu-central-1") == price("key_month", "us-east-1")
    assert price("key_month", "cn-north-1") is None
    assert price("instance_hour ml.m5.large", "eu-central-1") is None


def test_a_unit_is_told_in_words() -> None:
    """Or as it is, where there are none."""
    assert words("instance_hour ml.m5.large") == "an hour of ml.m5.large"
    assert words("AWS::New::Thing") == "AWS::New::Thing"
