"""Whether every part of every document is needed.

A part that permits is needed if some hop fails without it. A part that restricts (a condition, a deny) is needed if
some attack succeeds without it, with the other side of the grant open: a condition of a resource policy is judged as
if every role might do everything, and a condition of an identity policy as if every resource let in all accounts.
Otherwise each side could hide behind the other, and both be taken away one after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Self

from xacct_ml.access.context import RequestContext
from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.model import Outcome, Request
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import authorize
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.attacks.attack import attacks
from xacct_ml.proof.attacks.intruder import with_intruders
from xacct_ml.proof.attacks.namesakes import EVERYTHING
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.matrix.variants import Removal, removals
from xacct_ml.proof.minimality.justified import JUSTIFIED
from xacct_ml.proof.policies import DocumentKind, DocumentRef, with_policy
from xacct_ml.proof.requests import capture, notifications, operator
from xacct_ml.proof.requests.hop import Row, in_stage
from xacct_ml.proof.world import World
from xacct_ml.system.names import Names
from xacct_ml.system.statements import grant, policy

OPERATOR_ROLE = "xacct-ml-operator"
"""Stands for whoever runs this tool in the shared account, where the map names no role."""


@dataclass(frozen=True, slots=True)
class Needed:
    """``because`` says in a hop's or an attack's words what goes wrong without the part."""

    removal: Removal
    because: str


@dataclass(frozen=True, slots=True)
class JustifiedPart:
    removal: Removal
    why: str


@dataclass(frozen=True)
class Minimality:
    """Every part is in exactly one of the three."""

    needed: tuple[Needed, ...]
    unneeded: tuple[Removal, ...]
    justified: tuple[JustifiedPart, ...]

    @property
    def checked(self) -> int:
        return len(self.needed) + len(self.unneeded) + len(self.justified)

    @property
    def holds(self) -> bool:
        return not self.unneeded


def minimality(world: World) -> Minimality:
    """Takes every part out in turn."""
    judge = _Judge(world)
    needed: list[Needed] = []
    unneeded: list[Removal] = []
    justified: list[JustifiedPart] = []
    for removal in removals(world.policies):
        because = judge.consequence(removal)
        if because is not None:
            needed.append(Needed(removal, because))
            continue
        why = next((entry.why for entry in JUSTIFIED if entry.covers(removal, world.names)), None)
        if why is None:
            unneeded.append(removal)
        else:
            justified.append(JustifiedPart(removal, why))
    return Minimality(tuple(needed), tuple(unneeded), tuple(justified))


@dataclass(frozen=True, slots=True)
class _Case:
    """A hop or an attack, by its words. ``context`` is prepared once for all the documents that it is decided under."""

    what: str
    request: Request
    context: RequestContext

    @classmethod
    def of(cls, what: str, request: Request) -> Self:
        return cls(what, request, RequestContext(request))

    def outcome(self, store: DocumentStore) -> Outcome:
        return authorize(self.request, store, self.context).outcome


class _Cases:
    """Hops or attacks by what a document can speak on: who asks, and what for."""

    def __init__(self, cases: Iterable[_Case]) -> None:
        self._asked_by: dict[str | None, list[_Case]] = {}
        self._asked_of: dict[str, list[_Case]] = {}
        for case in cases:
            request = case.request
            self._asked_by.setdefault(request.principal.role_arn, []).append(case)
            owner = request.resource.partition("/")[0] if ":s3:::" in request.resource else request.resource
            self._asked_of.setdefault(owner, []).append(case)

    def of(self, ref: DocumentRef) -> list[_Case]:
        if ref.kind is DocumentKind.IDENTITY:
            return self._asked_by.get(ref.owner, [])
        return self._asked_of.get(ref.owner, [])


class _Judge:
    """Decides every hop and attack once on the whole documents, and again those that a removal can touch."""

    def __init__(self, world: World) -> None:
        names, operating = world.names, world.operator
        allowed = [_Case.of(f"{hop.stage}: {hop.what}", hop.request) for hop in world.hops]
        self._store = world.store
        if operating is None:
            operating = names.arn("iam", names.shared, f"role/{OPERATOR_ROLE}", region="")
            self._store = self._store.with_principal(operating, world.operator_policies(names.shared))
            allowed.extend(_cases(operator.data(world.send, operating)))
            if world.config.notifications is not None:
                allowed.extend(_cases(notifications.told_by_hand(world.send, operating)))
        allowed.extend(_cases(operator.administration(world.send, operating)))
        for target in names.capturing:
            allowed.extend(self._of_captured(world, target))
        intruded = with_intruders(names, self._store)
        self._identities_open = _open_identities(intruded)
        self._resources_open = open_resources(intruded, names)
        self._hops = _Cases(case for case in allowed if case.outcome(self._store) is Outcome.ALLOWED)
        denied = [_Case.of(f"{attack.group}: {attack.what}", attack.request) for attack in attacks(world)]
        self._attacks_on_resources = _repelled(denied, self._identities_open)
        self._attacks_on_identities = _repelled(denied, self._resources_open)

    def _of_captured(self, world: World, target: ProductionTarget) -> Iterator[_Case]:
        """What the operator of a production account does with what was captured there, and with its key."""
        operating = target.role_arn
        if operating is None:
            operating = world.names.arn("iam", target.id, f"role/{OPERATOR_ROLE}", region="")
            self._store = self._store.with_principal(operating, world.operator_policies(target.id))
            yield from _cases(capture.read(world.send, target, operating))
        yield from _cases(operator.administration_of_captured(world.send, target, operating))

    def consequence(self, removal: Removal) -> str | None:
        """The first hop that fails, or the first attack that succeeds, without the part."""
        if not removal.widens:
            store = with_policy(self._store, removal.ref, removal.document)
            broken = (case for case in self._hops.of(removal.ref) if case.outcome(store) is not Outcome.ALLOWED)
            return next((f"breaks {case.what}" for case in broken), None)
        if removal.ref.kind is DocumentKind.IDENTITY:
            opened, cases = self._resources_open, self._attacks_on_identities
        else:
            opened, cases = self._identities_open, self._attacks_on_resources
        store = with_policy(opened, removal.ref, removal.document)
        through = (case for case in cases.of(removal.ref) if case.outcome(store) is Outcome.ALLOWED)
        return next((f"opens {case.what}" for case in through), None)


def _cases(rows: Iterable[Row]) -> Iterator[_Case]:
    return (_Case.of(hop.what, hop.request) for hop in in_stage("", rows))


def _repelled(cases: Iterable[_Case], store: DocumentStore) -> _Cases:
    return _Cases(case for case in cases if case.outcome(store) is Outcome.DENIED)


def _open_identities(store: DocumentStore) -> DocumentStore:
    for arn, role in store.roles.items():
        store = store.with_role(arn, replace(role, identity=(EVERYTHING,)))
    for arn in store.principals:
        store = store.with_principal(arn, (EVERYTHING,))
    return store


def open_resources(store: DocumentStore, names: Names) -> DocumentStore:
    """Accounts as principals, so that identity policies still decide."""
    everyone = {"AWS": [names.account_root(account) for account in (*names.accounts, FOREIGN_ACCOUNT)]}
    opened = Policy.parse(policy(grant("Open", everyone, "*", "*")), "open")
    trust = Policy.parse(policy(grant("Open", everyone, "*", [])), "open")
    for arn in store.resources:
        store = store.with_resource(arn, opened)
    for arn, role in store.roles.items():
        store = store.with_role(arn, replace(role, trust=trust))
    return store
