"""A zip in the shared bucket, whose versions are the revisions.

CodePipeline User Guide, action reference "Amazon S3 source action", create-S3-source-events, security-iam [D]."""

from xacct_ml.config.model import Config, SourceObject
from xacct_ml.system import thing as things
from xacct_ml.system.actions.action import Action, Stage, declare
from xacct_ml.system.names import Names
from xacct_ml.system.package import packed
from xacct_ml.system.repository import first_commit
from xacct_ml.system.sources.source import OBJECT_ACTION, SOURCE_ARTIFACT, SOURCE_NAMESPACE, SOURCE_STAGE, Source
from xacct_ml.system.statements import in_our_account, policy
from xacct_ml.system.storage import BUCKET, KEY


def source(config: Config, source_object: SourceObject) -> Source:
    names, key = Names(config), source_object.key
    return Source(
        stages=(Stage(SOURCE_STAGE, (object_action(names, key, OBJECT_ACTION, SOURCE_ARTIFACT),)),),
        artifact=SOURCE_ARTIFACT,
        revision=f"#{{{SOURCE_NAMESPACE}.VersionId}}",
        thing=things.SourceObject.of(
            names,
            names.shared,
            "shared/source",
            key,
            names.object_arn(key),
            needs=(KEY, BUCKET),
            parent=BUCKET,
            bucket=names.bucket,
            first=packed(first_commit(config)),
            in_adopted_bucket=BUCKET in config.adopt,
        ),
    )


def object_action(names: Names, key: str, name: str, artifact: str) -> Action:
    """An action that reads the newest version of a zip in the bucket into ``artifact``.

    The right to see the bucket's versioning is among those on the artifact bucket, which it is. Tags are asked for
    where the zip has some, and then given to the artifact (CodePipeline User Guide, how-to-custom-role) [D]."""
    declaration = declare(
        names,
        name,
        "Source",
        "S3",
        {"S3Bucket": names.bucket, "S3ObjectKey": key, "PollForSourceChanges": "false"},
        outputArtifacts=[{"name": artifact}],
        namespace=SOURCE_NAMESPACE,
    )
    what = "Source" if name == OBJECT_ACTION else name
    read = "s3: GetObject GetObjectTagging GetObjectVersion GetObjectVersionTagging"
    reading = policy(
        in_our_account(names, f"Read{what}", read, names.object_arn(key)),
        in_our_account(names, "TagArtifact", "s3:PutObjectTagging", names.artifacts_arn),
    )
    return Action(declaration, {what.lower(): reading})
