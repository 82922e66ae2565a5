"""The IAM requests of Lambda's calls.

Actions, resources and condition keys: Service Authorization Reference, "AWS Lambda" [D]. That Invoke is the action
``lambda:InvokeFunction``, that tags at creation need ``lambda:TagResource`` and a role ``iam:PassRole``: the same, and
the developer guide's "Lambda permissions" [D]. Code in S3 is read as the caller and decided there."""

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import account_of
from xacct_ml.emulator.core.authorization import pass_role, tag_context
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "lambda"

_PASSED_TO = "lambda.amazonaws.com"

_ACTIONS = {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeAsync", "InvokeWithResponseStream": "InvokeFunction"}

_ON_NOTHING = {
    "GetAccountSettings",
    "ListEventSourceMappings",
    "ListFunctions",
    "ListLayers",
    "ListLayerVersions",
    "ListCodeSigningConfigs",
}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """Every IAM request of one call."""
    params, action = call.params, f"lambda:{_ACTIONS.get(call.operation, call.operation)}"
    if call.operation in _ON_NOTHING:
        return (AuthorizationRequest(action, "*", call.account),)
    if call.operation in ("TagResource", "UntagResource", "ListTags"):
        keys = tag_context(params.get("Tags")) or (
            {"aws:TagKeys": tuple(params["TagKeys"])} if "TagKeys" in params else {}
        )
        return (AuthorizationRequest(action, params["Resource"], _owner(call, params["Resource"]), keys),)
    if not params.get("FunctionName"):
        return (AuthorizationRequest(action, "*", call.account),)
    arn = _function_arn(call, params["FunctionName"], params.get("Qualifier"))
    owner = _owner(call, arn)
    context: dict[str, ContextValue] = dict(tag_context(params.get("Tags")))
    if call.operation == "AddPermission":
        context["lambda:Principal"] = params["Principal"]
    found = [AuthorizationRequest(action, arn, owner, context)]
    if call.operation == "CreateFunction" and params.get("Tags"):
        found.append(AuthorizationRequest("lambda:TagResource", arn, owner, tag_context(params["Tags"])))
    if call.operation in ("CreateFunction", "UpdateFunctionConfiguration") and params.get("Role"):
        found.append(pass_role(call, params["Role"], _PASSED_TO))
    return tuple(found)


def _function_arn(call: ApiCall, name: str, qualifier: str | None) -> str:
    """The ARN for a name, a partial ARN (``<account>:function:<name>``) or an ARN, qualified or not [D]."""
    if name.startswith("arn:"):
        arn = name
    else:
        account, separator, rest = name.partition(":function:")
        arn = (
            call.arn("lambda", f"function:{rest}", account=account)
            if separator
            else call.arn("lambda", f"function:{name}")
        )
    return f"{arn}:{qualifier}" if qualifier and arn.count(":") == 6 else arn


def _owner(call: ApiCall, arn: str) -> str:
    return account_of(arn, call.account)
