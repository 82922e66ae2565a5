"""The IAM requests of Step Functions' calls.

Actions and resources: Service Authorization Reference, "AWS Step Functions" [D]. That CreateStateMachine and
UpdateStateMachine need ``iam:PassRole`` on the role is the developer guide's, "Creating IAM policies" [D]; that tags at
creation need ``states:TagResource`` is the API reference's, CreateStateMachine [D]."""

from xacct_ml.arn import account_of
from xacct_ml.emulator.core.authorization import pass_role, tag_context
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "stepfunctions"

_PASSED_TO = "states.amazonaws.com"

_ON_NOTHING = {"ListStateMachines", "ListActivities", "ValidateStateMachineDefinition"}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """Every IAM request of one call."""
    params, action = call.params, f"states:{call.operation}"
    if call.operation in _ON_NOTHING:
        return (AuthorizationRequest(action, "*", call.account),)
    if call.operation == "CreateStateMachine":
        arn = call.arn("states", f"stateMachine:{params['name']}")
        return _with_role(call, arn, [AuthorizationRequest(action, arn, call.account, tag_context(params.get("tags")))])
    if call.operation == "UpdateStateMachine":
        arn = params["stateMachineArn"]
        return _with_role(call, arn, [AuthorizationRequest(action, arn, _owner(call, arn))])
    if call.operation in ("TagResource", "UntagResource"):
        keys = tag_context(params.get("tags")) or {"aws:TagKeys": tuple(params.get("tagKeys", ()))}
        return (AuthorizationRequest(action, params["resourceArn"], _owner(call, params["resourceArn"]), keys),)
    named = ("executionArn", "stateMachineArn", "resourceArn", "activityArn", "mapRunArn", "stateMachineAliasArn")
    arn = next((params[name] for name in named if params.get(name)), "*")
    return (AuthorizationRequest(action, arn, _owner(call, arn)),)


def _with_role(call: ApiCall, arn: str, found: list[AuthorizationRequest]) -> tuple[AuthorizationRequest, ...]:
    if call.params.get("tags"):
        found.append(AuthorizationRequest("states:TagResource", arn, call.account, tag_context(call.params["tags"])))
    if call.params.get("roleArn"):
        found.append(pass_role(call, call.params["roleArn"], _PASSED_TO))
    return tuple(found)


def _owner(call: ApiCall, arn: str) -> str:
    return account_of(arn, call.account)
