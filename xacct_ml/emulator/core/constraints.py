"""The constraints of a service model that botocore leaves to the service: maxima, patterns and enums.

botocore checks types, required members and minimum lengths only ([B], run locally); a real service refuses the rest
with a ValidationException that lists every violation."""

import re
from collections.abc import Iterator
from typing import Any


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """Each constraint of ``shape`` that ``value`` breaks, in the words of AWS's ValidationException.

    Members are named as AWS names them there: in lower camel case, whatever they are in the request [C]."""
    kind = shape.type_name
    if kind == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                yield _violation(None, _member(path, name), "Member must not be null")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from violations(member, value[name], _member(path, name))
    elif kind == "list":
        yield from _length(shape, value, path)
        for position, item in enumerate(value, 1):
            yield from violations(shape.member, item, f"{path}.{position}.member")
    elif kind == "map":
        yield from _length(shape, value, path)
        for key, item in value.items():
            yield from violations(shape.key, key, f"{path}.{key}.key")
            yield from violations(shape.value, item, f"{path}.{key}.member")
    elif kind == "string":
        yield from _length(shape, value, path)
        pattern, allowed = shape.metadata.get("pattern"), shape.metadata.get("enum")
        if pattern is not None and not _matches(pattern, value):
            yield _violation(value, path, f"Member must satisfy regular expression pattern: {pattern}")
        if allowed and value not in allowed:
            yield _violation(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    elif kind in ("integer", "long", "float", "double"):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None and value < low:
            yield _violation(value, path, f"Member must have value greater than or equal to {low}")
        if high is not None and value > high:
            yield _violation(value, path, f"Member must have value less than or equal to {high}")


def message(found: list[str]) -> str:
    """The violations as one ValidationException message."""
    return f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {'; '.join(found)}"


def _member(path: str, name: str) -> str:
    return f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")


def _length(shape: Any, value: Any, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield _violation(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield _violation(value, path, f"Member must have length less than or equal to {high}")


def _matches(pattern: str, value: str) -> bool:
    """Full match. Service patterns are Java's; one that Python cannot read constrains nothing here."""
    try:
        return re.fullmatch(pattern, value, re.DOTALL) is not None
    except re.error:
        return True


def _violation(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"
