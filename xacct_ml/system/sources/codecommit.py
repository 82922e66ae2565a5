"""A CodeCommit repository of the shared account (CodePipeline User Guide, action-reference-CodeCommit) [D]."""

from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.system.actions.action import Action, Stage, declare
from xacct_ml.system.names import Names
from xacct_ml.system.repository import FIRST_COMMIT_MESSAGE, first_commit
from xacct_ml.system.sources.source import SOURCE_ACTION, SOURCE_ARTIFACT, SOURCE_NAMESPACE, SOURCE_STAGE, Source
from xacct_ml.system.statements import Document, allow, policy
from xacct_ml.system.thing import Repository

REVISION = f"#{{{SOURCE_NAMESPACE}.CommitId}}"


def source(config: Config) -> Source:
    names = Names(config)
    action = Action(repository(names), {"source": read_repository(names)})
    return Source(
        stages=(Stage(SOURCE_STAGE, (action,)),),
        artifact=SOURCE_ARTIFACT,
        revision=REVISION,
        thing=repository_thing(config),
    )


def repository_thing(config: Config) -> Repository:
    """The repository, in whichever account it is."""
    names = Names(config)
    account = names.repository_account
    return Repository.of(
        names,
        account,
        f"{names.part(account)}/repository",
        names.repository,
        names.repository_arn,
        branch=names.branch,
        description=f"xacct-ml {names.project}: training template and configuration",
        first_commit=first_commit(config),
        first_message=FIRST_COMMIT_MESSAGE,
    )


def repository(names: Names, **more: Any) -> Document:
    """The action's declaration."""
    return declare(
        names,
        SOURCE_ACTION,
        "Source",
        "CodeCommit",
        {
            "RepositoryName": names.repository,
            "BranchName": names.branch,
            "PollForSourceChanges": "false",
            "OutputArtifactFormat": "CODE_ZIP",
        },
        outputArtifacts=[{"name": SOURCE_ARTIFACT}],
        namespace=SOURCE_NAMESPACE,
        **more,
    )


def read_repository(names: Names) -> Document:
    """What the action's role may do with the repository."""
    return policy(
        allow(
            "ReadRepository",
            "codecommit: CancelUploadArchive GetBranch GetCommit GetUploadArchiveStatus UploadArchive",
            names.repository_arn,
        )
    )
