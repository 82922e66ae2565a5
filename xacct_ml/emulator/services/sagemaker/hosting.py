"""SageMaker's models and endpoint configurations; a model is read and decrypted as its execution role.

Members: SageMaker API reference [D]. Texts as users report them [C]; that CreateModel looks at the object without
decrypting it is assumed [U]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable
from xacct_ml.emulator.services.s3 import moto_state as s3_state
from xacct_ml.emulator.services.sagemaker import xgboost_image
from xacct_ml.emulator.services.sagemaker.serving import LoadedModel, ModelUnusable
from xacct_ml.emulator.services.sagemaker.training_job import SERVICE, s3_location


def invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


class DeploymentFailed(Exception):
    """The new configuration cannot serve; the message is the endpoint's FailureReason."""


@dataclass
class Model:
    """What CreateModel made. ``request`` is its request."""

    request: Mapping[str, Any]
    arn: str
    region: str
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def name(self) -> str:
        return str(self.request["ModelName"])

    @property
    def container(self) -> Mapping[str, Any]:
        containers = self.request.get("Containers") or [{}]
        found: Mapping[str, Any] = self.request.get("PrimaryContainer") or containers[0]
        return found

    def describe(self) -> dict[str, Any]:
        described = {key: value for key, value in self.request.items() if key != "Tags"}
        return {"EnableNetworkIsolation": False, **described, "ModelArn": self.arn, "CreationTime": self.created}

    def check(self) -> None:
        """What CreateModel checks with the execution role.

        :raises ApiError: ValidationException, the role or the model data cannot be used"""
        role = self.request["ExecutionRoleArn"]
        try:
            s3 = self.credentials().client("s3", self.region)
        except RoleNotAssumable as error:
            raise invalid(str(error)) from error
        url = self.container.get("ModelDataUrl")
        if url is None:
            return
        bucket, key = s3_location(url)
        inaccessible = invalid(
            f'Could not access model data at {url}. Please ensure that the role "{role}" exists and that its trust '
            f'relationship policy allows the action "sts:AssumeRole" for the service principal "{SERVICE}". Also '
            f'ensure that the role has "s3:GetObject" permissions and that the object is located in {self.region}. '
            "If your Model uses multiple models or uncompressed models, please ensure that the role has "
            '"s3:ListBucket" permission.'
        )
        if s3_state.region(bucket) not in (None, self.region):
            raise inaccessible
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            raise inaccessible from error

    def load(self) -> LoadedModel:
        """The model from S3, read and decrypted as the execution role.

        :raises DeploymentFailed: with the endpoint's FailureReason"""
        role, url = self.request["ExecutionRoleArn"], self.container.get("ModelDataUrl")
        try:
            version = xgboost_image.version(self.container.get("Image"), self.region)
        except xgboost_image.NotPullable as error:
            raise DeploymentFailed(
                f"The image '{self.container.get('Image')}' does not exist. Please ensure that it is a SageMaker "
                f"XGBoost image of {self.region}."
            ) from error
        if url is None:
            raise DeploymentFailed(f"Model {self.name} has no ModelDataUrl.")
        bucket, key = s3_location(url)
        try:
            archive = self.credentials().client("s3", self.region).get_object(Bucket=bucket, Key=key)["Body"].read()
        except (ClientError, RoleNotAssumable) as error:
            raise DeploymentFailed(
                f'Failed to download model data for container "container_1" from URL: "{url}". Please ensure that '
                "there is an object located at the URL and that the role passed to CreateModel has permissions to "
                f"download the model. Role: {role}. Error: {reason(error)}"
            ) from error
        try:
            return LoadedModel.from_archive(archive, version)
        except ModelUnusable as error:
            raise DeploymentFailed(
                "The primary container for production variant did not pass the ping health check. Container error: "
                f'"{error}"'
            ) from error

    def credentials(self) -> Credentials:
        """A session of the execution role.

        ``aws:SourceArn`` is literally ``arn:…:sagemaker:<region>:<account>:*`` (developer guide,
        security-confused-deputy-prevention [D]).

        :raises RoleNotAssumable: its trust policy does not let SageMaker in"""
        prefix = self.arn.rsplit(":", 1)[0]
        return service_credentials(
            self.request["ExecutionRoleArn"],
            SERVICE,
            session_name="SageMaker",
            source_arn=f"{prefix}:*",
            source_account=Arn.parse(self.arn).account,
        )


@dataclass
class EndpointConfig:
    """What CreateEndpointConfig made. ``request`` is its request."""

    request: Mapping[str, Any]
    arn: str
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def name(self) -> str:
        return str(self.request["EndpointConfigName"])

    @property
    def variants(self) -> list[Mapping[str, Any]]:
        return list(self.request["ProductionVariants"])

    @property
    def capture(self) -> Mapping[str, Any] | None:
        """``DataCaptureConfig``."""
        return self.request.get("DataCaptureConfig")

    def describe(self) -> dict[str, Any]:
        described = {key: value for key, value in self.request.items() if key != "Tags"}
        return {**described, "EndpointConfigArn": self.arn, "CreationTime": self.created}


def reason(error: Exception) -> str:
    return str(error.response["Error"]["Message"]) if isinstance(error, ClientError) else str(error)
