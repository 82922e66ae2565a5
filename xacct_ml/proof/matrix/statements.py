"""Every statement that may speak on a request, found by the request's action and principal or resource."""

from collections.abc import Iterable

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.match import ActionMatcher
from xacct_ml.access.policy import Policy, Statement
from xacct_ml.access.truth import NO
from xacct_ml.proof.policies import Policies, policy_of, statements_of
from xacct_ml.system.statements import Document

Pair = tuple[Statement, Document]
"""A statement, compiled and as written."""


class Statements:
    """Statements with the same ``Action`` are one class: they name the same actions. There are as many classes for many
    production targets as for one."""

    def __init__(self, policies: Policies, store: DocumentStore) -> None:
        self._written = {
            id(compiled): list(zip(compiled.statements, statements_of(document), strict=True))
            for ref, document in policies.entries.items()
            if (compiled := policy_of(store, ref)) is not None
        }
        self._classes: dict[str, int] = {}
        self._matchers: list[ActionMatcher | None] = []
        for pair in (pair for pairs in self._written.values() for pair in pairs):
            self._class(pair)
        self._written_out = len(self._matchers)
        self._identity: dict[int, list[tuple[str, int, Pair]]] = {}
        self._resource: dict[int, list[tuple[int, Pair]]] = {}
        order = 0
        for arn in dict.fromkeys((*store.roles, *store.principals)):
            own = store.roles[arn].identity if arn in store.roles else ()
            for number, pair in self._classified((*own, *store.principals.get(arn, ()))):
                self._identity.setdefault(number, []).append((arn, order, pair))
                order += 1

    def naming(self, action: str) -> frozenset[int]:
        """The classes whose statements name the lower-case action, of those that are written out."""
        return frozenset(number for number in range(self._written_out) if self._names(number, action))

    def _names(self, number: int, action: str) -> bool:
        matcher = self._matchers[number]
        return matcher is None or matcher.match(action) is not NO

    def of_identities(self, named_by: frozenset[int]) -> dict[str, list[Pair]]:
        """By principal, the statements of these classes in its policies; without principals that have none."""
        found: dict[str, list[tuple[int, Pair]]] = {}
        for number in (*named_by, *range(self._written_out, len(self._matchers))):
            for arn, order, pair in self._identity.get(number, ()):
                found.setdefault(arn, []).append((order, pair))
        return {arn: [pair for _, pair in sorted(pairs, key=lambda one: one[0])] for arn, pairs in found.items()}

    def of_resource(self, policy: Policy | None, named_by: frozenset[int]) -> list[Pair]:
        """The statements of these classes in the policy."""
        if policy is None:
            return []
        if id(policy) not in self._resource:
            self._resource[id(policy)] = self._classified((policy,))
        known = self._resource[id(policy)]
        return [pair for number, pair in known if number in named_by or number >= self._written_out]

    def _classified(self, policies: Iterable[Policy]) -> list[tuple[int, Pair]]:
        """What is not written out (the intruders' own policies, those of the foreign account) names every action and
        has no conditions."""
        return [
            (self._class(pair), pair)
            for policy in policies
            for pair in self._written.get(id(policy)) or [(one, {}) for one in policy.statements]
        ]

    def _class(self, pair: Pair) -> int:
        compiled, written = pair
        named = str([written.get("Action"), written.get("NotAction")]) if written else f"unwritten {id(compiled)}"
        number = self._classes.setdefault(named, len(self._matchers))
        if number == len(self._matchers):
            self._matchers.append(compiled.action)
        return number
