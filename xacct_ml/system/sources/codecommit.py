"""A CodeCommit repository, of the shared account or of a source account.

An artifact cannot pass between two accounts neither of which is the pipeline's (CodePipeline User Guide,
pipelines-create-cross-account) [D]. What a source account's action wrote goes through a Commands action, which always
runs in the pipeline's account, as the pipeline's role, and makes an artifact of its own
(action-reference-Commands) [D].
"""

from __future__ import annotations

from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.system.actions.declaration import action, stage
from xacct_ml.system.names import Names
from xacct_ml.system.sources.source import SOURCE_ARTIFACT, SOURCE_NAMESPACE, SOURCE_STAGE, Source
from xacct_ml.system.statements import Document
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE

HAND_ON_STAGE = "HandOn"
HANDED_ON_ARTIFACT = "Template"


def source(config: Config) -> Source:
    names = Names(config)
    revision = f"#{{{SOURCE_NAMESPACE}.CommitId}}"
    if names.source_account is None:
        return Source(stages=(stage(SOURCE_STAGE, _repository(names)),), artifact=SOURCE_ARTIFACT, revision=revision)
    return Source(
        stages=(
            stage(SOURCE_STAGE, _repository(names, roleArn=names.source_action_role)),
            stage(HAND_ON_STAGE, _hand_on(names)),
        ),
        artifact=HANDED_ON_ARTIFACT,
        revision=revision,
    )


def _repository(names: Names, **more: Any) -> Document:
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
        **more,
    )


def _hand_on(names: Names) -> Document:
    """Exactly the two files that the training stack is made from; without one of them it fails, and says so."""
    files = [TEMPLATE_FILE, CONFIGURATION_FILE]
    return action(
        names,
        "Files",
        "Compute",
        "Commands",
        {},
        commands=[f"ls -l {' '.join(files)}"],
        inputArtifacts=[{"name": SOURCE_ARTIFACT}],
        outputArtifacts=[{"name": HANDED_ON_ARTIFACT, "files": files}],
    )
