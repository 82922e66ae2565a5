"""The smallest policies under which an operator of each account can run this tool.

They are rendered for review before anything exists. Calls that make something are bound to our names; the key, whose
id nobody knows before it exists, is bound by its tag. The embedded AWS gives exactly these policies to the map's
roles, so every rehearsal runs under them and a missing right shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from xacct_ml.config.model import Config
from xacct_ml.system.names import EVALUATIONS_PREFIX, PROJECT_TAG, Names
from xacct_ml.system.operator_functions import functions
from xacct_ml.system.source_operator import RULE_ACTIONS, shared_policies, source_policies
from xacct_ml.system.statements import Conditions, Document, allow, pass_role, policy
from xacct_ml.tables.regions import service_host

_ROLE_JOBS = {
    "shared": ("pipeline", "job-result", "start"),
    "source": ("source-action", "forward"),
    "training": ("train-action", "cloudformation", "state-machine", "training"),
    "production": ("deploy-action", "deploy-function", "endpoint"),
}


def policies(config: Config) -> dict[str, dict[str, Document]]:
    """Account id to policy name to document."""
    names = Names(config)
    source = names.source_account
    return {
        names.shared: _shared(names),
        **({} if source is None else {source: _source(names, source)}),
        names.training: _training(names),
        **{account: _production(names, account) for account in dict.fromkeys(t.id for t in names.production)},
    }


# -- shared account ----------------------------------------------------------------------------------------------------


def _shared(names: Names) -> dict[str, Document]:
    account = names.shared
    jobs = (*_ROLE_JOBS["shared"], *(["copy-model"] if names.other_regions else []))
    return {
        "roles": _roles(names, account, [names.role_arn(account, job) for job in jobs]),
        "key": _key(names),
        "bucket": _bucket(names),
        **_adopted(names),
        **shared_policies(names),
        "pipeline": policy(
            allow(
                "Pipeline",
                [
                    "codepipeline:CreatePipeline",
                    "codepipeline:DeletePipeline",
                    "codepipeline:GetPipeline",
                    "codepipeline:GetPipelineExecution",
                    "codepipeline:GetPipelineState",
                    "codepipeline:ListActionExecutions",
                    "codepipeline:ListPipelineExecutions",
                    "codepipeline:ListTagsForResource",
                    "codepipeline:StartPipelineExecution",
                    "codepipeline:StopPipelineExecution",
                    "codepipeline:TagResource",
                    "codepipeline:UntagResource",
                    "codepipeline:UpdatePipeline",
                ],
                [names.pipeline_arn],
            ),
            allow(
                "Stages",
                ["codepipeline:PutApprovalResult", "codepipeline:RetryStageExecution"],
                [f"{names.pipeline_arn}/*"],
            ),
            pass_role("PassPipelineRole", names.pipeline_role, "codepipeline.amazonaws.com"),
            allow(
                "Rules",
                RULE_ACTIONS,
                [names.rule_arn(rule) for rule in names.start_rules],
            ),
            pass_role("PassStartRole", names.start_role, "events.amazonaws.com"),
        ),
        **_copies(names),
    }


def _copies(names: Names) -> dict[str, Document]:
    """The function that copies models to other regions."""
    if not names.other_regions:
        return {}
    group = names.arn("logs", names.shared, f"log-group:{names.copy_log_group}")
    return {"copies": functions([names.copy_function_arn], [names.copy_role], [group])}


def _key(names: Names) -> Document:
    regions = (names.region, *names.other_regions)
    keys = [names.key_arn("*", region) for region in regions]
    aliases = [names.arn("kms", names.shared, names.key_alias, region=region) for region in regions]
    ours: Conditions = {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": names.project}}
    return policy(
        allow(
            "CreateKey", ["kms:CreateKey"], ["*"], {"StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": names.project}}
        ),
        allow("FindKey", ["kms:ListAliases", "kms:ListKeys"], ["*"]),
        # A new key's tags take up to five minutes to count (KMS Developer Guide, tag-authorization): what follows its
        # creation at once cannot be bound by them.
        allow(
            "ReadAndFinishKeys",
            [
                "kms:CreateAlias",
                "kms:DescribeKey",
                "kms:EnableKeyRotation",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
            ],
            keys,
        ),
        allow(
            "ManageKey",
            [
                "kms:CancelKeyDeletion",
                "kms:DeleteAlias",
                "kms:EnableKey",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateAlias",
                "kms:UpdateKeyDescription",
            ],
            keys,
            ours,
        ),
        # A new key is tagged in the call that makes it, before it has a tag to be bound by.
        allow(
            "TagNewKey", ["kms:TagResource"], keys, {"StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": names.project}}
        ),
        allow("ManageAlias", ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"], aliases),
        allow(
            "UseKeyThroughS3",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            keys[:1],
            {"StringEquals": {"kms:ViaService": service_host("s3", names.region)}},
        ),
    )


def _bucket(names: Names) -> Document:
    regions = (names.region, *names.other_regions)
    return policy(
        allow(
            "Bucket",
            [
                "s3:CreateBucket",
                "s3:DeleteBucket",
                "s3:GetBucketNotification",
                "s3:GetBucketOwnershipControls",
                "s3:GetBucketPolicy",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketTagging",
                "s3:GetBucketVersioning",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads",
                "s3:ListBucketVersions",
                "s3:PutBucketNotification",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketPolicy",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketTagging",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:TagResource",
            ],
            [names.bucket_arn_in(region) for region in regions],
        ),
        allow("Data", ["s3:GetObject", "s3:PutObject"], [names.object_arn(f"{names.data_prefix}/*")]),
        allow("Evaluations", ["s3:GetObject"], [names.object_arn(f"{EVALUATIONS_PREFIX}/*")]),
        allow(
            "EmptyBucket",
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion"],
            [names.object_arn("*", region) for region in regions],
        ),
    )


def _adopted(names: Names) -> dict[str, Document]:
    """What adopting needs beside: a key that has no tag of ours yet, and a bucket policy that had nobody's before."""
    statements = []
    if (arn := names.config.key.arn) is not None:
        actions = ["kms:DeleteAlias", "kms:PutKeyPolicy", "kms:TagResource", "kms:UntagResource"]
        statements.append(allow("AdoptKey", actions, [arn]))
    if "shared/bucket" in names.config.adopt:
        statements.append(allow("AdoptBucket", ["s3:DeleteBucketPolicy"], [names.bucket_arn]))
    return {"adopted": policy(*statements)} if statements else {}


# -- source account ----------------------------------------------------------------------------------------------------


def _source(names: Names, account: str) -> dict[str, Document]:
    arns = [names.role_arn(account, job) for job in _ROLE_JOBS["source"]]
    return {"roles": _roles(names, account, arns), **source_policies(names)}


# -- training account --------------------------------------------------------------------------------------------------


def _training(names: Names) -> dict[str, Document]:
    account = names.training
    return {
        "roles": _roles(names, account, [names.role_arn(account, job) for job in _ROLE_JOBS["training"]]),
        "stack": policy(
            allow(
                "Stack",
                [
                    "cloudformation:CreateStack",
                    "cloudformation:DeleteStack",
                    "cloudformation:DescribeStackEvents",
                    "cloudformation:DescribeStacks",
                    "cloudformation:TagResource",
                ],
                [names.stack_arn_pattern],
            ),
            pass_role("PassCloudFormationRole", names.cloudformation_role, "cloudformation.amazonaws.com"),
        ),
        # What explain reads of a run that failed.
        "executions": policy(
            allow("Executions", ["states:DescribeExecution"], [names.execution_arn(names.job_pattern)])
        ),
        "jobs": policy(
            allow("ListJobs", ["sagemaker:ListTrainingJobs"], ["*"]),
            allow(
                "Jobs",
                [
                    "sagemaker:DeleteTrainingJob",
                    "sagemaker:DescribeTrainingJob",
                    "sagemaker:ListTags",
                    "sagemaker:StopTrainingJob",
                ],
                [names.training_job_arn(names.job_pattern)],
            ),
            allow(
                "Rule",
                ["events:DescribeRule"],
                [names.arn("events", account, "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule")],
            ),
        ),
    }


# -- production accounts -----------------------------------------------------------------------------------------------


def _production(names: Names, account: str) -> dict[str, Document]:
    """One account's targets together, which are in different regions."""
    targets = [target for target in names.production if target.id == account]

    def arns(service: str, resource: str) -> list[str]:
        return [names.target_arn(target, service, resource) for target in targets]

    groups = [
        *arns("logs", f"log-group:{names.function_log_group}"),
        *arns("logs", f"log-group:/aws/sagemaker/Endpoints/{names.endpoint}"),
    ]
    roles = [
        names.role_arn(account, job, names.region_of(target)) for target in targets for job in _ROLE_JOBS["production"]
    ]
    function_roles = [names.deploy_function_role(target) for target in targets]
    return {
        "roles": _roles(names, account, roles),
        "function": functions(arns("lambda", f"function:{names.function}"), function_roles, groups),
        "endpoint": policy(
            allow("Find", ["sagemaker:ListEndpointConfigs", "sagemaker:ListModels"], ["*"]),
            allow(
                "Endpoint",
                ["sagemaker:DeleteEndpoint", "sagemaker:DescribeEndpoint", "sagemaker:ListTags"],
                arns("sagemaker", f"endpoint/{names.endpoint}"),
            ),
            allow(
                "EndpointConfigurations",
                ["sagemaker:DeleteEndpointConfig", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"],
                arns("sagemaker", f"endpoint-config/{names.model_pattern}"),
            ),
            allow(
                "Models",
                ["sagemaker:DeleteModel", "sagemaker:DescribeModel", "sagemaker:ListTags"],
                arns("sagemaker", f"model/{names.model_pattern}"),
            ),
            allow(
                "Alarms",
                [
                    "cloudwatch:DeleteAlarms",
                    "cloudwatch:DescribeAlarms",
                    "cloudwatch:ListTagsForResource",
                    "cloudwatch:PutMetricAlarm",
                    "cloudwatch:TagResource",
                    "cloudwatch:UntagResource",
                ],
                [names.error_alarm_arn(target) for target in targets],
            ),
        ),
    }


# -- every account -----------------------------------------------------------------------------------------------------


def _roles(names: Names, account: str, arns: Sequence[str]) -> Document:
    boundary = names.boundary_arn(account)
    bounded: Conditions | None = None if boundary is None else {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    return policy(
        # Who may write roles' policies may give them rights; a permissions boundary in the map limits which.
        allow("WriteRoles", ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"], arns, bounded),
        allow(
            "ManageRoles",
            [
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListRolePolicies",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                # With a boundary in the map, who could delete it would not be bound by it.
                *(["iam:DeleteRolePermissionsBoundary"] if boundary is None else []),
            ],
            arns,
        ),
        # A role that does not exist yet has no path: then it is asked for by its bare name.
        allow(
            "FindRoles",
            ["iam:GetRole"],
            list(dict.fromkeys([*arns, *(_without_path(names, arn) for arn in arns)])),
        ),
        # What verify --live reads: a boundary, and whatever somebody attached to a role of ours.
        allow(
            "ReadManagedPolicies",
            ["iam:GetPolicy", "iam:GetPolicyVersion"],
            [names.arn("iam", "aws", "policy/*", region=""), names.arn("iam", account, "policy/*", region="")],
        ),
    )


def _without_path(names: Names, role_arn: str) -> str:
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    return names.arn("iam", account, f"role/{name}", region="")
