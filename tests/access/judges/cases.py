"""Random requests with the documents that speak on them, the same for the same seed.

Few names, so that things do meet; plain :mod:`random`, so that a hundred thousand cases take seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.access.policies import OTHER, OURS
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import ContextValue, Decision, Principal, PrincipalKind, Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy

Document = dict[str, Any]

ROLE = f"arn:aws:iam::{OURS}:role/r"
USER = f"arn:aws:iam::{OURS}:user/u"
SESSION = f"arn:aws:sts::{OURS}:assumed-role/r/s"
OTHER_ROLE = f"arn:aws:iam::{OTHER}:role/r"
KEY = f"arn:aws:kms:eu-west-1:{OURS}:key/1"

SESSIONS = (Principal.session(ROLE, "s"), Principal.session(OTHER_ROLE, "s"))
IDENTITIES = (*SESSIONS, Principal.user(USER))
EVERYBODY = (*IDENTITIES, Principal.root(OURS), Principal.service("lambda.amazonaws.com"), Principal.anonymous())

_ACTIONS = {
    ResourcePolicyKind.BUCKET: ("s3:GetObject", "s3:PutObject", "s3:GetObjectVersion"),
    ResourcePolicyKind.KEY: ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"),
}
_RESOURCES = {
    ResourcePolicyKind.BUCKET: ("arn:aws:s3:::b/a", "arn:aws:s3:::b/A", "arn:aws:s3:::c/a/x"),
    ResourcePolicyKind.KEY: (KEY,),
}
_ACTION_PATTERNS = (
    "*",
    "s3:*",
    "S3:get*",
    "s3:PutObject",
    "s3:GetObject?ersion",
    "kms:*",
    "kms:?ecrypt",
    "KMS:decrypt",
)
_RESOURCE_PATTERNS = ("*", "arn:aws:s3:::b/*", "arn:aws:s3:::?/a", "arn:aws:s3:::b/A", "arn:aws:s3:::c/*/x", KEY)
_NAMES = (OURS, OTHER, f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OURS}:root", ROLE, OTHER_ROLE, USER, SESSION)

_STRINGS = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike")
_NUMBERS = ("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan")
_DATES = ("DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThanEquals")
_ARNS = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")


@dataclass(frozen=True)
class Condition:
    """Operators that fit a key, values for a policy, and values that a request may bring; none for a key that follows
    from the principal."""

    key: str
    operators: tuple[str, ...]
    written: tuple[str, ...]
    sent: tuple[ContextValue, ...] = ()


TEXT = Condition("k:Text", _STRINGS, ("a", "A*", "?b", "*", "ab"), ("a", "A", "ab", ""))
NUMBER = Condition("k:number", _NUMBERS, ("1", "2.5", "30"), ("1", "2.50", "30"))
LESS = Condition("k:number", ("NumericLessThan",), ("1", "2.5", "30"), ("1", "2.5", "30"))
FLAG = Condition("k:flag", ("Bool",), ("true", "false"), ("true", "false"))
DATE = Condition(
    "k:date", _DATES, ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"), ("2024-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
)
ADDRESS = Condition(
    "k:ip", ("IpAddress", "NotIpAddress"), ("10.0.0.0/8", "10.1.2.3", "192.168.0.0/16"), ("10.1.2.3", "192.168.7.7")
)
CALLER = Condition("aws:PrincipalArn", _ARNS, (ROLE, f"arn:aws:iam::{OURS}:*", USER, "arn:aws:iam::*:role/r"))
ACCOUNT = Condition("aws:PrincipalAccount", _STRINGS[:2], (OURS, OTHER))
SEVERAL = Condition(
    "k:Several",
    tuple(f"{quantifier}:{name}" for quantifier in ("ForAllValues", "ForAnyValue") for name in _STRINGS),
    ("a", "A*", "?b", "*", "ab"),
    ((), ("a",), ("a", "ab"), ("b", "A"), ("ab", "bb")),
)
NULL = Condition("K:TEXT", ("Null",), ("true", "false"))


@dataclass(frozen=True)
class Grammar:
    """What a judge can read."""

    principals: tuple[Principal, ...]
    conditions: tuple[Condition, ...]
    kinds: tuple[ResourcePolicyKind, ...] = (ResourcePolicyKind.BUCKET,)
    identity_only: bool = False
    """Only identity policies, for resources of the principal's account."""
    not_resource: bool = True


@dataclass(frozen=True)
class Case:
    """One request and the documents that speak on it; ``kind`` is that of ``resource``."""

    request: Request
    kind: ResourcePolicyKind
    identity: list[Document] = field(default_factory=list)
    boundary: Document | None = None
    session: Document | None = None
    resource: Document | None = None

    def policies(self) -> PolicySet:
        def parsed(document: Document | None, name: str) -> Policy | None:
            return None if document is None else Policy.parse(document, name)

        session = parsed(self.session, "session policy")
        return PolicySet(
            identity=tuple(Policy.parse(one, f"identity policy {number}") for number, one in enumerate(self.identity)),
            boundary=parsed(self.boundary, "boundary"),
            session=None if session is None else (session,),
            resource=parsed(self.resource, "resource policy"),
            resource_kind=self.kind,
        )

    def decision(self) -> Decision:
        """The evaluator's."""
        return decide(self.request, self.policies())


def cases(grammar: Grammar, count: int, seed: int) -> Iterator[Case]:
    random = Random(seed)
    for _ in range(count):
        yield _case(random, grammar)


def _case(random: Random, grammar: Grammar) -> Case:
    kind, principal = random.choice(grammar.kinds), random.choice(grammar.principals)
    context: dict[str, ContextValue] = {
        condition.key.swapcase() if random.random() < 0.2 else condition.key: random.choice(condition.sent)
        for condition in {one.key: one for one in grammar.conditions if one.sent}.values()
        if random.random() < 0.6
    }
    at_home = kind is ResourcePolicyKind.KEY or grammar.identity_only
    owner = OURS if at_home else random.choice((OURS, OURS, OTHER))
    asked = Request(principal, random.choice(_ACTIONS[kind]), random.choice(_RESOURCES[kind]), owner, context)
    has_identity = principal.kind in (PrincipalKind.SESSION, PrincipalKind.USER)
    is_session = principal.kind is PrincipalKind.SESSION

    def document(*, named: bool = False) -> Document:
        # conditions make most cases denied: half the documents do without
        conditions = grammar.conditions if random.random() < 0.5 else ()
        written = [_statement(random, grammar, kind, conditions, named=named) for _ in range(random.randint(1, 3))]
        return {"Version": "2012-10-17", "Statement": written}

    def perhaps(share: float, make: Callable[[], Document]) -> Document | None:
        return make() if random.random() < share else None

    return Case(
        asked,
        kind,
        [document() for _ in range(random.randint(0, 2))] if has_identity else [],
        perhaps(0.25, document) if has_identity and not grammar.identity_only else None,
        perhaps(0.25, document) if is_session and not grammar.identity_only else None,
        perhaps(0.75, lambda: document(named=True)) if not grammar.identity_only else None,
    )


def _statement(
    random: Random, grammar: Grammar, kind: ResourcePolicyKind, conditions: tuple[Condition, ...], *, named: bool
) -> Document:
    own = _ACTIONS[kind][0].partition(":")[0]
    actions = tuple(one for one in _ACTION_PATTERNS if one == "*" or one.lower().startswith(own))
    written: Document = {
        "Effect": "Allow" if random.random() < 0.8 else "Deny",
        "NotAction" if random.random() < 0.2 else "Action": _some(random, actions),
        "NotResource" if grammar.not_resource and random.random() < 0.2 else "Resource": _some(
            random, _RESOURCE_PATTERNS
        ),
    }
    for condition in random.sample(conditions, min(len(conditions), random.choice((0, 1, 1, 2)))):
        operator = random.choice(condition.operators)
        if operator != "Null" and random.random() < 0.3:
            operator += "IfExists"
        value = random.choice(condition.written) if operator == "Null" else _some(random, condition.written)
        written.setdefault("Condition", {}).setdefault(operator, {})[condition.key] = value
    if named:
        written["Principal"] = random.choice(
            ("*", {"AWS": "*"}, {"Service": "lambda.amazonaws.com"}, *[{"AWS": _some(random, _NAMES)}] * 5)
        )
    return written


def _some(random: Random, values: tuple[str, ...]) -> str | list[str]:
    return random.choice(values) if random.random() < 0.5 else random.sample(values, random.randint(1, 2))
