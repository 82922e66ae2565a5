"""Mutants of the evaluator that no test notices, each with the reason why none can or need.

``python -m tools.mutate`` compares this list with what really survives, both ways. So far the mutants of conditions,
context and documents_store were gone through; those of the other modules are not in the list yet.
"""

from __future__ import annotations

_ONE_VALUE = "there is one value: its smallest and its largest are the same"
_EARLIER = "only leaves earlier: what follows cannot change the result"
_SHADOWED = "a condition without a meaning is explained by its defect, so that its own text is never shown"
_NAME = "a name for a reader of the source or a debugger; nothing compares it"
_LAST = "the last part is the same however often the rest is split, and every such ARN has a slash"

SURVIVORS: dict[str, str] = {
    "conditions.Comparison.evaluate: min → max #4": _ONE_VALUE,
    "conditions.Comparison.evaluate: max → min #4": _ONE_VALUE,
    "conditions.Comparison._matches: best is YES → False": _EARLIER,
    "conditions.Comparison._matches: break → nothing": _EARLIER,
    "conditions.ConditionBlock.evaluate: result is NO → False": _EARLIER,
    "conditions.ConditionBlock.evaluate: break → nothing": _EARLIER,
    "conditions.ConditionBlock.parse: 'Condition' → 'Condition~'": _SHADOWED,
    "context.Unknown: 'unknown' → 'unknown~'": _NAME,
    "context.principal_keys: 1 → 2": _LAST,
    "context.principal_keys: -1 → 1": _LAST,
    "context.principal_keys: principal.role_arn or principal.arn → principal.role_arn": (
        "RequestContext refuses a role or session without its role before it asks for its keys"
    ),
    "context.RequestContext.get: values is None → True": "gathers the same keys again, only slower",
    "documents_store: 'T' → 'T~'": _NAME,
}
