"""The roles of the shared account."""

from __future__ import annotations

from xacct_ml.system.keys import Keys
from xacct_ml.system.model_copy import copy_role, pipeline_invokes_copies
from xacct_ml.system.names import Names
from xacct_ml.system.role import RoleDocument, key_through_s3, keys_through_s3, role, source_if_sent
from xacct_ml.system.source_roles import pipeline_source_policies
from xacct_ml.system.statements import Document, allow, policy, trust_roles, trust_service


def shared_roles(names: Names, keys: Keys) -> tuple[RoleDocument, ...]:
    account = names.shared
    return (
        role(
            names,
            account,
            "pipeline",
            "Runs the pipeline: reads the source, keeps artifacts, assumes each action's role",
            trust_service("codepipeline.amazonaws.com", source_if_sent(account, names.pipeline_arn)),
            {
                "actions": policy(
                    allow(
                        "AssumeActionRoles",
                        ["sts:AssumeRole"],
                        _action_roles(names),
                    )
                ),
                "artifacts": policy(
                    allow(
                        "ArtifactBucket",
                        [
                            "s3:GetBucketAcl",
                            "s3:GetBucketLocation",
                            "s3:GetBucketVersioning",
                            # Asked for by the CodeCommit action, whoever runs it.
                            *(["s3:ListBucket"] if names.source_account is None else []),
                        ],
                        [names.bucket_arn],
                    ),
                    allow(
                        "Artifacts",
                        ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
                        [names.object_arn(f"{names.artifact_prefix}*")],
                    ),
                    key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
                    allow("DescribeKey", ["kms:DescribeKey"], [keys.pipeline]),
                ),
                **pipeline_source_policies(names),
                **_other_regions_artifacts(names, keys),
                **pipeline_invokes_copies(names),
            },
        ),
        role(
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
        role(
            names,
            account,
            "start",
            "Assumed by EventBridge to start the pipeline on a new revision and on new data",
            trust_service(
                "events.amazonaws.com",
                {
                    "StringEqualsIfExists": {"aws:SourceAccount": account},
                    "ArnLikeIfExists": {"aws:SourceArn": [names.rule_arn(rule) for rule in names.start_rules]},
                },
            ),
            {"start": policy(allow("StartPipeline", ["codepipeline:StartPipelineExecution"], [names.pipeline_arn]))},
        ),
        *copy_role(names, keys),
    )


def _other_regions_artifacts(names: Names, keys: Keys) -> dict[str, Document]:
    """What the role has in its own region, but what the source action asks for (aws-cdk, pipeline.ts: the role reads
    and writes the artifact store of every region) [C].
    """
    regions = names.other_regions
    if not regions:
        return {}
    return {
        "regional-artifacts": policy(
            allow(
                "ArtifactBuckets",
                ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"],
                [names.bucket_arn_in(region) for region in regions],
            ),
            allow(
                "Artifacts",
                ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
                [names.object_arn(f"{names.artifact_prefix}*", region) for region in regions],
            ),
            *keys_through_s3(keys, regions),
            allow("DescribeKeys", ["kms:DescribeKey"], [keys[region] for region in regions]),
        )
    }


def _action_roles(names: Names) -> list[str]:
    """In the pipeline's order."""
    source = [names.source_action_role] if names.source_account is not None else []
    return [*source, names.train_action_role, *(names.deploy_action_role(target) for target in names.production)]
