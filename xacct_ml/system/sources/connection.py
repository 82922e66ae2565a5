"""A repository on GitHub, GitLab or Bitbucket, reached through CodeConnections.

CodePipeline User Guide, action reference CodeStarSourceConnection, pipelines-triggers, pipelines-filter [D]. The
provider's name is older than the service's."""

from xacct_ml.config.model import Config, Connection
from xacct_ml.system import thing as things
from xacct_ml.system.actions.action import Action, Stage, declare
from xacct_ml.system.names import CONNECTION_SERVICES, Names
from xacct_ml.system.sources.source import SOURCE_ACTION, SOURCE_ARTIFACT, SOURCE_NAMESPACE, SOURCE_STAGE, Source
from xacct_ml.system.statements import OWNER_ACL, Document, allow, in_our_account, policy

CONNECTION = "shared/connection"
"""Its id."""

PROVIDER = "CodeStarSourceConnection"


def source(config: Config, connection: Connection) -> Source:
    names = Names(config)
    reading = policy(
        # Which of the two prefixes CodePipeline asks for depends on the connection's age: AWS says to allow both.
        allow(
            "UseConnection",
            [f"{service}:UseConnection" for service in CONNECTION_SERVICES],
            list(names.connection_arns),
        ),
        # Without it "Amazon S3:AccessDenied" (aws-cdk #13557) [C].
        in_our_account(names, "HandOver", "s3:PutObjectAcl", names.artifacts_arn, OWNER_ACL),
    )
    return Source(
        stages=(Stage(SOURCE_STAGE, (Action(_repository(names, connection), {"source": reading}),)),),
        artifact=SOURCE_ARTIFACT,
        revision=f"#{{{SOURCE_NAMESPACE}.CommitId}}",
        thing=things.Connection.of(names, names.shared, CONNECTION, names.repository, connection.arn),
        triggers=(_on_push(names, connection),),
    )


def _repository(names: Names, connection: Connection) -> Document:
    return declare(
        names,
        SOURCE_ACTION,
        "Source",
        PROVIDER,
        {
            "ConnectionArn": connection.arn,
            "FullRepositoryId": names.repository,
            "BranchName": names.branch,
            "OutputArtifactFormat": "CODE_ZIP",
            # A trigger with a filter detects the changes, and takes exactly the commit that was pushed [D].
            "DetectChanges": "false",
        },
        outputArtifacts=[{"name": SOURCE_ARTIFACT}],
        namespace=SOURCE_NAMESPACE,
    )


def _on_push(names: Names, connection: Connection) -> Document:
    push: Document = {"branches": {"includes": [names.branch]}}
    if connection.paths:
        push["filePaths"] = {"includes": list(connection.paths)}
    return {"providerType": PROVIDER, "gitConfiguration": {"sourceActionName": SOURCE_ACTION, "push": [push]}}
