"""A CodeCommit repository of a source account.

The source action works in the account that owns the repository: the pipeline assumes its role there, and that role
writes the artifact into the shared account's bucket. It needs ``s3:PutObjectAcl`` for that (aws-cdk #14260 [C]), and
``bucket-owner-full-control`` is the only ACL that a bucket with ``BucketOwnerEnforced`` takes (S3 User Guide,
about-object-ownership) [D].

An artifact cannot pass between two accounts neither of which is the pipeline's (CodePipeline User Guide,
pipelines-create-cross-account) [D]. What the source action wrote goes through a Commands action, which makes an
artifact of its own."""

from xacct_ml.config.model import Config
from xacct_ml.system.actions import commands
from xacct_ml.system.actions.action import Action, Stage
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import key_through_s3
from xacct_ml.system.sources.codecommit import REVISION, read_repository, repository, repository_thing
from xacct_ml.system.sources.source import SOURCE_ARTIFACT, SOURCE_STAGE, Source
from xacct_ml.system.statements import OWNER_ACL, Document, allow, policy
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE

HAND_ON_STAGE = "HandOn"
HANDED_ON_ARTIFACT = "Template"


def source(config: Config, keys: Keys) -> Source:
    names = Names(config)
    read = Action(
        repository(names, roleArn=names.source_action_role),
        {"repository": read_repository(names), "artifacts": _artifacts(names, keys)},
    )
    return Source(
        stages=(Stage(SOURCE_STAGE, (read,)), Stage(HAND_ON_STAGE, (_hand_on(names),))),
        artifact=HANDED_ON_ARTIFACT,
        revision=REVISION,
        thing=repository_thing(config),
    )


def _artifacts(names: Names, keys: Keys) -> Document:
    return policy(
        allow("ArtifactBucket", "s3: GetBucketLocation ListBucket", names.bucket_arn),
        allow("Artifacts", "s3: GetObject GetObjectVersion PutObject", names.artifacts_arn),
        allow("HandOver", "s3:PutObjectAcl", names.artifacts_arn, OWNER_ACL),
        key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
        allow("DescribeKey", "kms:DescribeKey", keys.pipeline),
    )


def _hand_on(names: Names) -> Action:
    """Exactly the two files that the training stack is made from; without one of them it fails, and says so."""
    files = [TEMPLATE_FILE, CONFIGURATION_FILE]
    listing = f"ls -l {' '.join(files)}"
    return commands.action(names, "Files", [listing], reads=SOURCE_ARTIFACT, writes=HANDED_ON_ARTIFACT, files=files)
