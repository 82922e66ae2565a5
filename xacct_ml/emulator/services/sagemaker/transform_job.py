"""A SageMaker batch transform job: its record, and its run as the model's execution role.

Status values, members, defaults and file names: SageMaker API reference, CreateTransformJob, TransformInput and
TransformOutput, and Developer Guide, batch-transform [D]: the answer to ``<key>`` is ``<output path>/<name>.out``. A
container's refusal ends as ``AlgorithmError: See job logs for more information``, with its words in the data log
(users' reports, aws/deep-learning-containers #586, aws/amazon-sagemaker-examples #1620) [C]; that what is wrong with S3
ends as ``ClientError:`` with S3's words is assumed [U]."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.identity import RoleNotAssumable
from xacct_ml.emulator.services.sagemaker import container_log
from xacct_ml.emulator.services.sagemaker.hosting import DeploymentFailed, Model
from xacct_ml.emulator.services.sagemaker.serving import BadInput, LoadedModel
from xacct_ml.emulator.services.sagemaker.training_job import s3_location

LOG_GROUP = "/aws/sagemaker/TransformJobs"
_DEFAULT_PAYLOAD_MB = 6
_SEE_LOGS = "See job logs for more information"


class _Failed(Exception):
    """The message is the job's FailureReason; ``log`` is what the data log says."""

    def __init__(self, reason: str, log: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.log = log


class _StopRequested(Exception):
    """StopTransformJob was called."""


class TransformJob:
    """``request`` is CreateTransformJob's; :meth:`run` is called once, in a thread of its own."""

    def __init__(self, request: Mapping[str, Any], arn: str, region: str, model: Model) -> None:
        self.name: str = request["TransformJobName"]
        self.arn = arn
        self.region = region
        self.model = model
        self.created = datetime.now(UTC)
        self._request = {key: value for key, value in request.items() if key != "Tags"}
        self._stop = threading.Event()
        self._changing = threading.Lock()
        self._state: dict[str, Any] = {"TransformJobStatus": "InProgress"}

    @property
    def status(self) -> str:
        return str(self._state["TransformJobStatus"])

    def describe(self) -> dict[str, Any]:
        """DescribeTransformJob's answer."""
        return {**self._request, "TransformJobArn": self.arn, "CreationTime": self.created, **self._state}

    def summary(self) -> dict[str, Any]:
        """One of ListTransformJobs' summaries."""
        described = self.describe()
        names = ("TransformJobName", "TransformJobArn", "CreationTime", "TransformEndTime", "TransformJobStatus")
        found = {name: described[name] for name in names if name in described}
        reason = {"FailureReason": described["FailureReason"]} if "FailureReason" in described else {}
        return {**found, "LastModifiedTime": described.get("TransformEndTime", self.created), **reason}

    def stop(self) -> bool:
        """Asks the job to stop, which ends as Stopped at its next step; False where it is not InProgress."""
        with self._changing:
            if self.status != "InProgress":
                return False
            self._stop.set()
            self._state["TransformJobStatus"] = "Stopping"
            return True

    def run(self) -> None:
        """Load, read, predict, write; ends Completed, Failed with a FailureReason, or Stopped."""
        try:
            self._check_stop()
            self._transform()
            self._end("Completed")
        except _StopRequested:
            self._end("Stopped")
        except _Failed as error:
            self._write_log("/data-log", error.log or (str(error),))
            self._end("Failed", str(error))
        except runtime.Stopped:
            raise
        except Exception:
            self._end("Failed", "InternalServerError: We encountered an internal error. Please try again.")
            raise

    def _transform(self) -> None:
        try:
            loaded = self.model.load()
        except DeploymentFailed as error:
            raise _Failed(f"AlgorithmError: {_SEE_LOGS}", (str(error),)) from error
        self._state["TransformStartTime"] = datetime.now(UTC)
        self._write_log("", container_log.started())
        bucket, keys = self._input()
        for key in keys:
            self._check_stop()
            content = self._call(lambda s3, key=key: s3.get_object(Bucket=bucket, Key=key)["Body"].read())  # type: ignore[misc]
            answer = b"".join(self._answers(loaded, f"{bucket}/{key}", content))
            self._check_stop()
            self._store(key, answer)

    def _input(self) -> tuple[str, list[str]]:
        source = self._request["TransformInput"]["DataSource"]["S3DataSource"]
        bucket, prefix = s3_location(source["S3Uri"])
        if source["S3DataType"] != "S3Prefix":
            raise _Failed("ClientError: only input of S3DataType S3Prefix is supported here")

        def listed(s3: Any) -> list[str]:
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return [found["Key"] for page in pages for found in page.get("Contents", ()) if found["Size"]]

        keys = self._call(listed)
        if not keys:
            raise _Failed(f'ClientError: No S3 objects found under S3 URL "{source["S3Uri"]}"')
        return bucket, keys

    def _answers(self, loaded: LoadedModel, place: str, content: bytes) -> Iterator[bytes]:
        """The container's answer to each mini-batch of an object."""
        given, output = self._request["TransformInput"], self._request["TransformOutput"]
        content_type, accept = given.get("ContentType") or "text/libsvm", output.get("Accept") or "text/csv"
        for batch in self._batches(content):
            self._check_stop()
            try:
                answer, _ = loaded.predict(batch, content_type, accept, batch=True)
            except BadInput as error:
                log = (
                    f"{place}: ClientError: {int(error.status)}",
                    f"{place}: ",
                    f"{place}: Message:",
                    f"{place}: {error}",
                )
                raise _Failed(f"AlgorithmError: {_SEE_LOGS}", log) from error
            line_is_open = output.get("AssembleWith") == "Line" and not answer.endswith(b"\n")
            yield answer + b"\n" if line_is_open else answer

    def _batches(self, content: bytes) -> Iterator[bytes]:
        """What goes to the container in one request: lines up to the largest payload, or one, or the whole object."""
        largest = int(self._request.get("MaxPayloadInMB", _DEFAULT_PAYLOAD_MB)) << 20
        lines = [content]
        if self._request["TransformInput"].get("SplitType") == "Line":
            lines = [line for line in content.splitlines(keepends=True) if line.strip()]
        single = self._request.get("BatchStrategy") == "SingleRecord"
        batch: list[bytes] = []
        size = 0
        for line in lines:
            if largest and len(line) > largest:
                raise _Failed(f"ClientError: a record is larger than MaxPayloadInMB. {_SEE_LOGS}")
            if batch and (single or (largest and size + len(line) > largest)):
                yield b"".join(batch)
                batch, size = [], 0
            batch.append(line)
            size += len(line)
        yield b"".join(batch)

    def _store(self, key: str, answer: bytes) -> None:
        output = self._request["TransformOutput"]
        bucket, prefix = s3_location(output["S3OutputPath"])
        encryption = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": output["KmsKeyId"]} if output.get("KmsKeyId") else {}
        )
        stored = f"{prefix.rstrip('/')}/{key.rsplit('/', 1)[-1]}.out"
        self._call(lambda s3: s3.put_object(Bucket=bucket, Key=stored, Body=answer, **encryption))

    # -- as the model's execution role ---------------------------------------------------------------------------
    def _call(self, call: Callable[[Any], Any]) -> Any:
        try:
            return call(self.model.credentials().client("s3", self.region))
        except RoleNotAssumable as error:
            raise _Failed(f"ClientError: {error}") from error
        except ClientError as error:
            raise _Failed(f"ClientError: {error.response['Error']['Message']}") from error

    def _write_log(self, suffix: str, lines: tuple[str, ...]) -> None:
        stream = f"{self.name}/i-{self.created.timestamp():.0f}{suffix}"
        container_log.write(self.model.credentials, self.region, LOG_GROUP, stream, lines)

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise _StopRequested

    def _end(self, status: str, reason: str | None = None) -> None:
        with self._changing:
            self._state |= {"TransformEndTime": datetime.now(UTC)} | ({"FailureReason": reason} if reason else {})
            self._state["TransformJobStatus"] = status
