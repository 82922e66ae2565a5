"""IAM requests of CodePipeline calls (Service Authorization Reference, "AWS CodePipeline" [D])."""

from collections.abc import Iterator, Mapping
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.authorization import pass_role, tag_context
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "codepipeline"

_PASSED_TO = "codepipeline.amazonaws.com"
_STAGE_CALLS = ("DisableStageTransition", "EnableStageTransition", "RetryStageExecution", "RollbackStage")


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """The operation on the pipeline, its stage or its action; creating and changing one also pass its role and
    its connections.

    ``PutJob*Result``, ``GetJobDetails`` and the lists have no resource."""
    action, params = f"codepipeline:{call.operation}", call.params
    if call.operation in ("CreatePipeline", "UpdatePipeline"):
        declaration = params["pipeline"]
        own = AuthorizationRequest(
            action, _pipeline(call, declaration["name"]), call.account, tag_context(params.get("tags"))
        )
        return own, pass_role(call, declaration["roleArn"], _PASSED_TO), *_pass_connections(declaration)
    if params.get("resourceArn"):
        context = tag_context(params.get("tags"))
        if params.get("tagKeys"):
            context["aws:TagKeys"] = tuple(params["tagKeys"])
        return (AuthorizationRequest(action, params["resourceArn"], call.account, context),)
    name = params.get("pipelineName") or params.get("name")
    if not isinstance(name, str):
        return (AuthorizationRequest(action, "*", call.account),)
    if call.operation == "PutApprovalResult":
        name = f"{name}/{params.get('stageName', '*')}/{params.get('actionName', '*')}"
    elif call.operation in _STAGE_CALLS:
        name = f"{name}/{params.get('stageName', '*')}"
    return (AuthorizationRequest(action, _pipeline(call, name), call.account),)


def _pass_connections(declaration: Mapping[str, Any]) -> Iterator[AuthorizationRequest]:
    """Who puts a connection into a pipeline passes it (Developer Tools console user guide, connections: PassConnection
    [D])."""
    declared = (action for stage in declaration.get("stages") or () for action in stage["actions"])
    given = (str((action.get("configuration") or {}).get("ConnectionArn", "")) for action in declared)
    for arn in dict.fromkeys(arn for arn in given if arn.count(":") >= 5):
        service, account = Arn.parse(arn).service, Arn.parse(arn).account
        yield AuthorizationRequest(
            f"{service}:PassConnection", arn, account, {f"{service}:PassedToService": _PASSED_TO}
        )


def _pipeline(call: ApiCall, name: str) -> str:
    return call.arn("codepipeline", name)
