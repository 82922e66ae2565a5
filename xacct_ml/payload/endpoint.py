"""The SageMaker endpoint of this production account, its models and its configurations: what they are called, and the
calls that read, make and change them.
"""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from .approved import Approved
from .autoscale import Scaling
from .job import JobFailed, log
from .model_store import judged_key

VARIANT_NAME = "AllTraffic"

State = dict[str, Any]

CHANGING = {"Creating", "Updating", "SystemUpdating", "RollingBack"}


class Endpoint:
    """``sagemaker`` is a client of the production account, in the endpoint's region."""

    def __init__(self, environment: Mapping[str, str], sagemaker: Any, scaling: Scaling | None = None) -> None:
        self.sagemaker = sagemaker
        self.scaling = scaling
        self.name = environment["ENDPOINT_NAME"]
        self.prefix = environment["NAME_PREFIX"]
        self.model_location = environment["MODEL_LOCATION"]
        self.image = environment["IMAGE"]
        self.role_arn = environment["ENDPOINT_ROLE_ARN"]
        self.variant = json.loads(environment["VARIANT"])
        self.serverless = "ServerlessConfig" in self.variant
        self.capture = json.loads(environment.get("CAPTURE") or "null")
        """The endpoint configuration's ``DataCaptureConfig``; None where nothing is captured."""
        self.alarms = json.loads(environment["ALARMS"])
        self.tags = [{"Key": key, "Value": value} for key, value in json.loads(environment["TAGS"]).items()]

    def beside(self, name: str) -> "Endpoint":
        """Another endpoint of the same account, with the same models."""
        other = copy.copy(self)
        other.name = name
        return other

    # -- names: immutable resources are named for what they hold ----------------------
    def model_name(self, approved: Approved) -> str:
        network = ("network",) if self.serverless else ()
        return f"{self.prefix}-{digest(approved.model, self.image, self.role_arn, *network)}"

    def config_name(self, approved: Approved) -> str:
        settings = [self.variant, *([self.capture] if self.capture else [])]
        return (
            f"{self.prefix}-{digest(self.model_name(approved), *(json.dumps(one, sort_keys=True) for one in settings))}"
        )

    # -- SageMaker ----------------------------------------------------------------------------------
    def refuse_conversion(self, state: State | None) -> None:
        """An endpoint on instances cannot be made serverless (SageMaker Developer Guide, serverless-endpoints)."""
        variants = (state or {}).get("ProductionVariants") or []
        if self.serverless and any("CurrentServerlessConfig" not in variant for variant in variants):
            raise JobFailed(
                f"endpoint {self.name} runs on instances, and SageMaker makes no serverless endpoint of it: give "
                "endpoint.name in the map another name, or delete the endpoint and retry the stage",
                "ConfigurationError",
            )

    def describe(self) -> State | None:
        try:
            state: State = self.sagemaker.describe_endpoint(EndpointName=self.name)
        except ClientError as error:
            if is_validation(error, "could not find"):
                return None
            raise
        return state

    def ensure_model(self, approved: Approved) -> None:
        name = self.model_name(approved)
        container = {"Image": self.image, "ModelDataUrl": judged_key(self.model_location, approved.model)}
        # Serverless Inference has no network isolation (SageMaker Developer Guide, serverless-endpoints, "Feature
        # exclusions"): a serverless endpoint with such a model is refused.
        isolated = not self.serverless
        try:
            self.sagemaker.create_model(
                ModelName=name,
                PrimaryContainer=container,
                ExecutionRoleArn=self.role_arn,
                EnableNetworkIsolation=isolated,
                Tags=self.tags,
            )
        except ClientError as error:
            if not is_validation(error, "already exist"):
                raise
            model = self.sagemaker.describe_model(ModelName=name)
            found = {key: model["PrimaryContainer"].get(key) for key in container}
            if found != container or model.get("EnableNetworkIsolation", False) != isolated:
                raise JobFailed(f"model {name} exists with {found}, wanted {container}") from error

    def ensure_config(self, approved: Approved, name: str) -> None:
        captured = {"DataCaptureConfig": self.capture} if self.capture else {}
        self.make_config(name, self.model_name(approved), self.variant, captured)

    def make_config(
        self, name: str, model: str, variant: Mapping[str, Any], more: Mapping[str, Any] | None = None
    ) -> None:
        """Of one variant. Raises :class:`JobFailed` where another configuration has the name."""
        wanted = {"ProductionVariants": [{"VariantName": VARIANT_NAME, "ModelName": model, **variant}], **(more or {})}
        try:
            self.sagemaker.create_endpoint_config(EndpointConfigName=name, Tags=self.tags, **wanted)
        except ClientError as error:
            if not is_validation(error, "already exist"):
                raise
            found = self.sagemaker.describe_endpoint_config(EndpointConfigName=name)
            if not holds(found, wanted):
                raise JobFailed(f"endpoint configuration {name} exists with other settings") from error
        # The endpoint may not see a configuration that was not read yet (CreateEndpoint, API reference).
        self.sagemaker.describe_endpoint_config(EndpointConfigName=name)

    def create(self, config: str) -> None:
        log.info("creating endpoint %s with %s", self.name, config)
        self.sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=config, Tags=self.tags)

    def delete(self) -> None:
        with suppressed("could not find"):
            self.sagemaker.delete_endpoint(EndpointName=self.name)

    def forget_config(self, name: str) -> None:
        """Deletes a configuration that no endpoint has, or only one that is being deleted."""
        with suppressed("could not find"):
            self.sagemaker.delete_endpoint_config(EndpointConfigName=name)

    def update(self, config: str, guardrails: Mapping[str, Any]) -> None:
        log.info("updating endpoint %s to %s", self.name, config)
        self.sagemaker.update_endpoint(
            EndpointName=self.name, EndpointConfigName=config, **guardrails, **self._as_many()
        )

    def _as_many(self) -> dict[str, bool]:
        """What an update says so that as many instances run afterwards, where their number follows the requests."""
        if self.scaling is None:
            return {}
        try:
            serves = self.sagemaker.describe_endpoint(EndpointName=self.name)["EndpointConfigName"]
            variants = self.sagemaker.describe_endpoint_config(EndpointConfigName=serves)["ProductionVariants"]
        except ClientError as error:
            if not is_validation(error, "could not find"):
                raise
            variants = []
        if [variant.get("InstanceType") for variant in variants] == [self.variant["InstanceType"]]:
            return {"RetainAllVariantProperties": True}
        self.scaling.release()
        return {}

    def scaled(self) -> bool:
        """Whether the number of instances follows the requests, where the map says so; begins it."""
        return self.scaling is None or self.scaling.ensure()


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def holds(found: Any, wanted: Any) -> bool:
    """Whether it is what is wanted, perhaps with more that the service has put in."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(holds(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(holds, found, wanted))
    return bool(found == wanted)


@contextmanager
def suppressed(words: str) -> Iterator[None]:
    """Passes over a ValidationException that says this."""
    try:
        yield
    except ClientError as error:
        if not is_validation(error, words):
            raise


def is_validation(error: ClientError, words: str) -> bool:
    details = error.response["Error"]
    return details["Code"] == "ValidationException" and words in details["Message"].lower()
