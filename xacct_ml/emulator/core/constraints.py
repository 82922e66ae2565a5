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
        if shape.member.type_name in _SCALARS:
            if any(True for item in value for _ in violations(shape.member, item)):
                yield _violation(value, path, f"Member must satisfy constraint: {_constraints(shape.member)}")
            return
        for position, item in enumerate(value, 1):
            yield from violations(shape.member, item, f"{path}.{position}.member")
    elif kind == "map":
        yield from _length(shape, value, path)
        if any(True for key in value for _ in violations(shape.key, key)):
            yield _violation(value, path, f"Map keys must satisfy constraint: {_constraints(shape.key)}")
        if shape.value.type_name in _SCALARS:
            if any(True for item in value.values() for _ in violations(shape.value, item)):
                yield _violation(value, path, f"Map value must satisfy constraint: {_constraints(shape.value)}")
            return
        for key, item in value.items():
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


_SCALARS = ("string", "integer", "long", "float", "double")


def _constraints(shape: Any) -> str:
    """All of a member's, as AWS lists them whichever is broken [C]."""
    given = shape.metadata
    unit = "length" if shape.type_name == "string" else "value"
    listed = [
        *([f"Member must have {unit} less than or equal to {given['max']}"] if "max" in given else []),
        *([f"Member must have {unit} greater than or equal to {given['min']}"] if "min" in given else []),
        *([f"Member must satisfy enum value set: [{', '.join(given['enum'])}]"] if given.get("enum") else []),
        *([f"Member must satisfy regular expression pattern: {given['pattern']}"] if "pattern" in given else []),
        "Member must not be null",
    ]
    return f"[{', '.join(listed)}]"


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


def _shown(value: Any) -> str:
    """As Java prints it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(item)}" for key, item in value.items()) + "}"
    return str(value)


def _violation(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{_shown(value)}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"
