"""Policy documents, compiled.

Sources, IAM User Guide [D]: "Grammar of the IAM JSON policy language", "IAM JSON policy elements: Version" (without
2012-10-17 policy variables are literal text).

A document or part that the grammar does not allow is never dropped: its statement matches as ``MAYBE`` at most, and
where its meaning cannot be read at all it may allow or deny anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from xacct_ml.access.conditions import ConditionBlock
from xacct_ml.access.context import RequestContext
from xacct_ml.access.match import ActionMatcher, ResourceMatcher
from xacct_ml.access.principals import PrincipalElement
from xacct_ml.access.truth import MAYBE, NO, YES, Truth
from xacct_ml.access.variables import Variable, variable_value
from xacct_ml.foreign import ForeignTextError
from xacct_ml.foreign import document as read

Effect = Literal["Allow", "Deny"]

_POLICY_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_VERSION_WITH_VARIABLES = "2012-10-17"
_VERSIONS = (_VERSION_WITH_VARIABLES, "2008-10-17")


@dataclass(frozen=True, slots=True)
class Statement:
    """One compiled statement. ``effect`` is ``None`` where it cannot be read; then it may be either.

    ``action``, ``resource`` and ``principal`` are ``None`` where the element is missing or cannot be read.
    ``defects`` says what keeps the statement from matching for certain."""

    sid: str
    effect: Effect | None
    action: ActionMatcher | None
    resource: ResourceMatcher | None
    principal: PrincipalElement | None
    conditions: ConditionBlock
    defects: tuple[str, ...] = ()

    def applies(self, context: RequestContext, *, to_trust: bool = False) -> Truth:
        """Whether action, resource and conditions match; the principal is matched apart.

        ``to_trust``: a trust policy has no ``Resource``, every other kind must have one."""
        result = MAYBE if self.action is None else self.action.match(context.action)
        if result is NO:
            return NO
        if to_trust:
            result = result if self.resource is None else MAYBE
        elif self.resource is None:
            result = MAYBE
        else:
            result = min(result, self.resource.match(context.resource, context))
            if result is NO:
                return NO
        if self.conditions.conditions:
            result = min(result, self.conditions.evaluate(context))
        doubtful = result is YES and (self.defects or self.unresolved(context) is not None)
        return MAYBE if doubtful else result

    def unresolved(self, context: RequestContext) -> Variable | None:
        """A policy variable without a value in this request; the statement as a whole may be invalid for it."""
        for variables in (self.resource.variables if self.resource else (), self.conditions.variables):
            for one in variables:
                if variable_value(one, context) is None:
                    return one
        return None


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled policy. ``name`` is how reasons call it; ``defects`` are those of the document and its statements."""

    name: str
    statements: tuple[Statement, ...]
    defects: tuple[str, ...] = ()
    _naming: dict[str, tuple[Statement, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def naming(self, action: str) -> tuple[Statement, ...]:
        """The statements that may cover the lower-case ``action``, in their order; found once for each action, because
        most policies are asked of the same few again and again."""
        found = self._naming.get(action)
        if found is None:
            found = tuple(one for one in self.statements if one.action is None or one.action.match(action) is not NO)
            self._naming[action] = found
        return found

    @classmethod
    def parse(cls, document: Mapping[str, object] | str, name: str) -> Policy:
        """Compile a policy document, an object or JSON text. Never raises: see ``defects``."""
        content: object = document
        if isinstance(document, str):
            try:
                content = read(document, pairs=_without_repeated_keys)
            except ForeignTextError as problem:
                return cls._unreadable(name, f"not a JSON policy: it {problem}")
        if not isinstance(content, Mapping):
            return cls._unreadable(name, "not a JSON object")
        defects = [f"unknown element {key!r}" for key in content if key not in _POLICY_ELEMENTS]
        version = content.get("Version", _VERSIONS[1])
        if version not in _VERSIONS:
            defects.append(f"unknown version {version!r}")
        element = content.get("Statement")
        if isinstance(element, Mapping):
            element = [element]
        if not isinstance(element, list | tuple):
            return cls._unreadable(name, "no statements")
        statements = tuple(
            _parse_statement(one, f"#{position}", tuple(defects), variables=version == _VERSION_WITH_VARIABLES)
            for position, one in enumerate(element, 1)
        )
        own = tuple(f"{one.sid}: {defect}" for one in statements for defect in one.defects if defect not in defects)
        return cls(name, statements, (*defects, *own))

    @classmethod
    def _unreadable(cls, name: str, problem: str) -> Policy:
        return cls(name, (_unreadable_statement("#1", problem),), (problem,))


def _without_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """ "Individual elements must not contain multiple instances of the same key" (grammar)."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return content


def _unreadable_statement(sid: str, problem: str) -> Statement:
    return Statement(sid, None, None, None, None, ConditionBlock(), (problem,))


def _parse_statement(element: object, position: str, inherited: tuple[str, ...], *, variables: bool) -> Statement:
    if not isinstance(element, Mapping):
        return _unreadable_statement(position, "the statement is not an object")
    defects = [*inherited, *(f"unknown element {key!r}" for key in element if key not in _STATEMENT_ELEMENTS)]
    sid = element.get("Sid", "")
    if not isinstance(sid, str):
        defects.append("Sid is not text")
        sid = ""
    effect = element.get("Effect")
    if effect not in ("Allow", "Deny"):
        defects.append(f"Effect is {effect!r}")
        effect = None
    action = _parse_action(element, defects)
    resource = _parse_resource(element, defects, variables=variables)
    principal = _parse_principal(element, defects)
    conditions = ConditionBlock.parse(element["Condition"], variables=variables) if "Condition" in element else None
    defects.extend(conditions.defects if conditions else ())
    return Statement(
        sid or position, effect, action, resource, principal, conditions or ConditionBlock(), tuple(defects)
    )


def _chosen(element: Mapping[str, object], name: str, defects: list[str]) -> tuple[object, bool] | None:
    """The value of ``name`` or ``Not<name>`` and whether it is the negated one; ``None`` for neither or both."""
    present = [key for key in (name, f"Not{name}") if key in element]
    if len(present) == 2:
        defects.append(f"{name} and Not{name} exclude each other")
    if len(present) != 1:
        return None
    return element[present[0]], present[0] != name


def _texts(value: object) -> list[str] | None:
    """One text or a list of at least one; ``None`` for anything else."""
    listed = list(value) if isinstance(value, list | tuple) else [value]
    texts = [one for one in listed if isinstance(one, str)]
    return texts if texts and len(texts) == len(listed) else None


def _parse_action(element: Mapping[str, object], defects: list[str]) -> ActionMatcher | None:
    chosen = _chosen(element, "Action", defects)
    patterns = _texts(chosen[0]) if chosen else None
    if chosen is None or patterns is None:
        defects.append("no readable Action")
        return None
    matcher = ActionMatcher(patterns, negated=chosen[1])
    defects.extend(matcher.defects)
    return matcher


def _parse_resource(element: Mapping[str, object], defects: list[str], *, variables: bool) -> ResourceMatcher | None:
    """``None`` without a defect where there is no ``Resource``: only a trust policy may lack it."""
    chosen = _chosen(element, "Resource", defects)
    if chosen is None:
        return None
    patterns = _texts(chosen[0])
    if patterns is None:
        defects.append("no readable Resource")
        return None
    matcher = ResourceMatcher(patterns, negated=chosen[1], variables=variables)
    defects.extend(matcher.defects)
    return matcher


def _parse_principal(element: Mapping[str, object], defects: list[str]) -> PrincipalElement | None:
    """``None`` without a defect where there is none: an identity policy must lack it, a resource policy have it."""
    chosen = _chosen(element, "Principal", defects)
    if chosen is None:
        return None
    principal = PrincipalElement(chosen[0], negated=chosen[1])
    defects.extend(principal.defects)
    return principal
