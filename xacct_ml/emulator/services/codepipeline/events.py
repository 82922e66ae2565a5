"""The events that CodePipeline sends of its actions (CodePipeline User Guide, detect-state-changes-cloudwatch-events
[D]): when one starts, and when it has ended."""

from typing import Any

from xacct_ml.emulator.services.codepipeline import model
from xacct_ml.emulator.services.codepipeline.model import ActionExecution, Run
from xacct_ml.emulator.services.events import moto_patches as events

_STATES = {
    model.IN_PROGRESS: "STARTED",
    model.SUCCEEDED: "SUCCEEDED",
    model.FAILED: "FAILED",
    model.ABANDONED: "ABANDONED",
}


def tell(account: str, region: str, partition: str, run: Run, action: ActionExecution) -> None:
    """As the action is now."""
    name, kind = run.declaration["name"], action.declaration["actionTypeId"]
    detail: dict[str, Any] = {
        "pipeline": name,
        "execution-id": run.id,
        "stage": action.stage,
        "action": action.name,
        "action-execution-id": action.id,
        "state": _STATES[action.status],
        "region": action.declaration.get("region") or region,
        "type": {each: kind[each] for each in ("owner", "provider", "category", "version")},
        "version": float(action.version),
    }
    if action.error is not None:
        detail["execution-result"] = {"external-execution-summary": action.error[1], "error-code": action.error[0]}
    events.emit(
        account,
        region,
        source="aws.codepipeline",
        detail_type="CodePipeline Action Execution State Change",
        resources=[f"arn:{partition}:codepipeline:{region}:{account}:{name}"],
        detail=detail,
    )
