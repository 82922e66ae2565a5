"""The documents that a map would deploy, as JSON and as a policy store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.policy import Policy
from xacct_ml.config.model import Config
from xacct_ml.system.bucket import bucket_policy
from xacct_ml.system.events import bus_policy
from xacct_ml.system.key import key_policy
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names, RegionalKeys
from xacct_ml.system.operator import policies as operator_policies
from xacct_ml.system.roles import roles
from xacct_ml.system.statements import Document, policy

KEY_DOCUMENT = "key policy"
BUCKET_DOCUMENT = "bucket policy"


class DocumentKind(Enum):
    IDENTITY = "identity policy"
    TRUST = "trust policy"
    KEY = "key policy"
    BUCKET = "bucket policy"
    BUS = "event bus policy"


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """One document of the map. ``owner`` is the ARN of the role, key, bucket or event bus that it belongs to;
    ``account`` owns that; ``policy`` names an identity policy of the role; ``region`` is the key's or bucket's, if not
    the pipeline's.
    """

    kind: DocumentKind
    owner: str
    account: str
    policy: str = ""
    region: str = ""

    @property
    def name(self) -> str:
        """How decisions call the document; the same in two production accounts."""
        role = self.owner.rsplit("/", 1)[-1]
        if self.kind is DocumentKind.IDENTITY:
            return f"{role}/{self.policy}"
        return f"trust of {role}" if self.kind is DocumentKind.TRUST else f"{self.kind.value}{self._where}"

    @property
    def title(self) -> str:
        """For a person: which document of which account."""
        if self.kind in (DocumentKind.KEY, DocumentKind.BUCKET, DocumentKind.BUS):
            return f"{self.kind.value} of {self.account}{self._where}"
        role = self.owner.rsplit("/", 1)[-1]
        policy = f" '{self.policy}'" if self.policy else ""
        return f"{self.kind.value}{policy} of role {role} in {self.account}"

    @property
    def _where(self) -> str:
        return f" in {self.region}" if self.region else ""


@dataclass(frozen=True)
class Documents:
    """Every document by its place. ``principals`` are policies of principals that are not roles of the project, by
    ARN. Immutable: ``with_document`` derives a copy that differs in one document.
    """

    entries: Mapping[DocumentRef, Document]
    principals: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)

    def with_document(self, ref: DocumentRef, document: Document) -> Documents:
        return replace(self, entries={**self.entries, ref: document})

    def with_statement(self, ref: DocumentRef, statement: Document) -> Documents:
        """The statement at the end of the document, which is made if it does not exist."""
        existing = self.entries.get(ref, policy())
        return self.with_document(ref, {**existing, "Statement": [*statements_of(existing), statement]})

    def store(self) -> DocumentStore:
        store = DocumentStore(principals=self.principals)
        for ref, document in self.entries.items():
            store = with_policy(store, ref, document)
        return store


def with_policy(store: DocumentStore, ref: DocumentRef, document: Document) -> DocumentStore:
    """``store`` with the one document put in place of its namesake, or added."""
    compiled = Policy.parse(document, ref.name)
    if ref.kind is DocumentKind.KEY:
        return store.with_key(ref.owner, compiled)
    if ref.kind is DocumentKind.BUCKET:
        return store.with_bucket(ref.owner, compiled)
    if ref.kind is DocumentKind.BUS:
        return store.with_bus(ref.owner, compiled)
    role = store.roles.get(ref.owner) or RolePolicies(Policy("no trust", ()))
    if ref.kind is DocumentKind.TRUST:
        return store.with_role(ref.owner, replace(role, trust=compiled))
    others = tuple(one for one in role.identity if one.name != compiled.name)
    return store.with_role(ref.owner, replace(role, identity=(*others, compiled)))


def policy_of(store: DocumentStore, ref: DocumentRef) -> Policy | None:
    """The compiled document, ``None`` where the store has none."""
    if ref.kind is DocumentKind.KEY:
        return store.keys.get(ref.owner)
    if ref.kind is DocumentKind.BUCKET:
        return store.buckets.get(ref.owner)
    if ref.kind is DocumentKind.BUS:
        return store.buses.get(ref.owner)
    role = store.roles.get(ref.owner)
    if role is None or ref.kind is DocumentKind.TRUST:
        return role.trust if role else None
    return next((one for one in role.identity if one.name == ref.name), None)


def statements_of(document: Document) -> list[Document]:
    """The statements; a lone one may stand without its list."""
    given = document["Statement"]
    return [given] if isinstance(given, dict) else list(given)


def documents(config: Config, key_arn: str, regional_keys: RegionalKeys | None = None) -> Documents:
    """Roles, keys, buckets and event bus as rendered, and the shared account's operator under the rendered operator
    policies. Of the bus's policy, which others write in too, the project's statement alone.
    """
    names, keys = Names(config), all_keys(config, key_arn, regional_keys)
    entries: dict[DocumentRef, Document] = {}
    for role in roles(config, keys):
        entries[DocumentRef(DocumentKind.TRUST, role.arn, role.account)] = role.trust
        for policy_name, document in role.policies.items():
            entries[DocumentRef(DocumentKind.IDENTITY, role.arn, role.account, policy_name)] = document
    entries[DocumentRef(DocumentKind.KEY, key_arn, names.shared)] = key_policy(config, names.region)
    entries[DocumentRef(DocumentKind.BUCKET, names.bucket_arn, names.shared)] = bucket_policy(
        config, keys, names.region
    )
    bus = bus_policy(config)
    if bus is not None:
        entries[DocumentRef(DocumentKind.BUS, names.event_bus_arn, names.shared)] = bus
    for region, key in keys.others.items():
        entries[regional_key_ref(names, region, key)] = key_policy(config, region)
        entries[regional_bucket_ref(names, region)] = bucket_policy(config, keys, region)
    operator = config.accounts.shared.role_arn
    principals = {} if operator is None else {operator: operator_identity(config)}
    return Documents(entries, principals)


def all_keys(config: Config, key_arn: str, regional_keys: RegionalKeys | None) -> Keys:
    """``regional_keys`` are those of the regions but the pipeline's, stand-ins by default."""
    names = Names(config)
    return Keys.of({names.region: key_arn, **(names.regional_keys() if regional_keys is None else regional_keys)})


def regional_key_ref(names: Names, region: str, key_arn: str) -> DocumentRef:
    return DocumentRef(DocumentKind.KEY, key_arn, names.shared, region=region)


def regional_bucket_ref(names: Names, region: str) -> DocumentRef:
    return DocumentRef(DocumentKind.BUCKET, names.bucket_arn_in(region), names.shared, region=region)


def operator_identity(config: Config) -> tuple[Policy, ...]:
    """The rendered policies of whoever runs this tool in the shared account."""
    rendered = operator_policies(config)[Names(config).shared]
    return tuple(Policy.parse(document, f"operator/{policy_name}") for policy_name, document in rendered.items())


def documents_store(config: Config, key_arn: str, regional_keys: RegionalKeys | None = None) -> DocumentStore:
    """``documents``, compiled."""
    return documents(config, key_arn, regional_keys).store()
