"""CloudFormation templates, read and checked.

Grammar and functions: CloudFormation user guide, "Template anatomy" and "Intrinsic functions" [D]; YAML aliases and
merges are not supported there either [D]. The words of the refusals are those users report [C]."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from xacct_ml.emulator.services.cloudformation import template_check

MAX_BODY = 51_200
"""Bytes of a template in the request; from S3 it may have 1 MB (CloudFormation quotas [D])."""
MAX_FROM_S3 = 1_048_576

_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
}
VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
"""A variable of Fn::Sub: ``${name}``, or ``${!name}`` for the text ``${name}``."""


class TemplateError(Exception):
    """CloudFormation refuses the template or its parameters; the message is its ValidationError."""


class _Loader(yaml.SafeLoader):
    """CloudFormation's YAML: short function tags, no aliases, dates stay text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise TemplateError("Template error: YAML aliases are not allowed in CloudFormation templates")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ARG002
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = next((key for position, key in enumerate(keys) if key in keys[:position]), None)
        if repeated is not None:
            raise TemplateError(f"Template format error: Duplicate key {repeated} (line {node.start_mark.line + 1})")
        return dict(super().construct_mapping(node, deep=True))


def _short_function(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if name == "Fn::GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_function)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Template:
    """A template as written (``text``) and as read."""

    text: str
    document: Mapping[str, Any]

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.document["Resources"]
        return found

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        return self.document.get("Parameters") or {}

    @classmethod
    def parse(cls, text: str) -> Template:
        """JSON or YAML. Raises :class:`TemplateError`."""
        is_json = text.lstrip().startswith("{")
        try:
            document = json.loads(text) if is_json else yaml.load(text, Loader=_Loader)
        except json.JSONDecodeError as error:
            behind = error.colno + (error.pos < len(text))  # the parser has read what it does not expect
            where = f"(line {error.lineno}, column {behind})"
            raise TemplateError(f"Template format error: JSON not well-formed. {where}") from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
            raise TemplateError(f"Template format error: YAML not well-formed.{where}") from error
        except (yaml.YAMLError, RecursionError) as error:
            raise TemplateError("Template format error: YAML not well-formed.") from error
        if not isinstance(document, dict):
            raise TemplateError("Template format error: unsupported structure.")
        unknown = [name for name in document if name not in _SECTIONS]
        if unknown:
            raise TemplateError(f"Invalid template property or properties [{', '.join(map(str, unknown))}]")
        resources = document.get("Resources")
        if not isinstance(resources, dict) or not resources:
            raise TemplateError("Template format error: At least one Resources member must be defined.")
        if (problem := next(template_check.problems(document), None)) is not None:
            raise TemplateError(problem)
        template = cls(text, document)
        _check_references(template)
        return template

    def values(self, given: Mapping[str, str], previous: Mapping[str, str] | None = None) -> dict[str, str]:
        """Every parameter's value: given, from ``previous`` where asked for, or the default.

        :raises TemplateError: one that is unknown, missing, or breaks its constraints"""
        unknown = [name for name in given if name not in self.parameters]
        if unknown:
            raise TemplateError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
        found = {
            name: given.get(name, (previous or {}).get(name, text_of(declared.get("Default"))))
            for name, declared in self.parameters.items()
        }
        missing = [name for name, value in found.items() if value is None]
        if missing:
            raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")
        values = {name: value for name, value in found.items() if value is not None}
        for name, value in values.items():
            _check_parameter(name, value, self.parameters[name])
        return values


def text_of(value: Any) -> str | None:
    """A value where CloudFormation wants text: ``true`` for a boolean, a list comma-separated."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _check_parameter(name: str, value: str, declared: Mapping[str, Any]) -> None:
    said = declared.get("ConstraintDescription")

    def refuse(words: str) -> TemplateError:
        text = f"failed to satisfy constraint: {said}" if said else words
        return TemplateError(f"Parameter '{name}' {text}")

    if "AllowedValues" in declared and value not in [text_of(each) for each in declared["AllowedValues"]]:
        raise refuse("must be one of AllowedValues")
    if declared.get("Type") == "Number":
        try:
            number = float(value)
        except ValueError as error:
            raise TemplateError(f"Parameter '{name}' must be a number.") from error
        if "MinValue" in declared and number < float(declared["MinValue"]):
            raise refuse(f"must be a number not less than {declared['MinValue']}")
        if "MaxValue" in declared and number > float(declared["MaxValue"]):
            raise refuse(f"must be a number not greater than {declared['MaxValue']}")
        return
    if "AllowedPattern" in declared and not re.fullmatch(declared["AllowedPattern"], value):
        raise refuse(f"must match pattern {declared['AllowedPattern']}")
    if "MinLength" in declared and len(value) < int(declared["MinLength"]):
        raise refuse(f"must contain at least {declared['MinLength']} characters")
    if "MaxLength" in declared and len(value) > int(declared["MaxLength"]):
        raise refuse(f"must contain at most {declared['MaxLength']} characters")


# -- references ------------------------------------------------------------------------------------------------------
def references(value: Any) -> Iterator[str]:
    """Every name that ``value`` refers to, by Ref, GetAtt or Sub; pseudo parameters included."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if not isinstance(value, Mapping):
        return
    for key, inner in value.items():
        if key == "Ref" and isinstance(inner, str):
            yield inner
        elif key == "Fn::GetAtt":
            yield inner.split(".", 1)[0] if isinstance(inner, str) else str(inner[0])
        elif key == "Fn::Sub":
            text, own = (inner, {}) if isinstance(inner, str) else inner
            yield from (name.split(".")[0] for mark, name in VARIABLE.findall(text) if not mark and name not in own)
            yield from references(own)
        else:
            yield from references(inner)


def dependencies(template: Template) -> dict[str, set[str]]:
    """Logical id → the logical ids it refers to or names in DependsOn."""
    found = {}
    for name, resource in template.resources.items():
        found[name] = (depends_on(resource) | set(references(resource.get("Properties")))) & set(template.resources)
    return found


def _check_references(template: Template) -> None:
    known = {*template.resources, *template.parameters}
    waited_for = {name for resource in template.resources.values() for name in depends_on(resource)}
    for section, words in (("Resources", "Template format error: Unresolved"), ("Outputs", "Unresolved")):
        used = set(references(template.document.get(section))) | (waited_for if section == "Resources" else set())
        unresolved = sorted(name for name in used if name not in known and not name.startswith("AWS::"))
        if unresolved:
            named = ", ".join(unresolved)
            raise TemplateError(f"{words} resource dependencies [{named}] in the {section} block of the template")


def depends_on(resource: Mapping[str, Any]) -> set[str]:
    """The logical ids in its DependsOn."""
    stated = resource.get("DependsOn", [])
    return {stated} if isinstance(stated, str) else set(stated)
