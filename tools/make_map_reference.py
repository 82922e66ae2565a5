"""The reference of the account map, and its JSON Schema: ``python -m tools.make_map_reference``.

Writes docs/map.md and docs/config.schema.json from config/model.py, the limits of its values, and map_fields.toml. The
schema refuses nothing that the tool takes; what depends on several fields, the tool alone tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.map_fields import Field, fields
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS

DOCS = Path(__file__).parent.parent / "docs"
PAGE, SCHEMA = DOCS / "map.md", DOCS / "config.schema.json"

_HEAD = """\
# The account map

<!-- python -m tools.make_map_reference -->

Every field of the map, in its order. [A whole one](#a-whole-map) stands at the end.

An editor with a YAML language server completes fields, shows what is said below, and underlines what does not belong:
[config.schema.json](config.schema.json) is named in the example's first line (`# yaml-language-server: $schema=…`).
`xacct-ml verify` checks what a schema cannot: whether fields fit together, and the limits of what names flow into.

A section that is left out has its fields' defaults.
"""


def page() -> str:
    """docs/map.md."""
    return "\n".join([_HEAD, *_page(list(fields())), *_example()]).rstrip() + "\n"


def _example() -> Iterator[str]:
    yield "## A whole map\n"
    yield "`config.example.yaml`, which `xacct-ml init --example` writes; it works as it is in the embedded AWS.\n"
    yield f"```yaml\n{(DOCS.parent / 'config.example.yaml').read_text('utf-8').rstrip()}\n```"


def _page(known: list[Field]) -> Iterator[str]:
    yield from _table("The whole", [field for field in known if "." not in field.path])
    for section in known:
        if section.items is not None:
            inside = f"{section.path}.*." if "array" in section.types else f"{section.path}."
            own = [field for field in known if field.path.startswith(inside) and "." not in field.path[len(inside) :]]
            yield from _table(f"`{section.path}`", own, section.words.get("says", ""))


def _table(title: str, rows: list[Field], says: str = "") -> Iterator[str]:
    yield f"## {title}\n"
    if says:
        yield f"{says}\n"
    yield "| field | what it is for | default | allowed |\n|---|---|---|---|"
    for field in rows:
        cells = (f"`{field.path.rpartition('.')[2]}`", field.words.get("says", ""), _default(field), allowed(field))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _default(field: Field) -> str:
    if field.required:
        return "**required**"
    if "default" in field.words:
        return field.words["default"]
    if field.items is not None:
        return "its fields' defaults"
    return f"`{json.dumps(field.default)}`"


def allowed(field: Field) -> str:
    """Which values a field takes, in words; empty for a section, whose fields say it."""
    if "allowed" in field.words:
        return field.words["allowed"]
    if isinstance(field.rule, rules.TextRule):
        return f"{field.rule.allowed}; {field.rule.length} characters"
    if isinstance(field.rule, rules.WholeNumberRule):
        steps = f" in steps of {field.rule.step}" if field.rule.step > 1 else ""
        return f"{field.rule.minimum:,} to {field.rule.maximum:,} {field.rule.unit}{steps}"
    if field.choices:
        return ", ".join(map(str, field.choices))
    return "true or false" if field.types == ("boolean",) else ""


# -- the schema ------------------------------------------------------------------------------------------------------
def schema() -> str:
    """docs/config.schema.json."""
    known = list(fields())
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The account map of xacct-ml",
        **_object(known, ""),
        "type": "object",
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _object(known: list[Field], inside: str) -> dict[str, Any]:
    own = [field for field in known if field.path.startswith(inside) and "." not in field.path[len(inside) :]]
    required = [field.path[len(inside) :] for field in own if field.required]
    return {
        "type": ["object", "null"],  # an empty section is one of defaults
        "additionalProperties": False,
        "properties": {field.path[len(inside) :]: _property(known, field) for field in own},
        **({"required": required} if required else {}),
    }


def _property(known: list[Field], field: Field) -> dict[str, Any]:
    said = " ".join(filter(None, (field.words.get("says", ""), _sentence("Default", _words_of_default(field)))))
    said = " ".join(filter(None, (said, _sentence("Allowed", allowed(field)))))
    return {
        "description": said,
        **_shape(known, field),
        **({} if field.default in (None, (), {}) else {"default": field.default}),
    }


def _words_of_default(field: Field) -> str:
    said = not field.required and (field.items is None or "default" in field.words)
    return _default(field).strip("`") if said else ""


def _sentence(name: str, words: str) -> str:
    return f"{name}: {words}." if words else ""


def _shape(known: list[Field], field: Field) -> dict[str, Any]:
    if field.path == "training.hyperparameters":
        named = {name: {"type": ["string", "number", "boolean"]} for name in HYPERPARAMETERS}
        section = {"type": ["object", "null"], "properties": named, "additionalProperties": False}
        return {**section, "required": ["num_round"]}
    if field.types == ("array",):
        items = _object(known, f"{field.path}.*.") if field.items is not None else {"type": "string"}
        return {"type": "array", "items": items}
    if field.items is not None:
        return _object(known, f"{field.path}.")
    if field.types == ("object",):
        return {"type": ["object", "null"], "additionalProperties": {"type": "string"}}
    return _scalar(field)


def _scalar(field: Field) -> dict[str, Any]:
    kinds = [*field.types, *(["null"] if field.optional else [])]
    if field.path.startswith("accounts.") and field.path.endswith(".id"):
        kinds = ["string", "integer"]  # one that begins with no zero need not be quoted
    shape: dict[str, Any] = {"type": kinds if len(kinds) > 1 else kinds[0]}
    if field.choices:
        return {**shape, "enum": [*field.choices, *([None] if field.optional else [])]}
    match field.rule:
        case rules.TextRule(pattern=pattern, minimum=low, maximum=high):
            return {**shape, "minLength": low, "maxLength": high, "pattern": f"^(?:{_ecma(pattern)})$"}
        case rules.WholeNumberRule(minimum=low, maximum=high, step=step):
            return {**shape, "minimum": low, "maximum": high, **({"multipleOf": step} if step > 1 else {})}
    return shape


def _ecma(pattern: str) -> str:
    """Python's pattern as ECMAScript reads it with its flag ``u``, which refuses a backslash before a quote."""
    return pattern.replace('\\"', '"').replace("\\'", "'")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    SCHEMA.write_text(schema(), "utf-8")
