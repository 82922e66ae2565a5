"""The evaluation record: written once, by the judge alone, and the same bytes for the same run."""

import hashlib
import json
import math
from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import LARGEST_BYTES, ForeignTextError, document

from .configuration import Configuration
from .evaluation import MEMBERS
from .gate import Verdict
from .job import JobFailed
from .model_store import EXISTS, Model
from .run import Run
from .stored_object import stored_object

SCHEMA = "xacct-ml/evaluation/3"


def record_of(
    settings: Mapping[str, Any],
    run: Run,
    job: Mapping[str, Any],
    chosen: Configuration,
    verdict: Verdict,
    manifest: Mapping[str, Any],
    manifest_version: str,
    model: Model | None,
) -> dict[str, Any]:
    """What was trained, on what, and how it was judged. ``job`` is DescribeTrainingJob's answer; image and container
    version also serve the model.
    """
    source = run.action(settings["actions"]["source"], "Succeeded")
    reported = [(each["MetricName"], each["Value"]) for each in job.get("FinalMetricDataList") or ()]
    metrics = [{"name": name, "value": value if math.isfinite(value) else None} for name, value in reported]
    return {
        "pipelineExecutionId": run.id,
        "commit": source.variables[settings["revisionVariable"]],
        "trainingJob": job["TrainingJobName"],
        "image": settings["image"],
        "containerVersion": settings["containerVersion"],
        "hyperparameters": dict(chosen.hyperparameters),
        "instances": chosen.instances(),
        "metrics": metrics,
        "gate": verdict.document(),
        "data": {
            "dataset": manifest["dataset"],
            "created": manifest.get("created"),
            "manifestVersionId": manifest_version,
            "channels": manifest["channels"],
            "holdout": manifest["holdout"],
            "schemaFile": manifest["schema_file"],
            "profile": manifest["profile"],
        },
        "model": None if model is None else model.document(),
        # What a model is worth beside the live one is said of one that passes.
        **dict.fromkeys(MEMBERS),
    }


def record_bytes(record: dict[str, Any]) -> bytes:
    """Nothing in it depends on when it is made, so that a repeated judgement can be compared with the first."""
    return json.dumps({"schema": SCHEMA, **record}, indent=2, sort_keys=True, allow_nan=False).encode() + b"\n"


def written(s3: Any, where: dict[str, str], key: str, record: dict[str, Any], scored: Collection[str]) -> str | None:
    """The SHA-256 of the record that this judgement wrote before, whose answer did not arrive; None where there is
    none. What scores say (``scored``) is not asked for again.

    Raises :class:`JobFailed` where another record is there.
    """
    answer = stored_object(s3, where, key)
    if answer is None:
        return None
    found = answer["Body"].read(LARGEST_BYTES + 1)
    expected = document(record_bytes(record))
    try:
        same = _but(document(found), scored) == _but(expected, scored)
    except (ForeignTextError, AttributeError):
        same = False
    if not same:
        raise _another(where, key)
    return hashlib.sha256(found).hexdigest()


def _but(record: dict[str, Any], scored: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in scored}


def _another(where: dict[str, str], key: str) -> JobFailed:
    return JobFailed(f"s3://{where['Bucket']}/{key} is already there and says something else; nothing was changed")


def write_once(s3: Any, where: dict[str, str], key: str, key_arn: str, content: bytes) -> str:
    """Writes the record, or finds it written; its SHA-256. ``where`` is bucket and expected owner.

    Raises :class:`JobFailed` where another record is there (S3 User Guide, conditional-writes) [D].
    """
    try:
        s3.put_object(
            **where,
            Key=key,
            Body=content,
            ContentType="application/json",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=key_arn,
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in EXISTS:
            raise
        found = s3.get_object(**where, Key=key)["Body"].read(len(content) + 1)
        if found != content:
            raise _another(where, key) from error
    return hashlib.sha256(content).hexdigest()
