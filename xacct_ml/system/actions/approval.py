"""Manual approval: a person looks at the metrics and decides (CodePipeline User Guide, approvals) [D]."""

from xacct_ml.config.model import Config
from xacct_ml.system.actions.action import EXECUTION, Action, declare
from xacct_ml.system.actions.lambda_judge import Judged
from xacct_ml.system.names import Names
from xacct_ml.tables.regions import console_host

REVIEWS = ("Review", "SecondReview")
"""Its actions, by how many approvals the map asks for."""


def actions(names: Names, subject: str, record: str, judged: Judged) -> tuple[Action, ...]:
    """One, or two side by side. ``subject`` says what is asked about, in sentences; ``record`` is the record's key.
    The actions run as nobody: they have no rights."""
    text = (
        f"{subject} Evidence: s3://{names.bucket}/{record}, SHA-256 {judged.variable('RecordDigest')}. "
        f"xacct-ml approve shows it and approves execution {EXECUTION}."
    )
    link = {"CustomData": text, "ExternalEntityLink": _console_link(names, record)}
    return tuple(Action(declare(names, name, "Approval", "Manual", link)) for name in reviews(names.config))


def reviews(config: Config) -> tuple[str, ...]:
    """The names of a wave's approval actions."""
    return REVIEWS[: config.approvals]


def _console_link(names: Names, key: str) -> str:
    return f"https://{console_host(names.region)}/s3/object/{names.bucket}?region={names.region}&prefix={key}"
