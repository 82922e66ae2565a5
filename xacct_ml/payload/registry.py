"""A model that passed becomes a version in SageMaker's Model Registry, pending, with a model card from its record.

The judge does this last, when the record is written: what is registered is read from the record that is there. The
members are those of CreateModelPackage (SageMaker API reference) [B].
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from xacct_ml.foreign import LARGEST_BYTES, document

from .card import card
from .job import JobFailed

PENDING = "PendingManualApproval"
RECORD_DIGEST = "record-sha256"
"""The property of a package by which the release knows whose it is."""
UNREGISTERED = "none"
"""The package of a model that was judged where nothing was registered: a variable of a pipeline has a value."""
_TOKEN_LENGTH = 36
"""ClientToken's longest [B]."""


class Registry:
    """``where`` is bucket and expected owner. ``sagemaker`` and ``s3`` are clients of the shared account."""

    def __init__(self, sagemaker: Any, s3: Any, where: Mapping[str, str], pipeline: str, group: str) -> None:
        self.sagemaker = sagemaker
        self.s3 = s3
        self.where = where
        self.pipeline = pipeline
        self.group = group

    def register(self, key: str, digest: str) -> str:
        """The ARN of the model package of the record at ``key``; the same record twice is one package, for as long as
        SageMaker remembers the token.

        Raises :class:`JobFailed` where the record is not the one of this digest.
        """
        content = self.s3.get_object(**self.where, Key=key)["Body"].read(LARGEST_BYTES + 1)
        if hashlib.sha256(content).hexdigest() != digest:
            raise JobFailed(f"s3://{self.where['Bucket']}/{key} is not the record that was written: look who wrote it")
        made = self.sagemaker.create_model_package(**self.request(document(content), key, digest))
        return str(made["ModelPackageArn"])

    def request(self, record: Mapping[str, Any], key: str, digest: str) -> dict[str, Any]:
        bucket = self.where["Bucket"]
        container = {"Image": record["image"], "ModelDataUrl": f"s3://{bucket}/{record['model']['key']}"}
        statistics = {
            "ContentType": "application/json",
            "ContentDigest": f"sha256:{digest}",
            "S3Uri": f"s3://{bucket}/{key}",
        }
        return {
            "ModelPackageGroupName": self.group,
            "ModelPackageDescription": f"Model of pipeline execution {record['pipelineExecutionId']}",
            "InferenceSpecification": {
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            "ModelApprovalStatus": PENDING,
            "ModelMetrics": {"ModelQuality": {"Statistics": statistics}},
            "CustomerMetadataProperties": {
                "pipeline-execution": record["pipelineExecutionId"],
                "commit": record["commit"],
                "training-job": record["trainingJob"],
                "data-set": record["data"]["dataset"],
                "model-sha256": record["model"]["sha256"],
                "record-key": key,
                RECORD_DIGEST: digest,
            },
            "ModelCard": {
                "ModelCardContent": card(self.pipeline, record, bucket, key, digest),
                "ModelCardStatus": "PendingReview",
            },
            "ClientToken": digest[:_TOKEN_LENGTH],
        }
