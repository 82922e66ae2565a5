"""Who may assume a role that enters an account.

A principal is named by its account and a condition on its ARN: an account always exists, and a permission set's role
that an identity centre makes again has another id (IAM User Guide, reference_policies_elements_principal, and
reference_policies_condition-keys, ``aws:PrincipalArn`` [D])."""

import re
from typing import Any

from xacct_ml.access.session_names import NAME
from xacct_ml.arn import Arn
from xacct_ml.errors import InputError
from xacct_ml.operations.entry_roles.role import TRUSTED
from xacct_ml.system.statements import Conditions, Document

_WHO = re.compile(r"arn:aws[\w-]*:iam::\d{12}:(?:root|user/\S+|role/\S+)")
_ASSUMED = re.compile(r"arn:aws[\w-]*:sts::\d{12}:assumed-role/\S+")
_OF_IDENTITY_CENTRE = "role/aws-reserved/sso.amazonaws.com/"


def checked(arn: str, option: str) -> str:
    """``arn`` as a trust policy may name it. Raises :class:`InputError`."""
    if _ASSUMED.fullmatch(arn):
        raise InputError(
            f"{option} {arn} is one session: its role is who may be trusted",
            next_step="aws iam get-role --role-name ROLE --query Role.Arn shows the role's ARN, with its path",
        )
    if not _WHO.fullmatch(arn):
        raise InputError(
            f"{option} {arn} is no user, role or account: arn:aws:iam::ACCOUNT:role/NAME, :user/NAME or :root",
            next_step=f"give such an ARN, or leave {option} out: {TRUSTED} stands for it then",
        )
    if "*" in arn and _OF_IDENTITY_CENTRE not in arn:
        raise InputError(
            f"{option} {arn} would trust whatever is made under such a name",
            next_step=f"name one; only below {_OF_IDENTITY_CENTRE}, where an identity centre alone makes roles, may * "
            "stand for what it adds to the name",
        )
    return arn


def statement(sid: str, arn: str | None, conditions: Conditions | None = None) -> Document:
    """Lets ``arn`` in; the placeholder where nobody is named yet."""
    if arn is None:
        return _statement(sid, TRUSTED, conditions or {})
    parsed = Arn.parse(arn)
    root = f"arn:{parsed.partition}:iam::{parsed.account}:root"
    narrowed: dict[str, Any] = {key: dict(value) for key, value in (conditions or {}).items()}
    if parsed.resource != "root":
        narrowed.setdefault("ArnLike" if "*" in arn else "ArnEquals", {})["aws:PrincipalArn"] = arn
    return _statement(sid, root, narrowed)


def asking(external_id: str | None) -> dict[str, dict[str, str]]:
    """The condition under which a map's ``external_id`` is asked for."""
    return {} if external_id is None else {"StringEquals": {"sts:ExternalId": external_id}}


def binding(arn: str | None) -> dict[str, dict[str, str]]:
    """The condition under which one person is no two, by the name of the session: a user's own name, or the one that an
    identity centre gave the session before (:mod:`xacct_ml.access.session_names`)."""
    if arn is not None and Arn.parse(arn).type == "role":
        return {"StringLike": {"aws:userid": f"*:${{{NAME}}}"}}
    return {"StringEquals": {NAME: "${aws:username}"}}


def _statement(sid: str, principal: str, conditions: Conditions) -> Document:
    made: Document = {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {**made, "Condition": {key: dict(value) for key, value in conditions.items()}} if conditions else made
