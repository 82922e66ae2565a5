"""IAM requests of CodeConnections calls, under either prefix (Service Authorization Reference, "AWS CodeConnections",
"AWS CodeStar Connections" [D]).
"""

from __future__ import annotations

from xacct_ml.emulator.calls import ApiCall, Asked
from xacct_ml.emulator.requests import tag_context
from xacct_ml.system.names import CONNECTION_SERVICES

SERVICE = CONNECTION_SERVICES


def asked(call: ApiCall) -> tuple[Asked, ...]:
    """The operation on the connection that it names, or on ``*``; the prefix is that of the API that was called."""
    params = call.params
    resource = str(params.get("ConnectionArn") or params.get("ResourceArn") or "*")
    context = tag_context(params.get("Tags"))
    if params.get("TagKeys"):
        context["aws:TagKeys"] = tuple(params["TagKeys"])
    account = resource.split(":")[4] if resource.count(":") >= 5 else call.account
    return (Asked(f"{call.service}:{call.operation}", resource, account, context),)
