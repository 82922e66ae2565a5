"""Batch transforms in the training account: the judge starts them with its own role there, and believes of them what
DescribeTransformJob and DescribeModel say.

Each is of one model of its own, which is made for it and cleared away. Names follow from the training job and the
execution of the pipeline's action, so that a repeated invocation finds its own and a retried stage begins anew: a
transform job's name is used for good (SageMaker API reference, CreateTransformJob) [B].
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import line

from .job import JobFailed, log

GIVE_UP_AFTER = timedelta(hours=2)
"""A transform job has no limit of its own: 200,000 rows take minutes. So long the judge waits for an instance, too."""
LOGS = "/aws/sagemaker/TransformJobs"
LARGEST_PAYLOAD_MB = 6
"""Of one request to the container, which takes no more (its serve.py, MAX_CONTENT_LENGTH) [C]. A row of a data set is
shorter: ``upload-data`` refuses one of over 1 MiB.
"""
_MODEL_MEMBERS = {"Image", "ModelDataUrl", "Mode", "Environment", "ModelDataSource"}
_MISSING = re.compile("not find|not found", re.IGNORECASE)
_NO_QUOTA = re.compile(r"' is 0 Instances")
"""What SageMaker says of a quota (data/failures.toml) where waiting does not help [C]."""
_LATER = ("ResourceLimitExceeded", "ThrottlingException")
"""No instance is free (SageMaker API reference, CreateTransformJob) [B], or too many calls are made [C]."""
_SHOWN = 200
_QUOTA_SHOWN = 300
_NOTHING: tuple[Any, ...] = (None, "", "None", [], {}, 0, False)


@dataclass(frozen=True)
class Transform:
    """One model on the rows held out, or on its golden rows. ``which`` is ``candidate``, ``live`` or ``golden``;
    ``model_url`` and ``input_url`` are ``s3://`` URIs, ``output_url`` that of the prefix under which SageMaker puts the
    answers to ``<name>``, as ``<name>.out``.
    """

    which: str
    name: str
    image: str
    model_url: str
    input_url: str
    output_url: str

    @property
    def output_key(self) -> str:
        """Where the predictions are (SageMaker Developer Guide, batch-transform) [D]."""
        prefix = self.output_url.removeprefix("s3://").partition("/")[2]
        return f"{prefix}/{self.input_url.rpartition('/')[2]}.out"


def transform_name(prefix: str, *parts: str) -> str:
    """``prefix`` and sixteen digits that follow from the parts."""
    return f"{prefix}{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:16]}"


class Transforms:
    """``sagemaker`` is a client of the training account with the role that may start them. ``role`` is what SageMaker
    runs them as, ``key`` encrypts what they write.
    """

    def __init__(self, sagemaker: Any, role: str, key: str, instance_type: str, tags: Mapping[str, str]) -> None:
        self.sagemaker = sagemaker
        self.role = role
        self.key = key
        self.instance_type = instance_type
        self.tags = [{"Key": name, "Value": value} for name, value in tags.items()]

    def start(self, transform: Transform, *, waited: bool) -> None:
        """Makes model and job; where they are there already, they are looked at when the job has ended. Where no
        instance is free, it is left for the next invocation, or :class:`JobFailed` is raised where they ``waited`` long
        enough, or in vain.
        """
        with _unless_there():
            self.sagemaker.create_model(
                ModelName=transform.name,
                ExecutionRoleArn=self.role,
                PrimaryContainer={"Image": transform.image, "ModelDataUrl": transform.model_url},
                EnableNetworkIsolation=True,
                Tags=self.tags,
            )
        try:
            with _unless_there():
                self.sagemaker.create_transform_job(**self._asked(transform), Tags=self.tags)
        except ClientError as error:
            said = error.response["Error"]
            if said["Code"] not in _LATER:
                raise
            if waited or _NO_QUOTA.search(said["Message"]):
                told = line(said["Message"], _QUOTA_SHOWN)
                raise JobFailed(f"{_of(transform)} gets no instance: {told} (Service: SageMaker)") from error
            log.info("%s waits: %s", _of(transform), line(said["Message"], _QUOTA_SHOWN))

    def ended(self, transform: Transform, now: datetime, since: datetime) -> bool:
        """Whether it has completed; one that is not there is started. ``since`` is when the judge's action began.

        Raises :class:`JobFailed` where it ended otherwise, takes too long, or gets no instance.
        """
        job = self._described(transform)
        if job is None:
            self.start(transform, waited=now - since > GIVE_UP_AFTER)
            return False
        status = job["TransformJobStatus"]
        if status == "Completed":
            return True
        what = _of(transform)
        where = f"Its log is in {LOGS} of the training account. Then: xacct-ml retry"
        if status in ("Failed", "Stopped"):
            reason = line(str(job.get("FailureReason") or "nobody said why"), _SHOWN)
            raise JobFailed(f"{what} {status.lower()}: {reason}. {where}")
        if now - job["CreationTime"] > GIVE_UP_AFTER:
            hours = GIVE_UP_AFTER // timedelta(hours=1)
            raise JobFailed(f"{what} had not ended after {hours} hours and was stopped. {where}")
        return False

    def differences(self, transform: Transform) -> Iterator[str]:
        """What ran otherwise than it was asked for, as clauses."""
        model = self.sagemaker.describe_model(ModelName=transform.name)
        job = self.sagemaker.describe_transform_job(TransformJobName=transform.name)
        yield from _members(job, self._asked(transform), ("TransformJobName", "ModelName", *_JOB_MEMBERS))
        container = model.get("PrimaryContainer") or {}
        wanted = {"Image": transform.image, "ModelDataUrl": transform.model_url}
        isolated = {"ExecutionRoleArn": self.role, "EnableNetworkIsolation": True}
        yield from _members(model, isolated, (*isolated, "Containers", "VpcConfig", "InferenceExecutionConfig"))
        yield from _members(container, wanted, (*wanted, "Environment", *sorted(container.keys() - _MODEL_MEMBERS)))
        if container.get("Mode") not in (None, "SingleModel"):
            yield f"Mode is {_quoted(container['Mode'])}, expected SingleModel"
        source = (container.get("ModelDataSource") or {}).get("S3DataSource", {}).get("S3Uri")
        if source not in (None, transform.model_url):
            yield f"ModelDataSource is {_quoted(source)}, expected {transform.model_url}"
        if model["CreationTime"] > job["CreationTime"]:
            yield "its model was made again after it was started"

    def clear(self, names: Iterable[str], *, stop: bool = False) -> None:
        """Deletes the models: jobs cannot be. ``stop`` ends those that run."""
        for name in names:
            if stop:
                with suppress(ClientError):
                    self.sagemaker.stop_transform_job(TransformJobName=name)
            with suppress(ClientError):
                self.sagemaker.delete_model(ModelName=name)

    def _described(self, transform: Transform) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.sagemaker.describe_transform_job(TransformJobName=transform.name)
        except ClientError as error:
            said = error.response["Error"]
            if said["Code"] not in ("ValidationException", "ResourceNotFound") or not _MISSING.search(said["Message"]):
                raise
            return None
        return found

    def _asked(self, transform: Transform) -> dict[str, Any]:
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": transform.input_url}}
        return {
            "TransformJobName": transform.name,
            "ModelName": transform.name,
            "BatchStrategy": "MultiRecord",
            "MaxConcurrentTransforms": 1,
            "MaxPayloadInMB": LARGEST_PAYLOAD_MB,
            "TransformInput": {
                "DataSource": source,
                "ContentType": "text/csv",
                "CompressionType": "None",
                "SplitType": "Line",
            },
            "TransformOutput": {
                "S3OutputPath": transform.output_url,
                "Accept": "text/csv",
                "AssembleWith": "Line",
                "KmsKeyId": self.key,
            },
            "TransformResources": {"InstanceType": self.instance_type, "InstanceCount": 1},
        }


_JOB_MEMBERS = (
    *("BatchStrategy", "MaxConcurrentTransforms", "MaxPayloadInMB"),
    *("TransformInput", "TransformOutput", "TransformResources"),
    *("Environment", "DataProcessing", "DataCaptureConfig", "ExperimentConfig", "LabelingJobArn", "AutoMLJobArn"),
)
"""Every member of DescribeTransformJob that lets a job do something else (SageMaker API reference) [B]."""


def _of(transform: Transform) -> str:
    model = {"live": "live model", "golden": "candidate on its golden rows"}.get(transform.which, transform.which)
    return f"the batch transform of the {model} ({transform.name})"


@contextmanager
def _unless_there() -> Iterator[None]:
    """Passes over what SageMaker says of a name that is taken: ``ResourceInUse``, or of models a ValidationException
    [C].
    """
    try:
        yield
    except ClientError as error:
        said = error.response["Error"]
        if said["Code"] != "ResourceInUse" and "already exist" not in said.get("Message", ""):
            raise


def _members(
    found: Mapping[str, Any], wanted: Mapping[str, Any], names: Sequence[str], path: str = ""
) -> Iterator[str]:
    """Members that differ; what is not wanted must be absent or say nothing."""
    for name in names:
        given, expected = found.get(name), wanted.get(name)
        where = f"{path}{line(name)}"
        if isinstance(expected, Mapping) and isinstance(given, Mapping):
            yield from _members(given, expected, sorted({*given, *expected}), f"{where}.")
        elif given != expected and not (given in _NOTHING and expected in _NOTHING):
            yield f"{where} is {_quoted(given)}, expected {_quoted(expected)}"


def _quoted(value: object) -> str:
    return line(repr(value), _SHOWN)
