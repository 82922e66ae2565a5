"""Writes what ``--output json`` prints: docs/results.schema.json and docs/results.md: ``python -m tools.make_results``.

From the types in ``xacct_ml/cli/results``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from xacct_ml.cli.output import SCHEMA
from xacct_ml.cli.results.described import Fault
from xacct_ml.cli.results.documents import RESULTS
from xacct_ml.cli.results.runs import LogLine

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, SCHEMA_FILE = "results.md", "results.schema.json"
GENERATED = "<!-- written by python -m tools.make_results -->"
_REF = "#/$defs/"
_DOC = re.compile(r"docs/([\w-]+\.md)")
_FAULT, _LINE = "error", "a line of logs"
_NOISE = ("title", "default", "additionalProperties", "maxLength", "maxItems", "maxProperties", "propertyNames")

RULE = (
    "Within this version no member goes away, changes its type or its meaning, and none that is never null becomes "
    "null; the values that the schema lists for a member are all there are. Members may be added: ignore those that "
    "you do not know. Sentences (message, details, text, reason, finding, what, why, next) are for people and may "
    "change. Anything else has another schema."
)

Json = dict[str, Any]


def schema() -> Json:
    """Of the whole document, of every command."""
    by_key, definitions = _of_all()
    results = {command: by_key[command] for command in RESULTS}
    cases = [
        {
            "if": {"properties": {"command": {"const": command}, "ok": {"const": True}}},
            "then": {"properties": {"result": result}},
        }
        for command, result in results.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        "description": f"What a command prints with --output json. {RULE}",
        "type": "object",
        "required": ["schema", "command", "ok", "result", "error"],
        "properties": {
            "schema": {"const": SCHEMA},
            "command": {"enum": list(RESULTS)},
            "ok": {"type": "boolean"},
            "result": {
                "description": "Null or, where ok is false, how far it got: members may be missing then.",
                "type": ["object", "null"],
            },
            "error": {"anyOf": [{"type": "null"}, by_key[_FAULT]]},
        },
        "allOf": cases,
        "$defs": definitions,
    }


def page() -> Iterator[str]:
    """The same for people."""
    by_key, definitions = _of_all()
    yield from ("# Results in JSON", "", GENERATED, "")
    yield from (*_INTRODUCTION, "")
    homes = _homes(by_key)
    yield from ("## error", "", *_table("Fault", definitions, homes))
    for heading, commands in _headings(by_key).items():
        yield from ("", f"## {heading}", "", *_result(by_key[commands[0]], heading, definitions, homes))
        if commands[0] == "logs":
            yield from _table("LogLine", definitions, homes)
    yield from ("", "## Types", "")
    yield "What the members above are made of."
    for name in sorted(definitions):
        if name not in homes:
            one = definitions[name]
            yield from ("", f"### type {name}", "", *_told(one), *_table(name, definitions, homes))


_INTRODUCTION = f"""\
`--output json` prints one document on stdout, on failure too, and everything else on stderr.
[{SCHEMA_FILE}]({SCHEMA_FILE}) is its JSON Schema (draft 2020-12); the tests compare what commands print with it.

| member | type | what it is |
|---|---|---|
| `schema` | `{SCHEMA}` | the version of all of this |
| `command` | string | its name |
| `ok` | true or false | whether it did what it was to do; [terminal.md](terminal.md) has the exit codes |
| `result` | object or null | as below; where `ok` is false null, or how far it got: members may be missing then |
| `error` | object or null | null where `ok` is true |

**What may change.** {RULE}

`--output jsonl` prints events, whose last has the members of this document: [terminal.md](terminal.md), As a stream.
""".splitlines()


def _of_all() -> tuple[dict[str, Json], dict[str, Json]]:
    """The schema of each command's result, of the error and of a log's line; and the definitions, by short names."""
    types = {**RESULTS, _FAULT: Fault, _LINE: LogLine}
    adapters = [(key, "serialization", TypeAdapter(one)) for key, one in types.items()]
    found, beside = TypeAdapter.json_schemas(adapters, ref_template=f"{_REF}{{model}}")  # type: ignore[arg-type]
    names = {name: _short(name) for name in beside["$defs"]}
    assert len(set(names.values())) == len(names), "two types of one name"
    definitions = {names[name]: _plain(one, names) for name, one in beside["$defs"].items()}
    return {str(key): _plain(one, names) for (key, _), one in found.items()}, dict(sorted(definitions.items()))


def _short(name: str) -> str:
    """``xacct_ml__evidence__record__Interval`` as ``RecordInterval``."""
    *_, module, cls = ("", *name.split("__"))
    return "".join(map(str.capitalize, module.split("_"))) + cls


def _plain(value: Any, names: Mapping[str, str], *, members: bool = False) -> Any:
    """Without what pydantic adds, and what binds readers to a writer's bounds. ``members``: the keys are names."""
    if isinstance(value, list):
        return [_plain(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, one in value.items():
        if not members and key in _NOISE and not (key == "additionalProperties" and isinstance(one, dict)):
            continue
        if key == "$ref":
            kept[key] = _REF + names[one.removeprefix(_REF)]
        elif key == "description":
            kept[key] = _words(one)
        else:
            kept[key] = _plain(one, names, members=key in {"properties", "$defs"})
    return kept


def _words(docstring: str) -> str:
    """On one line, with one kind of quotes."""
    bare = re.sub(r":\w+:`~?(?:\w+\.)*(\w+)`", r"`\1`", docstring)
    return " ".join(bare.replace("``", "`").split())


def _headings(by_key: Mapping[str, Json]) -> dict[str, list[str]]:
    """Commands that have one result stand under one heading."""
    found: dict[str, list[str]] = {}
    for command in RESULTS:
        same = next((one for one in found.values() if by_key[one[0]] == by_key[command]), None)
        if same is None:
            found[command] = [command]
        else:
            same.append(command)
    return {", ".join(commands): commands for commands in found.values()}


def _homes(by_key: Mapping[str, Json]) -> dict[str, str]:
    """Where a type is told that is a command's result, as an anchor."""
    homes = {"Fault": "error", "LogLine": "logs"}
    for heading, commands in _headings(by_key).items():
        for one in _forms(by_key[commands[0]]):
            if "$ref" in one:
                homes.setdefault(one["$ref"].removeprefix(_REF), heading.replace(",", "").replace(" ", "-"))
    return homes


def _forms(result: Json) -> list[Json]:
    forms: list[Json] = result.get("anyOf", [result])
    return forms


def _result(result: Json, heading: str, definitions: Mapping[str, Json], homes: Mapping[str, str]) -> Iterator[str]:
    for place, one in enumerate(_forms(result)):
        name = one.get("$ref", "").removeprefix(_REF)
        if place:
            yield from ("", "or", "")
        if not name:
            yield "An input of AWS's CreatePipeline (`--render`)." if one["type"] == "object" else "Not one document:"
            yield ""
        elif homes[name] != heading.replace(",", "").replace(" ", "-"):
            yield f"As of [{homes[name]}](#{homes[name]})."
        else:
            yield from _told(definitions[name])
            yield from _table(name, definitions, homes)


def _told(definition: Json) -> Iterator[str]:
    if "description" in definition:
        yield from (definition["description"], "")


def _table(name: str, definitions: Mapping[str, Json], homes: Mapping[str, str]) -> Iterator[str]:
    """A row for each member; one without words of its own has its type's."""
    definition = definitions[name]
    required = definition.get("required", ())
    yield from ("| member | type | what it is |", "|---|---|---|")
    for member, one in definition.get("properties", {}).items():
        there = "" if member in required else "; may be missing"
        told = one.get("description", "") or _of_type(one, definitions)
        linked = _DOC.sub(r"[\1](\1)", told).replace("|", "\\|")
        yield f"| `{member}` | {_type(one, homes)}{there} | {linked} |"


def _of_type(one: Json, definitions: Mapping[str, Json]) -> str:
    """What is said of the type that the member has, or has a list of."""
    for each in (one, *one.get("anyOf", ()), one.get("items", {})):
        if "$ref" in each:
            return str(definitions[each["$ref"].removeprefix(_REF)].get("description", ""))
    return ""


def _type(one: Json, homes: Mapping[str, str]) -> str:
    if "$ref" in one:
        name = one["$ref"].removeprefix(_REF)
        return f"[{name}](#{homes.get(name, f'type-{name.lower()}')})"
    if "anyOf" in one:
        return " or ".join(_type(each, homes) for each in one["anyOf"])
    if "const" in one or "enum" in one:
        return ", ".join(f"`{value}`" for value in one.get("enum", [one.get("const")]))
    kind = one.get("type")
    if kind == "array" and "prefixItems" in one:
        return "[" + ", ".join(_type(each, homes) for each in one["prefixItems"]) + "]"
    if kind == "array":
        return f"list of {_type(one.get('items', {}), homes)}"
    if kind == "object" and isinstance(one.get("additionalProperties"), dict):
        return f"object of {_type(one['additionalProperties'], homes)}"
    if kind == "string" and one.get("format") == "date-time":
        return "time"
    return {"boolean": "true or false", "integer": "whole number"}.get(str(kind), str(kind or "anything"))


def written() -> dict[str, str]:
    """The content of each file."""
    return {PAGE: "\n".join(page()) + "\n", SCHEMA_FILE: json.dumps(schema(), indent=1) + "\n"}


def main(folder: Path = DOCS) -> None:
    for name, content in written().items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
