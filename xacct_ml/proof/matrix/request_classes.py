"""The questions of the whole matrix: who asks for what, in which contexts.

Requests that nothing in the documents tells apart are one question: actions of a service that the same statements
name, on the same resource; and all services that no document names. KMS and STS, whose actions follow rules of their
own, are asked about action by action. Where no statement names action and resource at all, on a side that would have
to allow, the question is idle: denied by default, whatever the context.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from xacct_ml.access.context import RequestContext
from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.model import Principal, PrincipalKind, Request
from xacct_ml.access.policy import Policy, Statement
from xacct_ml.access.truth import NO
from xacct_ml.proof.actions import Action, service_actions
from xacct_ml.proof.attacks.intruder import intruders, with_intruders
from xacct_ml.proof.matrix.contexts import contexts
from xacct_ml.proof.matrix.resource_catalog import (
    ANY,
    FOREIGN_ACCOUNT,
    Place,
    foreign_places,
    unrelated_places,
)
from xacct_ml.proof.policies import DocumentKind, Policies, policy_of, statements_of
from xacct_ml.proof.world import World
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, grant, policy

UNNAMED_SERVICE = "ec2.amazonaws.com"
"""Stands for every service principal that no document names."""

_OWN_RULES = frozenset({"kms", "sts"})


@dataclass(frozen=True, slots=True)
class Column:
    """Actions on one resource type that the same statements name. ``kind`` is ``None`` for requests on no resource."""

    service: str
    kind: str | None
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One request that stands for all actions of its column. ``idle``: no statement can allow it."""

    request: Request
    column: Column
    place: Place | None
    idle: bool = False

    def each(self) -> Iterator[Request]:
        return (replace(self.request, action=action.name) for action in self.column.actions)


class Questions:
    """Who asks, for what, in which contexts; ``store`` has the documents, the intruders and what is foreign, open."""

    def __init__(self, world: World) -> None:
        self.names = world.names
        self.places = world.places
        self.policies = world.policies
        self.intruders = frozenset(intruders(world.names).values())
        self.store = _open_foreign(with_intruders(world.names, world.policies.store()), self.names)
        self._statements = _statements(self.policies, self.store)
        self._columns = tuple(self._all_columns())

    def __iter__(self) -> Iterator[Question]:
        """Every question, each with every context that a statement on it can tell apart."""
        places: dict[tuple[str, str], list[Place]] = {}
        for place in (
            *self.places,
            *unrelated_places(self.names),
            *foreign_places(self.names),
        ):
            places.setdefault((place.service, place.kind), []).append(place)
        ours, all_people = self._people(), (*self._people(), *self._administrators())
        services = self._services()
        for column in self._columns:
            if column.kind is None:
                for principal in ours:
                    yield from self._asked(principal, column, None)
                continue
            for place in places[column.service, column.kind]:
                for principal in all_people:
                    if not self._at_home(principal, place):
                        yield from self._asked(principal, column, place)
                if place.account != FOREIGN_ACCOUNT:
                    for principal in services:
                        yield from self._asked(principal, column, place)

    def about(self, places: Iterable[Place], people: Iterable[Principal]) -> Iterator[Question]:
        """What these principals ask of these places alone, in the same way."""
        by_type: dict[tuple[str, str | None], list[Place]] = {}
        for place in places:
            by_type.setdefault((place.service, place.kind), []).append(place)
        asking = tuple(people)
        for column in self._columns:
            for place in by_type.get((column.service, column.kind), ()):
                for principal in asking:
                    yield from self._asked(principal, column, place)

    def _at_home(self, principal: Principal, place: Place) -> bool:
        """Whether the request says nothing of our documents: an administrator is allowed everything in its own account,
        and what a foreign account opens to others is not ours to guard.
        """
        return principal.role_arn in self.intruders and place.account in (principal.account, FOREIGN_ACCOUNT)

    def _people(self) -> tuple[Principal, ...]:
        ours = dict.fromkeys(ref.owner for ref in self.policies.entries if ref.kind is DocumentKind.TRUST)
        return tuple(Principal.session(arn, "matrix") for arn in ours)

    def _administrators(self) -> tuple[Principal, ...]:
        return tuple(Principal.session(arn, "matrix") for arn in sorted(self.intruders))

    def _services(self) -> tuple[Principal, ...]:
        """Every service that a document names, one for all others, and callers without credentials."""
        named = sorted({UNNAMED_SERVICE, *_named_services(self.policies)})
        return (Principal.anonymous(), *map(Principal.service, named))

    def _asked(self, principal: Principal, column: Column, place: Place | None) -> Iterator[Question]:
        arn, account = (place.arn, place.account) if place else (ANY, principal.account)
        base: dict[str, str] = {}
        if principal.kind is not PrincipalKind.SERVICE:
            base = {"aws:SecureTransport": "true", "aws:RequestedRegion": self.names.region}
        request = Request(principal, column.actions[0].name, arn, account, base)
        speaking = self._speaking(request)
        if speaking is None:
            yield Question(request, column, place, idle=True)
            return
        for varied in contexts(speaking):
            context = {key: value for key, value in base.items() if key.lower() not in varied}
            yield Question(replace(request, context={**context, **varied}), column, place)

    def _speaking(self, request: Request) -> list[Document] | None:
        """The statements whose action and resource match: only their conditions can matter. ``None`` where a side
        that has to allow has none.
        """
        principal, policies = request.principal, self.store.policies_for(request)
        resource = () if policies.resource is None else (policies.resource,)
        probe = RequestContext(request)
        by_identity, by_resource = self._matching(policies.identity, probe), self._matching(resource, probe)
        if not principal.account:
            enough = bool(by_resource)
        elif principal.account == request.resource_account:
            enough = bool(by_identity or by_resource)
        else:
            enough = bool(by_identity and by_resource)
        return [*by_identity, *by_resource] if enough else None

    def _matching(self, policies: Iterable[Policy], probe: RequestContext) -> list[Document]:
        return [
            statement
            for policy in policies
            for compiled, statement in self._paired(policy)
            if compiled.action is None or compiled.action.match(probe.action) is not NO
            if compiled.resource is None or compiled.resource.match(probe.resource, probe) is not NO
        ]

    def _paired(self, policy: Policy) -> list[tuple[Statement, Document]]:
        """The intruders' own policies and those of the foreign account are not written out; they have no conditions."""
        return self._statements.get(id(policy)) or [(one, {}) for one in policy.statements]

    def _all_columns(self) -> Iterator[Column]:
        named = [one for statements in self._statements.values() for one, _ in statements]
        grouped: dict[tuple[str, str | None, frozenset[int], str], list[Action]] = {}
        for lowered, action in service_actions().actions.items():
            matching = frozenset(
                number
                for number, statement in enumerate(named)
                if statement.action is None or statement.action.match(lowered) is not NO
            )
            apart = action.name if action.service in _OWN_RULES else ""
            for kind in (*action.types, None):
                grouped.setdefault((action.service, kind, matching, apart), []).append(action)
        for (service, kind, *_), actions in grouped.items():
            yield Column(service, kind, tuple(actions))


def _open_foreign(store: DocumentStore, names: Names) -> DocumentStore:
    """The foreign account lets every account of the map in: only our own policies can keep our roles away."""
    roots = {"AWS": [names.account_root(account) for account in names.accounts]}
    opened = Policy.parse(policy(grant("Open", roots, ["*"], ["*"])), "foreign policy")
    trust = Policy.parse(policy(grant("Open", roots, ["*"], [])), "foreign trust policy")
    for place in foreign_places(names):
        if place.kind == "bucket":
            store = store.with_bucket(place.arn, opened)
        elif place.kind == "key":
            store = store.with_key(place.arn, opened)
        elif place.kind == "role":
            store = store.with_role(place.arn, RolePolicies(trust))
    return store


def _named_services(policies: Policies) -> Iterator[str]:
    for document in policies.entries.values():
        for statement in statements_of(document):
            principal = statement.get("Principal")
            services = principal.get("Service", []) if isinstance(principal, dict) else []
            yield from [services] if isinstance(services, str) else services


def _statements(policies: Policies, store: DocumentStore) -> dict[int, list[tuple[Statement, Document]]]:
    """By the compiled policy's identity: each statement, compiled and as written."""
    found: dict[int, list[tuple[Statement, Document]]] = {}
    for ref, document in policies.entries.items():
        compiled = policy_of(store, ref)
        if compiled is not None:
            found[id(compiled)] = list(zip(compiled.statements, statements_of(document), strict=True))
    return found
