"""A CodeCommit repository."""

from __future__ import annotations

from xacct_ml.config.model import Config
from xacct_ml.documents.actions import action, stage
from xacct_ml.documents.sources.source import SOURCE_ARTIFACT, SOURCE_NAMESPACE, SOURCE_STAGE, Source
from xacct_ml.documents.statements import Document
from xacct_ml.naming import Names


def source(config: Config) -> Source:
    names = Names(config)
    return Source(
        stages=(stage(SOURCE_STAGE, _repository(names)),),
        artifact=SOURCE_ARTIFACT,
        revision=f"#{{{SOURCE_NAMESPACE}.CommitId}}",
    )


def _repository(names: Names) -> Document:
    return action(
        names,
        "Repository",
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
    )
