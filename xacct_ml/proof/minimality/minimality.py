"""Whether every part of every document is needed.

A part that permits is needed if some hop fails without it. A part that restricts (a condition, a deny) is needed if
some attack succeeds without it, with the other side of the grant open: a condition of a resource policy is judged as
if every role might do everything, and a condition of an identity policy as if every resource let in all accounts.
Otherwise each side could hide behind the other, and both be taken away one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.model import Outcome, Request
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import authorize
from xacct_ml.config.model import Config
from xacct_ml.proof.attacks.attack import attacks
from xacct_ml.proof.attacks.intruder import EVERYTHING, with_intruders
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.matrix.variants import Removal, removals
from xacct_ml.proof.minimality.administration import OPERATOR_ROLE, administration_hops
from xacct_ml.proof.minimality.justified import JUSTIFIED, Justified
from xacct_ml.proof.prove import hops
from xacct_ml.proof.requests.hop import Sender
from xacct_ml.proof.requests.shared import operator_hops
from xacct_ml.proof.world import DocumentKind, DocumentRef, Documents, documents, operator_identity, with_policy
from xacct_ml.system.names import Names
from xacct_ml.system.statements import grant, policy


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


def minimality(config: Config, *, papers: Documents | None = None, key_arn: str | None = None) -> Minimality:
    """Takes every part out in turn. Without ``papers``, of the documents that this map would deploy."""
    key = key_arn or Names(config).key_arn()
    given = papers or documents(config, key)
    judge = _Judge(config, given, key)
    needed: list[Needed] = []
    unneeded: list[Removal] = []
    justified: list[JustifiedPart] = []
    for removal in removals(given):
        because = judge.consequence(removal)
        if because is not None:
            needed.append(Needed(removal, because))
            continue
        reason = _justification(removal, Names(config))
        if reason is None:
            unneeded.append(removal)
        else:
            justified.append(JustifiedPart(removal, reason.why))
    return Minimality(tuple(needed), tuple(unneeded), tuple(justified))


def _justification(removal: Removal, names: Names) -> Justified | None:
    return next((entry for entry in JUSTIFIED if entry.covers(removal, names)), None)


@dataclass(frozen=True, slots=True)
class _Case:
    """A hop or an attack, by its words."""

    what: str
    request: Request


class _Judge:
    """Decides every hop and attack once on the whole documents, and again those that a removal can touch."""

    def __init__(self, config: Config, papers: Documents, key_arn: str) -> None:
        names = Names(config)
        self._store = _with_operator(config, papers.store())
        self._identities_open = _open_identities(with_intruders(config, self._store))
        self._resources_open = _open_resources(with_intruders(config, self._store), names)
        allowed = [_Case(f"{hop.stage}: {hop.what}", hop.request) for hop in hops(config, key_arn)]
        operator = config.accounts.shared.role_arn
        send = Sender(config, key_arn)
        if operator is None:
            operator = names.arn("iam", names.shared, f"role/{OPERATOR_ROLE}", region="")
            allowed.extend(_Case(hop.what, hop.request) for hop in operator_hops(send, operator))
        allowed.extend(_Case(hop.what, hop.request) for hop in administration_hops(send, operator))
        self._hops = [case for case in allowed if authorize(case.request, self._store).allowed]
        denied = [_Case(f"{attack.group}: {attack.what}", attack.request) for attack in attacks(config, key_arn)]
        self._attacks_on_resources = _repelled(denied, self._identities_open)
        self._attacks_on_identities = _repelled(denied, self._resources_open)

    def consequence(self, removal: Removal) -> str | None:
        """The first hop that fails, or the first attack that succeeds, without the part."""
        if not removal.widens:
            store = with_policy(self._store, removal.ref, removal.document)
            broken = (case for case in _touched(self._hops, removal.ref) if not authorize(case.request, store).allowed)
            return next((f"breaks {case.what}" for case in broken), None)
        if removal.ref.kind is DocumentKind.IDENTITY:
            opened, cases = self._resources_open, self._attacks_on_identities
        else:
            opened, cases = self._identities_open, self._attacks_on_resources
        store = with_policy(opened, removal.ref, removal.document)
        through = (case for case in _touched(cases, removal.ref) if authorize(case.request, store).allowed)
        return next((f"opens {case.what}" for case in through), None)


def _repelled(cases: Iterable[_Case], store: DocumentStore) -> list[_Case]:
    return [case for case in cases if authorize(case.request, store).outcome is Outcome.DENIED]


def _touched(cases: Iterable[_Case], ref: DocumentRef) -> Iterator[_Case]:
    """The cases that the document speaks on."""
    for case in cases:
        request = case.request
        if ref.kind is DocumentKind.IDENTITY:
            touched = request.principal.role_arn == ref.owner
        elif ref.kind is DocumentKind.BUCKET:
            touched = request.resource == ref.owner or request.resource.startswith(f"{ref.owner}/")
        else:
            touched = request.resource == ref.owner
        if touched:
            yield case


def _with_operator(config: Config, store: DocumentStore) -> DocumentStore:
    """An operator of the shared account, where the map names none."""
    if config.accounts.shared.role_arn is not None:
        return store
    names = Names(config)
    arn = names.arn("iam", names.shared, f"role/{OPERATOR_ROLE}", region="")
    return store.with_principal(arn, operator_identity(config))


def _open_identities(store: DocumentStore) -> DocumentStore:
    for arn, role in store.roles.items():
        store = store.with_role(arn, replace(role, identity=(EVERYTHING,)))
    for arn in store.principals:
        store = store.with_principal(arn, (EVERYTHING,))
    return store


def _open_resources(store: DocumentStore, names: Names) -> DocumentStore:
    """Accounts as principals, so that identity policies still decide."""
    everyone = {"AWS": [names.account_root(account) for account in (*names.accounts, FOREIGN_ACCOUNT)]}
    opened = Policy.parse(policy(grant("Open", everyone, ["*"], ["*"])), "open")
    trust = Policy.parse(policy(grant("Open", everyone, ["*"], [])), "open")
    for arn in store.keys:
        store = store.with_key(arn, opened)
    for arn in store.buckets:
        store = store.with_bucket(arn, opened)
    for arn in store.buses:
        store = store.with_bus(arn, opened)
    for arn, role in store.roles.items():
        store = store.with_role(arn, replace(role, trust=trust))
    return store
