"""Policies of an organization: what limits an account's principals, and what limits its resources.

Sources, AWS Organizations User Guide [D]:

- orgs_manage_policies_scps, -_scps_evaluation: every level from the root to the account must allow, any of a level's
  policies may; they limit the principals of member accounts, the root user among them, and neither the management
  account nor service-linked roles; principals of other accounts are not theirs to limit.
- orgs_manage_policies_rcps, -_rcps_syntax: they limit what is done to the resources of member accounts, whoever asks,
  service-linked roles apart; ``Allow`` stands in RCPFullAWSAccess only, which no level can be without, so that only
  denials count; they know services of a list, actions that have a resource, and not ``kms:RetireGrant``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xacct_ml.access.model import Principal, Request
from xacct_ml.access.policy import Policy

Level = tuple[Policy, ...]
"""The policies that are attached at one place: the root, a unit or the account."""

_KNOWN_TO_RESOURCE_CONTROL = frozenset(
    ("codecommit", "codepipeline", "dynamodb", "ecr", "events", "kms", "logs", "s3", "secretsmanager", "sqs", "sts")
)
"""Of the services in the list "AWS services that support RCPs", those that the project or its judges know."""
_NEVER_RESTRICTED = "kms:retiregrant"
_SERVICE_LINKED = ":role/aws-service-role/"


@dataclass(frozen=True, slots=True)
class Organization:
    """Both by account: levels of service control policies, from the root down, and resource control policies of any
    level. ``management_account`` is limited by neither."""

    service_control: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    resource_control: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    management_account: str | None = None

    def limiting_principal(self, principal: Principal) -> tuple[Level, ...]:
        """The levels that have to let the principal act, whatever it asks for."""
        if principal.account == self.management_account or _is_service_linked(principal):
            return ()
        return self.service_control.get(principal.account, ())

    def limiting_resource(self, request: Request) -> tuple[Policy, ...]:
        """The policies that may deny what is asked for."""
        action = request.action.lower()
        unlimited = (
            request.resource_account == self.management_account
            or request.resource == "*"
            or action == _NEVER_RESTRICTED
            or action.partition(":")[0] not in _KNOWN_TO_RESOURCE_CONTROL
            or _SERVICE_LINKED in request.resource
            or _is_service_linked(request.principal)
        )
        return () if unlimited else self.resource_control.get(request.resource_account, ())


def _is_service_linked(principal: Principal) -> bool:
    """IAM User Guide, using-service-linked-roles: their path begins so, and nobody else can have it [D]."""
    return _SERVICE_LINKED in (principal.role_arn or "")


NO_ORGANIZATION = Organization()
"""Nothing is limited."""
