"""The tables of regions against botocore's, which are an independent judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore
import pytest

from xacct_ml.tables.regions import (
    REGIONS,
    WITHOUT_CODEPIPELINE,
    XGBOOST_REGISTRIES,
    XGBOOST_VERSIONS,
    console_host,
    dns_suffix,
    image_uri,
    partition,
    service_host,
)

DATA = Path(botocore.__file__).parent / "data"


def _partitions(name: str) -> list[dict[str, Any]]:
    return json.loads((DATA / name).read_text())["partitions"]


def test_regions_are_botocores() -> None:
    """Every region of botocore's endpoints is known, with its partition and DNS suffix, and no other."""
    endpoints = {
        region: (entry["partition"], entry["dnsSuffix"])
        for entry in _partitions("endpoints.json")
        for region in entry["regions"]
    }
    assert {region: (partition(region), dns_suffix(region)) for region in REGIONS} == endpoints


def test_partitions_agree() -> None:
    """Botocore's newer table of partitions says the same."""
    for entry in _partitions("partitions.json"):
        for region in set(entry["regions"]) & set(REGIONS):
            assert (partition(region), dns_suffix(region)) == (entry["id"], entry["outputs"]["dnsSuffix"])


def test_every_image() -> None:
    """Each region with a registry has an image of each version, in a registry of its own."""
    assert set(XGBOOST_REGISTRIES) <= set(REGIONS)
    uris = {image_uri(region, version) for region in XGBOOST_REGISTRIES for version in XGBOOST_VERSIONS}
    assert len(uris) == len(XGBOOST_REGISTRIES) * len(XGBOOST_VERSIONS)
    assert len(set(XGBOOST_REGISTRIES.values())) == len(XGBOOST_REGISTRIES)
    assert all(len(account) == 12 and account.isdigit() for account in XGBOOST_REGISTRIES.values())


@pytest.mark.parametrize(
    ("region", "version", "uri"),
    [
        ("us-east-1", "1.7-1", "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"),
        ("cn-north-1", "1.5-1", "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-xgboost:1.5-1"),
        ("us-iso-east-1", "1.7-1", "833128469047.dkr.ecr.us-iso-east-1.c2s.ic.gov/sagemaker-xgboost:1.7-1"),
        ("eu-west-1", "1.0-1", "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.0-1-cpu-py3"),
    ],
)
def test_image(region: str, version: str, uri: str) -> None:
    """Images as the SageMaker SDK's table gives them, old tags included."""
    assert image_uri(region, version) == uri


@pytest.mark.parametrize(
    ("region", "version", "message"),
    [
        ("mars-1", "1.7-1", "unknown region 'mars-1'"),
        ("mx-central-1", "1.7-1", "no SageMaker XGBoost registry is known"),
        ("us-east-1", "latest", "unknown SageMaker XGBoost version 'latest'"),
    ],
)
def test_no_image(region: str, version: str, message: str) -> None:
    """What is not in the tables is an error, never a guess."""
    with pytest.raises(ValueError, match=message):
        image_uri(region, version)


def test_service_host() -> None:
    """A regional host carries the partition's suffix."""
    assert service_host("s3", "us-gov-west-1") == "s3.us-gov-west-1.amazonaws.com"
    assert service_host("s3", "cn-northwest-1") == "s3.cn-northwest-1.amazonaws.com.cn"


def test_regions_without_codepipeline_are_botocores() -> None:
    """Those that its endpoints leave out."""
    there = {
        region
        for entry in _partitions("endpoints.json")
        for region in entry["services"].get("codepipeline", {}).get("endpoints", {})
    }
    assert set(REGIONS) - there == WITHOUT_CODEPIPELINE


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "console.aws.amazon.com"),
        ("cn-north-1", "console.amazonaws.cn"),
        ("us-gov-west-1", "console.amazonaws-us-gov.com"),
    ],
)
def test_console_host(region: str, host: str) -> None:
    """Each partition has its own."""
    assert console_host(region) == host
