"""The manual approval: it notifies a topic.

For the decision the pipeline asks nobody: the person who decides does, with rights of their own.
"""

from collections.abc import Iterator

from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.hop import Row

APPROVAL_RIGHTS = "CodePipeline User Guide, approvals-iam-permissions"


def requests(action: PipelineAction) -> Iterator[Row]:
    topic = action.configuration.get("NotificationArn")
    if topic is not None:
        yield Row(
            "The approval notifies the topic", action.send.call(action.role, "sns:Publish", topic), APPROVAL_RIGHTS
        )


ACTIONS = {"Manual": requests}
