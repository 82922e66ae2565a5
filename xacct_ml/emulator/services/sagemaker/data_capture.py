"""What SageMaker keeps of requests and answers where an endpoint's configuration has a ``DataCaptureConfig``.

Lines and keys as the Developer Guide has them (model-monitor-data-capture-endpoint) [D]. SageMaker gathers several
requests in a file and writes it minutes later; here each has one, at once. It writes as the model's role; that what
cannot be written is lost without a word is assumed [U], and here the container's log says it."""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.emulator.core.identity import RoleNotAssumable
from xacct_ml.emulator.services.sagemaker.hosting import Model, reason
from xacct_ml.emulator.services.sagemaker.training_job import s3_location

_EVERY = 100


@dataclass(frozen=True, slots=True)
class Payload:
    """One side of a request."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Invocation:
    """``count`` is which request of the endpoint it is, from 1."""

    endpoint: str
    variant: str
    count: int
    asked: Payload
    answered: Payload
    inference_id: str | None = None


def summary(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """DescribeEndpoint's ``DataCaptureConfig`` [B]."""
    if config is None:
        return None
    enabled = config.get("EnableCapture", True)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }


def capture(config: Mapping[str, Any] | None, model: Model, invocation: Invocation) -> str | None:
    """Writes the request, if it is one of the sample. Why it could not be written; None where it was, or need not."""
    if config is None or not config.get("EnableCapture", True) or not _sampled(config, invocation.count):
        return None
    bucket, prefix = s3_location(config["DestinationS3Uri"])
    now = datetime.now(UTC)
    name = f"{now:%M-%S-%f}"[:-3] + f"-{uuid.uuid4()}.jsonl"
    place = f"{invocation.endpoint}/{invocation.variant}/{now:%Y/%m/%d/%H}/{name}"
    key = config.get("KmsKeyId")
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
    try:
        s3 = model.credentials().client("s3", model.region)
        line = json.dumps(_line(config, invocation, now)).encode() + b"\n"
        s3.put_object(Bucket=bucket, Key=f"{prefix.rstrip('/')}/{place}".lstrip("/"), Body=line, **encryption)
    except (ClientError, RoleNotAssumable) as error:
        return f"Data capture failed: {reason(error)}"
    return None


def _sampled(config: Mapping[str, Any], count: int) -> bool:
    """The percentage of the requests, evenly; SageMaker draws them at random."""
    percent = int(config["InitialSamplingPercentage"])
    return count * percent // _EVERY > (count - 1) * percent // _EVERY


def _line(config: Mapping[str, Any], invocation: Invocation, now: datetime) -> dict[str, Any]:
    wanted = {option["CaptureMode"] for option in config["CaptureOptions"]}
    both = wanted | ({"Input", "Output"} if "InputAndOutput" in wanted else set())
    sides = {"Input": invocation.asked, "Output": invocation.answered}
    data = {f"endpoint{side}": _data(config, side, payload) for side, payload in sides.items() if side in both}
    named = {} if invocation.inference_id is None else {"inferenceId": invocation.inference_id}
    return {
        "captureData": data,
        "eventMetadata": {"eventId": str(uuid.uuid4()), **named, "inferenceTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"},
        "eventVersion": "0",
    }


def _data(config: Mapping[str, Any], side: str, payload: Payload) -> dict[str, str]:
    """Content types that the configuration does not name are encoded in base64."""
    headers = config.get("CaptureContentTypeHeader") or {}
    plain = payload.content_type.split(";")[0].strip().lower()
    encoding = next(
        (
            encoding
            for encoding, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes"))
            if plain in headers.get(member, ())
        ),
        "BASE64",
    )
    text = base64.b64encode(payload.body).decode() if encoding == "BASE64" else payload.body.decode("utf-8", "replace")
    return {"observedContentType": payload.content_type, "mode": side.upper(), "data": text, "encoding": encoding}
