"""STS. Source: Service Authorization Reference, "AWS Security Token Service" [D]."""

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import account_of
from xacct_ml.emulator.core.authorization import tag_context, unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "sts"

_NO_PERMISSION_NEEDED = {"AssumeRoleWithWebIdentity", "GetCallerIdentity", "GetSessionToken"}
"""They work even where a policy denies them explicitly (API references [D]); the first is decided by the role's trust
policy alone, with the claims of the token that it is called with."""


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    if call.operation in _NO_PERMISSION_NEEDED:
        return ()
    if call.operation == "AssumeRole":
        return _assume_role(call)
    return unknown(call)


def _assume_role(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """``sts:AssumeRole``, and what session tags and a source identity need besides, all on the role.

    That the further requests see the keys of the first (``sts:ExternalId``), which the reference does not list for
    them, is assumed: trust policies commonly allow both actions in one statement under one condition [U]."""
    role_arn = str(call.params.get("RoleArn", ""))
    account = account_of(role_arn, call.account)
    keys: dict[str, ContextValue] = {"sts:RoleSessionName": str(call.params.get("RoleSessionName", ""))}
    for key, parameter in (("sts:ExternalId", "ExternalId"), ("sts:SourceIdentity", "SourceIdentity")):
        if parameter in call.params:
            keys[key] = str(call.params[parameter])
    keys |= tag_context(call.params.get("Tags"))
    if call.params.get("TransitiveTagKeys"):
        keys["sts:TransitiveTagKeys"] = tuple(call.params["TransitiveTagKeys"])
    actions = ["sts:AssumeRole"]
    if call.params.get("Tags"):
        actions.append("sts:TagSession")
    if "SourceIdentity" in call.params:
        actions.append("sts:SetSourceIdentity")
    return tuple(AuthorizationRequest(action, role_arn, account, keys) for action in actions)
