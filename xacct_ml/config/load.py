"""``config.yaml`` → :class:`Config`, or one error that names every fault of the file with its line and column."""

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Path as MapPath
from xacct_ml.config.problem import Position, Problem, did_you_mean, dotted
from xacct_ml.config.yaml_source import Source, Value, read
from xacct_ml.errors import InputError
from xacct_ml.tables.regions import XGBOOST_VERSIONS

_TYPES = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping (key: value)",
    "model_type": "must be a mapping (key: value)",
    "tuple_type": "must be a list (- item)",
}


def load(path: Path, check: Callable[[Config], Iterable[Problem]] = lambda _: ()) -> Config:
    """Reads an account map. ``check`` finds what is wrong with a map that has the right shape.

    Raises :class:`InputError` with the first fault (in the order of the file) in the message, and each other one as a
    line ``line:column: …`` in the details. Nothing but the file is read."""
    source = read(path)
    try:
        config = Config.model_validate(_prepared(source.value, Config, ()))
    except ValidationError as error:
        shape = _shape_problems(error, source)
        others = _others(source.value, [detail["loc"] for detail in error.errors(include_url=False)], check)
        raise _input_error(path, source, [*source.problems, *shape, *others]) from None
    found = [*source.problems, *check(config)]
    if found:
        raise _input_error(path, source, found)
    return config


def _input_error(path: Path, source: Source, problems: Iterable[Problem]) -> InputError:
    placed: list[tuple[Position, str]] = []
    blamed: set[MapPath] = set()
    for problem in problems:
        if problem.path in blamed and problem.position is None:
            continue  # what follows from a fault already told, such as an odd number's type
        blamed.add(problem.path)
        placed.append((source.position(problem), problem.reason))
    ((line, column), reason), *others = sorted(placed, key=lambda entry: entry[0])
    details = tuple(f"{place[0]}:{place[1]}: {other}" for place, other in others)
    return InputError(reason, file=path, line=line, column=column, details=details)


_FOLLOWS = {
    "accounts": {"accounts", "adopt", "approvals", "approvers", "batch", "key", "pipeline", "project", "waves"},
    "training": {"training", "quality_gate"},
    "quality_gate": {"training", "quality_gate"},
    "pipeline": {"accounts", "adopt", "pipeline"},
}
"""Sections whose own faults may be of what a section's odd value stands for, and not of the map."""


def _others(value: Value, odd: list[MapPath], check: Callable[[Config], Iterable[Problem]]) -> Iterator[Problem]:
    """What is wrong elsewhere, beside values of an odd shape: of the map without these, where there is one."""
    sections = {str(place[0]) for place in odd if place}
    if not isinstance(value, dict) or {"project", "region"} & sections:
        return
    usable = {key: entry for key, entry in value.items() if key not in sections or key == "accounts"}
    try:
        config = Config.model_validate(_prepared(usable, Config, ()))
    except ValidationError:
        return
    follows = {each for section in sections for each in _FOLLOWS.get(section, {section})}
    yield from (problem for problem in check(config) if problem.path and problem.path[0] not in follows)


# -- before validation -----------------------------------------------------------------------------------------------
def _prepared(value: Value, annotation: Any, path: MapPath) -> Any:
    """The value with empty sections as sections of defaults, and unquoted account ids as the text that they are."""
    model, container, item = _shape(annotation)
    if value is None:
        return {} if model or container is dict else None
    if model and isinstance(value, dict):
        fields = model.model_fields
        return {
            key: _prepared(entry, fields[key].annotation if key in fields else None, (*path, key))
            for key, entry in value.items()
        }
    if container is tuple and isinstance(value, tuple):
        return tuple(_prepared(entry, item, (*path, index)) for index, entry in enumerate(value))
    if path[:1] == ("accounts",) and path[-1] == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _shape(annotation: Any) -> tuple[type[BaseModel] | None, type | None, Any]:
    """The model, or the container and its items' type, that an annotation stands for (the None of a union aside)."""
    if isinstance(annotation, UnionType) or typing.get_origin(annotation) is typing.Union:
        members = [member for member in typing.get_args(annotation) if member is not NoneType]
        annotation = members[0] if len(members) == 1 else None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, None, None
    origin = typing.get_origin(annotation)
    if origin in (tuple, dict):
        return None, origin, typing.get_args(annotation)[0]
    return None, None, None


# -- pydantic's errors in our words ----------------------------------------------------------------------------------
def _shape_problems(error: ValidationError, source: Source) -> list[Problem]:
    """Pydantic's errors as problems; a key that is missing because it is misspelt is told once, as misspelt."""
    details = error.errors(include_url=False)
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    misspelt = {(*loc[:-1], _meant(loc)) for loc in unknown}
    return [
        _problem(detail, source)
        for detail in details
        if not (detail["type"] == "missing" and detail["loc"] in misspelt)
    ]


def _problem(detail: ErrorDetails, source: Source) -> Problem:
    path = _known_path(detail["loc"], source)
    name = dotted(path)
    kind = detail["type"]
    if kind == "missing":
        return Problem(detail["loc"], f"{dotted(detail['loc'])} is missing{_reminder(detail['loc'])}")
    if kind == "extra_forbidden":
        return Problem(path, _unknown_key(path), at_key=True)
    if path != detail["loc"] or kind == "literal_error":
        allowed = detail.get("ctx", {}).get("expected", "text, a number, or true or false")
        return Problem(path, f"{name} must be {allowed}{_hint(path, detail['input'], source, wants_text=False)}")
    reason = _TYPES.get(kind, detail["msg"])
    if detail["input"] is None:
        return Problem(path, f"{name} is empty; it {reason}")
    return Problem(path, f"{name} {reason}{_hint(path, detail['input'], source, wants_text=kind == 'string_type')}")


def _known_path(loc: MapPath, source: Source) -> MapPath:
    """``loc`` without what pydantic appends for the members of a union."""
    while loc and loc not in source.values and loc not in source.keys:
        loc = loc[:-1]
    return loc


def _reminder(loc: MapPath) -> str:
    if loc[:1] == ("accounts",):
        return ": a map names one shared, one training and at least one production account, each with its id"
    return ""


def _hint(path: MapPath, given: Any, source: Source, *, wants_text: bool) -> str:
    """What was found instead, and for an unquoted scalar where text is wanted, how to quote it."""
    plain = source.plain.get(path)
    if plain is None:
        if isinstance(given, str):
            return f", not the text {given!r}"
        return f", not {'a mapping' if isinstance(given, dict) else 'a list'}"
    if not wants_text:
        return f", not {plain}"
    reads = f"; YAML reads {plain} as {str(given).lower()}" if isinstance(given, bool) else f", not the number {plain}"
    meant = plain
    if path == ("training", "xgboost_version"):  # quoted, it would be refused again
        meant = next((each for each in XGBOOST_VERSIONS if each.startswith(f"{plain}-")), plain)
    return f'{reads}; quote it: "{plain}"' if meant == plain else f"{reads}; did you mean {meant}?"


def _meant(path: MapPath) -> str | None:
    """The key that an unknown one probably stands for, among those that are allowed in its place."""
    key = str(path[-1]).lower()
    if path[:-1] == ("accounts",) and key in _STAGES:
        return "production"
    return did_you_mean(key.replace("-", "_"), _fields(path[:-1]))


_STAGES = ("dev", "development", "live", "qa", "stage", "staging", "test")
"""What other tools' accounts are called: each place that serves a model is a production target here."""


def _unknown_key(path: MapPath) -> str:
    parents, key = path[:-1], str(path[-1])
    meant = _meant(path)
    if meant is None:
        normal = key.lower().replace("-", "_")
        meant = next((f"{section}.{normal}" for section, fields in _SECTIONS.items() if normal in fields), None)
    where = f" in {dotted(parents)}" if parents else ""
    hint = f"; did you mean {meant!r}?" if meant else ";"
    return f"unknown key {key!r}{where}{hint} allowed: {', '.join(_fields(parents))}"


def _fields(path: MapPath) -> list[str]:
    """The keys that are allowed at a path of the map."""
    annotation: Any = Config
    for step in path:
        model, _, item = _shape(annotation)
        annotation = model.model_fields[str(step)].annotation if model else item
    model, _, _ = _shape(annotation)
    return list(model.model_fields) if model else []


_SECTIONS: Mapping[str, list[str]] = {
    name: _fields((name,)) for name in Config.model_fields if _shape(Config.model_fields[name].annotation)[0]
}
