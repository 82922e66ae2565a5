"""The request as the policies see it: lower-cased action, and condition keys that compare without case.

Sources: IAM User Guide, "AWS global condition context keys" (reference_policies_condition-keys) and "IAM policy
elements: Variables and tags", table "Principal key values" (reference_policies_variables) [D]."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Final

from xacct_ml.access.model import Principal, PrincipalKind, Request


class Unknown(Enum):
    """A key that AWS would fill with a value we do not know, or that the request gives twice."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

KeyValues = tuple[str, ...] | Unknown | None
"""Values of a condition key: ``None`` is absent, ``()`` is present and empty."""

_UNKNOWN = dict.fromkeys(("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"), UNKNOWN)
_UNKNOWN_OF_ACCOUNTS = dict.fromkeys(("aws:principalorgid", "aws:principalorgpaths"), UNKNOWN)
_CONCRETE_ACTION = re.compile(r"[A-Za-z0-9-]+:[^\s:*?$]+")


@lru_cache(maxsize=4096)
def principal_keys(principal: Principal) -> Mapping[str, KeyValues]:
    """The condition keys that follow from the principal, by lower-case name.

    ``aws:PrincipalArn`` of an assumed-role session is the role's ARN. A role without a session has an
    ``aws:userid`` that is not known yet. For a service the documentation gives no ``aws:PrincipalArn`` and no
    account of the customer's: both are absent, which makes positive operators fail and negated ones hold."""
    kind = principal.kind
    if kind is PrincipalKind.ANONYMOUS:
        return {
            "aws:principalaccount": ("anonymous",),
            "aws:principaltype": ("Anonymous",),
            "aws:userid": ("anonymous",),
        }
    if kind is PrincipalKind.SERVICE:
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (principal.arn,),
            "aws:principalservicenameslist": UNKNOWN,
            "aws:principaltype": UNKNOWN,
            "aws:userid": UNKNOWN,
        }
    keys: dict[str, KeyValues] = {"aws:principalaccount": (principal.account,), "aws:principalisawsservice": ("false",)}
    if kind is PrincipalKind.ROOT:
        keys["aws:principalarn"] = (principal.arn,)
        keys["aws:principaltype"] = ("Account",)
        keys["aws:userid"] = (principal.account,)
    elif kind is PrincipalKind.USER:
        keys["aws:principalarn"] = (principal.arn,)
        keys["aws:principaltype"] = ("User",)
        keys["aws:username"] = (principal.arn.rsplit("/", 1)[-1],)
        keys["aws:userid"] = (principal.unique_id,) if principal.unique_id else UNKNOWN
    else:
        keys["aws:principalarn"] = (principal.role_arn or principal.arn,)
        keys["aws:principaltype"] = ("AssumedRole",)
        keys["aws:userid"] = _session_user_id(principal)
    return keys


def _session_user_id(principal: Principal) -> KeyValues:
    if principal.kind is not PrincipalKind.SESSION or not principal.unique_id:
        return UNKNOWN
    if ":" in principal.unique_id:
        return (principal.unique_id,)
    return (f"{principal.unique_id}:{principal.arn.rsplit('/', 1)[-1]}",)


class RequestContext:
    """One request, prepared for matching. Condition keys are gathered only when a statement asks for one.

    Raises ``ValueError`` where the request is not concrete: a wildcard in the action or the resource (``*`` alone
    is the resource of actions that have none), or a session without its role."""

    __slots__ = ("_values", "action", "principal", "request", "resource")

    def __init__(self, request: Request) -> None:
        if not _CONCRETE_ACTION.fullmatch(request.action):
            raise ValueError(f"not one concrete IAM action: {request.action!r}")
        resource = request.resource
        if resource != "*" and ("*" in resource or "?" in resource):
            raise ValueError(f"not one concrete resource: {resource!r}")
        if request.principal.kind in (PrincipalKind.ROLE, PrincipalKind.SESSION) and not request.principal.role_arn:
            raise ValueError(f"the role of {request.principal.arn} is not given")
        self.request = request
        self.principal = request.principal
        self.action = request.action.lower()
        self.resource = resource
        self._values: dict[str, KeyValues] | None = None

    def get(self, key: str) -> KeyValues:
        """The values of ``key`` (given in lower case)."""
        values = self._values
        if values is None:
            values = self._values = self._gather()
        return values.get(key)

    def _gather(self) -> dict[str, KeyValues]:
        """The request's own keys over those that follow from it.

        ``aws:ResourceAccount`` is documented for *most* actions only, with a list of exceptions that may grow, so
        without a value from the caller it is known for S3 alone; and whether an account belongs to an organization no
        request says."""
        gathered = {**principal_keys(self.principal), **_UNKNOWN}
        if self.action.startswith("s3:") and self.resource != "*":
            gathered["aws:resourceaccount"] = (self.request.resource_account,)
        if self.principal.account:
            gathered |= _UNKNOWN_OF_ACCOUNTS
        given: set[str] = set()
        for name, value in self.request.context.items():
            key = name.lower()
            values = (value,) if isinstance(value, str) else _as_tuple(name, value)
            if key in given and gathered[key] != values:
                gathered[key] = UNKNOWN
            else:
                gathered[key] = values
            given.add(key)
        return gathered


def _as_tuple(name: str, value: Iterable[str]) -> tuple[str, ...]:
    values = tuple(value)
    if not all(isinstance(one, str) for one in values):
        raise ValueError(f"the value of context key {name!r} is not text")
    return values
