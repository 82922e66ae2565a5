"""The roles of the shared account."""

from xacct_ml.system.actions.action import Rights
from xacct_ml.system.judge import judge_role
from xacct_ml.system.keys import Keys
from xacct_ml.system.model_copy import copy_role
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import action_roles
from xacct_ml.system.registry import registry_role
from xacct_ml.system.role import job_results, key_through_s3, role, run_reading, source_if_sent, source_sent
from xacct_ml.system.schedule import schedule_roles
from xacct_ml.system.statements import Document, allow, in_our_account, policy, trust_roles, trust_service
from xacct_ml.system.thing import Role


def shared_roles(names: Names, keys: Keys, rights: Rights) -> tuple[Role, ...]:
    """``rights`` are those that the pipeline's actions need, by role."""
    account = names.shared
    return (
        role(
            names,
            account,
            "pipeline",
            "Runs the pipelines: reads the source, keeps artifacts, assumes each action's role",
            trust_service("codepipeline.amazonaws.com", source_if_sent(account, names.pipeline_arns)),
            {
                "actions": policy(allow("AssumeActionRoles", "sts:AssumeRole", action_roles(names, rights))),
                "artifacts": policy(
                    in_our_account(
                        names,
                        "ArtifactBucket",
                        "s3: GetBucketAcl GetBucketLocation GetBucketVersioning ListBucket",
                        names.bucket_arn,
                    ),
                    in_our_account(names, "Artifacts", "s3: GetObject GetObjectVersion PutObject", names.artifacts_arn),
                    key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
                    allow("DescribeKey", "kms:DescribeKey", keys.pipeline),
                ),
                **rights[names.pipeline_role],
            },
        ),
        role(
            names,
            account,
            "job-result",
            "Assumed by the production accounts' Lambda functions to see what was approved and to report job results",
            trust_roles(names, [names.deploy_function_role(target) for target in names.production]),
            {"job-results": job_results(), "run": run_reading(names), **_golden_rows(names, keys)},
        ),
        role(
            names,
            account,
            "start",
            "Assumed by EventBridge to start the pipelines: on a new revision, on new data, on a release",
            # EventBridge User Guide, cross-service-confused-deputy-prevention [D].
            trust_service(
                "events.amazonaws.com",
                source_sent(account, [names.rule_arn(rule) for rule in (*names.start_rules, names.release_rule)]),
            ),
            {"start": policy(allow("StartPipeline", "codepipeline:StartPipelineExecution", names.pipeline_arns))},
        ),
        judge_role(names, keys),
        *copy_role(names, keys),
        *registry_role(names),
        *schedule_roles(names, keys),
    )


def _golden_rows(names: Names, keys: Keys) -> dict[str, Document]:
    """What a candidate answered when it was judged, for the smoke tests of the targets of every region."""
    if not names.config.endpoint.smoke_test:
        return {}
    golden = names.golden_key("*", "json")
    prefix = {"StringLike": {"s3:prefix": golden}}
    return {
        "golden-rows": policy(
            in_our_account(names, "FindGoldenRows", "s3:ListBucket", names.bucket_arn, prefix),
            in_our_account(names, "ReadGoldenRows", "s3:GetObject", names.object_arn(golden)),
            key_through_s3(keys, names.region, "kms:Decrypt"),
        )
    }
