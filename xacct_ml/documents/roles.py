"""Every role of the project: who may assume it and what it may do, one function per account.

Rights and their sources: CodePipeline User Guide (security-iam, pipelines-create-cross-account), Step Functions
Developer Guide (sagemaker-iam, procedure-create-iam-role), SageMaker Developer Guide (sagemaker-roles,
security-confused-deputy-prevention). Each right is listed again, with its source, as a hop in
:mod:`xacct_ml.access.hops`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.documents.statements import Conditions, Document, allow, pass_role, policy, trust_roles, trust_service
from xacct_ml.naming import EVALUATIONS_PREFIX, MODELS_PREFIX, Names
from xacct_ml.regions import image_uri, service_host


@dataclass(frozen=True)
class RoleDocument:
    """One IAM role. ``policies`` maps the names of its inline policies to their documents."""

    job: str
    account: str
    name: str
    path: str
    arn: str
    description: str
    trust: Document
    policies: Mapping[str, Document]
    boundary: str | None


def roles(config: Config, key_arn: str) -> tuple[RoleDocument, ...]:
    """All roles, shared account first, production targets in the map's order."""
    names = Names(config)
    return (
        *shared_roles(names, key_arn),
        *training_roles(names, key_arn),
        *(role for target in names.production for role in production_roles(names, target, key_arn)),
    )


# -- shared account ----------------------------------------------------------------------------------------------------


def shared_roles(names: Names, key_arn: str) -> tuple[RoleDocument, ...]:
    account = names.shared
    return (
        _role(
            names,
            account,
            "pipeline",
            "Runs the pipeline: reads the source, keeps artifacts, assumes each action's role",
            trust_service("codepipeline.amazonaws.com", _source_if_sent(account, names.pipeline_arn)),
            {
                "actions": policy(
                    allow(
                        "AssumeActionRoles",
                        ["sts:AssumeRole"],
                        [names.train_action_role, *(names.deploy_action_role(target) for target in names.production)],
                    )
                ),
                "artifacts": policy(
                    allow(
                        "ArtifactBucket",
                        ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket"],
                        [names.bucket_arn],
                    ),
                    allow(
                        "Artifacts",
                        ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
                        [names.object_arn(f"{names.artifact_prefix}*")],
                    ),
                    _key_through_s3(names, key_arn, "kms:Decrypt", "kms:GenerateDataKey"),
                    allow("DescribeKey", ["kms:DescribeKey"], [key_arn]),
                ),
                "source": policy(
                    allow(
                        "ReadRepository",
                        [
                            "codecommit:CancelUploadArchive",
                            "codecommit:GetBranch",
                            "codecommit:GetCommit",
                            "codecommit:GetUploadArchiveStatus",
                            "codecommit:UploadArchive",
                        ],
                        [names.repository_arn],
                    )
                ),
            },
        ),
        _role(
            names,
            account,
            "job-result",
            "Assumed by the production accounts' Lambda functions to report job results to the pipeline",
            trust_roles(names, [names.deploy_function_role(target) for target in names.production]),
            {
                # CodePipeline has no resource to name here: job results are granted on "*" or not at all.
                "job-results": policy(
                    allow(
                        "ReportJobResults",
                        ["codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"],
                        ["*"],
                    )
                )
            },
        ),
        _role(
            names,
            account,
            "start",
            "Assumed by EventBridge to start the pipeline on a push and on new data",
            trust_service("events.amazonaws.com", {"StringEqualsIfExists": {"aws:SourceAccount": account}}),
            {"start": policy(allow("StartPipeline", ["codepipeline:StartPipelineExecution"], [names.pipeline_arn]))},
        ),
    )


# -- training account --------------------------------------------------------------------------------------------------


def training_roles(names: Names, key_arn: str) -> tuple[RoleDocument, ...]:
    account = names.training
    jobs = names.training_job_arn(f"{names.job_prefix}-*")
    return (
        _role(
            names,
            account,
            "train-action",
            "Assumed by the pipeline to deploy the training stack and to start the state machine",
            trust_roles(names, [names.pipeline_role]),
            {
                "artifacts": policy(
                    allow(
                        "ArtifactBucket",
                        ["s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket"],
                        [names.bucket_arn],
                    ),
                    allow(
                        "ReadArtifacts",
                        ["s3:GetObject", "s3:GetObjectVersion"],
                        [names.object_arn(f"{names.artifact_prefix}*")],
                    ),
                    _key_through_s3(names, key_arn, "kms:Decrypt"),
                    allow("DescribeKey", ["kms:DescribeKey"], [key_arn]),
                ),
                "stack": policy(
                    allow(
                        "DeployStack",
                        [
                            "cloudformation:CreateStack",
                            "cloudformation:DescribeStackEvents",
                            "cloudformation:DescribeStackResource",
                            "cloudformation:DescribeStackResources",
                            "cloudformation:DescribeStacks",
                            "cloudformation:GetStackPolicy",
                            "cloudformation:GetTemplate",
                            "cloudformation:GetTemplateSummary",
                            "cloudformation:SetStackPolicy",
                            "cloudformation:UpdateStack",
                        ],
                        [names.stack_arn_pattern],
                    ),
                    allow("ValidateTemplate", ["cloudformation:ValidateTemplate"], ["*"]),
                ),
                "pass-role": policy(
                    pass_role("PassCloudFormationRole", names.cloudformation_role, "cloudformation.amazonaws.com")
                ),
                "state-machine": policy(
                    allow(
                        "StartTraining",
                        ["states:DescribeStateMachine", "states:StartExecution"],
                        [names.state_machine_arn],
                    ),
                    allow(
                        "WatchTraining", ["states:DescribeExecution"], [names.execution_arn(f"{names.job_prefix}-*")]
                    ),
                ),
            },
        ),
        _role(
            names,
            account,
            "cloudformation",
            "Used by CloudFormation to create and update the state machine",
            trust_service(
                "cloudformation.amazonaws.com",
                _source_if_sent(account, names.stack_arn_pattern),
            ),
            {
                "state-machine": policy(
                    allow(
                        "ManageStateMachine",
                        [
                            "states:CreateStateMachine",
                            "states:DeleteStateMachine",
                            "states:DescribeStateMachine",
                            "states:ListTagsForResource",
                            "states:TagResource",
                            "states:UntagResource",
                            "states:UpdateStateMachine",
                        ],
                        [names.state_machine_arn],
                    )
                ),
                "pass-role": policy(
                    pass_role("PassStateMachineRole", names.state_machine_role, "states.amazonaws.com")
                ),
            },
        ),
        _role(
            names,
            account,
            "state-machine",
            "Used by Step Functions to read the data manifest, run the training job and record the evaluation",
            trust_service(
                "states.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": names.arn("states", account, "stateMachine:*")},
                },
            ),
            {
                "training": policy(
                    allow(
                        "RunTrainingJob",
                        [
                            "sagemaker:AddTags",
                            "sagemaker:CreateTrainingJob",
                            "sagemaker:DescribeTrainingJob",
                            "sagemaker:StopTrainingJob",
                        ],
                        [jobs],
                    ),
                    allow("ListTags", ["sagemaker:ListTags"], ["*"]),
                    allow(
                        "WatchTrainingJob",
                        ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                        [names.arn("events", account, "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule")],
                    ),
                ),
                "pass-role": policy(pass_role("PassTrainingRole", names.training_role, "sagemaker.amazonaws.com")),
                "records": policy(
                    allow("ReadManifest", ["s3:GetObject"], [names.object_arn(names.manifest_key)]),
                    allow("WriteEvaluation", ["s3:PutObject"], [names.object_arn(f"{EVALUATIONS_PREFIX}/*")]),
                    _key_through_s3(names, key_arn, "kms:Decrypt", "kms:GenerateDataKey"),
                ),
            },
        ),
        _role(
            names,
            account,
            "training",
            "Used by SageMaker training jobs to read data and to write models",
            trust_service(
                "sagemaker.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": names.training_job_arn("*")},
                },
            ),
            {
                "data": policy(
                    allow(
                        "ListData",
                        ["s3:ListBucket"],
                        [names.bucket_arn],
                        {"StringLike": {"s3:prefix": f"{names.data_prefix}/*"}},
                    ),
                    allow("ReadData", ["s3:GetObject"], [names.object_arn(f"{names.data_prefix}/*")]),
                    allow(
                        "WriteModels",
                        ["s3:AbortMultipartUpload", "s3:PutObject"],
                        [names.object_arn(f"{MODELS_PREFIX}/*")],
                    ),
                    _key_through_s3(names, key_arn, "kms:Decrypt", "kms:GenerateDataKey"),
                    allow("DescribeKey", ["kms:DescribeKey"], [key_arn]),
                ),
                "logs": _sagemaker_logs(names, account, "log-group:/aws/sagemaker/TrainingJobs"),
            },
        ),
    )


# -- production accounts -----------------------------------------------------------------------------------------------


def production_roles(names: Names, target: ProductionTarget, key_arn: str) -> tuple[RoleDocument, ...]:
    account = target.id
    models = names.arn("sagemaker", account, f"model/{names.model_prefix}-*")
    configs = names.arn("sagemaker", account, f"endpoint-config/{names.model_prefix}-*")
    endpoint = names.endpoint_arn(target)
    return (
        _role(
            names,
            account,
            "deploy-action",
            "Assumed by the pipeline to invoke the Lambda function that deploys the model",
            trust_roles(names, [names.pipeline_role]),
            {
                "invoke": policy(
                    allow("InvokeFunction", ["lambda:InvokeFunction"], [names.function_arn(target)]),
                    allow("ListFunctions", ["lambda:ListFunctions"], ["*"]),
                )
            },
        ),
        _role(
            names,
            account,
            "deploy-function",
            "Runs the Lambda function that creates or updates the endpoint and reports the result",
            trust_service(
                "lambda.amazonaws.com",
                _source_if_sent(account, names.function_arn(target)),
            ),
            {
                "endpoint": policy(
                    allow("Models", ["sagemaker:CreateModel", "sagemaker:DescribeModel"], [models]),
                    allow(
                        "EndpointConfigurations",
                        ["sagemaker:CreateEndpointConfig", "sagemaker:DescribeEndpointConfig"],
                        [configs],
                    ),
                    allow(
                        "Endpoint",
                        ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"],
                        [endpoint, configs],
                    ),
                    allow("EndpointState", ["sagemaker:DescribeEndpoint"], [endpoint]),
                    allow("Tag", ["sagemaker:AddTags"], [models, configs, endpoint]),
                ),
                "pass-role": policy(
                    pass_role("PassEndpointRole", names.endpoint_role(target), "sagemaker.amazonaws.com")
                ),
                "report": policy(allow("ReportJobResults", ["sts:AssumeRole"], [names.job_result_role])),
                "logs": policy(
                    allow(
                        "WriteLogs",
                        ["logs:CreateLogStream", "logs:PutLogEvents"],
                        [names.arn("logs", account, f"log-group:{names.function_log_group}:*")],
                    )
                ),
            },
        ),
        _role(
            names,
            account,
            "endpoint",
            "Used by the SageMaker endpoint to read the model",
            trust_service(
                # "Do not replace with a model or endpoint ARN": this literal is what SageMaker hosting sends
                # (SageMaker Developer Guide, security-confused-deputy-prevention) [D].
                "sagemaker.amazonaws.com",
                {"StringEquals": {"aws:SourceArn": names.arn("sagemaker", account, "*")}},
            ),
            {
                "model": policy(
                    allow("ReadModels", ["s3:GetObject"], [names.object_arn(f"{MODELS_PREFIX}/*")]),
                    _key_through_s3(names, key_arn, "kms:Decrypt"),
                ),
                "image": policy(
                    allow(
                        "PullImage",
                        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                        [_image_repository_arn(names)],
                    ),
                    allow("RegistryToken", ["ecr:GetAuthorizationToken"], ["*"]),
                ),
                "logs": _sagemaker_logs(names, account, f"log-group:/aws/sagemaker/Endpoints/{names.endpoint}"),
                **_rollback(names, target),
            },
        ),
    )


# -- parts -------------------------------------------------------------------------------------------------------------


def _role(
    names: Names, account: str, job: str, description: str, trust: Document, policies: Mapping[str, Document]
) -> RoleDocument:
    return RoleDocument(
        job=job,
        account=account,
        name=names.role_name(job),
        path=names.config.roles.path,
        arn=names.role_arn(account, job),
        description=description,
        trust=trust,
        policies=policies,
        boundary=names.boundary_arn(account),
    )


def _source_if_sent(account: str, source_arn: str) -> Conditions:
    """Against the confused deputy where the service does not document that it sends these keys: they bind only
    if sent.
    """
    return {
        "StringEqualsIfExists": {"aws:SourceAccount": account},
        "ArnLikeIfExists": {"aws:SourceArn": source_arn},
    }


def _key_through_s3(names: Names, key_arn: str, *actions: str) -> Document:
    return allow(
        "KeyThroughS3", actions, [key_arn], {"StringEquals": {"kms:ViaService": service_host("s3", names.region)}}
    )


def _sagemaker_logs(names: Names, account: str, group: str) -> Document:
    return policy(
        allow(
            "WriteLogs",
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [names.arn("logs", account, group), names.arn("logs", account, f"{group}:*")],
        ),
        allow("WriteMetrics", ["cloudwatch:PutMetricData"], ["*"]),
    )


def _rollback(names: Names, target: ProductionTarget) -> dict[str, Document]:
    """SageMaker reads the alarms as the endpoint's role (SageMaker Developer Guide, deployment-guardrails-
    configuration) [D].
    """
    if names.config.endpoint.serverless is not None:
        return {}
    alarms = names.arn("cloudwatch", target.id, f"alarm:{names.alarm('*')}")
    return {"rollback": policy(allow("WatchAlarms", ["cloudwatch:DescribeAlarms"], [alarms]))}


def _image_repository_arn(names: Names) -> str:
    registry, _, repository = image_uri(names.region, names.config.training.xgboost_version).partition("/")
    return names.arn("ecr", registry.split(".")[0], f"repository/{repository.split(':')[0]}")
