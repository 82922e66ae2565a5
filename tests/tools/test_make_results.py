"""The schema and the page of the results are what the types say, and the schema holds of what is printed."""

import json

import pytest
from jsonschema import Draft202012Validator

from tools.make_results import DOCS, schema, written
from xacct_ml.cli.command import Services
from xacct_ml.cli.main import main


@pytest.fixture(scope="module")
def made():
    return written()


@pytest.mark.parametrize("name", ["results.md", "results.schema.json"])
def test_the_files_are_up_to_date(name, made):
    assert (DOCS / name).read_text("utf-8") == made[name], "run python -m tools.make_results"


def test_it_is_a_schema_of_what_is_printed(tmp_path, monkeypatch, capsys):
    """Of one command that works and one that fails; the types are compared wherever a test runs a command."""
    monkeypatch.chdir(tmp_path)
    validator = Draft202012Validator(schema())
    validator.check_schema(validator.schema)
    assert main(["init", "--example", "-o", "json"], Services()) == 0
    made = json.loads(capsys.readouterr().out)
    assert main(["init", "--example", "-o", "json"], Services()) == 2
    refused = json.loads(capsys.readouterr().out)
    assert [list(validator.iter_errors(document)) for document in (made, refused)] == [[], []]
    made["result"] = refused["result"]
    assert list(validator.iter_errors(made)) != []


def test_members_may_be_added(made):
    """Nothing in it forbids what a later release has beside."""
    assert '"additionalProperties": false' not in made["results.schema.json"]
