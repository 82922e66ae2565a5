"""A role as calls of the AWS CLI, to be run in the folder of its documents."""

from collections.abc import Iterator
from shlex import quote

from xacct_ml.operations.entry_roles.role import TRUSTED, EntryRole

TRUST_FILE = "trust.json"


def policy_file(name: str) -> str:
    return f"{name}.json"


def create(role: EntryRole) -> Iterator[str]:
    """Makes it. Each line is a command of a POSIX shell; one that names somebody to trust is first, where it is asked
    for."""
    yield in_account(role)
    boundary = [] if role.boundary is None else ["--permissions-boundary", role.boundary]
    described = ["--path", role.path, "--description", role.description, *boundary]
    yield f"{_iam('create-role', role, *described)} --assume-role-policy-document {_trust(role)}"
    for name in role.policies:
        yield _put(role, name)
    for name in role.managed:
        path = ["--path", role.path]
        yield _words("create-policy", "--policy-name", role.managed_name(name), *path, "--policy-document", _file(name))
        yield _iam("attach-role-policy", role, "--policy-arn", role.managed_arn(name))


def update(role: EntryRole) -> Iterator[str]:
    """Brings a role that was made to what the documents say now."""
    yield in_account(role)
    yield f"{_iam('update-assume-role-policy', role)} --policy-document {_trust(role)}"
    for name in role.policies:
        yield _put(role, name)
    for name in role.managed:
        version = ["--policy-arn", role.managed_arn(name), "--policy-document", _file(name), "--set-as-default"]
        yield _words("create-policy-version", *version)


def take_away(role: EntryRole, name: str) -> str:
    """Takes one inline policy from it."""
    return _iam("delete-role-policy", role, "--policy-name", name)


def delete(role: EntryRole) -> Iterator[str]:
    yield in_account(role)
    for name in role.managed:
        yield _iam("detach-role-policy", role, "--policy-arn", role.managed_arn(name))
        yield _words("delete-policy", "--policy-arn", role.managed_arn(name))
    for name in role.policies:
        yield take_away(role, name)
    yield _iam("delete-role", role)


def in_account(role: EntryRole) -> str:
    """Fails unless the credentials are the account's."""
    return f'test "$(aws sts get-caller-identity --query Account --output text)" = {role.account}'


def _trust(role: EntryRole) -> str:
    if role.asks:
        return f'"$(sed "s|{TRUSTED}|${{{TRUSTED}:?who may assume the role}}|" {TRUST_FILE})"'
    return f"file://{TRUST_FILE}"


def _put(role: EntryRole, name: str) -> str:
    return _iam("put-role-policy", role, "--policy-name", name, "--policy-document", _file(name))


def _file(name: str) -> str:
    return f"file://{policy_file(name)}"


def _iam(operation: str, role: EntryRole, *words: str) -> str:
    return _words(operation, "--role-name", role.name, *words)


def _words(operation: str, *words: str) -> str:
    return " ".join(map(quote, ["aws", "iam", operation, *words]))
