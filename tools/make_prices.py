"""Writes rows of tables/data/prices.toml from AWS's own price list: ``python -m tools.make_prices OFFER.json … >rows``.

An offer file is what ``https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonSageMaker/current/<region>/index.json``
has (AWS Billing User Guide, using-the-aws-price-list-bulk-api) [D]; nothing is fetched here. Of each region in it: its
instance types, where training, endpoints and batch transforms cost the same; those that do not are in a comment. The
rows take the place of that region's in the file, with their source."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

COMPONENTS = {"Training", "Hosting", "BatchTransform"}
"""What an offer calls the uses of an instance that the project has (attribute ``component``) [C]."""
HOURS = {"hrs", "hour", "hours"}


def rows(offer: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a source and of a row for each region of an offer file."""
    day = str(offer["publicationDate"])[:10]
    for region, types in sorted(_by_region(offer).items()):
        alike = {type_: set(uses.values()) for type_, uses in types.items()}
        yield f"[sources.offer-{region}]"
        yield f"seen = {day}"
        yield f'what = "offer file of AmazonSageMaker for {region}, published {day} [D]"'
        yield ""
        yield "[[rows]]"
        yield f'source = "offer-{region}"'
        yield f'regions = "{region}"'
        yield ""
        yield "[rows.instance_hour]"
        for type_, prices in sorted(alike.items()):
            if len(prices) == 1:
                yield f'"{type_}" = {prices.pop()!r}'
            else:
                told = ", ".join(f"{use} {usd!r}" for use, usd in sorted(types[type_].items()))
                yield f"# {type_}: {told}"
        yield ""


def _by_region(offer: Mapping[str, Any]) -> dict[str, dict[str, dict[str, float]]]:
    """Region → instance type → use → USD an hour, on demand."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for sku, product in offer["products"].items():
        of = product.get("attributes", {})
        use, name, region = of.get("component"), of.get("instanceName"), of.get("regionCode")
        usd = _hourly(offer, sku)
        if use in COMPONENTS and name and region and usd:
            type_ = name.removesuffix(f"-{use}")
            found.setdefault(region, {}).setdefault(type_, {})[use] = usd
    return found


def _hourly(offer: Mapping[str, Any], sku: str) -> float | None:
    for term in offer["terms"]["OnDemand"].get(sku, {}).values():
        for dimension in term["priceDimensions"].values():
            usd = dimension["pricePerUnit"].get("USD")
            if usd is not None and str(dimension["unit"]).lower() in HOURS:
                return float(usd)
    return None


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        sys.stdout.write("\n".join(rows(json.loads(path.read_text("utf-8")))))
