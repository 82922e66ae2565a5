"""Manual approval: a person, told by an SNS topic, looks at the metrics and decides.

Sources: CodePipeline User Guide, approvals, approvals-iam-permissions [D].
"""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.system.actions.action import EXECUTION, Action, declare
from xacct_ml.system.names import EVALUATIONS_PREFIX, Names
from xacct_ml.system.statements import allow, policy
from xacct_ml.system.thing import Thing
from xacct_ml.system.waves import DeploymentWave
from xacct_ml.tables.regions import console_host


@dataclass(frozen=True, kw_only=True)
class Topic(Thing):
    """Whoever subscribes to it by hand is told. ``display_name`` is what mails are from."""

    type = "AWS::SNS::Topic"
    display_name: str


def topic(names: Names) -> Topic:
    """One for all approvals, in the pipeline's account and region."""
    name = f"{names.project}-approvals"
    return Topic(
        id="shared/topic",
        account=names.shared,
        region=names.region,
        name=name,
        arn=names.arn("sns", names.shared, name),
        tags=names.tags,
        display_name=f"xacct-ml {names.project}",
    )


def action(names: Names, wave: DeploymentWave, revision: str) -> Action:
    """``revision`` is the pipeline variable of what was trained from. The pipeline's own role notifies the topic."""
    record, notified = f"{EVALUATIONS_PREFIX}/{EXECUTION}.json", topic(names)
    subject = f"Wave {wave.name}. " if wave.name else ""
    return Action(
        declare(
            names,
            "Review",
            "Approval",
            "Manual",
            {
                "NotificationArn": notified.arn,
                "CustomData": (
                    f"{subject}{names.revision_word.capitalize()} {revision}. "
                    f"Metrics and gate: s3://{names.bucket}/{record}. "
                    f"xacct-ml approve shows both and approves execution {EXECUTION}."
                ),
                "ExternalEntityLink": _console_link(names, record),
            },
        ),
        {"notify": policy(allow("NotifyApprovers", ["sns:Publish"], [notified.arn]))},
        (notified,),
    )


def _console_link(names: Names, key: str) -> str:
    return f"https://{console_host(names.region)}/s3/object/{names.bucket}?region={names.region}&prefix={key}"
