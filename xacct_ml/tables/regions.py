"""Regions, their partitions and DNS suffixes, and the registries of the SageMaker XGBoost images: sourced tables.

Pure: the tables are written out here, so that nothing below the command line needs botocore; a test compares them with
botocore's own ``partitions.json`` and ``endpoints.json``.

Sources: partitions, DNS suffixes and regions: botocore ``partitions.json``/``endpoints.json`` [B]. XGBoost registries
and versions: aws/sagemaker-python-sdk ``image_uri_config/xgboost.json``, state of 2026-08 [C].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_DNS_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}

_REGIONS_BY_PARTITION = {
    "aws": """
        af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
        ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
        ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2
        eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
    """,
    "aws-cn": "cn-north-1 cn-northwest-1",
    "aws-us-gov": "us-gov-east-1 us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1 us-iso-west-1",
    "aws-iso-b": "us-isob-east-1 us-isob-west-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-east-1 us-isof-south-1",
}

REGIONS: Mapping[str, str] = MappingProxyType(
    {region: partition for partition, regions in _REGIONS_BY_PARTITION.items() for region in regions.split()}
)
"""Every region known here, with its partition."""

XGBOOST_REGISTRIES: Mapping[str, str] = MappingProxyType(
    {
        "af-south-1": "510948584623",
        "ap-east-1": "651117190479",
        "ap-northeast-1": "354813040037",
        "ap-northeast-2": "366743142698",
        "ap-northeast-3": "867004704886",
        "ap-south-1": "720646828776",
        "ap-south-2": "628508329040",
        "ap-southeast-1": "121021644041",
        "ap-southeast-2": "783357654285",
        "ap-southeast-3": "951798379941",
        "ap-southeast-4": "106583098589",
        "ca-central-1": "341280168497",
        "ca-west-1": "190319476487",
        "cn-north-1": "450853457545",
        "cn-northwest-1": "451049120500",
        "eu-central-1": "492215442770",
        "eu-central-2": "680994064768",
        "eu-north-1": "662702820516",
        "eu-south-1": "978288397137",
        "eu-south-2": "104374241257",
        "eu-west-1": "141502667606",
        "eu-west-2": "764974769150",
        "eu-west-3": "659782779980",
        "il-central-1": "898809789911",
        "me-central-1": "272398656194",
        "me-south-1": "801668240914",
        "sa-east-1": "737474898029",
        "us-east-1": "683313688378",
        "us-east-2": "257758044811",
        "us-gov-east-1": "237065988967",
        "us-gov-west-1": "414596584902",
        "us-iso-east-1": "833128469047",
        "us-isob-east-1": "281123927165",
        "us-isof-east-1": "108575199400",
        "us-isof-south-1": "124985052026",
        "us-west-1": "746614075791",
        "us-west-2": "246618743249",
    }
)
"""Region → the AWS account whose ECR registry holds the XGBoost images; the same for every version."""

WITHOUT_CODEPIPELINE = frozenset(
    {
        "ap-east-2",
        "ap-southeast-7",
        "ca-west-1",
        "eu-isoe-west-1",
        "mx-central-1",
        "us-iso-east-1",
        "us-iso-west-1",
        "us-isob-east-1",
        "us-isob-west-1",
    }
)
"""Regions without a CodePipeline endpoint in botocore's ``endpoints.json`` [B]: no action can run there, "cross-region
actions are supported in those regions where CodePipeline is supported" (CodePipeline User Guide,
actions-create-cross-region) [D].
"""

_XGBOOST_TAGS = {
    "0.90-1": "0.90-1-cpu-py3",
    "0.90-2": "0.90-2-cpu-py3",
    "1.0-1": "1.0-1-cpu-py3",
    "1.2-1": "1.2-1",
    "1.2-2": "1.2-2",
    "1.3-1": "1.3-1",
    "1.5-1": "1.5-1",
    "1.7-1": "1.7-1",
    "3.0-5": "3.0-5",
    "3.2-0": "3.2-0",
}

XGBOOST_VERSIONS: tuple[str, ...] = tuple(_XGBOOST_TAGS)
"""Versions of the image, oldest first. The legacy ``1``/``latest`` is another repository and is left out on purpose."""

XGBOOST_REPOSITORY = "sagemaker-xgboost"


def partition(region: str) -> str:
    """The partition of a region, such as ``aws-cn``. Raises ``ValueError`` for a region that is not in the table."""
    try:
        return REGIONS[region]
    except KeyError:
        raise ValueError(f"unknown region {region!r}") from None


def dns_suffix(region: str) -> str:
    """The DNS suffix of a region's services (``amazonaws.com``). Raises ``ValueError`` like :func:`partition`."""
    return _DNS_SUFFIXES[partition(region)]


def service_host(service: str, region: str) -> str:
    """The regional host of a service, such as ``s3.eu-west-1.amazonaws.com``; also the form of ``kms:ViaService``.

    The form of ``kms:ViaService`` is documented for the ``aws`` partition [D] and assumed for the others [U].
    """
    return f"{service}.{region}.{dns_suffix(region)}"


def console_host(region: str) -> str:
    """The host of the AWS console. Raises ``ValueError`` like :func:`partition`.

    The aws, aws-cn and aws-us-gov hosts are documented ("Signing in to the AWS Management Console", China and GovCloud
    user guides) [D]; for the others the partition's suffix is assumed [U].
    """
    known = {
        "aws": "console.aws.amazon.com",
        "aws-cn": "console.amazonaws.cn",
        "aws-us-gov": "console.amazonaws-us-gov.com",
    }
    return known.get(partition(region), f"console.{dns_suffix(region)}")


def image_uri(region: str, xgboost_version: str) -> str:
    """The SageMaker XGBoost image for training and inference.

    Raises ``ValueError`` where the region has no known registry or the version is not one of ``XGBOOST_VERSIONS``.
    """
    host_suffix = dns_suffix(region)
    if region not in XGBOOST_REGISTRIES:
        raise ValueError(f"no SageMaker XGBoost registry is known in region {region!r}")
    if xgboost_version not in _XGBOOST_TAGS:
        raise ValueError(f"unknown SageMaker XGBoost version {xgboost_version!r}")
    registry = f"{XGBOOST_REGISTRIES[region]}.dkr.ecr.{region}.{host_suffix}"
    return f"{registry}/{XGBOOST_REPOSITORY}:{_XGBOOST_TAGS[xgboost_version]}"
