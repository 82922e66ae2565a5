"""Rows of the price table from AWS's price list: only what costs the same whatever it is used for."""

from __future__ import annotations

import tomllib
from typing import Any

from tools.make_prices import rows


def product(type_: str, component: str, usd: str, unit: str = "Hrs") -> tuple[dict[str, Any], dict[str, Any]]:
    attributes = {"component": component, "instanceName": type_, "regionCode": "eu-central-1"}
    dimension = {"unit": unit, "pricePerUnit": {"USD": usd}}
    return {"attributes": attributes}, {"term": {"priceDimensions": {"rate": dimension}}}


def offer(*products: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    numbered = {f"SKU{number}": each for number, each in enumerate(products)}
    return {
        "publicationDate": "2026-11-01T00:00:00Z",
        "products": {sku: given for sku, (given, _) in numbered.items()},
        "terms": {"OnDemand": {sku: terms for sku, (_, terms) in numbered.items()}},
    }


def test_a_region_becomes_a_source_and_a_row() -> None:
    """What is no instance, or no hour, is left out; what costs different things is told."""
    lines = list(
        rows(
            offer(
                product("ml.m5.large", "Training", "0.1380000000"),
                product("ml.m5.large", "Hosting", "0.1380000000"),
                product("ml.m5.large", "BatchTransform", "0.1380000000"),
                product("ml.g6e.xlarge", "Training", "2.61"),
                product("ml.g6e.xlarge", "BatchTransform", "2.6054"),
                product("ml.m5.large", "Studio-Notebook", "9"),
                product("ml.c5.large", "Hosting", "0.1", unit="GB-Mo"),
            )
        )
    )
    table = tomllib.loads("\n".join(lines))
    assert table["sources"]["offer-eu-central-1"]["seen"].isoformat() == "2026-11-01"
    assert table["rows"] == [
        {"source": "offer-eu-central-1", "regions": "eu-central-1", "instance_hour": {"ml.m5.large": 0.138}}
    ]
    assert "# ml.g6e.xlarge: BatchTransform 2.6054, Training 2.61" in lines
