"""The few forms that every policy of the project is built from.

Resource policies name *accounts* as principals and narrow them with ``aws:PrincipalArn``: an account always exists
and a condition's ARN is not turned into a role's internal id, so neither creation order nor a re-created role matters
(IAM User Guide, reference_policies_elements_principal) [D]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.system.names import Names

Document = dict[str, Any]
Conditions = Mapping[str, Mapping[str, Any]]

OWNER_ACL: Conditions = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
"""The bucket's owner gets what is written, and nobody else anything: the one ACL that a bucket with
``BucketOwnerEnforced`` takes (S3 User Guide, about-object-ownership) [D]."""


Actions = str | Sequence[str]
"""One action, ``s3:GetObject``; several of one service, ``s3: GetObject PutObject``; or a list of actions."""

Resources = str | Sequence[str]


def actions(service: str, names: str) -> tuple[str, ...]:
    """The names, with white space between them, as IAM writes them: ``s3:GetObject``."""
    return tuple(f"{service}:{name}" for name in names.split())


def listed(given: Actions) -> Sequence[str]:
    """The actions one by one, in whichever way they are given."""
    if not isinstance(given, str):
        return given
    service, separator, names = given.partition(": ")
    return actions(service, names) if separator else (given,)


def policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: Actions, resources: Resources, conditions: Conditions | None = None) -> Document:
    """A statement of an identity policy."""
    return _statement("Allow", sid, None, actions, resources, conditions)


def in_our_account(
    names: Names, sid: str, actions: Actions, resources: Resources, conditions: Conditions | None = None
) -> Document:
    """A statement of an identity policy on a bucket of the shared account. Names of buckets are anybody's once a bucket
    is gone: one that somebody makes again under its name gets and gives nothing (IAM User Guide,
    reference_policies_condition-keys, aws:ResourceAccount) [D]."""
    return in_account(names.shared, sid, actions, resources, conditions)


def in_account(
    account: str, sid: str, actions: Actions, resources: Resources, conditions: Conditions | None = None
) -> Document:
    """The same of an account's own bucket."""
    more = dict(conditions or {})
    equal = {"aws:ResourceAccount": account, **more.pop("StringEquals", {})}
    return allow(sid, actions, resources, {"StringEquals": equal, **more})


def grant(
    sid: str, principal: Document | str, actions: Actions, resources: Resources, conditions: Conditions | None = None
) -> Document:
    """An allow of a resource policy."""
    return _statement("Allow", sid, principal, actions, resources, conditions)


def deny(
    sid: str, principal: Document | str, actions: Actions, resources: Resources, conditions: Conditions
) -> Document:
    """A deny of a resource policy."""
    return _statement("Deny", sid, principal, actions, resources, conditions)


def pass_role(sid: str, role_arn: str, service: str) -> Document:
    """Exactly one role, passed to exactly one service."""
    return allow(sid, "iam:PassRole", role_arn, {"StringEquals": {"iam:PassedToService": service}})


def trust_service(service: str, conditions: Conditions | None = None) -> Document:
    return policy(_statement("Allow", "Service", {"Service": service}, "sts:AssumeRole", (), conditions))


def trust_roles(names: Names, role_arns: Sequence[str]) -> Document:
    """A trust policy for roles of other accounts: their accounts, narrowed to the very roles."""
    return policy(
        _statement("Allow", "Roles", accounts_of(names, role_arns), "sts:AssumeRole", (), only_roles(role_arns))
    )


def accounts_of(names: Names, role_arns: Iterable[str]) -> Document:
    """The principal element that names the accounts of these roles, each once, in order."""
    roots = list(dict.fromkeys(names.account_root(Arn.parse(arn).account) for arn in role_arns))
    return {"AWS": roots[0] if len(roots) == 1 else roots}


def only_roles(role_arns: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {"ArnEquals": {"aws:PrincipalArn": role_arns[0] if len(role_arns) == 1 else list(role_arns)}}


def _statement(
    effect: str,
    sid: str,
    principal: Document | str | None,
    actions: Actions,
    resources: Resources,
    conditions: Conditions | None,
) -> Document:
    statement: Document = {"Sid": sid, "Effect": effect}
    if principal is not None:
        statement["Principal"] = principal
    statement["Action"] = _one_or_list(listed(actions))
    if resources:
        statement["Resource"] = _one_or_list((resources,) if isinstance(resources, str) else resources)
    if conditions:
        statement["Condition"] = {operator: dict(keys) for operator, keys in conditions.items()}
    return statement


def _one_or_list(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
