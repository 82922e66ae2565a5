"""The roles of the training account."""

from __future__ import annotations

from xacct_ml.system.keys import Keys
from xacct_ml.system.names import EVALUATIONS_PREFIX, MODELS_PREFIX, Names
from xacct_ml.system.role import RoleDocument, key_through_s3, role, sagemaker_logs, source_if_sent
from xacct_ml.system.statements import allow, pass_role, policy, trust_roles, trust_service


def training_roles(names: Names, keys: Keys) -> tuple[RoleDocument, ...]:
    account = names.training
    jobs = names.training_job_arn(names.job_pattern)
    return (
        role(
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
                    key_through_s3(keys, names.region, "kms:Decrypt"),
                    allow("DescribeKey", ["kms:DescribeKey"], [keys.pipeline]),
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
                    allow("WatchTraining", ["states:DescribeExecution"], [names.execution_arn(names.job_pattern)]),
                ),
            },
        ),
        role(
            names,
            account,
            "cloudformation",
            "Used by CloudFormation to create and update the state machine",
            trust_service(
                "cloudformation.amazonaws.com",
                source_if_sent(account, names.stack_arn_pattern),
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
        role(
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
                    key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
                ),
            },
        ),
        role(
            names,
            account,
            "training",
            "Used by SageMaker training jobs to read data and to write models",
            trust_service(
                "sagemaker.amazonaws.com",
                {
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
                    key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
                    allow("DescribeKey", ["kms:DescribeKey"], [keys.pipeline]),
                ),
                "logs": sagemaker_logs(names.arn("logs", account, "log-group:/aws/sagemaker/TrainingJobs")),
            },
        ),
    )
