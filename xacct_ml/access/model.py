"""The evaluator's vocabulary: who asks for what, and what was decided.

Pure values. A request is always one IAM action on one resource; an API call that needs several (PassRole beside
CreateStack, GenerateDataKey beside PutObject) is several requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from xacct_ml.arn import Arn

ContextValue = str | tuple[str, ...]
"""One value, or several for a multivalued condition key. Everything is text, as in a policy."""


class PrincipalKind(Enum):
    ROOT = "root"
    ROLE = "role"
    """A role whose session is not known (yet)."""
    SESSION = "session"
    """An assumed-role session; ``arn`` is the ``sts`` ARN and ``role_arn`` the role's."""
    USER = "user"
    SERVICE = "service"
    """An AWS service acting for itself; ``arn`` is its name, for example ``states.amazonaws.com``."""
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``account`` is empty for services and anonymous requests.

    ``unique_id`` (AROA…, AIDA…) is optional and only used for ``aws:userid`` and for policies that name an id."""

    kind: PrincipalKind
    arn: str
    account: str = ""
    role_arn: str | None = None
    unique_id: str | None = None

    @classmethod
    def role(cls, arn: str, unique_id: str | None = None) -> Principal:
        return cls(PrincipalKind.ROLE, arn, Arn.parse(arn).account, arn, unique_id)

    @classmethod
    def session(cls, role_arn: str, session_name: str, unique_id: str | None = None) -> Principal:
        role = Arn.parse(role_arn)
        arn = f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{session_name}"
        return cls(PrincipalKind.SESSION, arn, role.account, role_arn, unique_id)

    @classmethod
    def user(cls, arn: str, unique_id: str | None = None) -> Principal:
        return cls(PrincipalKind.USER, arn, Arn.parse(arn).account, None, unique_id)

    @classmethod
    def root(cls, account: str, partition: str = "aws") -> Principal:
        return cls(PrincipalKind.ROOT, f"arn:{partition}:iam::{account}:root", account)

    @classmethod
    def service(cls, name: str) -> Principal:
        return cls(PrincipalKind.SERVICE, name)

    @classmethod
    def anonymous(cls) -> Principal:
        return cls(PrincipalKind.ANONYMOUS, "*")


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource.

    ``resource`` is an ARN or ``*`` where the action has no resource; ``resource_account`` owns it (buckets have no
    account in their ARN). ``context`` maps condition keys to values; keys compare without case. The evaluator itself
    adds the keys that follow from the principal (``aws:PrincipalArn``, ``aws:PrincipalAccount``,
    ``aws:PrincipalType``, ``aws:userid``, ``aws:username``, ``aws:PrincipalIsAWSService``,
    ``aws:PrincipalServiceName``), and ``aws:ResourceAccount`` of S3's, unless the context has them."""

    principal: Principal
    action: str
    resource: str
    resource_account: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)


class ResourcePolicyKind(Enum):
    """Which rule the resource's policy follows."""

    NONE = "none"
    BUCKET = "bucket"
    """Ordinary resource policy (S3, Lambda, event bus, SNS …): in one account either side's allow is enough."""
    KEY = "key"
    """KMS: the key policy decides; identity policies count only where it delegates to the account."""
    TRUST = "trust"
    """A role's trust policy, for ``sts:AssumeRole`` and its kin: it must allow."""


class Outcome(Enum):
    ALLOWED = "allowed"
    DENIED = "denied"
    UNDETERMINED = "undetermined"


class Layer(Enum):
    """Which document a statement stands in."""

    IDENTITY = "identity policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"


@dataclass(frozen=True, slots=True)
class StatementRef:
    """Where a statement stands. ``sid`` falls back to the statement's 1-based position, ``#1``."""

    layer: Layer
    document: str
    sid: str

    def __str__(self) -> str:
        return f"{self.document} › {self.sid}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided and why.

    ``statements`` are those that decided: for an allow each granting side's statement, for an explicit deny the
    denying one, for an implicit deny none. ``reason`` is one line for a person. ``missing`` names the layers that had
    to allow and did not."""

    outcome: Outcome
    reason: str
    statements: tuple[StatementRef, ...] = ()
    missing: tuple[Layer, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.outcome is Outcome.ALLOWED
