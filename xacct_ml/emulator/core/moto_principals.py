"""IAM as moto stores it: roles, users and their policies, read for decisions; and what is put there without a call."""

from collections.abc import Mapping
from typing import Any

from moto.iam.models import IAMBackend, iam_backends

from xacct_ml.arn import Arn


def backends() -> list[IAMBackend]:
    """The IAM backends that exist, of every account and partition; none is created by looking."""
    return [backend for account in list(iam_backends.values()) for backend in list(account.values())]


def backend(account: str, partition: str) -> IAMBackend:
    return iam_backends[account][partition]


def access_key(access_key_id: str) -> Any | None:
    """The key with this id, of a user or temporary, of whatever account."""
    for known in backends():
        if (key := known.access_keys.get(access_key_id)) is not None:
            return key
    return None


def secret(access_key_id: str) -> str:
    """The secret of an existing key.

    :raises KeyError: no such key"""
    key = access_key(access_key_id)
    if key is None:
        raise KeyError(access_key_id)
    return str(key.secret_access_key)


def user_of(key: Any) -> Any | None:
    """The user that a long-term access key belongs to."""
    for known in backends():
        if known.access_keys.get(key.access_key_id) is key:
            return known.users.get(key.user_name)
    return None


def role_named(account: str, partition: str, name: str) -> Any | None:
    """The role of this name in an account; names compare without case [D]."""
    found = _existing(account, partition)
    roles = [] if found is None else list(found.roles.values())
    return next((role for role in roles if role.name.lower() == name.lower()), None)


def user_named(account: str, partition: str, name: str) -> Any | None:
    found = _existing(account, partition)
    return None if found is None else found.users.get(name)


def has_unique_id(unique_id: str) -> bool:
    """Whether a role or user has this id (AROA…, AIDA…)."""
    holders = (holder for known in backends() for holder in (*known.roles.values(), *known.users.values()))
    return any(holder.id == unique_id for holder in holders)


def user(arn: str) -> Any | None:
    found = _backend_of(arn)
    return None if found is None else next((user for user in list(found.users.values()) if user.arn == arn), None)


def role(arn: str) -> Any | None:
    """The role with this ARN; ``None`` where it does not exist. Role names compare without case, as in IAM [D]."""
    found = _backend_of(arn)
    if found is None:
        return None
    return next((role for role in list(found.roles.values()) if role.arn.lower() == arn.lower()), None)


def managed_policy(arn: str) -> str | None:
    """The default version's document of a managed policy."""
    for known in backends():
        if (policy := known.managed_policies.get(arn)) is not None:
            return _document(policy)
    return None


def _document(policy: Any) -> str:
    """The text of a managed policy's default version."""
    chosen = policy.default_version_id
    return next(str(version.document) for version in policy.versions if version.version_id == chosen)


def emulated(account: str) -> bool:
    """Whether the account exists here: anything is known of its IAM."""
    return any(known.account_id == account and (known.users or known.roles) for known in backends())


def user_tags(user: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in user.tags or ()}


def role_tags(role: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in role.tags or ()}


def identity_documents(holder: Any, groups: tuple[Any, ...] = ()) -> list[tuple[str, str]]:
    """``(name, document)`` of every identity policy of a role or a user, inline ones by name, managed ones by ARN."""
    documents: list[tuple[str, str]] = []
    for owner in (holder, *groups):
        documents.extend((name, document) for name, document in list(owner.policies.items()))
        documents.extend((arn, _document(policy)) for arn, policy in list(owner.managed_policies.items()))
    return documents


def groups_of(user: Any) -> tuple[Any, ...]:
    found = _backend_of(user.arn)
    return () if found is None else tuple(group for group in list(found.groups.values()) if user in group.users)


def boundary(holder: Any) -> str | None:
    """ARN of the permissions boundary of a role (moto keeps none for users)."""
    arn: str | None = getattr(holder, "permissions_boundary_arn", None)
    return arn


def _backend_of(arn: str) -> IAMBackend | None:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        return None
    return _existing(parsed.account, parsed.partition)


def _existing(account: str, partition: str) -> IAMBackend | None:
    """The backend if there is one: moto's own access would create it."""
    if account not in iam_backends:
        return None
    return dict.get(iam_backends[account], partition)


def create_role(arn: str, trust: str, policies: Mapping[str, str]) -> None:
    """Put a role into moto's state, unasked: for what exists before the first request."""
    account, where, path, name = _place(arn)
    made = backend(account, where).create_role(
        role_name=name,
        assume_role_policy_document=trust,
        path=path,
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
    for policy, document in policies.items():
        made.put_policy(policy, document)


def create_user(arn: str, policies: Mapping[str, str]) -> Any:
    """Put a user into moto's state; returns its access key."""
    account, where, path, name = _place(arn)
    made = backend(account, where)
    user = made.create_user(made.region_name, name, path)
    for policy, document in policies.items():
        user.put_policy(policy, document)
    return made.create_access_key(name)


def create_managed_policy(arn: str, document: str) -> None:
    account, where, path, name = _place(arn)
    backend(account, where).create_policy("", path, document, name, [])


def _place(arn: str) -> tuple[str, str, str, str]:
    """Account, partition, path and name of an IAM entity's ARN."""
    parsed = Arn.parse(arn)
    path, _, name = f"/{parsed.id}".rpartition("/")
    return parsed.account, parsed.partition, f"{path}/", name


def attached(account: str, partition: str, policy_arn: str) -> bool:
    """Whether a role, user or group of the account uses the managed policy, be it as a permissions boundary."""
    found = _existing(account, partition)
    if found is None:
        return False
    holders = (*found.roles.values(), *found.users.values(), *found.groups.values())
    return any(policy_arn in holder.managed_policies or boundary(holder) == policy_arn for holder in holders)
