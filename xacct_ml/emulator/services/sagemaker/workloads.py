"""SageMaker's training and hosting operations as functions of a backend, its parameters and the caller.

Actions, errors and members: SageMaker API reference [D]. Existence errors of the hosting calls are ValidationExceptions
that begin with "Could not find" or "Cannot create already existing" [C]."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Params, page
from xacct_ml.emulator.services.sagemaker.endpoint import Endpoint, after
from xacct_ml.emulator.services.sagemaker.hosting import EndpointConfig, Model, invalid
from xacct_ml.emulator.services.sagemaker.training_job import TrainingJob
from xacct_ml.emulator.services.sagemaker.transform_job import TransformJob

_JOBS_PAGE = 100


class Workloads(Protocol):
    """What the backend of one account and region keeps. Keys of ``endpoints`` and groups are lower-case."""

    region_name: str
    training_jobs: dict[str, TrainingJob]
    transform_jobs: dict[str, TransformJob]
    models: dict[str, Model]
    endpoint_configs: dict[str, EndpointConfig]
    endpoints: dict[str, Endpoint]
    model_package_groups: dict[str, Any]
    tags: dict[str, dict[str, str]]

    def scaled_variant(self, endpoint: Endpoint, variant: Mapping[str, Any]) -> bool:
        """Whether Application Auto Scaling decides how many instances it has."""

    def forget_scaling(self, endpoint: Endpoint) -> None:
        """What SageMaker does with the scalable targets of an endpoint that is deleted."""

    def resource_arn(self, kind: str, name: str) -> str:
        """The ARN of a resource; SageMaker writes it in lower case."""


Kept = TypeVar("Kept")


def existing(kept: Mapping[str, Kept], name: str, refusal: Callable[[], ApiError]) -> Kept:
    if name not in kept:
        raise refusal()
    return kept[name]


def keep_tags(backend: Workloads, arn: str, params: Params) -> None:
    backend.tags[arn] = {tag["Key"]: tag["Value"] for tag in params.get("Tags", ())}


def listed(
    params: Params, found: Iterable[tuple[str, str, Mapping[str, Any]]]
) -> tuple[list[Mapping[str, Any]], str | None]:
    """One page of (name, status, summary), newest first, that match NameContains and StatusEquals."""
    wanted, status = params.get("NameContains", ""), params.get("StatusEquals")
    matching = [
        summary
        for name, state, summary in found
        if wanted.lower() in name.lower() and (status is None or status == state)
    ]
    matching.sort(key=lambda summary: summary["CreationTime"], reverse=params.get("SortOrder") != "Ascending")
    return page(matching, params.get("NextToken"), params.get("MaxResults", _JOBS_PAGE))


_ONE_DAY = 24 * 3600
"""MaxRuntimeInSeconds where it is not given (StoppingCondition) [D]."""


# -- training --------------------------------------------------------------------------------------------------------
def create_training_job(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    name, arn = params["TrainingJobName"], backend.resource_arn("training-job", params["TrainingJobName"])
    if name in backend.training_jobs:
        raise ApiError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists ({arn})",
        )
    _check_wait(params)
    job = TrainingJob(params, arn, backend.region_name)
    backend.training_jobs[name] = job
    keep_tags(backend, arn, params)
    runtime.current().spawn(f"training job {name}", job.run)
    return {"TrainingJobArn": arn}


def _check_wait(params: Params) -> None:
    """The first sentence is one that users show (Kenza-AI/sagify #111) [C]; that the wait has the run in it is said in
    the API reference, StoppingCondition [D], in which words is assumed [U]."""
    condition = params["StoppingCondition"]
    wait = condition.get("MaxWaitTimeInSeconds")
    if not params.get("EnableManagedSpotTraining"):
        if wait is not None:
            said = "It is only supported when EnableManagedSpotTraining is set to true"
            raise invalid(f"Invalid MaxWaitTimeInSeconds. {said}")
    elif wait is None or wait < condition.get("MaxRuntimeInSeconds", _ONE_DAY):
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )


def _training_job(backend: Workloads, params: Params) -> TrainingJob:
    return existing(backend.training_jobs, params["TrainingJobName"], lambda: invalid("Requested resource not found."))


def describe_training_job(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    return _training_job(backend, params).describe()


def stop_training_job(backend: Workloads, params: Params, _: Caller) -> None:
    job = _training_job(backend, params)
    if not job.stop():
        raise invalid(
            "The request was rejected because the training job is in status "
            f"{job.status}. Training job must be in InProgress status to be stopped."
        )


def delete_training_job(backend: Workloads, params: Params, _: Caller) -> None:
    job = _training_job(backend, params)
    if not job.over:
        raise ApiError("ResourceInUse", f"Training job {job.name} is in status {job.status} and cannot be deleted.")
    del backend.training_jobs[job.name]
    backend.tags.pop(job.arn, None)


def list_training_jobs(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    jobs = list(backend.training_jobs.values())
    found, token = listed(params, [(job.name, job.status, job.summary()) for job in jobs])
    return {"TrainingJobSummaries": found, "NextToken": token}


# -- models and endpoint configurations --------------------------------------------------------------------------------
def create_model(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    name, arn = params["ModelName"], backend.resource_arn("model", params["ModelName"])
    if name in backend.models:
        raise invalid(f'Cannot create already existing model "{arn}".')
    if not params.get("ExecutionRoleArn"):
        raise invalid("ExecutionRoleArn is required here.")
    model = Model(params, arn, backend.region_name)
    model.check()
    backend.models[name] = model
    keep_tags(backend, arn, params)
    return {"ModelArn": arn}


def model_of(backend: Workloads, name: str) -> Model:
    return existing(
        backend.models, name, lambda: invalid(f'Could not find model "{backend.resource_arn("model", name)}".')
    )


def describe_model(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    return model_of(backend, params["ModelName"]).describe()


def delete_model(backend: Workloads, params: Params, _: Caller) -> None:
    model = model_of(backend, params["ModelName"])
    del backend.models[model.name]
    backend.tags.pop(model.arn, None)


def list_models(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    models = list(backend.models.values())
    found, token = listed(
        params, [(m.name, "", {"ModelName": m.name, "ModelArn": m.arn, "CreationTime": m.created}) for m in models]
    )
    return {"Models": found, "NextToken": token}


def create_endpoint_config(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    name = params["EndpointConfigName"]
    arn = backend.resource_arn("endpoint-config", name)
    if name in backend.endpoint_configs:
        raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
    for variant in params["ProductionVariants"]:
        model = model_of(backend, variant.get("ModelName", ""))
        if "ServerlessConfig" in variant and model.request.get("EnableNetworkIsolation"):
            # Refused by documentation ("Feature exclusions"); where and in which words is assumed [U].
            raise invalid(f'Network isolation is not supported for serverless endpoints. Model: "{model.name}".')
        if "ServerlessConfig" in variant and params.get("DataCaptureConfig"):
            # Excluded by the same page; in which words is assumed [U].
            raise invalid("Data capture is not supported for serverless endpoints.")
        if ("InstanceType" in variant) == ("ServerlessConfig" in variant):
            raise invalid(f"Variant {variant['VariantName']} needs either an InstanceType or a ServerlessConfig.")
    backend.endpoint_configs[name] = EndpointConfig(params, arn)
    keep_tags(backend, arn, params)
    return {"EndpointConfigArn": arn}


def _endpoint_config(backend: Workloads, name: str) -> EndpointConfig:
    arn = backend.resource_arn("endpoint-config", name)
    return existing(backend.endpoint_configs, name, lambda: invalid(f'Could not find endpoint configuration "{arn}".'))


def describe_endpoint_config(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    return _endpoint_config(backend, params["EndpointConfigName"]).describe()


def delete_endpoint_config(backend: Workloads, params: Params, _: Caller) -> None:
    config = _endpoint_config(backend, params["EndpointConfigName"])
    del backend.endpoint_configs[config.name]
    backend.tags.pop(config.arn, None)


def list_endpoint_configs(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    found, token = listed(
        params,
        [
            (c.name, "", {"EndpointConfigName": c.name, "EndpointConfigArn": c.arn, "CreationTime": c.created})
            for c in list(backend.endpoint_configs.values())
        ],
    )
    return {"EndpointConfigs": found, "NextToken": token}


# -- endpoints ---------------------------------------------------------------------------------------------------------
def create_endpoint(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    name = params["EndpointName"]
    arn = backend.resource_arn("endpoint", name)
    if name.lower() in backend.endpoints:
        raise invalid(f'Cannot create already existing endpoint "{arn}".')
    config = _endpoint_config(backend, params["EndpointConfigName"])
    endpoint = Endpoint(name, arn, backend.region_name)
    endpoint.begin(config, params.get("DeploymentConfig"))
    backend.endpoints[name.lower()] = endpoint
    keep_tags(backend, arn, params)
    _deploy(backend, endpoint)
    return {"EndpointArn": arn}


def update_endpoint(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    endpoint = _endpoint(backend, params)
    config = _endpoint_config(backend, params["EndpointConfigName"])
    served = endpoint.served.config.variants if endpoint.served is not None else []
    if any("ServerlessConfig" not in variant for variant in served) and any(
        "ServerlessConfig" in variant for variant in config.variants
    ):
        # A ValidationException (developer guide, serverless-endpoints) [D]; its words are assumed [U].
        raise invalid(f'Cannot convert instance-based endpoint "{endpoint.arn}" to a serverless endpoint.')
    if any(_of_another_type(served, config.variants) for served in served if backend.scaled_variant(endpoint, served)):
        # Refused (developer guide, endpoint-scaling-update) [D]; in which words is assumed [U].
        raise invalid(f'The variant(s) of endpoint "{endpoint.arn}" must be deregistered as scalable targets first.')
    retained = bool(params.get("RetainAllVariantProperties"))
    endpoint.begin(config, params.get("DeploymentConfig"), retained=retained)
    _deploy(backend, endpoint)
    return {"EndpointArn": endpoint.arn}


def _of_another_type(served: Mapping[str, Any], wanted: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a variant is gone, or on other instances."""
    same = (variant for variant in wanted if variant["VariantName"] == served["VariantName"])
    return all(variant.get("InstanceType") != served.get("InstanceType") for variant in same)


def update_endpoint_weights_and_capacities(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    endpoint = _endpoint(backend, params)
    for wanted in params["DesiredWeightsAndCapacities"]:
        if "DesiredInstanceCount" in wanted:
            endpoint.scale(wanted["VariantName"], wanted["DesiredInstanceCount"])
    return {"EndpointArn": endpoint.arn}


def _deploy(backend: Workloads, endpoint: Endpoint) -> None:
    running = runtime.current()
    work = after(running.pace.endpoint_transition, lambda: endpoint.deploy(backend.models))
    running.spawn(f"endpoint {endpoint.name}", work)


def _endpoint(backend: Workloads, params: Params) -> Endpoint:
    arn = backend.resource_arn("endpoint", params["EndpointName"])
    return existing(
        backend.endpoints, params["EndpointName"].lower(), lambda: invalid(f'Could not find endpoint "{arn}".')
    )


def describe_endpoint(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    return _endpoint(backend, params).describe()


def delete_endpoint(backend: Workloads, params: Params, _: Caller) -> None:
    endpoint = _endpoint(backend, params)
    endpoint.begin_delete()

    def forget() -> None:
        backend.forget_scaling(endpoint)
        backend.endpoints.pop(endpoint.name.lower(), None)
        backend.tags.pop(endpoint.arn, None)

    running = runtime.current()
    running.spawn(f"endpoint {endpoint.name}", after(running.pace.endpoint_transition, forget))


def list_endpoints(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    endpoints = list(backend.endpoints.values())
    found, token = listed(params, [(each.name, each.status, each.summary()) for each in endpoints])
    return {"Endpoints": found, "NextToken": token}


OPERATIONS = (
    create_training_job,
    describe_training_job,
    stop_training_job,
    delete_training_job,
    list_training_jobs,
    create_model,
    describe_model,
    delete_model,
    list_models,
    create_endpoint_config,
    describe_endpoint_config,
    delete_endpoint_config,
    list_endpoint_configs,
    create_endpoint,
    update_endpoint,
    update_endpoint_weights_and_capacities,
    describe_endpoint,
    delete_endpoint,
    list_endpoints,
)
