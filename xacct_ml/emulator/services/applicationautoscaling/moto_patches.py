"""Application Auto Scaling in place of moto's, which knows no endpoints.

Operations, members and errors: API reference [D]. Nothing scales by itself here: an endpoint is brought into its bounds
when they are registered, and its alarms are there, without data."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import moto.applicationautoscaling.urls as moto_urls
from moto.cloudwatch.models import cloudwatch_backends

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Operations, Params, serve
from xacct_ml.emulator.services.sagemaker.moto_patches import SageMakerBackend, backend_for
from xacct_ml.emulator.services.sagemaker.scaling import Policy, Target

_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_SERVICE_ROLE = (
    "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


def register_scalable_target(backend: SageMakerBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    resource = _checked(params)
    endpoint, variant = _variant(backend, params)
    known = backend.scaling.targets.get(resource)
    low, high = (params.get(name) for name in ("MinCapacity", "MaxCapacity"))
    if known is None and (low is None or high is None):
        raise ApiError("ValidationException", "MinCapacity and MaxCapacity are required to register a scalable target.")
    low, high = low if low is not None else known.low, high if high is not None else known.high  # type: ignore[union-attr]
    if low > high:
        raise ApiError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
    if known is None:
        arn = _arn(backend, "application-autoscaling", f"scalable-target/{uuid.uuid4().hex}")
        known = backend.scaling.targets[resource] = Target(resource, arn, low, high)
    known.low, known.high = low, high
    if endpoint.status == "InService":
        count = variant["DesiredInstanceCount"]
        endpoint.scale(variant["VariantName"], min(max(count, low), high))
    return {"ScalableTargetARN": known.arn}


def deregister_scalable_target(backend: SageMakerBackend, params: Params, _: Caller) -> None:
    for policy in _target(backend, params).policies.values():
        _forget_alarms(backend, policy)
    del backend.scaling.targets[params["ResourceId"]]


def describe_scalable_targets(backend: SageMakerBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    wanted = params.get("ResourceIds")
    found = [
        {
            "ServiceNamespace": "sagemaker",
            "ResourceId": target.resource,
            "ScalableDimension": _DIMENSION,
            "MinCapacity": target.low,
            "MaxCapacity": target.high,
            "RoleARN": f"arn:{backend.partition}:iam::{backend.account_id}:{_SERVICE_ROLE}",
            "CreationTime": target.created,
            "ScalableTargetARN": target.arn,
        }
        for target in _of_namespace(backend, params)
        if wanted is None or target.resource in wanted
    ]
    return {"ScalableTargets": found}


def put_scaling_policy(backend: SageMakerBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    target, name = _target(backend, params), params["PolicyName"]
    known = target.policies.get(name)
    arn = (
        known.arn
        if known
        else _arn(
            backend,
            "autoscaling",
            f"scalingPolicy:{uuid.uuid4()}:resource/sagemaker/{target.resource}:policyName/{name}",
        )
    )
    alarms = known.alarms if known else tuple(_alarm(backend, target.resource, arn, kind) for kind in ("High", "Low"))
    target.policies[name] = Policy(params, arn, alarms)
    named = [{"AlarmName": alarm, "AlarmARN": _arn(backend, "cloudwatch", f"alarm:{alarm}")} for alarm in alarms]
    return {"PolicyARN": arn, "Alarms": named}


def describe_scaling_policies(backend: SageMakerBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    wanted, resource = params.get("PolicyNames"), params.get("ResourceId")
    found = [
        {
            **{key: value for key, value in policy.request.items() if key != "PolicyName"},
            "PolicyName": name,
            "PolicyARN": policy.arn,
            "CreationTime": policy.created,
            "Alarms": [
                {"AlarmName": alarm, "AlarmARN": _arn(backend, "cloudwatch", f"alarm:{alarm}")}
                for alarm in policy.alarms
            ],
        }
        for target in _of_namespace(backend, params)
        if resource is None or target.resource == resource
        for name, policy in target.policies.items()
        if not wanted or name in wanted
    ]
    return {"ScalingPolicies": found}


def delete_scaling_policy(backend: SageMakerBackend, params: Params, _: Caller) -> None:
    target, name = _target(backend, params), params["PolicyName"]
    if name not in target.policies:
        raise ApiError("ObjectNotFoundException", f"No scaling policy found for {_words(params)}, policy name: {name}")
    _forget_alarms(backend, target.policies.pop(name))


def _words(params: Params) -> str:
    return (
        f"service namespace: {params['ServiceNamespace']}, resource ID: {params['ResourceId']}, "
        f"scalable dimension: {params['ScalableDimension']}"
    )


def _checked(params: Params) -> str:
    """The resource id. Nothing but instance counts of variants is known here."""
    if (params["ServiceNamespace"], params["ScalableDimension"]) != ("sagemaker", _DIMENSION):
        raise ApiError("ValidationException", "Unsupported service namespace, resource type or scalable dimension")
    return str(params["ResourceId"])


def _variant(backend: SageMakerBackend, params: Params) -> tuple[Any, Mapping[str, Any]]:
    """The endpoint and its variant, as it is described."""
    kind, name, _, variant = (*str(params["ResourceId"]).split("/"), "", "", "", "")[:4]
    endpoint = backend.endpoints.get(name.lower()) if kind == "endpoint" else None
    described = (endpoint.describe()["ProductionVariants"] or ()) if endpoint else ()
    for each in described:
        if each["VariantName"] == variant and "DesiredInstanceCount" in each:
            return endpoint, each
    raise ApiError("ValidationException", f"No scalable resource found for {_words(params)}")


def _target(backend: SageMakerBackend, params: Params) -> Target:
    _checked(params)
    found = backend.scaling.targets.get(params["ResourceId"])
    if found is None:
        raise ApiError("ObjectNotFoundException", f"No scalable target found for {_words(params)}")
    return found


def _of_namespace(backend: SageMakerBackend, params: Params) -> list[Target]:
    ours = params["ServiceNamespace"] == "sagemaker" and params.get("ScalableDimension") in (None, _DIMENSION)
    return list(backend.scaling.targets.values()) if ours else []


def _arn(backend: SageMakerBackend, service: str, rest: str) -> str:
    return f"arn:{backend.partition}:{service}:{backend.region_name}:{backend.account_id}:{rest}"


def _alarm(backend: SageMakerBackend, resource: str, policy: str, kind: str) -> str:
    """Its name (Application Auto Scaling User Guide, application-auto-scaling-target-tracking) [D]."""
    name = f"TargetTracking-{resource}-Alarm{kind}-{uuid.uuid4()}"
    _, endpoint, _, variant = resource.split("/")
    cloudwatch_backends[backend.account_id][backend.region_name].put_metric_alarm(
        name=name,
        namespace="AWS/SageMaker",
        metric_name="InvocationsPerInstance",
        metric_data_queries=[],
        comparison_operator="GreaterThanThreshold" if kind == "High" else "LessThanThreshold",
        evaluation_periods=3 if kind == "High" else 15,
        period=60,
        threshold=0.0,
        statistic="Sum",
        description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy}.",
        dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}],
        alarm_actions=[policy],
    )
    return name


def _forget_alarms(backend: SageMakerBackend, policy: Policy) -> None:
    cloudwatch_backends[backend.account_id][backend.region_name].delete_alarms(list(policy.alarms))


OPERATIONS: tuple[Callable[[Any, Params, Caller], Mapping[str, Any] | None], ...] = (
    register_scalable_target,
    deregister_scalable_target,
    describe_scalable_targets,
    put_scaling_policy,
    describe_scaling_policies,
    delete_scaling_policy,
)


@serve(*OPERATIONS)
class ApplicationAutoScalingResponse(Operations):
    def __init__(self) -> None:
        super().__init__("application-autoscaling")

    @property
    def backend(self) -> SageMakerBackend:
        return backend_for(self.current_account, self.region)


def install() -> None:
    """Put these operations in the place of moto's."""
    for path in moto_urls.url_paths:
        moto_urls.url_paths[path] = ApplicationAutoScalingResponse.dispatch
