"""Manual approval action (CodePipeline user guide, "Manage approval actions", and its JSON notification [D])."""

from __future__ import annotations

import json

from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed
from xacct_ml.emulator.services.codepipeline.model import new_id

DEFAULT_TIMEOUT_MINUTES = 7 * 24 * 60
"""An approval that nobody answers fails after seven days unless the action says otherwise [D]."""


def run(context: ActionContext) -> Outcome:
    """Wait, holding the stage, until PutApprovalResult answers with the token."""
    minutes = context.execution.declaration.get("timeoutInMinutes") or DEFAULT_TIMEOUT_MINUTES
    token = new_id()
    context.report(token=token)
    _notify(context, token)
    verdict = context.host.await_verdict(context.execution, minutes * 60)
    if verdict is None:
        raise ActionFailed("JobFailed", f"The approval was not answered within {minutes} minutes")
    context.report(summary=verdict.summary or None, updated_by=verdict.by)
    if not verdict.approved:
        reason = f": {verdict.summary}" if verdict.summary else ""
        raise ActionFailed("JobFailed", f"Rejected by {verdict.by}{reason}")
    return Outcome()


def _notify(context: ActionContext, token: str) -> None:
    """Publishes to the topic, where the action names one. That a denial fails the action is assumed [U]."""
    topic = context.configuration.get("NotificationArn")
    if topic is not None:
        stage, action = context.execution.stage, context.execution.name
        told = {
            "pipelineName": context.pipeline,
            "stageName": stage,
            "actionName": action,
            "token": token,
            "externalEntityLink": context.configuration.get("ExternalEntityLink"),
            "customData": context.configuration.get("CustomData"),
        }
        context.client("sns").publish(
            TopicArn=topic,
            Subject=f"APPROVAL NEEDED: AWS CodePipeline {context.pipeline} for action {action}"[:100],
            Message=json.dumps({"region": context.region, "approval": told}),
        )
