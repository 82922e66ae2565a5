"""Each field of the account map is described, and the reference, the schema and the example have it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.config.maps import MINIMAL
from tools import make_map_reference as made
from tools.map_fields import WORDS, Field, fields

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.yaml"
FIELDS = list(fields())


def test_what_is_generated_is_up_to_date() -> None:
    """``python -m tools.make_map_reference`` writes both."""
    assert made.PAGE.read_text("utf-8") == made.page()
    assert made.SCHEMA.read_text("utf-8") == made.schema()


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_a_field_is_described(field: Field) -> None:
    """What it is for, what is so without it, and what it takes (tools/map_fields.toml)."""
    assert field.words.get("says", "").endswith((".", ")")), f"{field.owner}.{field.path} has no description"
    unsaid = field.default in (None, (), {}) and not field.required and (field.optional or field.items is None)
    assert not unsaid or "default" in field.words, f"{field.path}: nothing says what is so without it"
    assert field.items is not None or made.allowed(field), f"{field.path}: nothing says what it takes"


def test_nothing_else_is_described() -> None:
    """Words of a field that is gone go with it."""
    known = {(field.owner, field.path.rpartition(".")[2]) for field in FIELDS}
    assert {(owner, name) for owner, names in WORDS.items() for name in names} == known


@pytest.mark.parametrize("name", sorted({field.path.rpartition(".")[2] for field in FIELDS}))
def test_the_example_has_every_field(name: str) -> None:
    """With its value, or in a comment."""
    assert re.search(rf"^[ #-]*{name}:", EXAMPLE.read_text("utf-8"), re.MULTILINE)


def test_the_example_names_the_schema() -> None:
    """Where editors look for it."""
    first = EXAMPLE.read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={made.SCHEMA.relative_to(ROOT)}"


MAPS = [EXAMPLE, *(ROOT / "docs" / "maps").glob("*.yaml")]


@pytest.mark.parametrize("text", [MINIMAL, *(path.read_text("utf-8") for path in MAPS)])
def test_the_schema_takes_what_the_tool_takes(text: str) -> None:
    """Every map that is shown."""
    schema = json.loads(made.schema())
    Draft7Validator.check_schema(schema)
    assert [error.message for error in Draft7Validator(schema).iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("project: churn", "project: Churn_Model"),
        ("region: us-east-1", "region: us-east1"),
        ("training:\n  hyper", "training:\n  hyperparameter: {}\n  hyper"),
        ("num_round", "n_estimators"),
        ('"111111111111"', '"1111-1111-1111"'),
    ],
)
def test_the_schema_refuses_what_one_mistypes(old: str, new: str) -> None:
    """So that an editor underlines it."""
    text = MINIMAL.replace(old, new, 1)
    assert text != MINIMAL
    assert list(Draft7Validator(json.loads(made.schema())).iter_errors(yaml.safe_load(text)))
