"""The training stack is created or updated from the source's template, in the training account."""

from xacct_ml.config.model import Config
from xacct_ml.system.actions.action import Action, compact, declare
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import key_through_s3
from xacct_ml.system.statements import Document, allow, in_our_account, pass_role, policy
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE, parameter_overrides


def action(config: Config, keys: Keys, *, artifact: str, revision: str) -> Action:
    """``artifact`` has template and configuration at its top; ``revision`` is the variable of what they come from."""
    names = Names(config)
    return Action(
        declare(
            names,
            "TrainingStack",
            "Deploy",
            "CloudFormation",
            {
                "ActionMode": "CREATE_UPDATE",
                "StackName": names.stack,
                "RoleArn": names.cloudformation_role,
                "TemplatePath": f"{artifact}::{TEMPLATE_FILE}",
                "TemplateConfiguration": f"{artifact}::{CONFIGURATION_FILE}",
                "ParameterOverrides": compact(parameter_overrides(config, keys, revision)),
            },
            inputArtifacts=[{"name": artifact}],
            roleArn=names.train_action_role,
        ),
        {
            "artifacts": _artifacts(names, keys),
            "stack": policy(
                allow(
                    "DeployStack",
                    "cloudformation: CreateStack DescribeStackEvents DescribeStackResource DescribeStackResources "
                    "DescribeStacks GetStackPolicy GetTemplate GetTemplateSummary SetStackPolicy UpdateStack",
                    names.stack_arn_pattern,
                ),
                allow("ValidateTemplate", "cloudformation:ValidateTemplate", "*"),
            ),
            "pass-role": policy(
                pass_role("PassCloudFormationRole", names.cloudformation_role, "cloudformation.amazonaws.com")
            ),
        },
    )


def _artifacts(names: Names, keys: Keys) -> Document:
    return policy(
        in_our_account(
            names, "ArtifactBucket", "s3: GetBucketLocation GetBucketVersioning ListBucket", names.bucket_arn
        ),
        in_our_account(names, "ReadArtifacts", "s3: GetObject GetObjectVersion", names.artifacts_arn),
        key_through_s3(keys, names.region, "kms:Decrypt"),
        allow("DescribeKey", "kms:DescribeKey", keys.pipeline),
    )
