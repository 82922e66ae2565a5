"""A policy store over plain documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from xacct_ml.access.evaluate import PolicySet
from xacct_ml.access.model import Principal, PrincipalKind, Request, ResourcePolicyKind
from xacct_ml.access.organization import NO_ORGANIZATION, Organization
from xacct_ml.access.policy import Policy

_ROLE_ARN = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")
_KEY_ARN = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/.+")
_S3_ARN = re.compile(r"(arn:[\w-]+:s3:::[^/]+)(/.*)?", re.DOTALL)
_BUS_ARN = re.compile(r"arn:[\w-]+:events:[\w-]+:\d{12}:event-bus/.+")
_TOPIC_ARN = re.compile(r"arn:[\w-]+:sns:[\w-]+:\d{12}:[^:]+")
_TRUST_ACTIONS = re.compile(r"sts:(assumerole.*|tagsession|setsourceidentity)", re.IGNORECASE)

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class RolePolicies:
    """All documents of one role."""

    trust: Policy
    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """Roles by their ARNs, ``resources`` (policies of keys, buckets, event buses and topics) and the policies of
    further principals by ARN; and what the organization of the accounts limits. ``elsewhere`` are the policies of
    buckets by ARN and account, where another account than that of ``resources`` has made a bucket of the name: an ARN
    does not say whose a bucket is.

    Immutable: ``with_role``, ``with_resource`` and ``with_principal`` derive a store that differs in one entry, sharing
    everything else; ``None`` removes the entry."""

    roles: Mapping[str, RolePolicies] = field(default_factory=dict)
    resources: Mapping[str, Policy] = field(default_factory=dict)
    principals: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    organization: Organization = NO_ORGANIZATION
    elsewhere: Mapping[tuple[str, str], Policy] = field(default_factory=dict)

    def policies_for(self, request: Request) -> PolicySet:
        """Identity side by the principal, resource side by the resource.

        A session speaks with its role's policies. An S3 object is guarded by its bucket's policy, a key by its key
        policy, and a role by its trust policy where the action is ``sts:AssumeRole`` or its kin. Whatever is not in
        the store has no policies."""
        identity, boundary = self._identity_side(request.principal)
        kind, resource = self._resource_side(request)
        limits = self.organization
        if limits is NO_ORGANIZATION:
            return PolicySet(identity, boundary, None, resource, kind)
        above = (limits.limiting_principal(request.principal), limits.limiting_resource(request))
        return PolicySet(identity, boundary, None, resource, kind, *above)

    def _identity_side(self, principal: Principal) -> tuple[tuple[Policy, ...], Policy | None]:
        if principal.kind in (PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS):
            return (), None
        arn = principal.role_arn or principal.arn
        role = self.roles.get(arn)
        if role is None:
            return self.principals.get(arn, ()), None
        return (*role.identity, *self.principals.get(arn, ())), role.boundary

    def _resource_side(self, request: Request) -> tuple[ResourcePolicyKind, Policy | None]:
        resource = request.resource
        if _ROLE_ARN.fullmatch(resource) and _TRUST_ACTIONS.fullmatch(request.action):
            role = self.roles.get(resource)
            return ResourcePolicyKind.TRUST, role.trust if role else None
        if _KEY_ARN.fullmatch(resource):
            return ResourcePolicyKind.KEY, self.resources.get(resource)
        if s3 := _S3_ARN.fullmatch(resource):
            other = self.elsewhere.get((s3[1], request.resource_account))
            return ResourcePolicyKind.BUCKET, other or self.resources.get(s3[1])
        if _BUS_ARN.fullmatch(resource) or _TOPIC_ARN.fullmatch(resource):
            return ResourcePolicyKind.BUCKET, self.resources.get(resource)
        return ResourcePolicyKind.NONE, None

    def with_role(self, arn: str, policies: RolePolicies | None) -> DocumentStore:
        return replace(self, roles=_with(self.roles, arn, policies))

    def with_resource(self, arn: str, policy: Policy | None) -> DocumentStore:
        return replace(self, resources=_with(self.resources, arn, policy))

    def with_principal(self, arn: str, identity: tuple[Policy, ...] | None) -> DocumentStore:
        return replace(self, principals=_with(self.principals, arn, identity))


def _with(entries: Mapping[str, Entry], key: str, value: Entry | None) -> dict[str, Entry]:
    others = {name: entry for name, entry in entries.items() if name != key}
    return others if value is None else {**others, key: value}
