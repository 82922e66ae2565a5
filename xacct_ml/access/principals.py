"""The ``Principal`` and ``NotPrincipal`` elements of resource policies.

Sources, IAM User Guide [D]: "AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal",
"Permissions boundaries for IAM entities" (a boundary and ``NotPrincipal`` with ``Deny``). ``Federated`` principals
never are ours. A ``CanonicalUser`` stands for an account by an id that the documents do not have, so with ``Deny``
it may mean any account."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum

from xacct_ml.access.match import wildcards
from xacct_ml.access.model import Principal, PrincipalKind
from xacct_ml.access.truth import MAYBE, NO, YES, Truth, negate
from xacct_ml.arn import Arn


class Grant(Enum):
    """How a principal element names the principal; that decides which other policies limit the grant."""

    ANYONE = "anyone"
    """``*``."""
    ACCOUNT = "account"
    """The account, which delegates to its identity policies."""
    ROLE = "role"
    """The role, by ARN or unique id: limited by boundary and session policy."""
    DIRECT = "direct"
    """The very principal of the request: user, session, service, or root user."""


Naming = tuple[Grant, Truth]

_ACCOUNT = re.compile(r"\d{12}")
_ROOT = re.compile(r"arn:([\w-]+):iam::(\d{12}):root")
_IDENTITY = re.compile(
    r"arn:[\w-]+:(iam::\d{12}:(role|user)/[^\s*?]+|sts::\d{12}:(assumed-role/[^\s*?/]+|federated-user)/[^\s*?/]+)"
)
UNIQUE_ID = re.compile(r"A(RO|ID)A[A-Z0-9]+")
_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_ROLES = (PrincipalKind.ROLE, PrincipalKind.SESSION)


class PrincipalElement:
    """A compiled ``Principal`` (or the list of a ``NotPrincipal``, with ``negated``).

    ``defects`` says what in it AWS would refuse; a name with wildcards matches as ``MAYBE`` at most."""

    __slots__ = (
        "_accounts",
        "_anyone",
        "_arns",
        "_canonical",
        "_doubtful",
        "_doubtful_service",
        "_ids",
        "_services",
        "defects",
        "negated",
    )

    def __init__(self, element: object, *, negated: bool) -> None:
        self.negated = negated
        self._anyone = False
        self._canonical = False
        self._accounts: set[tuple[str | None, str]] = set()
        self._arns: set[str] = set()
        self._ids: set[str] = set()
        self._services: set[str] = set()
        self._doubtful: list[re.Pattern[str]] = []
        self._doubtful_service = False
        self.defects: list[str] = []
        if element == "*":
            self._anyone = True
        elif isinstance(element, Mapping) and element:
            for kind, names in element.items():
                self._add_type(kind, names)
        else:
            self._refuse("Principal is neither '*' nor an object of names", "*")
        if negated and self._anyone:
            self.defects.append("NotPrincipal '*' names everyone")

    @property
    def is_anybody(self) -> bool:
        """Whether it names everyone, and nobody apart."""
        return self._anyone and not self.negated

    def _refuse(self, problem: str, name: str) -> None:
        self.defects.append(problem)
        self._doubtful.append(wildcards(name))

    def _add_type(self, kind: object, names: object) -> None:
        listed = list(names) if isinstance(names, list | tuple) else [names]
        if kind not in _TYPES or not listed:
            self._refuse(f"{kind!r} is not a type of principals with names", "*")
            return
        for name in listed:
            if not isinstance(name, str):
                self._refuse(f"the principal {name!r} is not text", "*")
            elif kind == "AWS":
                self._add_aws(name)
            elif kind == "Service":
                self._add_service(name)
            elif kind == "CanonicalUser":
                self._canonical = True

    def _add_service(self, name: str) -> None:
        if "*" in name or "?" in name:
            self.defects.append(f"the service {name!r} has a wildcard")
            self._doubtful_service = True
        else:
            self._services.add(name)

    def _add_aws(self, name: str) -> None:
        if name == "*":
            self._anyone = True
        elif _ACCOUNT.fullmatch(name):
            self._accounts.add((None, name))
        elif root := _ROOT.fullmatch(name):
            self._accounts.add((root[1], root[2]))
        elif _IDENTITY.fullmatch(name):
            self._arns.add(name)
        elif UNIQUE_ID.fullmatch(name):
            self._ids.add(name)
        else:
            self._refuse(f"{name!r} is not a principal", name)

    def allows(self, principal: Principal) -> list[Naming]:
        """How an ``Allow`` names ``principal``; empty where it does not.

        ``NotPrincipal`` with ``Allow`` "is not supported": whom it does not name, it may allow."""
        named = self._names(principal)
        if self.negated:
            return [] if _fully_named(principal, named) is YES else [(Grant.ANYONE, MAYBE)]
        if principal.kind is PrincipalKind.SERVICE:
            # The page says "all users" of "*": whether that grants to services too, it does not say.
            return [(grant, min(truth, MAYBE) if grant is Grant.ANYONE else truth) for grant, truth in named]
        return named

    def denies(self, principal: Principal, *, has_boundary: bool) -> Truth:
        """Whether a ``Deny`` hits ``principal``. ``has_boundary``: a permissions boundary is attached to it."""
        named = self._names(principal)
        if self.negated:
            return YES if has_boundary else negate(_fully_named(principal, named))
        truths = [truth for _, truth in named]
        if self._canonical and principal.account:
            truths.append(MAYBE)
        return max(truths, default=NO)

    def _names(self, principal: Principal) -> list[Naming]:
        named: list[Naming] = []
        if self._anyone:
            named.append((Grant.ANYONE, YES))
        if principal.kind is PrincipalKind.SERVICE:
            if principal.arn in self._services:
                named.append((Grant.DIRECT, YES))
            elif self._doubtful_service:
                named.append((Grant.DIRECT, MAYBE))
        elif principal.account:
            if self._accounts and self._names_account(principal):
                is_root = principal.kind is PrincipalKind.ROOT
                named.append((Grant.DIRECT if is_root else Grant.ACCOUNT, YES))
            named.extend(self._by_arn(principal))
            if self._ids:
                named.extend(self._by_id(principal))
        if self._doubtful and any(p.fullmatch(name) for p in self._doubtful for name in _names_of(principal)):
            named.append((Grant.DIRECT, MAYBE))
        return named

    def _names_account(self, principal: Principal) -> bool:
        partition = Arn.parse(principal.arn).partition
        return (None, principal.account) in self._accounts or (partition, principal.account) in self._accounts

    def _by_arn(self, principal: Principal) -> Iterable[Naming]:
        if principal.role_arn in self._arns:
            yield (Grant.ROLE, YES)
        if principal.kind in (PrincipalKind.SESSION, PrincipalKind.USER) and principal.arn in self._arns:
            yield (Grant.DIRECT, YES)
        if principal.kind is PrincipalKind.ROLE:
            sessions = Principal.session(principal.arn, "").arn
            if any(arn.startswith(sessions) for arn in self._arns):
                yield (Grant.DIRECT, MAYBE)

    def _by_id(self, principal: Principal) -> Iterable[Naming]:
        if principal.kind in _ROLES:
            grant, prefix = Grant.ROLE, "AROA"
        elif principal.kind is PrincipalKind.USER:
            grant, prefix = Grant.DIRECT, "AIDA"
        else:
            return
        own = principal.unique_id.partition(":")[0] if principal.unique_id else None
        if own in self._ids:
            yield (grant, YES)
        elif own is None and any(name.startswith(prefix) for name in self._ids):
            yield (grant, MAYBE)


def _names_of(principal: Principal) -> tuple[str, ...]:
    return tuple(name for name in (principal.arn, principal.role_arn, principal.account) if name)


def _fully_named(principal: Principal, named: list[Naming]) -> Truth:
    """Whether a ``NotPrincipal`` list spares ``principal``: ``MAYBE`` where it names only a part.

    "AWS might validate the account first, then the role, and then the assumed-role user": account and user, or
    account, role and session, must all stand there to be sure."""
    certain = {grant for grant, truth in named if truth is YES}
    if Grant.ANYONE in certain:
        return YES
    if principal.kind in (PrincipalKind.SERVICE, PrincipalKind.ROOT):
        needed = {Grant.DIRECT}
    elif principal.kind is PrincipalKind.USER:
        needed = {Grant.ACCOUNT, Grant.DIRECT}
    else:
        needed = {Grant.ACCOUNT, Grant.ROLE, Grant.DIRECT}
    if needed <= certain:
        return YES
    return MAYBE if named else NO
