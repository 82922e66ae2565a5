"""Everything that a judge needs to know: one project's map, keys, documents and pipeline, each rendered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.organization import NO_ORGANIZATION, Organization
from xacct_ml.access.policy import Policy
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.proof.matrix.resource_catalog import ResourceCatalog, resource_catalog
from xacct_ml.proof.policies import DocumentKind, DocumentRef, Policies
from xacct_ml.proof.requests import run
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import Hop
from xacct_ml.system.approver import approver_policies
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, policy
from xacct_ml.system.system import system
from xacct_ml.system.thing import Bucket, EventBusPolicy, Key, Pipeline, Role, Thing, Topic

OperatorPolicies = Mapping[str, Mapping[str, Document]]
"""Account id to policy name to document: what whoever runs this tool may do there."""


@dataclass(frozen=True)
class World:
    """``policies`` are decided upon, compiled in ``store`` together with the permissions boundaries that are known;
    ``things``, ``structure`` (of the pipeline that trains) and ``release_structure`` (of the one that releases) are
    what the map deploys. ``meant`` is the world of the map, where ``policies`` are others."""

    config: Config
    keys: Keys
    things: tuple[Thing, ...]
    structure: Document
    release_structure: Document
    operators: OperatorPolicies
    policies: Policies
    store: DocumentStore
    _meant: World | None = field(default=None, repr=False)

    @classmethod
    def of_map(
        cls,
        config: Config,
        operators: OperatorPolicies,
        keys: Keys | None = None,
        organization: Organization = NO_ORGANIZATION,
    ) -> World:
        """What the map would deploy; stand-ins for keys that are not given."""
        keys = keys or Keys.stand_ins(Names(config))
        things = system(config, keys)
        structure, release = (thing.structure for thing in things if isinstance(thing, Pipeline))
        policies = Policies(_entries(config, things), _principals(config, operators), organization)
        return cls(config, keys, things, structure, release, operators, policies, policies.store())

    def with_policies(self, policies: Policies, store: DocumentStore | None = None) -> World:
        """The same map beside other documents. Without ``store`` no role has a permissions boundary."""
        return replace(self, policies=policies, store=store or policies.store(), _meant=self.meant)

    def without_organization(self) -> World:
        """The same documents, limited by nothing else."""
        if self.policies.organization is NO_ORGANIZATION:
            return self
        return self.with_policies(replace(self.policies, organization=NO_ORGANIZATION))

    @property
    def meant(self) -> World:
        """The documents that the map would deploy."""
        return self._meant or self

    @cached_property
    def names(self) -> Names:
        return Names(self.config)

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        return tuple(thing for thing in self.things if isinstance(thing, Role))

    @cached_property
    def send(self) -> RequestBuilder:
        """Builds requests in the pipeline's region."""
        return RequestBuilder(self.names, self.keys)

    @cached_property
    def hops(self) -> tuple[Hop, ...]:
        """Every request of a run that trains and of one that releases, in their order; numbered from 1 wherever they
        are shown."""
        return tuple(run.hops(self.send, self.structure, self.release_structure))

    @cached_property
    def places(self) -> ResourceCatalog:
        """Every resource that the project makes, or that its runs make."""
        return resource_catalog(self.names, self.keys, self.things)

    @property
    def operator(self) -> str | None:
        """The map's role of whoever runs this tool in the shared account."""
        return self.config.accounts.shared.role_arn

    def operator_policies(self, account: str) -> tuple[Policy, ...]:
        """Compiled."""
        return tuple(Policy.parse(document, f"operator/{name}") for name, document in self.operators[account].items())

    @cached_property
    def named_operators(self) -> Mapping[str, tuple[Policy, ...]]:
        """The map's operator roles of all accounts, with their policies."""
        return {
            account.role_arn: self.operator_policies(account.id)
            for _, account in named_accounts(self.config)
            if account.role_arn is not None
        }


def _entries(config: Config, things: Iterable[Thing]) -> dict[DocumentRef, Document]:
    """Of the event bus's policy, which others write in too, the project's statement alone."""
    names = Names(config)
    # What is not of the shared account stands behind its regions.
    of_roles: dict[DocumentRef, Document] = {}
    of_region: dict[str, dict[DocumentRef, Document]] = {region: {} for region in (*names.regions, "")}
    for thing in things:
        if isinstance(thing, Role):
            of_roles[DocumentRef(DocumentKind.TRUST, thing.arn, thing.account)] = thing.trust
            for policy_name, document in thing.policies.items():
                of_roles[DocumentRef(DocumentKind.IDENTITY, thing.arn, thing.account, policy_name)] = document
        elif isinstance(thing, Topic):
            of_region[thing.region][topic_ref(names, thing)] = thing.policy
        elif isinstance(thing, Key | Bucket):
            of_region[thing.region if thing.account == names.shared else ""][policy_ref(names, thing)] = thing.policy
        elif isinstance(thing, EventBusPolicy):
            of_region[thing.region][DocumentRef(DocumentKind.BUS, thing.arn, thing.account)] = policy(thing.statement)
    return of_roles | {ref: document for entries in of_region.values() for ref, document in entries.items()}


def _principals(config: Config, operators: OperatorPolicies) -> dict[str, tuple[Policy, ...]]:
    """The shared account's operator, who uses data and key; those who read what endpoints captured; and who
    approves."""
    names, account = Names(config), config.accounts.shared
    found: dict[str, tuple[Policy, ...]] = {}
    if account.role_arn is not None:
        given = operators[account.id].items()
        found[account.role_arn] = tuple(Policy.parse(document, f"operator/{name}") for name, document in given)
    for target in names.capturing:  # who reads what was captured there
        if target.role_arn is not None:
            given = operators[target.id].items()
            found[target.role_arn] = tuple(Policy.parse(document, f"operator/{name}") for name, document in given)
    if names.approver_role is not None:
        of_approver = approver_policies(names).items()
        found[names.approver_role] = tuple(Policy.parse(one, f"approver/{name}") for name, one in of_approver)
    return found


def policy_ref(names: Names, thing: Key | Bucket) -> DocumentRef:
    """Of a key's or a bucket's policy, in whichever account."""
    kind = DocumentKind.KEY if isinstance(thing, Key) else DocumentKind.BUCKET
    return DocumentRef(kind, thing.arn, thing.account, region=_elsewhere(names, thing.region))


def topic_ref(names: Names, thing: Topic) -> DocumentRef:
    return DocumentRef(DocumentKind.TOPIC, thing.arn, thing.account, region=_elsewhere(names, thing.region))


def key_ref(names: Names, keys: Keys, region: str) -> DocumentRef:
    return DocumentRef(DocumentKind.KEY, keys[region], names.shared, region=_elsewhere(names, region))


def bucket_ref(names: Names, region: str) -> DocumentRef:
    return DocumentRef(DocumentKind.BUCKET, names.bucket_arn_in(region), names.shared, region=_elsewhere(names, region))


def _elsewhere(names: Names, region: str) -> str:
    return "" if region == names.region else region
