"""The Lambda action of a production target: the invocation, the endpoint, the report back to the pipeline."""

from collections.abc import Iterator

from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests import lambda_function
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import (
    CODEPIPELINE_CROSS_ACCOUNT,
    S3_ENCRYPTION,
    SAGEMAKER_DEPUTY,
    SAGEMAKER_ROLES,
    Evidence,
    Row,
)
from xacct_ml.proof.requests.sagemaker import container
from xacct_ml.proof.requests.samples import DATASET, job_name

ROLLBACK = "SageMaker Developer Guide, deployment-guardrails-configuration"
SAGEMAKER_API = "Service Authorization Reference, Amazon SageMaker"

_ENDPOINT_CALLS = (
    "DescribeEndpoint/endpoint CreateModel/model DescribeModel/model AddTags/model CreateEndpointConfig/config "
    "DescribeEndpointConfig/config AddTags/config CreateEndpoint/endpoint CreateEndpoint/config AddTags/endpoint "
    "UpdateEndpoint/endpoint UpdateEndpoint/config"
)


def requests(action: PipelineAction) -> Iterator[Row]:
    """None for an action that is no target's."""
    for target in action.send.names.production:
        if target.name == action.name:
            yield from _deployment(action, target)


def _deployment(action: PipelineAction, target: ProductionTarget) -> Iterator[Row]:
    names = action.send.names
    send = action.send.in_region(names.region_of(target))
    role = names.deploy_function_role(target)
    assumed = send.assume_from(action.pipeline_role, action.role)
    yield Row("The pipeline assumes the action's role", assumed, CODEPIPELINE_CROSS_ACCOUNT)
    invoked = send.call(action.role, "lambda:InvokeFunction", names.function_arn(target))
    yield Row("The action invokes the function", invoked, lambda_function.LAMBDA_ACTION)
    listed = send.call(action.role, "lambda:ListFunctions")
    yield Row("The action lists functions", listed, lambda_function.LAMBDA_ACTION)
    group = names.target_arn(target, "logs", f"log-group:{names.function_log_group}")
    yield from lambda_function.running(send, role, names.function_arn(target), group)
    yield from _calls_on_the_endpoint(send, target, role)
    reporting = send.assume_from(role, names.job_result_role)
    yield Row("The function assumes the job-result role", reporting, lambda_function.JOB_RESULT, Evidence.CODE)
    yield lambda_function.reported(send, names.job_result_role)
    yield from _endpoint(send, target)


def _calls_on_the_endpoint(send: RequestBuilder, target: ProductionTarget, role: str) -> Iterator[Row]:
    names = send.names
    name = f"{names.model_prefix}-{DATASET}"
    resources = {
        "model": names.target_arn(target, "sagemaker", f"model/{name}"),
        "config": names.target_arn(target, "sagemaker", f"endpoint-config/{name}"),
        "endpoint": names.endpoint_arn(target),
    }
    calls = [
        send.call(role, f"sagemaker:{operation}", resources[what])
        for operation, what in (call.split("/") for call in _ENDPOINT_CALLS.split())
    ]
    yield Row("The function creates or updates the endpoint", calls, SAGEMAKER_API)
    passed = send.pass_role(role, names.endpoint_role(target), "sagemaker.amazonaws.com")
    yield Row("The function passes the role to SageMaker", passed, SAGEMAKER_ROLES)


def _endpoint(send: RequestBuilder, target: ProductionTarget) -> Iterator[Row]:
    names, role = send.names, send.names.endpoint_role(target)
    source = {"aws:SourceArn": names.target_arn(target, "sagemaker", "*")}
    assumed = send.assume("sagemaker.amazonaws.com", role, source)
    yield Row("SageMaker assumes the endpoint role", assumed, SAGEMAKER_DEPUTY)
    yield Row("The endpoint reads the model", send.read(role, names.model_key(job_name(names))), SAGEMAKER_ROLES)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)
    image = names.image_repository_arn(send.region)
    # The registry's own policy is AWS's and admits every account; here it counts as the caller's resource.
    pulled = [
        send.call(role, f"ecr:{operation}", image, account=target.id)
        for operation in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
    ]
    yield Row("The endpoint pulls the image", pulled, SAGEMAKER_ROLES)
    signed_in = send.call(role, "ecr:GetAuthorizationToken")
    yield Row("The endpoint signs in to the registry", signed_in, SAGEMAKER_ROLES)
    group = names.target_arn(target, "logs", f"log-group:/aws/sagemaker/Endpoints/{names.endpoint}")
    yield from container(send, "The endpoint", role, group)
    if names.config.endpoint.serverless is None:
        watched = send.call(role, "cloudwatch:DescribeAlarms", names.error_alarm_arn(target))
        yield Row("The endpoint's update watches its alarms", watched, ROLLBACK)
