"""The Lambda function of a production account: its package and its settings."""

from __future__ import annotations

import json
from importlib import resources

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.documents.alarms import alarms
from xacct_ml.documents.package import packed
from xacct_ml.naming import MODELS_PREFIX, Names

RUNTIME = "python3.13"
HANDLER = "deploy.handler"
TIMEOUT_SECONDS = 120
MEMORY_MB = 256
MAXIMUM_RETRY_ATTEMPTS = 0
"""A retried event would report a second result for the same job."""
MAXIMUM_EVENT_AGE_SECONDS = 300


def source_zip() -> bytes:
    """The package: one module, the same bytes for the same source (fixed time and mode), so CodeSha256 tells a
    change.
    """
    return packed({"deploy.py": resources.files("xacct_ml.payload").joinpath("deploy.py").read_bytes()})


def environment(config: Config, target: ProductionTarget, key_arn: str) -> dict[str, str]:  # noqa: ARG001 - same for all documents
    """Everything that the function must not take from an event: what it deploys where, as whom, and to whom it
    reports.
    """
    names = Names(config)
    endpoint = config.endpoint
    variant: dict[str, object] = (
        {
            "ServerlessConfig": {
                "MemorySizeInMB": endpoint.serverless.memory_mb,
                "MaxConcurrency": endpoint.serverless.max_concurrency,
            }
        }
        if endpoint.serverless
        else {"InstanceType": endpoint.instance_type, "InitialInstanceCount": endpoint.instance_count}
    )
    return {
        "ENDPOINT_NAME": names.endpoint,
        "NAME_PREFIX": names.model_prefix,
        "MODEL_LOCATION": f"s3://{names.bucket}/{MODELS_PREFIX}",
        "EXECUTION_PREFIX": names.execution_arn(f"{names.job_prefix}-"),
        "IMAGE": names.image_uri,
        "ENDPOINT_ROLE_ARN": names.endpoint_role(target),
        "JOB_RESULT_ROLE_ARN": names.job_result_role,
        "VARIANT": json.dumps(variant, separators=(",", ":")),
        "ALARMS": json.dumps([alarm.name for alarm in alarms(config, target)], separators=(",", ":")),
        "TAGS": json.dumps(names.tags, separators=(",", ":")),
    }
