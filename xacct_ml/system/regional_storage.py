"""Key and bucket of a region other than the pipeline's: the artifact store that CodePipeline demands for actions there,
and the place of the models that endpoints there serve.

"You must create the artifact bucket and encryption key in the same Region as the cross-region action and in the same
account as your pipeline" (CodePipeline User Guide, actions-create-cross-region) [D]. A model, its image and its
endpoint are of one region (SageMaker API reference, CreateModel) [B].
"""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.system.bucket import endpoints_read_models, strict_encryption
from xacct_ml.system.key import administration_and_use
from xacct_ml.system.names import Names, RegionalKeys
from xacct_ml.system.role import key_through_s3
from xacct_ml.system.statements import Document, allow, policy


def regional_key_policy(config: Config, region: str) -> Document:
    """Used by the pipeline and by the copies to write, by the region's endpoints to read."""
    names = Names(config)
    writers = [names.pipeline_role, names.copy_role]
    readers = [names.endpoint_role(target) for target in names.targets_in(region)]
    return policy(*administration_and_use(names, region, writers=writers, readers=readers))


def regional_bucket_policy(config: Config, region: str, key_arn: str) -> Document:
    """Pipeline and copies write as roles of the bucket's own account, by their own policies."""
    names = Names(config)
    return policy(*strict_encryption(names, region, key_arn), *endpoints_read_models(names, region))


def regional_artifacts(names: Names, regional_keys: RegionalKeys) -> dict[str, Document]:
    """The pipeline's role's part: what it has in its own region, but what the source action asks for
    (aws-cdk, pipeline.ts: the role reads and writes the artifact store of every region) [C].
    """
    if not regional_keys:
        return {}
    return {
        "regional-artifacts": policy(
            allow(
                "ArtifactBuckets",
                ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"],
                [names.bucket_arn_in(region) for region in regional_keys],
            ),
            allow(
                "Artifacts",
                ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
                [names.object_arn(f"{names.artifact_prefix}*", region) for region in regional_keys],
            ),
            *regional_key_through_s3(names, regional_keys),
            allow("DescribeKeys", ["kms:DescribeKey"], list(regional_keys.values())),
        )
    }


def regional_key_through_s3(names: Names, regional_keys: RegionalKeys) -> Iterator[Document]:
    """The statements of an identity policy with which a role writes to every regional bucket."""
    for region, key_arn in regional_keys.items():
        sid = f"KeyThroughS3In{region.title().replace('-', '')}"
        yield key_through_s3(names, key_arn, "kms:Decrypt", "kms:GenerateDataKey", region=region, sid=sid)
