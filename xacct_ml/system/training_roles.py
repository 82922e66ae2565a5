"""The roles of the training account."""

from xacct_ml.system.actions.action import Rights
from xacct_ml.system.bucket_layout import MODELS_PREFIX
from xacct_ml.system.judge import evidence_role
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import key_through_s3, role, sagemaker_logs, source_sent
from xacct_ml.system.scoring import scoring_roles
from xacct_ml.system.statements import Conditions, allow, in_our_account, pass_role, policy, trust_roles, trust_service
from xacct_ml.system.thing import Role


def training_roles(names: Names, keys: Keys, rights: Rights) -> tuple[Role, ...]:
    account = names.training
    jobs = names.training_job_arn(names.job_pattern)
    return (
        role(
            names,
            account,
            "train-action",
            "Assumed by the pipeline to deploy the training stack and to start the state machine",
            trust_roles(names, [names.pipeline_role]),
            rights[names.train_action_role],
        ),
        role(
            names,
            account,
            "cloudformation",
            "Used by CloudFormation to create and update the state machine",
            # AWS's guide shows the keys for extensions only; aws-deployment-framework has the stack's ARN hard [C].
            trust_service("cloudformation.amazonaws.com", {"ArnLike": {"aws:SourceArn": names.stack_arn_pattern}}),
            {
                "state-machine": policy(
                    allow(
                        "ManageStateMachine",
                        "states: CreateStateMachine DeleteStateMachine DescribeStateMachine ListTagsForResource "
                        "TagResource UntagResource UpdateStateMachine",
                        names.state_machine_arn,
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
            "Used by Step Functions to read the data manifest and to run the training job",
            trust_service("states.amazonaws.com", source_sent(account, names.arn("states", account, "stateMachine:*"))),
            {
                "training": policy(
                    allow("RunTrainingJob", "sagemaker:CreateTrainingJob", jobs, _as_the_map_allows(names, keys)),
                    allow("WatchTrainingJobs", "sagemaker: AddTags DescribeTrainingJob StopTrainingJob", jobs),
                    allow("ListTags", "sagemaker:ListTags", "*"),
                    allow(
                        "WatchTrainingJob",
                        "events: DescribeRule PutRule PutTargets",
                        names.arn("events", account, "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
                    ),
                ),
                "pass-role": policy(pass_role("PassTrainingRole", names.training_role, "sagemaker.amazonaws.com")),
                "manifest": policy(
                    in_our_account(names, "ReadManifest", "s3:GetObjectVersion", names.object_arn(names.manifest_key)),
                    key_through_s3(keys, names.region, "kms:Decrypt"),
                ),
            },
        ),
        role(
            names,
            account,
            "training",
            "Used by SageMaker training jobs to read data and to write models",
            trust_service("sagemaker.amazonaws.com", {"ArnLike": {"aws:SourceArn": names.training_job_arn("*")}}),
            {
                "data": policy(
                    in_our_account(
                        names,
                        "ListData",
                        "s3:ListBucket",
                        names.bucket_arn,
                        {"StringLike": {"s3:prefix": f"{names.data_prefix}/*"}},
                    ),
                    in_our_account(names, "ReadData", "s3:GetObject", names.object_arn(f"{names.data_prefix}/*")),
                    in_our_account(
                        names,
                        "WriteModels",
                        "s3: AbortMultipartUpload PutObject",
                        names.object_arn(f"{MODELS_PREFIX}/*"),
                    ),
                    key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
                    allow("DescribeKey", "kms:DescribeKey", keys.pipeline),
                    # For an output key (SageMaker Developer Guide, sagemaker-roles) [D]. How SageMaker would call it,
                    # the page does not say, so it is not bound to S3.
                    allow("EncryptOutput", "kms:Encrypt", keys.pipeline),
                ),
                "logs": sagemaker_logs(names.arn("logs", account, "log-group:/aws/sagemaker/TrainingJobs")),
            },
        ),
        evidence_role(names),
        *scoring_roles(names, keys),
    )


def _as_the_map_allows(names: Names, keys: Keys) -> Conditions:
    """What CreateTrainingJob has condition keys for (Service Authorization Reference, SageMaker) [D]; the rest is the
    judge's to compare. A request without the instance types would pass the first condition, hence the second."""
    allowed = names.config.training.allowed_or_own
    return {
        "Bool": {"sagemaker:NetworkIsolation": "true"},
        "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": list(allowed.instance_types)},
        "Null": {"sagemaker:InstanceTypes": "false"},
        "NumericLessThanEquals": {"sagemaker:MaxRuntimeInSeconds": str(allowed.max_runtime_seconds)},
        # This key's name is from the reference alone: were it another, the bucket would still take no other KMS key.
        "ArnEqualsIfExists": {"sagemaker:OutputKmsKeyArn": keys.pipeline},
        "BoolIfExists": {"sagemaker:EnableRemoteDebug": "false"},
    }
