"""A SageMaker training job: its record, and its run as the training role.

Every read and write is a boto3 call with the role's credentials, so it is decided like any other. Status values and
members: SageMaker API reference, DescribeTrainingJob [D]. The texts of the failures are those users report [C]."""

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable
from xacct_ml.emulator.services.sagemaker import channel_data, container_log, instances, trainer, xgboost_image
from xacct_ml.tables import xgboost_distribution

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
SERVICE = "sagemaker.amazonaws.com"
_DEFAULT_CONTENT_TYPE = "text/libsvm"  # the container's


class _StopRequested(Exception):
    """StopTrainingJob was called."""


def s3_location(uri: str) -> tuple[str, str]:
    """Bucket and key of an ``s3://`` URI."""
    parts = urlsplit(uri)
    return parts.netloc, parts.path.lstrip("/")


class TrainingJob:
    """``request`` is CreateTrainingJob's; :meth:`run` is called once, in a thread of its own.

    :raises ApiError: ValidationException, SageMaker may not assume the training role"""

    def __init__(self, request: Mapping[str, Any], arn: str, region: str) -> None:
        self.name: str = request["TrainingJobName"]
        self.arn = arn
        self.region = region
        self.created = datetime.now(UTC)
        self._request = {key: value for key, value in request.items() if key != "Tags"}
        self._stop = threading.Event()
        self._changing = threading.RLock()
        self._state: dict[str, Any] = {"LastModifiedTime": self.created}
        self._transitions: list[dict[str, Any]] = []
        self._enter("InProgress", "Starting", "Launching requested ML instances")
        self._credentials()

    @property
    def status(self) -> str:
        return str(self._state["TrainingJobStatus"])

    @property
    def over(self) -> bool:
        return self.status in ("Completed", "Failed", "Stopped")

    def describe(self) -> dict[str, Any]:
        """DescribeTrainingJob's answer."""
        return {
            "EnableNetworkIsolation": False,
            "EnableInterContainerTrafficEncryption": False,
            "EnableManagedSpotTraining": False,
            **self._request,
            "TrainingJobArn": self.arn,
            "CreationTime": self.created,
            "SecondaryStatusTransitions": list(self._transitions),
            **self._state,
        }

    def summary(self) -> dict[str, Any]:
        """One of ListTrainingJobs' summaries."""
        described = self.describe()
        names = ("TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingEndTime", "LastModifiedTime")
        return {name: described.get(name) for name in (*names, "TrainingJobStatus")}

    def stop(self) -> bool:
        """Asks the job to stop, which ends as Stopped at its next step; False where it is over."""
        with self._changing:
            if self.over:
                return False
            self._stop.set()
            self._enter("Stopping", "Stopping", "Stopping the training job")
            return True

    def run(self) -> None:
        """Read, train, write; ends Completed, Failed with a FailureReason, or Stopped."""
        log: list[str] = []
        try:
            self._check_stop()
            version = xgboost_image.version(self._request["AlgorithmSpecification"].get("TrainingImage"), self.region)
            notice = xgboost_image.mismatch(version, trainer.installed_version())
            if notice:
                runtime.current().notices(f"Training job {self.name}: {notice}")
                log.append(notice)
            self._train(version, log)
        except _StopRequested:
            self._end("Stopped", "Stopped", "Training job stopped")
        except (trainer.TrainingFailed, xgboost_image.NotPullable, RoleNotAssumable) as error:
            self._fail(str(error))
        except runtime.Stopped:
            raise
        except Exception:
            self._fail("InternalServerError: We encountered an internal error. Please try again.")
            raise

    def _train(self, version: str, log: list[str]) -> None:
        started = datetime.now(UTC)
        self._state["TrainingStartTime"] = started
        for _ in range(self._interruptions()):
            self._attempt(version, log, whole=False)
            self._enter("InProgress", "Interrupted", "Training job interrupted")
            self._enter("InProgress", "Starting", "Launching requested ML instances")
        trained = self._attempt(version, log, whole=True)
        self._enter("InProgress", "Uploading", "Uploading generated training model")
        artifacts = self._upload(trained.archive)
        now = datetime.now(UTC)
        seconds = max(1, round((now - started).total_seconds()))
        self._state |= {
            "ModelArtifacts": {"S3ModelArtifacts": artifacts},
            "FinalMetricDataList": [
                {"MetricName": name, "Value": value, "Timestamp": now} for name, value in trained.metrics.items()
            ],
            "TrainingTimeInSeconds": seconds,
            "BillableTimeInSeconds": seconds,
        }
        self._end("Completed", "Completed", "Training job completed")

    def _interruptions(self) -> int:
        """How often a spot training's instances are taken away; once on a bad day."""
        if not self._request.get("EnableManagedSpotTraining"):
            return 0
        running = runtime.current()
        return max(running.pace.spot_interruptions, int(running.faults is not None))

    def _attempt(self, version: str, log: list[str], *, whole: bool) -> trainer.Trained:
        """One that is not whole is interrupted after half of the rounds. The next one begins again: no image from 1.3
        on finds a checkpoint of its own (callback.py, checkpointing.py) [C], and before that only with
        CheckpointConfig, which is not emulated."""
        self._enter("InProgress", "Downloading", "Downloading input data")
        given = self._request.get("InputDataConfig", ())
        channels = {channel["ChannelName"]: self._read(version, channel) for channel in given}
        self._check_stop()
        self._enter("InProgress", "Training", "Training image download completed. Training in progress.")
        try:
            trained, printed = self._boost(version, channels, whole=whole)
        except trainer.TrainingFailed as error:
            self._write_log(instances.host(0), [*log, str(error)])
            raise
        for host, lines in printed.items():
            self._write_log(host, [*log, *lines])
        self._check_stop()
        return trained

    def _boost(
        self, version: str, channels: Mapping[str, Sequence[bytes]], *, whole: bool
    ) -> tuple[trainer.Trained, Mapping[str, Sequence[str]]]:
        """And what each host printed. Dask divides the data itself (distributed_gpu_training.py) [C]: one process."""
        resources = self._request["ResourceConfig"]
        type_, count = resources.get("InstanceType", ""), resources.get("InstanceCount", 1)
        given = trainer.checked(version, self._request.get("HyperParameters", {}), channels, type_, count)
        if not whole:
            given["num_round"] = str(max(1, int(given["num_round"]) // 2))
        if count == 1 or xgboost_distribution.of_train(given) == xgboost_distribution.REPLICATED:
            boosted = trainer.boost(version, given, channels, self._content_type(), self._check_stop)
            return trainer.trained(version, boosted), {instances.host(0): boosted.log}
        shards = {name: instances.shards(files, self._distribution(name), count) for name, files in channels.items()}
        hosts = [{name: of[place] for name, of in shards.items()} for place in range(count)]
        boosted, printed = instances.train(version, given, hosts, self._check_stop, self._content_type())
        return trainer.trained(version, boosted), printed

    def _content_type(self) -> str:
        """Of the training data, as which the container reads all."""
        by_name = {each["ChannelName"]: each.get("ContentType") for each in self._request["InputDataConfig"]}
        return by_name.get("train") or _DEFAULT_CONTENT_TYPE

    def _distribution(self, channel: str) -> str | None:
        by_name = {each["ChannelName"]: each["DataSource"]["S3DataSource"] for each in self._request["InputDataConfig"]}
        found: str | None = by_name[channel].get("S3DataDistributionType")
        return found

    # -- as the training role ------------------------------------------------------------------------------------
    def _credentials(self) -> Credentials:
        try:
            return service_credentials(
                self._request["RoleArn"],
                SERVICE,
                session_name="SageMaker",
                source_arn=self.arn,
                source_account=Arn.parse(self.arn).account,
            )
        except RoleNotAssumable as error:
            raise ApiError("ValidationException", str(error)) from error

    def _client(self, service: str) -> Any:
        try:
            return self._credentials().client(service, self.region)
        except ApiError as error:
            raise trainer.TrainingFailed(f"ClientError: {error.message}") from error

    def _read(self, version: str, channel: Mapping[str, Any]) -> list[bytes]:
        """The objects of one channel, in the order of their keys."""
        source = channel.get("DataSource", {}).get("S3DataSource")
        if source is None or source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
            raise trainer.TrainingFailed(
                "ClientError: only channels of S3DataType S3Prefix and ManifestFile are supported here"
            )
        try:
            content_type = channel.get("ContentType") or _DEFAULT_CONTENT_TYPE
            if not channel_data.is_parquet(content_type):
                channel_data.check_content_type(version, content_type)
        except channel_data.BadData as error:
            raise trainer.user_error(str(error)) from error
        uri = source["S3Uri"]
        bucket, prefix = s3_location(uri)
        s3 = self._client("s3")
        try:
            if source["S3DataType"] == "ManifestFile":
                bucket, keys = _named_in(s3.get_object(Bucket=bucket, Key=prefix)["Body"].read())
            else:
                pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
                keys = [found["Key"] for page in pages for found in page.get("Contents", ()) if found["Size"]]
        except ClientError as error:
            raise self._no_objects(uri, bucket, error.response["Error"]["Message"]) from error
        if not keys:
            raise self._no_objects(uri, bucket, None)
        try:
            return [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
        except ClientError as error:
            raise trainer.TrainingFailed(
                f"ClientError: Data download failed:Failed to download data from {uri}. Error message from S3: "
                f"{error.response['Error']['Message']}"
            ) from error

    def _no_objects(self, uri: str, bucket: str, message: str | None) -> trainer.TrainingFailed:
        said = f" Error message from S3: {message}" if message else ""
        return trainer.TrainingFailed(
            f'ClientError: Data download failed:No S3 objects found under S3 URL "{uri}" given in input data source. '
            f"Please ensure that the bucket exists in the selected region ({self.region}), that objects exist under "
            f'that S3 prefix, and that the role "{self._request["RoleArn"]}" has "s3:ListBucket" permissions on bucket '
            f'"{bucket}".{said}'
        )

    def _upload(self, archive: bytes) -> str:
        output = self._request["OutputDataConfig"]
        uri = f"{output['S3OutputPath'].rstrip('/')}/{self.name}/output/model.tar.gz"
        bucket, key = s3_location(uri)
        encryption = {"ServerSideEncryption": "aws:kms"}
        if output.get("KmsKeyId"):
            encryption["SSEKMSKeyId"] = output["KmsKeyId"]
        try:
            self._client("s3").put_object(Bucket=bucket, Key=key, Body=archive, **encryption)
        except ClientError as error:
            raise trainer.TrainingFailed(
                f"ClientError: Artifact upload failed:Failed to upload model to {uri}. Error message from S3: "
                f"{error.response['Error']['Message']}"
            ) from error
        return uri

    def _write_log(self, host: str, lines: Sequence[str]) -> None:
        stream = f"{self.name}/{host}-{int(self.created.timestamp())}"
        container_log.write(self._credentials, self.region, LOG_GROUP, stream, lines)

    # -- state ---------------------------------------------------------------------------------------------------
    def _check_stop(self) -> None:
        if runtime.current().stopping.is_set():
            raise runtime.Stopped
        if self._stop.is_set():
            raise _StopRequested

    def _enter(self, status: str, secondary: str, message: str) -> None:
        now = datetime.now(UTC)
        with self._changing:
            if self._transitions:
                self._transitions[-1]["EndTime"] = now
            self._transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": message})
            if not (status == "InProgress" and self._stop.is_set()):
                self._state |= {"TrainingJobStatus": status, "SecondaryStatus": secondary}
            self._state["LastModifiedTime"] = now

    def _end(self, status: str, secondary: str, message: str) -> None:
        with self._changing:
            self._state["TrainingEndTime"] = datetime.now(UTC)
            self._enter(status, secondary, message)
            self._transitions[-1]["EndTime"] = self._state["TrainingEndTime"]

    def _fail(self, reason: str) -> None:
        self._state["FailureReason"] = reason
        self._end("Failed", "Failed", reason)


def _named_in(manifest: bytes) -> tuple[str, list[str]]:
    """Bucket and keys that a manifest file names: a prefix, then what is put behind it (SageMaker API reference,
    S3DataSource) [B]."""
    try:
        first, *names = json.loads(manifest)
        bucket, prefix = s3_location(first["prefix"])
        return bucket, [f"{prefix}{name}" for name in names]
    except (ValueError, KeyError, TypeError) as error:
        raise trainer.TrainingFailed(f"ClientError: the manifest file cannot be read: {error}") from error
