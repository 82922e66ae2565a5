"""SageMaker in place of moto's: training jobs train and endpoints predict, which moto's do not.

Only what :mod:`xacct_ml.emulator.services.sagemaker.workloads` has is served; moto's canned answers to the rest of
SageMaker's API would pass for results, so they are taken away."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import moto.sagemaker.models as moto_models
import moto.sagemaker.urls as moto_urls
import moto.sagemakerruntime.urls as runtime_urls
from moto.core.base_backend import BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import BaseResponse

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Operations, operation
from xacct_ml.emulator.services.sagemaker import model_packages, resource_tags, transforms
from xacct_ml.emulator.services.sagemaker.data_capture import Payload
from xacct_ml.emulator.services.sagemaker.endpoint import Endpoint
from xacct_ml.emulator.services.sagemaker.hosting import EndpointConfig, Model
from xacct_ml.emulator.services.sagemaker.model_packages import ModelPackageGroup
from xacct_ml.emulator.services.sagemaker.scaling import Scaling
from xacct_ml.emulator.services.sagemaker.serving import BadInput
from xacct_ml.emulator.services.sagemaker.training_job import TrainingJob
from xacct_ml.emulator.services.sagemaker.transform_job import TransformJob
from xacct_ml.emulator.services.sagemaker.workloads import OPERATIONS


class SageMakerBackend(BaseBackend):
    """The jobs, models and endpoints of one account and region; see :class:`sagemaker_workloads.Workloads`."""

    __module__ = moto_models.__name__  # moto derives the service's urls from it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.training_jobs: dict[str, TrainingJob] = {}
        self.transform_jobs: dict[str, TransformJob] = {}
        self.models: dict[str, Model] = {}
        self.endpoint_configs: dict[str, EndpointConfig] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.model_package_groups: dict[str, ModelPackageGroup] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.scaling = Scaling()

    def scaled_variant(self, endpoint: Endpoint, variant: Mapping[str, Any]) -> bool:
        return self.scaling.resource(endpoint.name, variant["VariantName"]) in self.scaling.targets

    def forget_scaling(self, endpoint: Endpoint) -> None:
        self.scaling.forget(endpoint.name)

    def resource_arn(self, kind: str, name: str) -> str:
        return f"arn:{self.partition}:sagemaker:{self.region_name}:{self.account_id}:{kind}/{name.lower()}"


def backend_for(account: str, region: str) -> SageMakerBackend:
    backend: SageMakerBackend = moto_models.sagemaker_backends[account][region]
    return backend


class SageMakerResponse(Operations):
    def __init__(self) -> None:
        super().__init__("sagemaker")

    @property
    def backend(self) -> SageMakerBackend:
        return backend_for(self.current_account, self.region)

    locals().update(
        {
            handle.__name__: operation(handle)
            for handle in (*OPERATIONS, *transforms.OPERATIONS, *model_packages.OPERATIONS, *resource_tags.OPERATIONS)
        }
    )


class SageMakerRuntimeResponse(BaseResponse):
    """InvokeEndpoint: the endpoint's loaded model answers."""

    def __init__(self) -> None:
        super().__init__(service_name="sagemaker-runtime")
        self.automated_parameter_parsing = True

    def invoke_endpoint(self) -> Any:
        name = self._get_param("EndpointName")
        endpoints = backend_for(self.current_account, self.region).endpoints
        if name.lower() not in endpoints:
            raise JsonRESTError("ValidationError", f"Endpoint {name} of account {self.current_account} not found.")
        try:
            endpoint = endpoints[name.lower()]
            variant, model, fault = endpoint.choose(self._get_param("TargetVariant"))
            asked = Payload(
                self._get_param("ContentType") or "application/octet-stream", self._get_param("Body") or b""
            )
            body, content_type = model.predict(asked.body, asked.content_type, self._get_param("Accept") or "text/csv")
        except ApiError as error:
            raise JsonRESTError(error.code, error.message) from error
        except BadInput as error:
            endpoint.answered(variant, error.status, len(str(error)))
            return self._model_error(name, error.status, str(error))
        if fault.status != HTTPStatus.OK:
            endpoint.answered(variant, fault.status, 0, fault.latency_ms)
            return self._model_error(name, HTTPStatus(fault.status), "the container fails")
        body = _otherwise(body, fault.added)
        endpoint.answered(variant, HTTPStatus.OK, len(body), fault.latency_ms)
        endpoint.captured(variant, asked, Payload(content_type, body), self._get_param("InferenceId"))
        return 200, {"Content-Type": content_type, "x-Amzn-Invoked-Production-Variant": variant}, body

    def _model_error(self, endpoint: str, status: int, message: str) -> Any:
        """The container's refusal as the service passes it on: ModelError, HTTP 424 [B]."""
        group = f"/aws/sagemaker/Endpoints/{endpoint}"
        stream = f"arn:{self.partition}:logs:{self.region}:{self.current_account}:log-group:{group}"
        answer = {
            "Message": f'Received client error ({int(status)}) from primary with message "{message}". '
            f"See the log group {group} in account {self.current_account} for more information.",
            "OriginalStatusCode": int(status),
            "OriginalMessage": message,
            "LogStreamArn": stream,
        }
        headers = {"status": "424", "x-amzn-errortype": "ModelError", "Content-Type": "application/json"}
        return 424, headers, json.dumps(answer)


def _otherwise(answer: bytes, added: float) -> bytes:
    """An answer of one number a line, with something added to each."""
    if not added:
        return answer
    return b"".join(f"{float(line) + added}\n".encode() for line in answer.splitlines())


def install() -> None:
    """Put these operations in the place of moto's."""
    moto_models.sagemaker_backends.backend = SageMakerBackend
    moto_urls.url_paths["{0}/$"] = SageMakerResponse.dispatch
    for path in runtime_urls.url_paths:
        runtime_urls.url_paths[path] = SageMakerRuntimeResponse.dispatch
