"""Regions, their partitions and DNS suffixes, and the registries of the SageMaker XGBoost images: sourced tables.

The facts and their sources are in ``data/regions.toml``, so that nothing below the command line needs botocore; a test
compares them with botocore's own ``partitions.json`` and ``endpoints.json``."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

_FACTS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("data").joinpath("regions.toml").read_text("utf-8"))
_PARTITIONS: Mapping[str, Mapping[str, str]] = _FACTS["partitions"]

REGIONS: Mapping[str, str] = MappingProxyType(
    {region: partition for partition, facts in _PARTITIONS.items() for region in facts["regions"].split()}
)
"""Every region known here, with its partition."""

XGBOOST_REGISTRIES: Mapping[str, str] = MappingProxyType(_FACTS["registries"])
"""Region → the AWS account whose ECR registry holds the XGBoost images."""

WITHOUT_CODEPIPELINE = frozenset(_FACTS["without_codepipeline"].split())
"""Regions in which no action of a pipeline can run."""

OPT_IN = frozenset(_PARTITIONS["aws"]["regions"].split()) - frozenset(_FACTS["enabled_by_default"].split())
"""Regions that an account has to enable before it can use them."""

XGBOOST_VERSIONS: tuple[str, ...] = tuple(_FACTS["tags"])
"""Versions of the image, oldest first."""

XGBOOST_REPOSITORY = "sagemaker-xgboost"


def partition(region: str) -> str:
    """The partition of a region, such as ``aws-cn``. Raises ``ValueError`` for a region that is not in the table."""
    try:
        return REGIONS[region]
    except KeyError:
        raise ValueError(f"unknown region {region!r}") from None


def dns_suffix(region: str) -> str:
    """The DNS suffix of a region's services (``amazonaws.com``). Raises ``ValueError`` like :func:`partition`."""
    return _PARTITIONS[partition(region)]["dns_suffix"]


def service_host(service: str, region: str) -> str:
    """The regional host of a service, such as ``s3.eu-west-1.amazonaws.com``; also the form of ``kms:ViaService``.

    The form of ``kms:ViaService`` is documented for the ``aws`` partition [D] and assumed for the others [U]."""
    return f"{service}.{region}.{dns_suffix(region)}"


def console_host(region: str) -> str:
    """The host of the AWS console. Raises ``ValueError`` like :func:`partition`.

    Where none is documented the partition's suffix is assumed [U]."""
    return _PARTITIONS[partition(region)].get("console", f"console.{dns_suffix(region)}")


def image_uri(region: str, xgboost_version: str) -> str:
    """The SageMaker XGBoost image for training and inference.

    Raises ``ValueError`` where the region has no known registry or the version is not one of ``XGBOOST_VERSIONS``."""
    host_suffix = dns_suffix(region)
    if region not in XGBOOST_REGISTRIES:
        raise ValueError(f"no SageMaker XGBoost registry is known in region {region!r}")
    if xgboost_version not in XGBOOST_VERSIONS:
        raise ValueError(f"unknown SageMaker XGBoost version {xgboost_version!r}")
    registry = f"{XGBOOST_REGISTRIES[region]}.dkr.ecr.{region}.{host_suffix}"
    return f"{registry}/{XGBOOST_REPOSITORY}:{_FACTS['tags'][xgboost_version]}"
