"""The accounts' policies as documents, each with where it belongs, and compiled as a policy store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.model import Request, StatementRef
from xacct_ml.access.organization import NO_ORGANIZATION, Organization
from xacct_ml.access.policy import Policy
from xacct_ml.arn import Arn
from xacct_ml.system.statements import Document, policy


class DocumentKind(Enum):
    IDENTITY = "identity policy"
    TRUST = "trust policy"
    KEY = "key policy"
    BUCKET = "bucket policy"
    BUS = "event bus policy"
    TOPIC = "topic policy"


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """One document of the map. ``owner`` is the ARN of the role, key, bucket or event bus that it belongs to;
    ``account`` owns that; ``policy`` names an identity policy of the role; ``region`` is the key's or bucket's, if not
    the pipeline's."""

    kind: DocumentKind
    owner: str
    account: str
    policy: str = ""
    region: str = ""

    @property
    def of_role(self) -> bool:
        return self.kind in (DocumentKind.IDENTITY, DocumentKind.TRUST)

    def speaks_on(self, request: Request) -> bool:
        """Whether the document is one of those that decide the request: of who asks, or of what is asked for."""
        if self.kind is DocumentKind.IDENTITY:
            return self.owner == request.principal.role_arn
        return request.resource == self.owner or request.resource.startswith(f"{self.owner}/")

    @property
    def name(self) -> str:
        """How decisions call the document; the same in two production accounts."""
        role = Arn.parse(self.owner).name
        if self.kind is DocumentKind.IDENTITY:
            return f"{role}/{self.policy}"
        return f"trust of {role}" if self.kind is DocumentKind.TRUST else f"{self.kind.value}{self._where}"

    @property
    def title(self) -> str:
        """For a person: which document of which account."""
        if not self.of_role:
            return f"{self.kind.value} of {self.account}{self._where}"
        role = Arn.parse(self.owner).name
        policy = f" '{self.policy}'" if self.policy else ""
        return f"{self.kind.value}{policy} of role {role} in {self.account}"

    @property
    def _where(self) -> str:
        return f" in {self.region}" if self.region else ""


@dataclass(frozen=True)
class Policies:
    """Every document by its place. ``principals`` are policies of principals that are not roles of the project, by
    ARN; ``organization`` limits what the documents grant. Immutable: ``with_document`` derives a copy that differs in
    one document."""

    entries: Mapping[DocumentRef, Document]
    principals: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    organization: Organization = NO_ORGANIZATION

    def with_document(self, ref: DocumentRef, document: Document) -> Policies:
        return replace(self, entries={**self.entries, ref: document})

    def with_statement(self, ref: DocumentRef, statement: Document) -> Policies:
        """The statement at the end of the document, which is made if it does not exist."""
        existing = self.entries.get(ref, policy())
        return self.with_document(ref, {**existing, "Statement": [*statements_of(existing), statement]})

    def holding(self, statement: StatementRef, request: Request) -> DocumentRef | None:
        """The document that a statement stands in, of those that decide the request; None where it is none of ours."""
        for ref in self.entries:
            if ref.name == statement.document and (ref.kind is DocumentKind.BUS or ref.speaks_on(request)):
                return ref
        return None

    def store(self) -> DocumentStore:
        store = DocumentStore(principals=self.principals, organization=self.organization)
        for ref, document in self.entries.items():
            store = with_policy(store, ref, document)
        return store


def with_policy(store: DocumentStore, ref: DocumentRef, document: Document) -> DocumentStore:
    """``store`` with the one document put in place of its namesake, or added."""
    compiled = Policy.parse(document, ref.name)
    if not ref.of_role:
        return store.with_resource(ref.owner, compiled)
    role = store.roles.get(ref.owner) or RolePolicies(Policy("no trust", ()))
    if ref.kind is DocumentKind.TRUST:
        return store.with_role(ref.owner, replace(role, trust=compiled))
    others = tuple(one for one in role.identity if one.name != compiled.name)
    return store.with_role(ref.owner, replace(role, identity=(*others, compiled)))


def policy_of(store: DocumentStore, ref: DocumentRef) -> Policy | None:
    """The compiled document, ``None`` where the store has none."""
    if not ref.of_role:
        return store.resources.get(ref.owner)
    role = store.roles.get(ref.owner)
    if role is None or ref.kind is DocumentKind.TRUST:
        return role.trust if role else None
    return next((one for one in role.identity if one.name == ref.name), None)


def statements_of(document: Document) -> list[Document]:
    """The statements; a lone one may stand without its list."""
    return listed(document["Statement"])


def listed(given: Any) -> list[Any]:
    """What a policy may give as one value or as a list of them."""
    return list(given) if isinstance(given, list | tuple) else [given]
