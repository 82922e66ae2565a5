"""What CloudFormation refuses in a template's structure before it makes anything.

Words: answers of AWS recorded in LocalStack's tests (cloudformation api/validations and engine,
tests/emulator/recorded/cloudformation.yaml [C]); members: CloudFormation user guide, "Resource attribute reference" and
"Template anatomy" [D]."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

_RESOURCE = frozenset(
    [
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    ]
)


def problems(document: Mapping[str, Any]) -> Iterator[str]:
    """Each as CloudFormation says it, in its order as far as known."""
    for section, kind in (("Parameters", "Parameter"), ("Resources", "Resource")):
        for name in document.get(section) or ():
            if not str(name).isalnum():
                yield f"Template format error: {kind} name {name} is non alphanumeric."
    for name, resource in document["Resources"].items():
        yield from _of_resource(name, resource)
    for name, output in (document.get("Outputs") or {}).items():
        yield from _of_output(name, output)
    yield from _of_mappings(document.get("Mappings") or {})
    known = set(document.get("Conditions") or ())
    for section in ("Conditions", "Resources", "Outputs"):
        yield from _of_functions(document.get(section), known)
        yield from _of_lookups(document.get(section), document.get("Mappings") or {})


def _of_resource(name: str, resource: Any) -> Iterator[str]:
    if not isinstance(resource, Mapping):
        yield "Template format error: Any Resources member must be an object."
        return
    if "Type" not in resource:
        yield f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
    elif not isinstance(resource["Type"], str):
        yield f"Template format error: [/Resources/{name}/Type] must be a string"
    for member in resource:
        if member not in _RESOURCE:
            yield f"Invalid template resource property '{member}'"


def _of_output(name: str, output: Any) -> Iterator[str]:
    if not isinstance(output, Mapping) or "Value" not in output:
        yield "Template format error: Every Outputs member must contain a Value object"
    elif output["Value"] is None:
        yield f"[/Outputs/{name}/Value] 'null' values are not allowed in templates"


def _of_mappings(mappings: Mapping[str, Any]) -> Iterator[str]:
    for name, mapping in mappings.items():
        members = mapping if isinstance(mapping, Mapping) else {name: mapping}
        flat = [member for member, value in members.items() if not isinstance(value, Mapping)]
        if flat:
            yield f"Template format error: Every Mappings member {flat[0]} must be a map"
            continue
        attributes = [value for each in mapping.values() for value in each.values()]
        if any(isinstance(value, Mapping) for value in attributes):
            yield "Template format error: Every Mappings attribute must be a String or a List."


def _of_functions(value: Any, conditions: set[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _of_functions(each, conditions)
    if not isinstance(value, Mapping):
        return
    for name, given in value.items():
        if (found := _FUNCTIONS.get(name)) is not None and len(value) == 1 and not found[0](given):
            yield f"Template error: {found[1]}"
        if name == "Fn::If" and isinstance(given, list) and given and given[0] not in conditions:
            yield f"Template error: unresolved condition dependency {given[0]} in Fn::If"
        yield from _of_functions(given, conditions)


def _of_lookups(value: Any, mappings: Mapping[str, Any]) -> Iterator[str]:
    """``Fn::FindInMap`` of what is written out: what it finds is known before anything is made."""
    if isinstance(value, list):
        for each in value:
            yield from _of_lookups(each, mappings)
    if not isinstance(value, Mapping):
        return
    for name, given in value.items():
        path = given if name == "Fn::FindInMap" and isinstance(given, list) else []
        if len(path) == _PATH and all(isinstance(each, str) for each in path) and not _found(mappings, path):
            yield f"Template error: Unable to get mapping for {'::'.join(path)}"
        yield from _of_lookups(given, mappings)


_PATH = 3
"""Members of ``Fn::FindInMap``: the mapping, its key, the attribute; a fourth has a default."""


def _found(mappings: Mapping[str, Any], path: list[str]) -> bool:
    found: Any = mappings
    for each in path:
        if not isinstance(found, Mapping) or each not in found:
            return False
        found = found[each]
    return True


def _list_of(length: int) -> Callable[[Any], bool]:
    return lambda given: isinstance(given, list) and len(given) == length


def _attribute(given: Any) -> bool:
    if isinstance(given, str):
        return "." in given
    return isinstance(given, list) and len(given) == 2 and all(given)


def _selection(given: Any) -> bool:
    if not isinstance(given, list) or len(given) != 2:
        return False
    return isinstance(given[0], int | Mapping) or str(given[0]).isdigit()


_FUNCTIONS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "Fn::Equals": (_list_of(2), "every Fn::Equals object requires a list of 2 string parameters."),
    "Fn::GetAtt": (
        _attribute,
        "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
    ),
    "Fn::Select": (_selection, "Fn::Select requires a list argument with two elements: an integer index and a list"),
    "Fn::Split": (
        _list_of(2),
        "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a "
        "function that returns a string to be split.",
    ),
}
