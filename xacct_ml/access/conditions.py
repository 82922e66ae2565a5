"""The ``Condition`` element.

Sources, IAM User Guide [D]: "Condition operators" (absent keys, ``…IfExists``, ``Null``), "Set operators for
multivalued context keys" and the older "Creating a condition with multiple keys or values" (``ForAllValues`` holds
and ``ForAnyValue`` fails for an absent key or an empty set), "Conditions with multiple context keys or values"
(*and* over operators and keys, *or* over values, *nor* for negated operators).

Left open (``MAYBE``), because the pages contradict each other or are silent:

- ``ForAnyValue`` with a negated operator, or with ``…IfExists``, and an absent key;
- ``…IfExists`` with a positive operator and an empty set;
- set operators and ``Null`` on an empty text ("null data set, such as an empty string");
- an operator without set operator on a multi-valued key: "Multivalued context keys require a condition set operator"
  ("Single-valued vs. multivalued context keys") and no page says what becomes of a statement without. Only a positive
  operator that no value matches fails for certain. Which keys are multi-valued is in ``tables``; others are known by
  their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from xacct_ml.access.context import UNKNOWN, KeyValues, RequestContext
from xacct_ml.access.operators import OPERATORS, ValueTest
from xacct_ml.access.truth import MAYBE, NO, YES, Truth, negate
from xacct_ml.access.variables import MalformedText, Variable, variables_in
from xacct_ml.tables.multivalued_keys import is_multivalued


class Quantifier(Enum):
    NONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


class Condition(Protocol):
    """One operator on one key."""

    @property
    def text(self) -> str:
        """Operator and key as the policy names them."""
        ...

    def evaluate(self, context: RequestContext) -> Truth: ...


@dataclass(frozen=True, slots=True)
class Undecidable:
    """An operator, or a value list, that has no meaning we know."""

    text: str

    def evaluate(self, context: RequestContext) -> Truth:  # noqa: ARG002 - the protocol's signature
        return MAYBE


@dataclass(frozen=True, slots=True)
class NullCheck:
    """``Null``: ``wants_absent`` for ``true``."""

    text: str
    key: str
    wants_absent: bool

    def evaluate(self, context: RequestContext) -> Truth:
        values = context.get(self.key)
        if values is UNKNOWN or values == ("",):
            return MAYBE
        return YES if self.wants_absent is (not values) else NO


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every other operator. ``tests`` has one test for each value in the policy, ``variables`` those in all values."""

    text: str
    key: str
    tests: tuple[ValueTest, ...]
    negated: bool
    quantifier: Quantifier
    if_exists: bool
    variables: tuple[Variable, ...] = ()

    def evaluate(self, context: RequestContext) -> Truth:
        values = context.get(self.key)
        if values is UNKNOWN:
            return MAYBE
        if self.quantifier is Quantifier.NONE and self._has_several(values, context):
            return self._without_set_operator(values, context)
        if not values:
            return self._without_values(values)
        if self.quantifier is Quantifier.NONE:
            return self._holds(values[0], context)
        held = [self._holds(value, context) for value in values]
        if self.quantifier is Quantifier.ALL:
            return min(held) if values != ("",) else max(min(held), MAYBE)
        return max(held) if values != ("",) else min(max(held), MAYBE)

    def _has_several(self, values: tuple[str, ...] | None, context: RequestContext) -> bool:
        return is_multivalued(self.key, context.action) or (values is not None and len(values) > 1)

    def _without_values(self, values: KeyValues) -> Truth:
        """For a key that is absent (``None``) or present with an empty set."""
        if self.quantifier is Quantifier.ALL:
            return YES
        if self.quantifier is Quantifier.ANY:
            return MAYBE if self.negated or self.if_exists else NO
        if self.negated:
            return YES
        if self.if_exists:
            return YES if values is None else MAYBE
        return NO

    def _without_set_operator(self, values: tuple[str, ...] | None, context: RequestContext) -> Truth:
        if self.negated or (not values and self.if_exists):
            return MAYBE
        return min(MAYBE, max((self._matches(value, context) for value in values or ()), default=NO))

    def _holds(self, value: str, context: RequestContext) -> Truth:
        matched = self._matches(value, context)
        return negate(matched) if self.negated else matched

    def _matches(self, value: str, context: RequestContext) -> Truth:
        best = NO
        for test in self.tests:
            best = max(best, test(value, context))
            if best is YES:
                break
        return best


@dataclass(frozen=True, slots=True)
class ConditionBlock:
    """All conditions of a statement; they hold together. ``defects`` says what in the block has no meaning in IAM."""

    conditions: tuple[Condition, ...] = ()
    defects: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()

    @classmethod
    def parse(cls, element: object, *, variables: bool) -> ConditionBlock:
        """Compile ``{operator: {key: value or values}}``. Never raises."""
        if not isinstance(element, Mapping):
            return cls((Undecidable("Condition"),), ("Condition is not an object",))
        conditions: list[Condition] = []
        defects: list[str] = []
        for operator, keys in element.items():
            if not isinstance(keys, Mapping):
                conditions.append(Undecidable(str(operator)))
                defects.append(f"{operator} does not map keys to values")
                continue
            seen: set[str] = set()
            for key, values in keys.items():
                text = f"{operator} {key}"
                if not isinstance(key, str) or key.lower() in seen:
                    defects.append(f"{text}: the key is repeated or not text")
                seen.add(str(key).lower())
                condition, problems = _parse_condition(str(operator), str(key), values, variables)
                conditions.append(condition)
                defects.extend(f"{text}: {problem}" for problem in problems)
        used = tuple(one for each in conditions if isinstance(each, Comparison) for one in each.variables)
        return cls(tuple(conditions), tuple(defects), used)

    def evaluate(self, context: RequestContext) -> Truth:
        """All conditions together; ``YES`` without any."""
        result = YES
        for condition in self.conditions:
            result = min(result, condition.evaluate(context))
            if result is NO:
                break
        return result

    def undecided(self, context: RequestContext) -> Iterator[Condition]:
        """The conditions that answer ``MAYBE``."""
        return (condition for condition in self.conditions if condition.evaluate(context) is MAYBE)


def _parse_condition(operator: str, key: str, element: object, variables: bool) -> tuple[Condition, list[str]]:
    text = f"{operator} {key}"
    values, problems = _values(element)
    if operator == "Null":
        if problems or len(values) != 1 or values[0] not in ("true", "false"):
            return Undecidable(text), problems or ["Null asks for true or false"]
        return NullCheck(text, key.lower(), wants_absent=values[0] == "true"), []
    prefix, separator, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    known = OPERATORS.get(name.removesuffix("IfExists"))
    quantifiers = {quantifier.value: quantifier for quantifier in Quantifier}
    if known is None or prefix not in quantifiers or bool(separator) is not bool(prefix):
        return Undecidable(text), ["unknown operator"]
    if not values:
        return Undecidable(text), problems or ["no value"]
    tests: list[ValueTest] = []
    for value in values:
        try:
            tests.append(known.build(value, variables))
        except MalformedText as problem:
            problems.append(str(problem))
            tests.append(lambda _value, _context: MAYBE)
    used = tuple(one for value in values for one in variables_in(value)) if variables and known.has_variables else ()
    return Comparison(text, key.lower(), tuple(tests), known.negated, quantifiers[prefix], if_exists, used), problems


def _values(element: object) -> tuple[list[str], list[str]]:
    """The values as text (JSON allows bare numbers and booleans), and what is wrong with the others."""
    values: list[str] = []
    problems: list[str] = []
    for value in element if isinstance(element, list | tuple) else [element]:
        if isinstance(value, bool):
            values.append("true" if value else "false")
        elif isinstance(value, str):
            values.append(value)
        elif isinstance(value, int | float):
            values.append(str(value))
        else:
            problems.append(f"{value!r} is not a value")
    return values, problems
