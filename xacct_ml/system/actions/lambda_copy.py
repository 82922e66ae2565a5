"""The approved model is copied to another region, by the Lambda function of :mod:`xacct_ml.system.model_copy`.

The function is in the pipeline's account and region, so the pipeline's own role invokes it."""

from xacct_ml.system.actions import lambda_invoke
from xacct_ml.system.actions.action import EXECUTION, Action
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import keys_through_s3
from xacct_ml.system.statements import Document, allow, in_our_account, policy


def action(names: Names, keys: Keys, region: str, stage: str, pipeline: str) -> Action:
    name = names.copy_action(region)
    told = {"pipelineExecutionId": EXECUTION, "action": f"{stage}/{name}", "region": region}
    parameters = {"pipeline": pipeline, **told}
    return Action(
        lambda_invoke.declaration(names, name, names.copy_function, parameters),
        {
            "regional-artifacts": _artifact_stores(names, keys),
            "copies": lambda_invoke.invocation(names.copy_function_arn),
        },
    )


def _artifact_stores(names: Names, keys: Keys) -> Document:
    """Of all other regions. What the pipeline's role has in its own region, but what the source action asks for
    (aws-cdk, pipeline.ts: the role reads and writes the artifact store of every region) [C]."""
    regions = names.other_regions
    return policy(
        in_our_account(
            names,
            "ArtifactBuckets",
            "s3: GetBucketAcl GetBucketLocation GetBucketVersioning",
            [names.bucket_arn_in(region) for region in regions],
        ),
        in_our_account(
            names,
            "Artifacts",
            "s3: GetObject GetObjectVersion PutObject",
            [names.object_arn(f"{names.artifact_prefix}*", region) for region in regions],
        ),
        *keys_through_s3(keys, regions),
        allow("DescribeKeys", "kms:DescribeKey", [keys[region] for region in regions]),
    )
