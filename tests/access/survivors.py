"""Mutants of the evaluator that no test notices, each with the reason why none can or need.

``python -m tools.mutate`` compares this list with what really survives, both ways."""

from __future__ import annotations

_ONE_VALUE = "there is one value: its smallest and its largest are the same"
_EARLIER = "only leaves earlier: what follows cannot change the result"
_SHADOWED = "a condition without a meaning is explained by its defect, so that its own text is never shown"
_NAME = "a name for a reader of the source or a debugger; nothing compares it"
_LAST = "the last part is the same however often the rest is split, and every such ARN has a slash"
_SHORTCUT = "only a shortcut: the longer way comes to the same"
_TYPES = "for the type checker only"
_TEXT = "without wildcards in the text there is nothing that a shape could bound"

SURVIVORS: dict[str, str] = {
    "conditions.Comparison.evaluate: min → max #2": _ONE_VALUE,
    "conditions.Comparison.evaluate: max → min #3": _ONE_VALUE,
    "conditions.Comparison._matches: best is YES → False": _EARLIER,
    "conditions.Comparison._matches: break → nothing": _EARLIER,
    "conditions.ConditionBlock.evaluate: result is NO → False": _EARLIER,
    "conditions.ConditionBlock.evaluate: break → nothing": _EARLIER,
    "conditions.ConditionBlock.parse: 'Condition' → 'Condition~'": _SHADOWED,
    "conditions._parse_condition: variables and known.has_variables → variables": (
        "the other operators take no text that has a variable in it: the statement then has a defect, and is as open"
    ),
    "context.Unknown: 'unknown' → 'unknown~'": _NAME,
    "context.principal_keys: 1 → 2": _LAST,
    "context.principal_keys: -1 → 1": _LAST,
    "context.principal_keys: principal.role_arn or principal.arn → principal.role_arn": (
        "RequestContext refuses a role or session without its role before it asks for its keys"
    ),
    "context.RequestContext.get: values is None → True": "gathers the same keys again, only slower",
    "documents_store: 'Entry' → 'Entry~'": _NAME,
    "documents_store.DocumentStore.policies_for: limits is NO_ORGANIZATION → False": _SHORTCUT,
    "evaluate._both: other is _SILENT → False": _SHORTCUT,
    "evaluate._both: one is _SILENT → False": _SHORTCUT,
    "evaluate._Survey.granted: not self.grants → False": _SHORTCUT,
    "evaluate.decide: context or RequestContext(request) → RequestContext(request)": "prepares it again, only slower",
    "evaluate._names: policies.boundary → True": _TYPES,
    "evaluate._names: policies.session or () → policies.session": _TYPES,
    "organization._is_service_linked: '' → '~'": "any text that is no role's ARN",
    "session_names._binds: False → None": "only whether it is true is asked",
    "session_names._one_for_one: isinstance(principal, Mapping) and set(principal) == {'AWS'} → "
    "set(principal) == {'AWS'}": "no text has 'AWS' for its only character",
    "evaluate._Survey._identity_side: best is YES and allowing is not None → best is YES": _TYPES,
    "evaluate._Survey.granted: truth is YES and ref is not None → truth is YES": _TYPES,
    "evaluate.decide: denial is YES and denying is not None → denial is YES": _TYPES,
    "evaluate._allowed: by_identity.truth is YES and by_resource.truth is YES → by_identity.truth is YES": (
        "where the resource's side does not allow, all that it names are the limits, which the identity side names too"
    ),
    "match.Shape: 'text' → 'text~'": _NAME,
    "match.Shape: 'arn' → 'arn~'": _NAME,
    "match.Shape: 'resource' → 'resource~'": _NAME,
    "match._runs: ':' → ':~' #2": "it still begins with a colon, and nothing else is asked",
    "match.Pattern.__init__: len(plain) < len(self._tokens) → True": _SHORTCUT,
    "match.Pattern.__init__: len(plain) < len(self._tokens) → len(plain) <= len(self._tokens)": _SHORTCUT,
    "match.Pattern.__init__: all((isinstance(token, str) for token in plain)) → False": _SHORTCUT,
    "match.Pattern.__init__: isinstance(token, str) → True": _TYPES,
    "match.Pattern.match: self._literal is not None → False": _SHORTCUT,
    "match.Pattern.match: self._fixed is not None → False": _SHORTCUT,
    "match.ActionMatcher.__init__: pattern not in self._exact → True": _SHORTCUT,
    "match._alternatives: rendered → True": "no alternatives match the empty text only, which is no action and no ARN",
    "match.ResourceMatcher.match: covered is NO → True": _SHORTCUT,
    "match.ResourceMatcher.match: covered is YES → False": _EARLIER,
    "match.ResourceMatcher.match: break → nothing": _EARLIER,
    "model.PrincipalKind: 'role' → 'role~'": _NAME,
    "operators._string_equals: Shape.TEXT → Shape.ARN": _TEXT,
    "operators._string_equals_ignore_case: Shape.TEXT → Shape.ARN": _TEXT,
    "policy: 'Allow' → 'Allow~'": _TYPES,
    "policy: 'Deny' → 'Deny~'": _TYPES,
    "policy.Statement.applies: result is NO → False #2": _EARLIER,
    "policy.Statement.applies: self.conditions.conditions → True": _SHORTCUT,
    "policy._parse_action: chosen is None or patterns is None → patterns is None": _TYPES,
    "principals.Grant: 'anyone' → 'anyone~'": _NAME,
    "principals.Grant: 'account' → 'account~'": _NAME,
    "principals.Grant: 'role' → 'role~'": _NAME,
    "principals.Grant: 'direct' → 'direct~'": _NAME,
    "principals.PrincipalElement._names: self._accounts and self._names_account(principal) → "
    "self._names_account(principal)": _SHORTCUT,
    "principals.PrincipalElement._names: self._ids → True": _SHORTCUT,
    "principals.PrincipalElement._names: self._doubtful and any((p.fullmatch(name) for p in self._doubtful for name in "
    "_names_of(principal))) → any((p.fullmatch(name) for p in self._doubtful for name in _names_of(principal)))": (
        _SHORTCUT
    ),
}
