"""SageMaker's batch transform operations as functions of a backend, its parameters and the caller.

Errors and members: SageMaker API reference [D]; the texts are those of training jobs and models with the other name
[U]. There is no operation that deletes a transform job."""

from collections.abc import Mapping
from typing import Any

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Params
from xacct_ml.emulator.services.sagemaker.hosting import invalid
from xacct_ml.emulator.services.sagemaker.transform_job import TransformJob
from xacct_ml.emulator.services.sagemaker.workloads import Workloads, existing, keep_tags, listed, model_of

_LARGEST_PAYLOAD_MB = 100


def create_transform_job(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    name, arn = params["TransformJobName"], backend.resource_arn("transform-job", params["TransformJobName"])
    if name in backend.transform_jobs:
        raise ApiError(
            "ResourceInUse",
            "Transform job names must be unique within an AWS account and region, and a transform job with this name "
            f"already exists ({arn})",
        )
    if params.get("DataProcessing"):
        raise invalid("DataProcessing is not supported in the embedded AWS.")
    at_once = int(params.get("MaxConcurrentTransforms", 1) or 1) * int(params.get("MaxPayloadInMB", 0))
    if at_once > _LARGEST_PAYLOAD_MB:
        raise invalid("MaxConcurrentTransforms * MaxPayloadInMB cannot exceed 100 MB.")
    job = TransformJob(params, arn, backend.region_name, model_of(backend, params["ModelName"]))
    backend.transform_jobs[name] = job
    keep_tags(backend, arn, params)
    runtime.current().spawn(f"transform job {name}", job.run)
    return {"TransformJobArn": arn}


def _transform_job(backend: Workloads, params: Params) -> TransformJob:
    return existing(
        backend.transform_jobs, params["TransformJobName"], lambda: invalid("Requested resource not found.")
    )


def describe_transform_job(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    return _transform_job(backend, params).describe()


def stop_transform_job(backend: Workloads, params: Params, _: Caller) -> None:
    job = _transform_job(backend, params)
    if not job.stop():
        raise invalid(
            f"The request was rejected because the transform job is in status {job.status}. Transform job must be in "
            "InProgress status to be stopped."
        )


def list_transform_jobs(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    jobs = list(backend.transform_jobs.values())
    found, token = listed(params, [(job.name, job.status, job.summary()) for job in jobs])
    return {"TransformJobSummaries": found, "NextToken": token}


OPERATIONS = (create_transform_job, describe_transform_job, stop_transform_job, list_transform_jobs)
