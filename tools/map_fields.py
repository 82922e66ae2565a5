"""The fields of the account map, each with what it is for, its default and its limits."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from xacct_ml.config.model import Config
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.regions import XGBOOST_REGISTRIES, XGBOOST_VERSIONS
from xacct_ml.validation.limits import value_rules

WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = tomllib.loads(
    Path(__file__).with_name("map_fields.toml").read_text("utf-8")
)

Rule = rules.TextRule | rules.WholeNumberRule

CHOICES: Mapping[str, tuple[str | int, ...]] = {
    "region": tuple(XGBOOST_REGISTRIES),
    "accounts.production.*.region": tuple(XGBOOST_REGISTRIES),
    "training.xgboost_version": XGBOOST_VERSIONS,
    "logs.retention_days": rules.RETENTION_DAYS,
    "approvals": (1, 2),
}
RULES: Mapping[str, Rule] = {
    **{f"accounts.{each}.id": rules.ACCOUNT_ID for each in ("shared", "source", "training", "production.*")},
    "roles.path": rules.ROLE_PATH,
    "roles.permissions_boundary": rules.POLICY_NAME,
    "bucket.name": rules.BUCKET_NAME,
    "data.prefix": rules.DATA_PREFIX,
    **{f"{each}.instance_type": rules.INSTANCE_TYPE for each in ("training", "endpoint", "batch")},
    "training.allowed.max_instance_count": rules.INSTANCE_COUNT,
    "training.allowed.max_runtime_seconds": rules.MAXIMUM_RUNTIME_SECONDS,
}
"""Where a value's check is more than its rule, or stands beside it."""


@dataclass(frozen=True)
class Field:
    """``path`` is dotted, with ``*`` for the items of a list; ``types`` are JSON's names, null left out.

    ``items`` are the model of a section, or of a list's items, if it has one."""

    path: str
    owner: str
    types: tuple[str, ...]
    required: bool
    default: Any
    items: type[BaseModel] | None
    optional: bool
    rule: Rule | None
    choices: tuple[str | int, ...]

    @property
    def words(self) -> Mapping[str, str]:
        return WORDS.get(self.owner, {}).get(self.path.rpartition(".")[2], {})


def fields(model: type[BaseModel] = Config, parent: str = "") -> Iterator[Field]:
    """Those of a model, a section before what is in it."""
    for name, info in model.model_fields.items():
        found = _field(model, name, info, f"{parent}{name}")
        yield found
        if found.items is not None:
            inside = f"{found.path}.*." if "array" in found.types else f"{found.path}."
            yield from fields(found.items, inside)


def _field(model: type[BaseModel], name: str, info: FieldInfo, path: str) -> Field:
    members = get_args(info.annotation) if get_origin(info.annotation) in (Union, UnionType) else (info.annotation,)
    known = {place: getattr(rule, "__self__", None) for place, rule in value_rules()}
    (kind, items, choices) = _kind(next(member for member in members if member is not NoneType))
    owner = next(one for one in reversed(model.__mro__) if name in inspect.get_annotations(one))
    return Field(
        path=path,
        owner=owner.__name__,
        types=(kind,),
        required=info.is_required(),
        default=None if info.is_required() or isinstance(info.default, BaseModel) else info.default,
        items=items,
        optional=NoneType in members,
        rule=RULES.get(path) or (known[path] if isinstance(known.get(path), Rule) else None),
        choices=CHOICES.get(path, choices),
    )


def _kind(annotation: Any) -> tuple[str, type[BaseModel] | None, tuple[str, ...]]:
    """JSON's name of a type, the model in it, and what alone is allowed."""
    plain = {str: "string", int: "integer", float: "number", bool: "boolean"}
    if annotation in plain:
        return plain[annotation], None, ()
    if get_origin(annotation) is Literal:
        return "string", None, get_args(annotation)
    if get_origin(annotation) is tuple:
        item = get_args(annotation)[0]
        return "array", item if issubclass(item, BaseModel) else None, ()
    if get_origin(annotation) is dict:
        return "object", None, ()
    if issubclass(annotation, BaseModel):
        return "object", annotation, ()
    raise TypeError(f"a field of the map cannot be {annotation}")
