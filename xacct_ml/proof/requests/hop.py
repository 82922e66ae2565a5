"""A hop: one request that the pipeline cannot do without, exactly as the service sends it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from xacct_ml.access.model import Request

CODEPIPELINE_ROLE = "CodePipeline User Guide, pipelines-create-service-role"
CODEPIPELINE_SECURITY = "CodePipeline User Guide, security-iam"
CODEPIPELINE_CROSS_ACCOUNT = "CodePipeline User Guide, pipelines-create-cross-account"
S3_ENCRYPTION = "S3 User Guide, UsingKMSEncryption"
S3_MULTIPART = "S3 User Guide, mpuoverview"
S3_VERSIONS = "S3 API reference, ListObjectVersions"
SAGEMAKER_API = "Service Authorization Reference, Amazon SageMaker"
SAGEMAKER_ROLES = "SageMaker Developer Guide, sagemaker-roles"
SAGEMAKER_DEPUTY = "SageMaker Developer Guide, security-confused-deputy-prevention"
"""Documents that several modules of requests name as their source."""


class Evidence(Enum):
    """Where the knowledge that this request is sent, and in this form, comes from."""

    DOCUMENTED = "documented"
    """The text of the AWS documentation."""
    MODEL = "service model"
    """botocore's model of the service."""
    CODE = "public code"
    """Code or issues in public repositories that run against AWS."""
    ASSUMED = "assumed"
    """Inference; not proven."""


@dataclass(frozen=True)
class Hop:
    """``stage`` is a stage of the pipeline or the event around it; ``what`` says for a person who does what."""

    stage: str
    what: str
    request: Request
    source: str
    evidence: Evidence


class Row(NamedTuple):
    """One or several requests of one purpose, from one source: a hop for each, in whatever stage sends them."""

    what: str
    requests: Request | Sequence[Request]
    source: str
    evidence: Evidence = Evidence.DOCUMENTED


def in_stage(stage: str, rows: Iterable[Row]) -> Iterator[Hop]:
    """The hops of the rows, in their order."""
    for what, requests, source, evidence in rows:
        for request in (requests,) if isinstance(requests, Request) else requests:
            yield Hop(stage, what, request, source, evidence)
