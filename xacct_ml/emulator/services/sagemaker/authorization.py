"""The IAM requests of SageMaker's calls.

Actions, resources and condition keys: Service Authorization Reference, "Amazon SageMaker AI" [D]; that CreateEndpoint
and UpdateEndpoint are authorized on both the endpoint and its configuration is stated there too. ARNs are lower case,
as SageMaker writes them [U]."""

from collections.abc import Mapping
from typing import Any

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import account_of
from xacct_ml.emulator.core.authorization import pass_role, tag_context
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = ("sagemaker", "sagemaker-runtime")

_PASSED_TO = "sagemaker.amazonaws.com"

_KINDS = {
    "TrainingJob": ("training-job", "TrainingJobName"),
    "TransformJob": ("transform-job", "TransformJobName"),
    "EndpointConfig": ("endpoint-config", "EndpointConfigName"),
    "Endpoint": ("endpoint", "EndpointName"),
    "Model": ("model", "ModelName"),
    "ModelPackageGroup": ("model-package-group", "ModelPackageGroupName"),
}
"""What an operation acts on, by how its name ends: resource type and the parameter that names it."""

_WITHOUT_RESOURCE = {"ListTrainingJobs", "ListTransformJobs", "ListModels", "ListEndpoints", "ListEndpointConfigs"}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """Every IAM request of one call; an operation not known here is asked on ``*``."""
    if call.operation in ("AddTags", "DeleteTags", "ListTags"):
        arn = call.params["ResourceArn"].lower()
        context = tag_context(call.params.get("Tags"))
        if call.operation == "DeleteTags":
            context = {"aws:TagKeys": tuple(call.params["TagKeys"])}
        account = account_of(arn, call.account)
        return (AuthorizationRequest(f"sagemaker:{call.operation}", arn, account, context),)
    if call.operation in _ON_PACKAGES:
        return (_of_package(call),)
    kind = next((kind for suffix, kind in _KINDS.items() if call.operation.endswith(suffix)), None)
    if kind is None or call.operation in _WITHOUT_RESOURCE:
        return (AuthorizationRequest(f"sagemaker:{call.operation}", "*", call.account),)
    resource_type, parameter = kind
    arn = _arn(call, resource_type, call.params[parameter].rpartition("/")[2])
    context = _context(call) if call.operation.startswith(("Create", "Update")) else {}
    found = [AuthorizationRequest(f"sagemaker:{call.operation}", arn, call.account, context)]
    if call.operation in ("CreateEndpoint", "UpdateEndpoint"):
        config = _arn(call, "endpoint-config", call.params["EndpointConfigName"])
        found.append(AuthorizationRequest(f"sagemaker:{call.operation}", config, call.account, context))
    if call.params.get("Tags"):
        found.append(AuthorizationRequest("sagemaker:AddTags", arn, call.account, tag_context(call.params["Tags"])))
    role = call.params.get("RoleArn") or call.params.get("ExecutionRoleArn")
    if role and call.operation.startswith("Create"):
        found.append(pass_role(call, role, _PASSED_TO))
    return tuple(found)


_ON_PACKAGES = {"CreateModelPackage", "DescribeModelPackage", "UpdateModelPackage", "DeleteModelPackage"}


def _of_package(call: ApiCall) -> AuthorizationRequest:
    """A version in its group; of one that is to be made, the number is not known yet (developer guide,
    model-registry-models; that CreateModelPackage asks for ``model-package/<group>/*`` follows from the policies there)
    [D]."""
    params, action = call.params, f"sagemaker:{call.operation}"
    context: dict[str, ContextValue] = {}
    if params.get("ModelApprovalStatus"):
        context["sagemaker:ModelApprovalStatus"] = params["ModelApprovalStatus"]
    for key, value in (params.get("CustomerMetadataProperties") or {}).items():
        context[f"sagemaker:CustomerMetadataProperties/{key}"] = value
    if removed := params.get("CustomerMetadataPropertiesToRemove"):
        context["sagemaker:CustomerMetadataPropertiesToRemove"] = tuple(removed)
    if call.operation == "CreateModelPackage":
        group = (params.get("ModelPackageGroupName") or "").rpartition("/")[2]
        named = f"{group}/*" if group else params.get("ModelPackageName", "*")
    else:
        given = params.get("ModelPackageArn") or params["ModelPackageName"]
        named = given.partition(":model-package/")[2] or given
    return AuthorizationRequest(action, _arn(call, "model-package", named), call.account, context)


def _arn(call: ApiCall, resource_type: str, name: str) -> str:
    return call.arn("sagemaker", f"{resource_type}/{name.lower()}")


def _context(call: ApiCall) -> dict[str, ContextValue]:
    """The condition keys of the operations that make something, as far as they follow from the parameters."""
    params = call.params
    context: dict[str, ContextValue] = dict(tag_context(params.get("Tags")))
    context |= _training_context(params) | _transform_context(call)
    variants = params.get("ProductionVariants", ())
    instance_types = tuple(variant["InstanceType"] for variant in variants if variant.get("InstanceType"))
    if instance_types:
        context["sagemaker:InstanceTypes"] = instance_types
    serverless = next((variant["ServerlessConfig"] for variant in variants if "ServerlessConfig" in variant), None)
    if serverless is not None:
        context["sagemaker:ServerlessMaxConcurrency"] = str(serverless["MaxConcurrency"])
        context["sagemaker:ServerlessMemorySize"] = str(serverless["MemorySizeInMB"])
    if call.operation == "CreateEndpointConfig" and params.get("KmsKeyId"):
        context["sagemaker:VolumeKmsKeyArn"] = params["KmsKeyId"]
    if "EnableNetworkIsolation" in params:
        context["sagemaker:NetworkIsolation"] = str(params["EnableNetworkIsolation"]).lower()
    return context


def _transform_context(call: ApiCall) -> dict[str, ContextValue]:
    if call.operation != "CreateTransformJob":
        return {}
    output, resources = call.params["TransformOutput"], call.params["TransformResources"]
    context: dict[str, ContextValue] = {"sagemaker:ModelArn": _arn(call, "model", call.params["ModelName"])}
    if resources.get("InstanceType"):
        context["sagemaker:InstanceTypes"] = (resources["InstanceType"],)
    if output.get("KmsKeyId"):
        context["sagemaker:OutputKmsKeyArn"] = output["KmsKeyId"]
    if resources.get("VolumeKmsKeyId"):
        context["sagemaker:VolumeKmsKeyArn"] = resources["VolumeKmsKeyId"]
    return context


def _training_context(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    if params.get("OutputDataConfig", {}).get("KmsKeyId"):
        context["sagemaker:OutputKmsKeyArn"] = params["OutputDataConfig"]["KmsKeyId"]
    resources = params.get("ResourceConfig", {})
    if resources.get("InstanceType"):
        context["sagemaker:InstanceTypes"] = (resources["InstanceType"],)
    if resources.get("VolumeKmsKeyId"):
        context["sagemaker:VolumeKmsKeyArn"] = resources["VolumeKmsKeyId"]
    if params.get("StoppingCondition", {}).get("MaxRuntimeInSeconds") is not None:
        context["sagemaker:MaxRuntimeInSeconds"] = str(params["StoppingCondition"]["MaxRuntimeInSeconds"])
    for name in ("VpcConfig",):
        if params.get(name):
            context["sagemaker:VpcSubnets"] = tuple(params[name]["Subnets"])
            context["sagemaker:VpcSecurityGroupIds"] = tuple(params[name]["SecurityGroupIds"])
    if "EnableRemoteDebug" in params.get("RemoteDebugConfig", {}):
        context["sagemaker:EnableRemoteDebug"] = str(params["RemoteDebugConfig"]["EnableRemoteDebug"]).lower()
    if "EnableInterContainerTrafficEncryption" in params:
        encrypted = params["EnableInterContainerTrafficEncryption"]
        context["sagemaker:InterContainerTrafficEncryption"] = str(encrypted).lower()
    return context
