"""Manual approval: a person looks at the metrics and decides (CodePipeline User Guide, approvals) [D]."""

from xacct_ml.system.actions.action import EXECUTION, Action, declare
from xacct_ml.system.names import EVALUATIONS_PREFIX, Names
from xacct_ml.system.waves import DeploymentWave
from xacct_ml.tables.regions import console_host


def action(names: Names, wave: DeploymentWave, revision: str) -> Action:
    """``revision`` is the pipeline variable of what was trained from. The action runs as nobody: it has no rights."""
    record = f"{EVALUATIONS_PREFIX}/{EXECUTION}.json"
    subject = f"Wave {wave.name}. " if wave.name else ""
    return Action(
        declare(
            names,
            "Review",
            "Approval",
            "Manual",
            {
                "CustomData": (
                    f"{subject}{names.revision_word.capitalize()} {revision}. "
                    f"Metrics and gate: s3://{names.bucket}/{record}. "
                    f"xacct-ml approve shows both and approves execution {EXECUTION}."
                ),
                "ExternalEntityLink": _console_link(names, record),
            },
        )
    )


def _console_link(names: Names, key: str) -> str:
    return f"https://{console_host(names.region)}/s3/object/{names.bucket}?region={names.region}&prefix={key}"
