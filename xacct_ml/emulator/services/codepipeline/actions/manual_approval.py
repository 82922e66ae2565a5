"""Manual approval action (CodePipeline user guide, "Manage approval actions" [D]). No notification is sent."""

from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed
from xacct_ml.emulator.services.codepipeline.model import new_id

DEFAULT_TIMEOUT_MINUTES = 7 * 24 * 60
"""An approval that nobody answers fails after seven days unless the action says otherwise [D]."""


def run(context: ActionContext) -> Outcome:
    """Wait, holding the stage, until PutApprovalResult answers with the token."""
    minutes = context.execution.declaration.get("timeoutInMinutes") or DEFAULT_TIMEOUT_MINUTES
    context.report(token=new_id())
    verdict = context.host.await_verdict(context.execution, minutes * 60)
    if verdict is None:
        raise ActionFailed("JobFailed", f"The approval was not answered within {minutes} minutes")
    context.report(summary=verdict.summary or None, updated_by=verdict.by)
    if not verdict.approved:
        reason = f": {verdict.summary}" if verdict.summary else ""
        raise ActionFailed("JobFailed", f"Rejected by {verdict.by}{reason}")
    return Outcome()
