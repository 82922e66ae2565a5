"""What EventBridge refuses in an event pattern.

Words: answers of AWS recorded in LocalStack's tests (events_patterns, tests/emulator/recorded/events.yaml [C]);
grammar: EventBridge user guide, "Event patterns" [D]."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from xacct_ml.emulator.core import json_text

_NUMERIC = ("<", "<=", "=", ">", ">=")


def problem(pattern: str) -> str | None:
    """The reason that follows "Event pattern is not valid. Reason: "; ``None`` where the pattern is taken."""
    if (broken := json_text.problem(pattern)) is not None:
        return broken
    parsed = json.loads(pattern)
    if not isinstance(parsed, Mapping):
        return "Filter is not an object"
    return next(_of_object(parsed), None)


def _of_object(pattern: Mapping[str, Any]) -> Iterator[str]:
    for name, value in pattern.items():
        if name == "$or" and isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            for each in value:
                yield from _of_object(each)
        elif isinstance(value, Mapping):
            yield from _of_object(value) if value else iter(["Empty objects are not allowed"])
        elif not isinstance(value, list):
            yield f'"{name}" must be an object or an array'
        elif not value:
            yield "Empty arrays are not allowed"
        else:
            yield from (found for each in value for found in _of_value(each))


def _of_value(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield "Match value must be String, number, true, false, or null"
    if not isinstance(value, Mapping):
        return
    if len(value) != 1:
        yield "Only one key allowed in match expression"
        return
    ((match, given),) = value.items()
    checked = _MATCHES.get(match)
    if checked is None:
        yield f"Unrecognized match type {match}"
    elif (found := checked(match, given)) is not None:
        yield found


def _text(match: str, given: Any) -> str | None:
    if isinstance(given, Mapping) and set(given) == {"equals-ignore-case"} and match in ("prefix", "suffix"):
        return None
    if not isinstance(given, str):
        return f"{match} match pattern must be a string"
    if match == "wildcard" and "**" in given:
        return f"Consecutive wildcard characters at pos {given.index('**') + 1}"
    return None


def _exists(_: str, given: Any) -> str | None:
    return None if isinstance(given, bool) else "exists match pattern must be either true or false."


def _numeric(_: str, given: Any) -> str | None:
    if not isinstance(given, list):
        return "Value of numeric must be an array."
    for position in range(0, len(given), 2):
        operator = given[position]
        if operator not in _NUMERIC:
            return f"Bad numeric range operator: {operator}"
        if position == 2 and (given[0] == "=" or operator[0] == str(given[0])[0]):
            return f"Bad numeric range operator: {operator}"
        value = given[position + 1] if position + 1 < len(given) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"Value of {operator} must be numeric"
    return None if given else "Invalid member in numeric match: ]"


def _anything_but(_: str, given: Any) -> str | None:
    if isinstance(given, Mapping):
        ((match, value),) = given.items() if len(given) == 1 else (("", None),)
        if match not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
            return f"Unsupported anything-but pattern: {match}"
        values = value if isinstance(value, list) else [value]
        if match == "equals-ignore-case" and not all(isinstance(each, str) for each in values):
            return f"Inside anything-but/{match} list, number|start|null|boolean is not supported."
        if match in ("prefix", "suffix") and not all(isinstance(each, str) for each in values):
            if isinstance(value, Mapping):
                return "Value of anything-but must be an array or single string/number value."
            return "prefix/suffix match pattern must be a string"
        return "Null prefix/suffix not allowed" if match in ("prefix", "suffix") and "" in values else None
    values = given if isinstance(given, list) else [given]
    if any(isinstance(each, bool | list | Mapping) or each is None for each in values):
        return "Inside anything but list, start|null|boolean is not supported."
    return None


def _cidr(_: str, given: Any) -> str | None:
    if not isinstance(given, str):
        return "prefix match pattern must be a string"
    address, slash, bits = given.partition("/")
    if not slash:
        return "Malformed CIDR, one '/' required"
    if not bits.isdigit():
        return "Malformed CIDR, mask bits must be an integer"
    allowed = "0123456789abcdefABCDEF:." if ":" in address else "0123456789."
    return None if set(address) <= set(allowed) else f"Nonstandard IP address: {address}"


_MATCHES: dict[str, Callable[[str, Any], str | None]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _text,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _text,
    "suffix": _text,
    "wildcard": _text,
}
