"""A CodeCommit repository of a source account.

The source action works in the account that owns the repository: the pipeline assumes its role there, and that role
writes the artifact into the shared account's bucket. It needs ``s3:PutObjectAcl`` for that (aws-cdk #14260 [C]), and
``bucket-owner-full-control`` is the only ACL that a bucket with ``BucketOwnerEnforced`` takes (S3 User Guide,
about-object-ownership) [D].

An artifact cannot pass between two accounts neither of which is the pipeline's (CodePipeline User Guide,
pipelines-create-cross-account) [D]. What the source action wrote is handed over by the judge's function, which makes an
artifact of the pipeline's account of it, under the pipeline's key."""

from xacct_ml.config.model import Config
from xacct_ml.system.actions.action import Action, Stage
from xacct_ml.system.actions.lambda_judge import HAND_OVER_STAGE, hand_over
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import key_through_s3
from xacct_ml.system.sources.codecommit import REVISION, read_repository, repository, repository_thing
from xacct_ml.system.sources.source import SOURCE_ARTIFACT, SOURCE_STAGE, Source
from xacct_ml.system.statements import OWNER_ACL, Document, allow, in_our_account, policy

HANDED_OVER_ARTIFACT = "Template"


def source(config: Config, keys: Keys) -> Source:
    names = Names(config)
    read = Action(
        repository(names, roleArn=names.source_action_role),
        {"repository": read_repository(names), "artifacts": _artifacts(names, keys)},
    )
    return Source(
        stages=(
            Stage(SOURCE_STAGE, (read,)),
            Stage(HAND_OVER_STAGE, (hand_over(names, reads=SOURCE_ARTIFACT, writes=HANDED_OVER_ARTIFACT),)),
        ),
        artifact=HANDED_OVER_ARTIFACT,
        revision=REVISION,
        thing=repository_thing(config),
    )


def _artifacts(names: Names, keys: Keys) -> Document:
    return policy(
        in_our_account(names, "ArtifactBucket", "s3: GetBucketLocation ListBucket", names.bucket_arn),
        in_our_account(names, "Artifacts", "s3: GetObject GetObjectVersion PutObject", names.artifacts_arn),
        in_our_account(names, "HandOver", "s3:PutObjectAcl", names.artifacts_arn, OWNER_ACL),
        key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
        allow("DescribeKey", "kms:DescribeKey", keys.pipeline),
    )
