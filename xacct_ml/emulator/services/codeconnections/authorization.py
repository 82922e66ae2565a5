"""IAM requests of CodeConnections calls, under either prefix (Service Authorization Reference, "AWS CodeConnections",
"AWS CodeStar Connections" [D])."""

from xacct_ml.arn import account_of
from xacct_ml.emulator.core.authorization import tag_context
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = ("codeconnections", "codestar-connections")
"""The service has had two names, and clients of either are in use."""


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """The operation on the connection that it names, or on ``*``; the prefix is that of the API that was called."""
    params = call.params
    resource = str(params.get("ConnectionArn") or params.get("ResourceArn") or "*")
    context = tag_context(params.get("Tags"))
    if params.get("TagKeys"):
        context["aws:TagKeys"] = tuple(params["TagKeys"])
    account = account_of(resource, call.account)
    return (AuthorizationRequest(f"{call.service}:{call.operation}", resource, account, context),)
