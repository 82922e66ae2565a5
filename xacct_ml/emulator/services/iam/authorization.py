"""IAM. Source: Service Authorization Reference, "AWS Identity and Access Management" [D]."""

from typing import Any

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import account_of
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core.authorization import pass_role, tag_context, unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "iam"

_ON_ROLE = frozenset(
    [
        "AttachRolePolicy",
        "CreateRole",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListInstanceProfilesForRole",
        "ListRolePolicies",
        "ListRoleTags",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "TagRole",
        "UntagRole",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
        "UpdateRoleDescription",
    ]
)
_ON_USER = frozenset(
    [
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreateLoginProfile",
        "CreateUser",
        "DeleteAccessKey",
        "DeleteLoginProfile",
        "DeleteUser",
        "DeleteUserPermissionsBoundary",
        "DeleteUserPolicy",
        "DetachUserPolicy",
        "GetLoginProfile",
        "GetUser",
        "GetUserPolicy",
        "ListAccessKeys",
        "ListAttachedUserPolicies",
        "ListGroupsForUser",
        "ListUserPolicies",
        "ListUserTags",
        "PutUserPermissionsBoundary",
        "PutUserPolicy",
        "TagUser",
        "UntagUser",
        "UpdateAccessKey",
        "UpdateLoginProfile",
        "UpdateUser",
    ]
)
_ON_POLICY = frozenset(
    [
        "CreatePolicyVersion",
        "DeletePolicy",
        "DeletePolicyVersion",
        "GetPolicy",
        "GetPolicyVersion",
        "ListEntitiesForPolicy",
        "ListPolicyTags",
        "ListPolicyVersions",
        "SetDefaultPolicyVersion",
        "TagPolicy",
        "UntagPolicy",
    ]
)
_ON_INSTANCE_PROFILE = frozenset(
    [
        "AddRoleToInstanceProfile",
        "CreateInstanceProfile",
        "DeleteInstanceProfile",
        "GetInstanceProfile",
        "ListInstanceProfileTags",
        "RemoveRoleFromInstanceProfile",
        "TagInstanceProfile",
        "UntagInstanceProfile",
    ]
)
_BOUNDARY_OF_ROLE = frozenset(
    ["AttachRolePolicy", "DeleteRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePermissionsBoundary"]
)
"""Operations whose ``iam:PermissionsBoundary`` is the boundary that the role has."""


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    action = f"iam:{call.operation}"
    if call.operation in _ON_ROLE:
        return _on_role(call, action)
    if call.operation in _ON_USER:
        return (AuthorizationRequest(action, _user_arn(call), call.account, _request_keys(call)),)
    if call.operation == "CreatePolicy":
        arn = _arn(call, "policy", call.params.get("Path"), str(call.params.get("PolicyName", "")))
        return _with_tagging(
            call, AuthorizationRequest(action, arn, call.account, _request_keys(call)), "iam:TagPolicy"
        )
    if call.operation in _ON_POLICY:
        arn = str(call.params.get("PolicyArn", "*"))
        return (AuthorizationRequest(action, arn, account_of(arn, call.account), _request_keys(call)),)
    if call.operation in _ON_INSTANCE_PROFILE:
        return _on_instance_profile(call, action)
    if call.operation == "SimulatePrincipalPolicy":
        return (AuthorizationRequest(action, str(call.params.get("PolicySourceArn", "*")), call.account),)
    if call.operation == "CreateServiceLinkedRole":
        service = str(call.params.get("AWSServiceName", ""))
        arn = call.arn("iam", f"role/aws-service-role/{service}/AWSServiceRole", region="")
        return (AuthorizationRequest(action, arn, call.account, {"iam:AWSServiceName": service}),)
    return unknown(call)


def _on_role(call: ApiCall, action: str) -> tuple[AuthorizationRequest, ...]:
    name = str(call.params.get("RoleName", ""))
    role = principals.role_named(call.account, call.partition, name)
    keys = _request_keys(call)
    if role is None:
        arn = _arn(call, "role", call.params.get("Path"), name)
    else:
        arn = role.arn
        tags = principals.role_tags(role)
        keys |= {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
        keys |= {f"iam:ResourceTag/{key}": value for key, value in tags.items()}
        boundary = principals.boundary(role)
        if boundary is not None and call.operation in _BOUNDARY_OF_ROLE:
            keys["iam:PermissionsBoundary"] = boundary
    request = AuthorizationRequest(action, arn, call.account, keys)
    return _with_tagging(call, request, "iam:TagRole") if call.operation == "CreateRole" else (request,)


def _on_instance_profile(call: ApiCall, action: str) -> tuple[AuthorizationRequest, ...]:
    arn = _arn(call, "instance-profile", call.params.get("Path"), str(call.params.get("InstanceProfileName", "")))
    request = AuthorizationRequest(action, arn, call.account, _request_keys(call))
    role = principals.role_named(call.account, call.partition, str(call.params.get("RoleName", "")))
    if call.operation == "AddRoleToInstanceProfile" and role is not None:
        return (request, pass_role(call, role.arn, "ec2.amazonaws.com"))
    return (request,)


def _with_tagging(call: ApiCall, request: AuthorizationRequest, tagging: str) -> tuple[AuthorizationRequest, ...]:
    """Creating with tags needs the right to tag, too (IAM user guide, "Tags for IAM resources") [D]."""
    if not call.params.get("Tags"):
        return (request,)
    return (request, AuthorizationRequest(tagging, request.resource, request.account, tag_context(call.params["Tags"])))


def _request_keys(call: ApiCall) -> dict[str, ContextValue]:
    keys: dict[str, ContextValue] = dict(tag_context(call.params.get("Tags")))
    if call.params.get("TagKeys"):
        keys["aws:TagKeys"] = tuple(call.params["TagKeys"])
    if "PermissionsBoundary" in call.params:
        keys["iam:PermissionsBoundary"] = str(call.params["PermissionsBoundary"])
    if "PolicyArn" in call.params and call.operation.startswith(("Attach", "Detach")):
        keys["iam:PolicyARN"] = str(call.params["PolicyArn"])
    return keys


def _user_arn(call: ApiCall) -> str:
    """The named user's ARN; the caller's own where the request names none."""
    name: Any = call.params.get("UserName")
    if name is None:
        return call.principal.arn
    user = principals.user_named(call.account, call.partition, str(name))
    return str(user.arn) if user is not None else _arn(call, "user", call.params.get("Path"), str(name))


def _arn(call: ApiCall, kind: str, path: Any, name: str) -> str:
    return call.arn("iam", f"{kind}{path or '/'}{name}", region="")
