"""What happens in each production account: the invocation, the endpoint, the report back to the pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests.hop import Evidence, Hop, Sender
from xacct_ml.proof.requests.shared import CODEPIPELINE_CROSS_ACCOUNT, S3_ENCRYPTION
from xacct_ml.proof.requests.training import SAGEMAKER_DEPUTY, SAGEMAKER_ROLES, job_name, log_hops

LAMBDA_ACTION = "CodePipeline User Guide, actions-invoke-lambda-function"
LAMBDA_LOGS = "Lambda Developer Guide, lambda-intro-execution-role"
JOB_RESULT = "aws-cdk #15235, CodePipeline actions of aws-cdk"
ROLLBACK = "SageMaker Developer Guide, deployment-guardrails-configuration"
SAGEMAKER_API = "Service Authorization Reference, Amazon SageMaker"


def deploy_hops(send: Sender, stage: str, target: ProductionTarget) -> Iterator[Hop]:
    """``send`` sends to the target's region; ``stage`` is the pipeline's stage and the target's name."""
    names, account = send.names, target.id
    action_role, function_role = names.deploy_action_role(target), names.deploy_function_role(target)
    yield Hop(
        stage,
        "The pipeline assumes the action's role",
        send.assume_from(names.pipeline_role, action_role),
        CODEPIPELINE_CROSS_ACCOUNT,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "The action invokes the function",
        send.call(action_role, "lambda:InvokeFunction", names.function_arn(target), account),
        LAMBDA_ACTION,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "The action lists functions",
        send.call(action_role, "lambda:ListFunctions", "*", account),
        LAMBDA_ACTION,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "Lambda assumes the function's role",
        send.assume("lambda.amazonaws.com", function_role),
        LAMBDA_LOGS,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "Lambda assumes the function's role (if it sends the function)",
        send.assume(
            "lambda.amazonaws.com",
            function_role,
            {"aws:SourceAccount": account, "aws:SourceArn": names.function_arn(target)},
        ),
        LAMBDA_LOGS,
        Evidence.ASSUMED,
    )
    group = names.target_arn(target, "logs", f"log-group:{names.function_log_group}")
    yield from function_log_hops(send, stage, function_role, group)
    yield from _endpoint_calls(send, target, stage, function_role)
    yield Hop(
        stage,
        "The function assumes the job-result role",
        send.assume_from(function_role, names.job_result_role),
        JOB_RESULT,
        Evidence.CODE,
    )
    for action in ("PutJobSuccessResult", "PutJobFailureResult"):
        yield Hop(
            stage,
            "The function reports to the pipeline",
            send.call(names.job_result_role, f"codepipeline:{action}", "*", names.shared),
            JOB_RESULT,
            Evidence.CODE,
        )
    yield from _endpoint_hops(send, target, stage)


def function_log_hops(send: Sender, stage: str, role: str, group_arn: str) -> Iterator[Hop]:
    """A Lambda function's log, in its own group."""
    for action in ("CreateLogStream", "PutLogEvents"):
        yield Hop(
            stage,
            "The function writes logs",
            send.call(role, f"logs:{action}", f"{group_arn}:log-stream:stream", group_arn.split(":")[4]),
            LAMBDA_LOGS,
            Evidence.DOCUMENTED,
        )


def _endpoint_calls(send: Sender, target: ProductionTarget, stage: str, role: str) -> Iterator[Hop]:
    names, account = send.names, target.id
    name = f"{names.model_prefix}-0123456789abcdef"
    model = names.target_arn(target, "sagemaker", f"model/{name}")
    config = names.target_arn(target, "sagemaker", f"endpoint-config/{name}")
    endpoint = names.endpoint_arn(target)
    for action, resource in (
        ("DescribeEndpoint", endpoint),
        ("CreateModel", model),
        ("DescribeModel", model),
        ("AddTags", model),
        ("CreateEndpointConfig", config),
        ("DescribeEndpointConfig", config),
        ("AddTags", config),
        ("CreateEndpoint", endpoint),
        ("CreateEndpoint", config),
        ("AddTags", endpoint),
        ("UpdateEndpoint", endpoint),
        ("UpdateEndpoint", config),
    ):
        yield Hop(
            stage,
            "The function creates or updates the endpoint",
            send.call(role, f"sagemaker:{action}", resource, account),
            SAGEMAKER_API,
            Evidence.DOCUMENTED,
        )
    yield Hop(
        stage,
        "The function passes the role to SageMaker",
        send.pass_role(role, names.endpoint_role(target), "sagemaker.amazonaws.com"),
        SAGEMAKER_ROLES,
        Evidence.DOCUMENTED,
    )


def _endpoint_hops(send: Sender, target: ProductionTarget, stage: str) -> Iterator[Hop]:
    names, account, role = send.names, target.id, send.names.endpoint_role(target)
    yield Hop(
        stage,
        "SageMaker assumes the endpoint role",
        send.assume("sagemaker.amazonaws.com", role, {"aws:SourceArn": names.target_arn(target, "sagemaker", "*")}),
        SAGEMAKER_DEPUTY,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "The endpoint reads the model",
        send.read(role, names.model_key(job_name(names))),
        SAGEMAKER_ROLES,
        Evidence.DOCUMENTED,
    )
    yield Hop(stage, "… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION, Evidence.DOCUMENTED)
    image = names.image_repository_arn(send.region)
    for action in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"):
        # The registry's own policy is AWS's and admits every account; here it counts as the caller's resource.
        yield Hop(
            stage,
            "The endpoint pulls the image",
            send.call(role, f"ecr:{action}", image, account),
            SAGEMAKER_ROLES,
            Evidence.DOCUMENTED,
        )
    yield Hop(
        stage,
        "The endpoint signs in to the registry",
        send.call(role, "ecr:GetAuthorizationToken", "*", account),
        SAGEMAKER_ROLES,
        Evidence.DOCUMENTED,
    )
    yield from log_hops(send, stage, role, account, f"/aws/sagemaker/Endpoints/{names.endpoint}", "The endpoint")
    if names.config.endpoint.serverless is None:
        yield Hop(
            stage,
            "The endpoint's update watches its alarms",
            send.call(
                role,
                "cloudwatch:DescribeAlarms",
                names.error_alarm_arn(target),
                account,
            ),
            ROLLBACK,
            Evidence.DOCUMENTED,
        )
