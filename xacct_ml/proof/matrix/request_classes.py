"""The classes of requests of the whole matrix: who asks for what, in which contexts.

Requests that nothing in the documents tells apart are one class: actions of a service that the same statements name,
on the same resource; and all services that no document names. KMS and STS, whose actions follow rules of their own,
are asked about action by action. Where no statement names action and resource at all, on a side that would have to
allow, the class is denied by default, whatever the context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from xacct_ml.access.context import RequestContext
from xacct_ml.access.model import Principal, PrincipalKind, Request
from xacct_ml.access.truth import NO
from xacct_ml.proof.actions import Action, service_actions
from xacct_ml.proof.attacks.intruder import intruders, with_intruders
from xacct_ml.proof.matrix.contexts import contexts
from xacct_ml.proof.matrix.intended import acting_role
from xacct_ml.proof.matrix.near_misses import is_open, near_places, with_open
from xacct_ml.proof.matrix.resource_catalog import ANY, Place, foreign_places, unrelated_places
from xacct_ml.proof.matrix.statements import Pair, Statements
from xacct_ml.proof.policies import DocumentKind, Policies, listed, statements_of
from xacct_ml.proof.world import World
from xacct_ml.system.statements import Document

UNNAMED_SERVICE = "ec2.amazonaws.com"
"""Stands for every service principal that no document names."""

_OWN_RULES = frozenset({"kms", "sts"})


@dataclass(frozen=True, slots=True)
class Column:
    """Actions on one resource type that the same statements name. ``kind`` is ``None`` for requests on no resource;
    ``named_by`` are the classes of these statements (:class:`~xacct_ml.proof.matrix.statements.Statements`)."""

    service: str
    kind: str | None
    actions: tuple[Action, ...]
    named_by: frozenset[int]

    def each(self, request: Request) -> Iterator[Request]:
        """The request with each of the actions."""
        return (replace(request, action=action.name) for action in self.actions)


@dataclass(frozen=True, slots=True)
class RequestClass:
    """One request that stands for all actions of its column."""

    request: Request
    column: Column
    place: Place | None

    @property
    def requests(self) -> int:
        return len(self.column.actions)

    def each(self) -> Iterator[Request]:
        return self.column.each(self.request)


@dataclass(frozen=True, slots=True)
class DeniedByDefault:
    """All actions of a column on one place, asked for by everybody but ``heard``: no statement can allow it."""

    column: Column
    place: Place | None
    asking: People
    heard: frozenset[int]
    base: Mapping[str, str]

    @property
    def principals(self) -> tuple[Principal, ...]:
        return tuple(one for position, one in enumerate(self.asking.listed) if position not in self.heard)

    @property
    def requests(self) -> int:
        return (len(self.asking.listed) - len(self.heard)) * len(self.column.actions)

    def each(self) -> Iterator[Request]:
        for principal in self.principals:
            yield from self.column.each(_request(principal, self.column, self.place, self.base))


class People:
    """Who asks, in order."""

    def __init__(self, principals: Iterable[Principal]) -> None:
        self.listed = tuple(principals)
        self._by_account: dict[str, list[int]] = {}
        self._by_role: dict[str, int] = {}
        for position, principal in enumerate(self.listed):
            self._by_account.setdefault(principal.account, []).append(position)
            self._by_role[acting_role(principal)] = position

    def in_account(self, account: str) -> list[int]:
        return self._by_account.get(account, [])

    def named(self, names: Iterable[str]) -> list[int]:
        return [self._by_role[name] for name in names if name in self._by_role]


class RequestClasses:
    """Who asks, for what, in which contexts; ``store`` has documents and intruders, and, open, what is not ours."""

    def __init__(self, world: World) -> None:
        self.names = world.names
        self.policies = world.policies
        others = (*unrelated_places(self.names), *near_places(self.names, world.places), *foreign_places(self.names))
        self.store = with_open(with_intruders(world.names, world.policies.store()), self.names, others)
        self._places = (*world.places, *others)
        self._open = frozenset(place for place in others if is_open(place))
        self._intruders = tuple(Principal.session(arn, "matrix") for arn in sorted({*intruders(self.names).values()}))
        self._statements = Statements(self.policies, self.store)
        self._columns = tuple(_columns(self._statements))
        self._contexts: dict[tuple[int, ...], tuple[Mapping[str, str], ...]] = {}
        self._base = {"aws:SecureTransport": "true", "aws:RequestedRegion": self.names.region}

    def __iter__(self) -> Iterator[RequestClass | DeniedByDefault]:
        """Every class, each with every context that a statement on it can tell apart."""
        ours = self._ours()
        # Callers without credentials, and every service that a document names, with one for all others.
        services = map(Principal.service, sorted({UNNAMED_SERVICE, *_named_services(self.policies)}))
        outside = (*self._intruders, Principal.anonymous(), *services)
        accounts = dict.fromkeys(place.account for place in self._places)
        in_account = {account: People((*ours, *_may_ask(outside, account))) for account in accounts}
        alone = People(ours)  # what others open is not ours to guard from others

        def asking(place: Place) -> People:
            return alone if place in self._open else in_account[place.account]

        return self._asked(self._places, asking, alone)

    def about(self, places: Iterable[Place], people: Iterable[Principal]) -> Iterator[RequestClass | DeniedByDefault]:
        """What these principals ask of these places alone, in the same way."""
        asking = People(people)
        return self._asked(places, lambda _: asking, None)

    def _ours(self) -> tuple[Principal, ...]:
        roles = dict.fromkeys(ref.owner for ref in self.policies.entries if ref.kind is DocumentKind.TRUST)
        return tuple(Principal.session(arn, "matrix") for arn in roles)

    def _asked(
        self, places: Iterable[Place], asking: Callable[[Place], People], on_nothing: People | None
    ) -> Iterator[RequestClass | DeniedByDefault]:
        """``asking`` gives who asks for a place, ``on_nothing`` who asks without naming a resource."""
        by_type: dict[tuple[str, str | None], list[Place]] = {}
        for place in places:
            by_type.setdefault((place.service, place.kind), []).append(place)
        for column in self._columns:
            own = self._statements.of_identities(column.named_by)
            if column.kind is None:
                if on_nothing is not None:
                    yield from self._column(column, None, on_nothing, own)
                continue
            for place in by_type.get((column.service, column.kind), ()):
                yield from self._column(column, place, asking(place), own)

    def _column(
        self, column: Column, place: Place | None, asking: People, own: Mapping[str, list[Pair]]
    ) -> Iterator[RequestClass | DeniedByDefault]:
        """The classes on one place, then what is denied by default. ``own`` has what principals' policies say of the
        actions."""
        granted = self._granted(column, place)
        if place is None:
            able = asking.named(own)
        elif granted:
            able = [*asking.in_account(place.account), *asking.in_account(""), *asking.named(own)]
        else:
            able = [one for one in asking.in_account(place.account) if acting_role(asking.listed[one]) in own]
        heard = []
        for position in sorted(set(able)):
            principal = asking.listed[position]
            base = {} if principal.kind is PrincipalKind.SERVICE else self._base
            request = _request(principal, column, place, base)
            speaking = _speaking(request, own.get(acting_role(principal), []), granted)
            if speaking is not None:
                heard.append(position)
                for varied in self._varied(speaking):
                    context = {key: value for key, value in base.items() if key.lower() not in varied}
                    yield RequestClass(replace(request, context={**context, **varied}), column, place)
        yield DeniedByDefault(column, place, asking, frozenset(heard), self._base)

    def _granted(self, column: Column, place: Place | None) -> list[Pair]:
        """What the resource's policy says of the column's actions on the place; all that it may say, where a variable
        in it stands for who asks."""
        if place is None:
            return []
        request = _request(Principal.anonymous(), column, place, {})
        pairs = self._statements.of_resource(self.store.policies_for(request).resource, column.named_by)
        return _about(request, pairs)

    def _varied(self, speaking: list[Document]) -> tuple[Mapping[str, str], ...]:
        key = tuple(map(id, speaking))
        if key not in self._contexts:
            self._contexts[key] = tuple(contexts(speaking))
        return self._contexts[key]


def _may_ask(outside: Iterable[Principal], account: str) -> Iterator[Principal]:
    """Who else asks for what is in the account. An administrator is allowed everything in its own account."""
    return (principal for principal in outside if principal.account != account)


def _request(principal: Principal, column: Column, place: Place | None, context: Mapping[str, str]) -> Request:
    arn, account = (place.arn, place.account) if place else (ANY, principal.account)
    return Request(principal, column.actions[0].name, arn, account, context)


def _speaking(request: Request, own: list[Pair], granted: list[Pair]) -> list[Document] | None:
    """The statements whose action and resource match: only their conditions can matter. ``None`` where a side that has
    to allow has none."""
    by_identity = _about(request, own)
    if not request.principal.account:
        enough = bool(granted)
    elif request.principal.account == request.resource_account:
        enough = bool(by_identity or granted)
    else:
        enough = bool(by_identity and granted)
    return [written for _, written in (*by_identity, *granted)] if enough else None


def _about(request: Request, pairs: list[Pair]) -> list[Pair]:
    """Those of the statements that match the request's resource."""
    if not pairs:
        return []
    probe = RequestContext(request)
    return [
        (compiled, written)
        for compiled, written in pairs
        if compiled.resource is None or compiled.resource.match(probe.resource, probe) is not NO
    ]


def _columns(statements: Statements) -> Iterator[Column]:
    grouped: dict[tuple[str, str | None, frozenset[int], str], list[Action]] = {}
    for lowered, action in service_actions().actions.items():
        naming = statements.naming(lowered)
        apart = action.name if action.service in _OWN_RULES else ""
        for kind in (*action.types, None):
            grouped.setdefault((action.service, kind, naming, apart), []).append(action)
    for (service, kind, named_by, _), actions in grouped.items():
        yield Column(service, kind, tuple(actions), named_by)


def _named_services(policies: Policies) -> Iterator[str]:
    for document in policies.entries.values():
        for statement in statements_of(document):
            principal = statement.get("Principal")
            yield from listed(principal.get("Service", [])) if isinstance(principal, dict) else ()
