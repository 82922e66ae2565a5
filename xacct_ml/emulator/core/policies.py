"""The policies that apply to a request, read from moto's stored state at the moment of the request.

Whatever was last put counts at once: there is no propagation delay in the embedded AWS."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from xacct_ml.access.evaluate import PolicySet
from xacct_ml.access.model import Principal, PrincipalKind, Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy
from xacct_ml.arn import Arn
from xacct_ml.emulator.core import moto_principals as principals

ResourcePolicy = tuple[str | None, ResourcePolicyKind]
"""A resource's policy document, if it has one, and the rule it follows."""

_BY_SERVICE: dict[str, Callable[[Request], ResourcePolicy]] = {}


def resource_policies(
    service: str,
) -> Callable[[Callable[[Request], ResourcePolicy]], Callable[[Request], ResourcePolicy]]:
    """Register the reader of resource policies for ARNs of ``service`` (``s3``, ``kms``, ``lambda``)."""

    def register(reader: Callable[[Request], ResourcePolicy]) -> Callable[[Request], ResourcePolicy]:
        _BY_SERVICE[service] = reader
        return reader

    return register


FILLED_IN: list[Callable[[str], str]] = []
"""What services put into the text of an identity policy in place of an id that nobody knew when it was written."""


@lru_cache(maxsize=4096)
def parse(document: str, name: str) -> Policy:
    """A stored document, compiled once per text. What cannot be read is undetermined, never nothing."""
    return Policy.parse(document, name)


@dataclass(frozen=True, slots=True)
class StoredPolicies:
    """A :class:`xacct_ml.access.store.PolicyStore` over the embedded AWS, for one set of credentials.

    ``session`` are the documents of the session policies that the credentials carry."""

    session: tuple[str, ...] = ()

    def policies_for(self, request: Request) -> PolicySet:
        identity, boundary = _identity(request.principal)
        document, kind = _resource_policy(request)
        holder = request.resource.partition("/")[0] if kind is ResourcePolicyKind.BUCKET else request.resource
        name = f"{kind.value} policy of {holder}"
        return PolicySet(
            identity=identity,
            boundary=boundary,
            session=tuple(parse(text, "session policy") for text in self.session) or None,
            resource=None if document is None else parse(document, name),
            resource_kind=kind,
        )


def _identity(principal: Principal) -> tuple[tuple[Policy, ...], Policy | None]:
    """Identity policies and permissions boundary; nothing for services, anonymous callers and deleted roles."""
    groups: tuple[Any, ...] = ()
    if principal.kind in (PrincipalKind.ROLE, PrincipalKind.SESSION):
        holder = principals.role(principal.role_arn or principal.arn)
    elif principal.kind is PrincipalKind.USER:
        holder = principals.user(principal.arn)
        groups = principals.groups_of(holder) if holder is not None else ()
    else:
        holder = None
    if holder is None:
        return (), None
    documents = principals.identity_documents(holder, groups)
    identity = tuple(parse(_filled_in(text), name) for name, text in documents)
    arn = principals.boundary(holder)
    if arn is None:
        return identity, None
    # a boundary whose policy was deleted leaves nothing allowed (IAM: "access_policies_boundaries") [D]
    return identity, parse(principals.managed_policy(arn) or '{"Version": "2012-10-17", "Statement": []}', arn)


def _filled_in(text: str) -> str:
    for fill_in in FILLED_IN:
        text = fill_in(text)
    return text


def _resource_policy(request: Request) -> ResourcePolicy:
    try:
        reader = _BY_SERVICE.get(Arn.parse(request.resource).service)
    except ValueError:
        reader = None
    return (None, ResourcePolicyKind.NONE) if reader is None else reader(request)


@resource_policies("iam")
def _trust(request: Request) -> ResourcePolicy:
    if not request.action.lower().startswith("sts:"):
        return None, ResourcePolicyKind.NONE
    role = principals.role(request.resource)
    return (None if role is None else role.assume_role_policy_document), ResourcePolicyKind.TRUST
