"""Resolves a template's functions against parameters, conditions and resources.

Functions: CloudFormation user guide, "Intrinsic functions" [D]."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xacct_ml.emulator.services.cloudformation.stack_template import VARIABLE, Template, TemplateError, text_of

_NO_VALUE = object()


@dataclass
class Scope:
    """What a template is resolved against.

    ``names`` are parameters and pseudo parameters; ``resource`` answers Ref (attribute ``None``) and GetAtt of a
    logical id."""

    template: Template
    names: Mapping[str, str]
    resource: Callable[[str, str | None], Any]
    _conditions: dict[str, bool] = field(default_factory=dict)

    def condition(self, name: str) -> bool:
        """Raises :class:`TemplateError` for an undeclared one."""
        if name not in self._conditions:
            declared = self.template.document.get("Conditions") or {}
            if name not in declared:
                raise TemplateError(f"Template format error: Unresolved condition dependency {name} in the template")
            self._conditions[name] = bool(self.resolve(declared[name]))
        return self._conditions[name]

    def applies(self, part: Mapping[str, Any]) -> bool:
        """Whether a resource or output with a Condition is there."""
        return "Condition" not in part or self.condition(part["Condition"])

    def resolve(self, value: Any) -> Any:
        """``value`` with every function replaced by its result; ``None`` where all of it is AWS::NoValue."""
        found = self._resolve(value)
        return None if found is _NO_VALUE else found

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not _NO_VALUE]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((key, inner),) = value.items()
            if key in _FUNCTIONS:
                return _FUNCTIONS[key](self, inner)
            if isinstance(key, str) and key.startswith("Fn::"):
                raise TemplateError(f"Template error: function {key} is not supported here")
        resolved = {key: self._resolve(inner) for key, inner in value.items()}
        return {key: inner for key, inner in resolved.items() if inner is not _NO_VALUE}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in self.names:
            value = self.names[name]
            declared = str(self.template.parameters.get(name, {}).get("Type", ""))
            return value.split(",") if declared.startswith(("CommaDelimitedList", "List<")) else value
        return self.resource(name, None)

    def _get_att(self, argument: Any) -> Any:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self.resource(name, self._resolve(attribute))

    def _sub(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        local = {key: self._resolve(value) for key, value in own.items()}

        def replace(found: re.Match[str]) -> str:
            literal, name = found[1], found[2].strip()
            if literal:
                return "${" + name + "}"
            if name in local:
                return text_of(local[name]) or ""
            if "." in name and name not in self.names:
                return text_of(self._get_att(name)) or ""
            return text_of(self._ref(name)) or ""

        return VARIABLE.sub(replace, text)

    def _if(self, argument: Any) -> Any:
        name, then, otherwise = argument
        return self._resolve(then if self.condition(name) else otherwise)

    def _find_in_map(self, argument: Any) -> Any:
        name, first, second = (self._resolve(part) for part in argument)
        try:
            return self.template.document["Mappings"][name][first][second]
        except KeyError as error:
            raise TemplateError(f"Template error: Unable to get mapping for {name}::{first}::{second}") from error

    def _select(self, argument: Any) -> Any:
        position, items = self._resolve(argument[0]), self._resolve(argument[1])
        if int(position) >= len(items):
            raise TemplateError(f"Template error: Fn::Select cannot select nonexistent value at index {position}")
        return items[int(position)]

    def _join(self, argument: Any) -> str:
        return str(argument[0]).join(text_of(item) or "" for item in self._resolve(argument[1]))


_FUNCTIONS: dict[str, Callable[[Scope, Any], Any]] = {
    "Ref": Scope._ref,
    "Condition": Scope.condition,
    "Fn::GetAtt": Scope._get_att,
    "Fn::Sub": Scope._sub,
    "Fn::If": Scope._if,
    "Fn::FindInMap": Scope._find_in_map,
    "Fn::Select": Scope._select,
    "Fn::Join": Scope._join,
    "Fn::Split": lambda scope, given: str(scope._resolve(given[1])).split(given[0]),
    "Fn::Base64": lambda scope, given: base64.b64encode(str(scope._resolve(given)).encode()).decode(),
    "Fn::Equals": lambda scope, given: text_of(scope._resolve(given[0])) == text_of(scope._resolve(given[1])),
    "Fn::Not": lambda scope, given: not scope._resolve(given[0]),
    "Fn::And": lambda scope, given: all(scope._resolve(each) for each in given),
    "Fn::Or": lambda scope, given: any(scope._resolve(each) for each in given),
}
