"""SageMaker's models and batch transforms as the judge's role in the training account sees them."""

# ruff: noqa: N803 - the names of SageMaker's parameters

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.payload.objects import FakeS3

STARTED = datetime(2026, 1, 1, tzinfo=UTC)


def said(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


NO_INSTANCE = (
    "The account-level service limit 'ml.m5.large for transform job usage' is {} Instances, with current utilization "
    "of {} Instances and a request delta of 1 Instances. "
    "Please contact AWS support to request an increase for this limit."
)
"""aws/sagemaker-python-sdk and others' reports, of several kinds of jobs [C]."""


class FakeScorer:
    """``predictions`` by image are what a transform writes; ``polls`` so often it is in progress; ``ends`` as what.
    ``instances`` is the quota, of which ``others`` are in use; ``refusals`` are what CreateTransformJob says first."""

    def __init__(self, s3: FakeS3, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket
        self.predictions: dict[str, bytes] = {}
        self.polls, self.ends = 1, "Completed"
        self.instances, self.others = 8, 0
        self.refusals: list[ClientError | None] = []
        self.models: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.seen: dict[str, int] = {}
        self.cleared: list[str] = []
        self.stopped: list[str] = []

    def create_model(self, ModelName: str, Tags: Any, **request: Any) -> None:
        assert Tags == [{"Key": "xacct-ml:project", "Value": "churn"}]
        if ModelName in self.models:
            raise said("ValidationException", f'Cannot create already existing model "arn:{ModelName}".')
        self.models[ModelName] = {"ModelName": ModelName, **request, "CreationTime": STARTED}

    def describe_model(self, ModelName: str) -> dict[str, Any]:
        """As AWS adds to it."""
        found = self.models[ModelName]
        return {**found, "PrimaryContainer": {**found["PrimaryContainer"], "Mode": "SingleModel", "Environment": {}}}

    def delete_model(self, ModelName: str) -> None:
        if self.models.pop(ModelName, None) is None:
            raise said("ValidationException", f'Could not find model "arn:{ModelName}".')
        self.cleared.append(ModelName)

    def create_transform_job(self, TransformJobName: str, Tags: Any, **request: Any) -> None:
        assert Tags
        if TransformJobName in self.jobs:
            raise said("ResourceInUse", "names must be unique")
        if self.refusals and (refusal := self.refusals.pop(0)) is not None:
            raise refusal
        used = self.others + sum(self.seen.get(name, 0) <= self.polls for name in self.jobs)
        if used >= self.instances:
            raise said("ResourceLimitExceeded", NO_INSTANCE.format(self.instances, used))
        created = {"CreationTime": STARTED + timedelta(seconds=1)}
        self.jobs[TransformJobName] = {"TransformJobName": TransformJobName, **request, **created}

    def stop_transform_job(self, TransformJobName: str) -> None:
        self.stopped.append(TransformJobName)

    def describe_transform_job(self, TransformJobName: str) -> dict[str, Any]:
        if TransformJobName not in self.jobs:
            raise said("ValidationException", "Requested resource not found.")
        job = self.jobs[TransformJobName]
        seen = self.seen[TransformJobName] = self.seen.get(TransformJobName, 0) + 1
        if seen <= self.polls:
            return {**job, "TransformJobStatus": "InProgress"}
        if seen == self.polls + 1 and self.ends == "Completed":
            self._write(job)
        reason = {"FailureReason": "AlgorithmError: See job logs for more information"} if self.ends == "Failed" else {}
        return {**job, "TransformJobStatus": self.ends, **reason}

    def _write(self, job: dict[str, Any]) -> None:
        image = self.models[job["ModelName"]]["PrimaryContainer"]["Image"]
        prefix = job["TransformOutput"]["S3OutputPath"].removeprefix(f"s3://{self.bucket}/")
        source = job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        name = source.rpartition("/")[2]
        if name == "golden.csv":
            rows = self.s3.content(self.bucket, source.removeprefix(f"s3://{self.bucket}/")).splitlines()
            self.s3.put(self.bucket, f"{prefix}/golden.csv.out", b"".join(self.golden(row) for row in rows))
        else:
            self.s3.put(self.bucket, f"{prefix}/{name}.out", self.predictions[image])

    def golden(self, row: bytes) -> bytes:
        """The answer to a golden row."""
        return f"{len(row) / 100}\n".encode()
