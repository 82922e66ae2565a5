"""The Lambda actions: the copy of an approved model to another region, with the artifact store that CodePipeline keeps
there because of it; and a production target's deployment: the endpoint and the report back to the pipeline."""

import json
from collections.abc import Iterator

from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests import autoscaling, capture, lambda_judge, registry, smoke
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.artifacts import LOOK_AT_BUCKET
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import (
    CODEPIPELINE_CROSS_ACCOUNT,
    S3_ENCRYPTION,
    SAGEMAKER_API,
    SAGEMAKER_DEPUTY,
    SAGEMAKER_ROLES,
    Evidence,
    Row,
)
from xacct_ml.proof.requests.lambda_running import (
    JOB_RESULT,
    LAMBDA_ACTION,
    MISSING_OBJECT,
    reported,
    run_read,
    running,
)
from xacct_ml.proof.requests.sagemaker import container, image_pulled
from xacct_ml.proof.requests.samples import DATASET, DIGEST, artifact_key

ARTIFACT_STORES = "aws-cdk, pipeline.ts: the pipeline's role reads and writes the artifact store of every region"
ROLLBACK = "SageMaker Developer Guide, deployment-guardrails-configuration"
METRICS = "Service Authorization Reference, Amazon CloudWatch"

_ENDPOINT_CALLS = (
    "DescribeEndpoint/endpoint CreateModel/model DescribeModel/model AddTags/model CreateEndpointConfig/config "
    "DescribeEndpointConfig/config AddTags/config CreateEndpoint/endpoint CreateEndpoint/config AddTags/endpoint "
    "UpdateEndpoint/endpoint UpdateEndpoint/config"
)


def copy(action: PipelineAction) -> Iterator[Row]:
    """None for an action whose region is none of the project's."""
    send, region = action.send, json.loads(action.configuration["UserParameters"])["region"]
    if region in send.names.regions:
        there = send.in_region(region)
        yield from _artifact_store(there, action.pipeline_role)
        yield from _invocation(action)
        yield from _copied(there)


def _artifact_store(there: RequestBuilder, role: str) -> Iterator[Row]:
    looked_at = [there.bucket(role, operation) for operation in LOOK_AT_BUCKET]
    yield Row("CodePipeline looks at the region's artifact store", looked_at, ARTIFACT_STORES, Evidence.CODE)
    kept = [
        there.write(role, artifact_key(there.names)),
        *there.reads(role, artifact_key(there.names)),
        *(there.key_through_s3(role, action) for action in ("kms:GenerateDataKey", "kms:Decrypt")),
        there.key(role, "kms:DescribeKey"),
    ]
    yield Row("CodePipeline keeps the region's artifacts", kept, ARTIFACT_STORES, Evidence.CODE)


def _invocation(action: PipelineAction) -> Iterator[Row]:
    send, invoking = action.send, action.role
    names, role, function = send.names, send.names.copy_role, send.names.copy_function_arn
    invoked = [send.call(invoking, "lambda:InvokeFunction", function), send.call(invoking, "lambda:ListFunctions")]
    yield Row("The pipeline invokes the function", invoked, LAMBDA_ACTION)
    group = names.arn("logs", names.shared, f"log-group:{names.copy_log_group}")
    yield from running(send, role, function, group)
    yield run_read(send, "The function", role, action.pipeline_arn)
    yield Row("The function reads the model", send.read(role, names.judged_key(DIGEST)), S3_ENCRYPTION)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)
    yield reported(send, role)


def _copied(there: RequestBuilder) -> Iterator[Row]:
    role, copy = there.names.copy_role, there.names.judged_key(DIGEST)
    yield Row("The function sees whether the copy is there", there.bucket(role, "s3:ListBucket"), MISSING_OBJECT)
    yield from lambda_judge.stored_once(there, "The function", role, copy)
    yield Row("The function checks the copy", there.read(role, copy), S3_ENCRYPTION)
    yield Row("… S3 decrypts it", there.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)


def deploy(action: PipelineAction) -> Iterator[Row]:
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
    yield Row("The action invokes the function", invoked, LAMBDA_ACTION)
    listed = send.call(action.role, "lambda:ListFunctions")
    yield Row("The action lists functions", listed, LAMBDA_ACTION)
    group = names.target_arn(target, "logs", f"log-group:{names.function_log_group}")
    yield from running(send, role, names.function_arn(target), group)
    yield from _calls_on_the_endpoint(send, target, role)
    yield from smoke.tested(send, target)
    yield from autoscaling.requests(send, target, role)
    yield from _watched(send, target, role)
    reporting = send.assume_from(role, names.job_result_role)
    yield Row("The function assumes the job-result role", reporting, JOB_RESULT, Evidence.CODE)
    yield run_read(send.in_region(names.region), "The function", names.job_result_role, action.pipeline_arn)
    yield reported(send, names.job_result_role)
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


def _watched(send: RequestBuilder, target: ProductionTarget, role: str) -> Iterator[Row]:
    """While traffic shifts."""
    endpoint = send.names.config.endpoint
    if endpoint.rollout is None:
        return
    if endpoint.smoke_test:
        asked = send.call(role, "sagemaker:InvokeEndpoint", send.names.endpoint_arn(target))
        yield Row("The function sends golden rows while traffic shifts", asked, smoke.INVOKED)
    counted = send.call(role, "cloudwatch:GetMetricStatistics")
    yield Row("The function counts the requests of others", counted, METRICS)


def _endpoint(send: RequestBuilder, target: ProductionTarget) -> Iterator[Row]:
    names, role = send.names, send.names.endpoint_role(target)
    source = {"aws:SourceArn": names.target_arn(target, "sagemaker", "*")}
    assumed = send.assume("sagemaker.amazonaws.com", role, source)
    yield Row("SageMaker assumes the endpoint role", assumed, SAGEMAKER_DEPUTY)
    yield Row("The endpoint reads the model", send.read(role, names.judged_key(DIGEST)), SAGEMAKER_ROLES)
    decrypted = send.key_through_s3(role, "kms:Decrypt")
    yield Row("… S3 decrypts it", decrypted, S3_ENCRYPTION, Evidence.ASSUMED)
    yield from image_pulled(send, "The endpoint", role, target.id)
    group = names.target_arn(target, "logs", f"log-group:/aws/sagemaker/Endpoints/{names.endpoint}")
    yield from container(send, "The endpoint", role, group)
    yield from capture.captured(send, target)
    yield from smoke.logged(send, target)
    if names.config.endpoint.serverless is None:
        kinds = ("5xx", "model-errors", "latency") if names.config.endpoint.rollout is not None else ("5xx",)
        watched = [send.call(role, "cloudwatch:DescribeAlarms", names.alarm_arn(target, kind)) for kind in kinds]
        yield Row("The endpoint's update watches its alarms", watched, ROLLBACK)


def requests(action: PipelineAction) -> Iterator[Row]:
    """By the function; none for an action of another one."""
    names = action.send.names
    functions = {
        names.function: deploy,
        names.copy_function: copy,
        names.judge_function: lambda_judge.requests,
        names.registry_function: registry.requests,
    }
    of_function = functions.get(action.configuration["FunctionName"])
    return iter(()) if of_function is None else of_function(action)


ACTIONS = {"Lambda": requests}
