"""IAM, repaired: what AWS refuses and moto saves, unique ids of users as AWS forms them, and
policies that hold on to the id of a principal that was deleted.

Quotas: IAM user guide, "IAM and AWS STS quotas" [D]; white space does not count."""

import re
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse
from moto.iam.utils import generate_access_key_id_from_account_id

from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import policy_documents as documents
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.iam import existence
from xacct_ml.emulator.services.iam.moto_simulation import simulate_principal_policy

TRUST_POLICY_SIZE = 2048
INLINE_POLICIES_SIZE = 10240
MANAGED_POLICY_SIZE = 6144


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: a document, a quota or another entity forbids the call, though the caller has the right"""
    del asked
    existence.check(call)
    found = _CHECKS.get(call.operation)
    if found is not None:
        found(call)


def _check_create_role(call: ApiCall) -> None:
    name = str(call.params.get("RoleName", ""))
    if principals.role_named(call.account, call.partition, name) is not None:
        raise ServiceError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    _check_trust(str(call.params.get("AssumeRolePolicyDocument", "")))
    if "PermissionsBoundary" in call.params:
        _check_boundary(call)


def _check_trust_update(call: ApiCall) -> None:
    _check_trust(str(call.params.get("PolicyDocument", "")))


def _check_trust(text: str) -> None:
    if (problem := documents.problem(text, documents.TRUST)) is not None:
        raise ServiceError("MalformedPolicyDocument", problem, 400)
    if _size(text) > TRUST_POLICY_SIZE:
        raise ServiceError("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_SIZE}", 409)


def _check_boundary(call: ApiCall) -> None:
    arn = str(call.params.get("PermissionsBoundary", ""))
    if principals.managed_policy(arn) is None:
        raise ServiceError("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", 404)


def _check_inline(call: ApiCall) -> None:
    name = str(call.params.get("RoleName", ""))
    role = principals.role_named(call.account, call.partition, name)
    if role is None:
        return
    others = [text for other, text in role.policies.items() if other != call.params.get("PolicyName")]
    if sum(map(_size, [*others, str(call.params.get("PolicyDocument", ""))])) > INLINE_POLICIES_SIZE:
        message = f"Maximum policy size of {INLINE_POLICIES_SIZE} bytes exceeded for role {name}"
        raise ServiceError("LimitExceeded", message, 409)


def _check_managed(call: ApiCall) -> None:
    if _size(str(call.params.get("PolicyDocument", ""))) > MANAGED_POLICY_SIZE:
        raise ServiceError("LimitExceeded", f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_SIZE}", 409)


def _check_delete_policy(call: ApiCall) -> None:
    arn = str(call.params.get("PolicyArn", ""))
    if principals.attached(call.account, call.partition, arn):
        raise ServiceError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)


def _size(text: str) -> int:
    return len(re.sub(r"\s", "", text))


_CHECKS: dict[str, Callable[[ApiCall], None]] = {
    "CreateRole": _check_create_role,
    "UpdateAssumeRolePolicy": _check_trust_update,
    "PutRolePermissionsBoundary": _check_boundary,
    "PutRolePolicy": _check_inline,
    "CreatePolicy": _check_managed,
    "CreatePolicyVersion": _check_managed,
    "DeletePolicy": _check_delete_policy,
}


def _orphaned(delete: Callable[..., Any], named: Callable[[str, str, str], Any]) -> Callable[..., Any]:
    """Deleting a role or a user, after which policies that name it hold its unique id."""

    def delete_entity(self: Any, *args: Any, **kwargs: Any) -> Any:
        name = next(iter((*args, *kwargs.values())))
        entity = named(self.account_id, self.partition, name)
        result = delete(self, *args, **kwargs)
        if entity is not None:
            for rewrite in documents.principal_deleted:
                rewrite(entity.arn, entity.id)
        return result

    return delete_entity


def _rewrite_trust_policies(arn: str, unique_id: str) -> None:
    for backend in principals.backends():
        for role in list(backend.roles.values()):
            if arn in role.assume_role_policy_document:
                text = documents.without_principal(role.assume_role_policy_document, arn, unique_id)
                role.assume_role_policy_document = text


class _New:
    """A role as its creation answers it: its members, but for these."""

    max_session_duration = None
    role_last_used = None

    def __init__(self, role: Any) -> None:
        self._role = role

    def __getattr__(self, name: str) -> Any:
        return getattr(self._role, name)


def install() -> None:
    dispatch.checks["iam"] = check
    documents.principal_deleted.append(_rewrite_trust_policies)

    IamResponse.simulate_principal_policy = simulate_principal_policy
    IAMBackend.delete_role = _orphaned(IAMBackend.delete_role, principals.role_named)
    IAMBackend.delete_user = _orphaned(IAMBackend.delete_user, principals.user_named)

    made: Any = IamResponse.create_role

    def create_role(self: Any) -> ActionResult:
        """What is told of a new role is less than of one that is read [C]."""
        role = made(self).result["Role"]
        return ActionResult({"Role": _New(role)})

    IamResponse.create_role = create_role

    # moto goes through the live dictionary, which another request may change meanwhile
    IAMBackend.get_roles = lambda self: list(self.roles.values())

    create_user = IAMBackend.create_user

    def create_user_with_id(self: Any, *args: Any, **kwargs: Any) -> Any:
        user = create_user(self, *args, **kwargs)
        user.id = generate_access_key_id_from_account_id(self.account_id, prefix="AIDA", total_length=21)
        return user

    IAMBackend.create_user = create_user_with_id
