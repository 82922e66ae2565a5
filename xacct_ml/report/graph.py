"""The hops of a verdict as a graph: who asks, and for what, each in its account."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xacct_ml.access.model import PrincipalKind
from xacct_ml.arn import Arn
from xacct_ml.config.accounts import account_roles
from xacct_ml.proof.prove import ProvenHop
from xacct_ml.proof.words import Words
from xacct_ml.proof.world import World


@dataclass(frozen=True, slots=True)
class Node:
    """``asks``: a service or a role, which may also be asked for."""

    account: str
    label: str
    asks: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """One hop, between the two that it is about."""

    proven: ProvenHop
    source: Node
    target: Node

    @property
    def crosses(self) -> bool:
        return self.source.account != self.target.account


@dataclass(frozen=True, slots=True)
class Graph:
    """``accounts``: id to what it is in the map, from left to right: who trains, what is shared, who serves."""

    accounts: Mapping[str, str]
    arrows: tuple[Arrow, ...]
    middle: str


def graph(world: World, hops: Iterable[ProvenHop], words: Words) -> Graph:
    names, roles = world.names, account_roles(world.config)
    targets = dict.fromkeys(target.id for target in names.production)
    left = [account for account in roles if account != names.shared and account not in targets]
    order = [*left, names.shared, *(account for account in targets if account not in {*left, names.shared})]
    arrows = tuple(_arrow(proven, words) for proven in hops)
    return Graph({account: roles[account] for account in order}, arrows, names.shared)


def _arrow(proven: ProvenHop, words: Words) -> Arrow:
    request = proven.hop.request
    target = _thing(request.resource, request.resource_account, words)
    asking = request.principal
    # A service asks from nowhere in the map: it is drawn where it asks for something.
    account = request.resource_account if asking.kind is PrincipalKind.SERVICE else asking.account
    return Arrow(proven, Node(account, words.who(asking), asks=True), target)


def _thing(arn: str, account: str, words: Words) -> Node:
    if words.key_of(arn) is not None:
        return Node(account, "bucket", asks=False)
    label = words.resource(arn)
    if arn.startswith("arn:"):
        service = Arn.parse(arn).service
        if service == "iam":
            return Node(account, label.removeprefix("role "), asks=True)
        if service == "logs":
            return Node(account, "logs", asks=False)
    return Node(account, "anything" if label == "*" else label, asks=False)
