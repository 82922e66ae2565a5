"""The change after which a denied request is allowed: what the map has and the documents lack, or the reverse."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from xacct_ml.access.context import RequestContext
from xacct_ml.access.model import Decision, Layer, Request, StatementRef
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import authorize
from xacct_ml.access.truth import NO
from xacct_ml.proof.policies import DocumentKind, DocumentRef, Policies, listed, statements_of
from xacct_ml.proof.remediation.missing_statement import denial, missing_statements
from xacct_ml.proof.world import World
from xacct_ml.system.statements import Document


class Change(Enum):
    """What to do with a statement of a document."""

    PUT_BACK = "put back"
    """The map has the statement, the document does not."""
    RESTORE = "restore"
    """Both have one of that Sid; the map's allows."""
    ADD = "add"
    """The map does not have it either."""
    REMOVE = "remove"
    """It denies, and the map does not have it."""
    HEED = "heed"
    """It denies, and it is meant to: the request has to change."""
    GIVE = "give"
    """An operator of this tool needs it: it stands in the policies that render writes for the account."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change of one document. ``statement`` is what to paste, to remove or to heed; ``why`` adds what is known."""

    ref: DocumentRef
    change: Change
    statement: Document
    why: tuple[str, ...] = ()

    @property
    def from_map(self) -> bool:
        """Whether bootstrap makes this change by itself."""
        return self.change in (Change.PUT_BACK, Change.RESTORE, Change.REMOVE)


class Remedies:
    """Decides requests in the given world and compares with what the map means."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.meant = world.meant
        self.roles = frozenset(role.arn for role in world.roles)

    def of(self, request: Request, decision: Decision) -> Iterator[Remedy]:
        """The changes after which the documents allow the request."""
        if decision.allowed:
            return
        explicit = denial(self.world, request, decision)
        if explicit is not None:
            meant = _has(self.meant.policies, explicit.ref, explicit.statement)
            change = Change.HEED if meant else Change.REMOVE
            yield Remedy(explicit.ref, change, explicit.statement, explicit.hits)
            return
        intended = authorize(request, self.meant.store)
        if not intended.allowed:
            for missing in missing_statements(self.world, request, decision):
                yield Remedy(missing.ref, Change.ADD, missing.statement)
            return
        for granting in intended.statements:
            located = self._located(granting, request)
            if located is None:
                continue
            ref, statement = located
            if _has(self.world.policies, ref, statement):
                continue
            present = statements_of(self.world.policies.entries.get(ref, _EMPTY))
            known = any(one.get("Sid") == statement["Sid"] for one in present)
            yield Remedy(ref, Change.RESTORE if known else Change.PUT_BACK, statement)

    def _located(self, granting: StatementRef, request: Request) -> tuple[DocumentRef, Document] | None:
        """The map's statement that a decision names; None where it is an operator's own."""
        of_identity = granting.layer is Layer.IDENTITY
        found = (
            (ref, statement)
            for ref, document in self.meant.policies.entries.items()
            if ref.name == granting.document and ref.speaks_on(request)
            if (ref.kind is DocumentKind.IDENTITY) is of_identity
            for statement in statements_of(document)
            if statement["Sid"] == granting.sid
        )
        return next(found, None)

    def operators(self, request: Request) -> Iterator[Remedy]:
        """Statements of the account's rendered operator policies that are about this request."""
        rendered = self.world.operators.get(request.principal.account, {})
        context = RequestContext(request)
        for name, document in rendered.items():
            compiled = Policy.parse(document, name)
            for one, statement in zip(compiled.statements, statements_of(document), strict=True):
                action, resource = one.action, one.resource
                if action is None or action.match(context.action) is NO:
                    continue
                if resource is None or resource.match(context.resource, context) is NO:
                    continue
                owner = request.principal.role_arn or request.principal.arn
                ref = DocumentRef(DocumentKind.IDENTITY, owner, request.principal.account, name)
                yield Remedy(ref, Change.GIVE, statement)


_EMPTY: Document = {"Statement": []}


def _has(policies: Policies, ref: DocumentRef, statement: Document) -> bool:
    wanted = _canonical(statement)
    return any(_canonical(one) == wanted for one in statements_of(policies.entries.get(ref, _EMPTY)))


def _canonical(value: Any) -> Any:
    """One value and a list of it mean the same, and so do the orders of a list (IAM User Guide,
    reference_policies_grammar) [D]."""
    if isinstance(value, dict):
        return {key: _canonical(one) for key, one in value.items()}
    values = (_canonical(one) if isinstance(one, dict) else one for one in listed(value))
    return sorted(json.dumps(one, sort_keys=True) for one in values)
