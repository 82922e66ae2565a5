"""IAM's words for what is not there, or not free to go.

Words: IAM API reference, NoSuchEntity and DeleteConflict; answers of AWS recorded in LocalStack's tests
(tests/emulator/recorded/iam.yaml [C])."""

import re
from typing import Any

from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError

_POLICY_ARN = re.compile(r"arn:[\w-]+:iam::(?:\d{12}|aws):policy/\S+")
_NAME = re.compile(r"[\w+=,.@-]+")
_MADE = frozenset({"CreateRole", "CreateUser", "UpdateLoginProfile"})
_OF_POLICY = ("DeletePolicy", "GetPolicy", "ListPolicyVersions", "ListEntitiesForPolicy", "ListPolicyTags")


def check(call: ApiCall) -> None:
    """:raises ServiceError: NoSuchEntity, DeleteConflict, ValidationError"""
    params = call.params
    arn = params.get("PolicyArn")
    if arn is not None and not _POLICY_ARN.fullmatch(arn):
        raise ServiceError("ValidationError", f"Invalid ARN:  Could not be parsed!: {arn}", 400)
    if call.operation in _MADE:
        return
    for parameter, kind, found in (
        ("RoleName", "role", principals.role_named),
        ("UserName", "user", principals.user_named),
    ):
        name = params.get(parameter)
        if name is not None and found(call.account, call.partition, str(name)) is None:
            raise _missing(f"The {kind} with name {name} cannot be found.")
    if arn is not None and call.operation in _OF_POLICY and principals.managed_policy(arn) is None:
        raise _missing(f"Policy {arn} was not found.")
    _check_inline(call)
    if call.operation == "DeleteUser" and _has_something(
        principals.user_named(call.account, call.partition, params["UserName"])
    ):
        raise ServiceError("DeleteConflict", "Cannot delete entity, must remove referenced objects first.", 409)


def _check_inline(call: ApiCall) -> None:
    name = str(call.params.get("PolicyName", ""))
    if call.operation == "PutRolePolicy" and not _NAME.fullmatch(name):
        message = (
            "The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the "
            "following: +=,.@_-"
        )
        raise ServiceError("ValidationError", message, 400)
    if call.operation in ("GetRolePolicy", "DeleteRolePolicy"):
        role = principals.role_named(call.account, call.partition, str(call.params.get("RoleName", "")))
        if role is not None and name not in role.policies:
            raise _missing(f"The role policy with name {name} cannot be found.")


def _missing(message: str) -> ServiceError:
    return ServiceError("NoSuchEntity", message, 404)


def _has_something(user: Any) -> bool:
    """Keys, devices, a password or credentials of a service (IAM API reference, DeleteUser [D]); moto looks at policies
    and groups."""
    names = ("access_keys", "mfa_devices", "ssh_public_keys", "service_specific_credentials")
    return any(getattr(user, name, None) for name in names) or bool(getattr(user, "password", None))
