"""A Commands action: shell commands in a container, always in the pipeline's account, as the pipeline's role.

CodePipeline User Guide, action-reference-Commands [D]."""

from collections.abc import Sequence

from xacct_ml.system.actions.action import Action, declare
from xacct_ml.system.logs import log_group
from xacct_ml.system.names import Names
from xacct_ml.system.statements import allow, policy


def action(
    names: Names, name: str, commands: Sequence[str], *, reads: str, writes: str, files: Sequence[str]
) -> Action:
    """Runs ``commands`` in the artifact ``reads`` and makes an artifact ``writes`` of ``files``."""
    group = names.pipeline_log_group_arn
    return Action(
        declare(
            names,
            name,
            "Compute",
            "Commands",
            {},
            commands=list(commands),
            inputArtifacts=[{"name": reads}],
            outputArtifacts=[{"name": writes, "files": list(files)}],
        ),
        {
            "commands": policy(
                allow("WriteLogs", "logs: CreateLogGroup CreateLogStream PutLogEvents", [group, f"{group}:*"])
            )
        },
        (log_group(names, "shared/log-group", names.shared, names.pipeline_log_group),),
    )
