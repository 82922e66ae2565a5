"""What the linters get to read: all that ``render`` writes, for every map, and a principal's policies in one."""

from __future__ import annotations

import json

import pytest

from linters.rendering import EXAMPLE, PLANTED, Document, rendered
from linters.tools import TOOLS


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    return rendered(tmp_path_factory.mktemp("rendered"))


def test_every_file_of_the_example_is_there(documents: list[Document]) -> None:
    """Under the account's part instead of its id."""
    directory = next(document.path for document in documents if document.name == "shared/key-policy.json").parents[1]
    index = json.loads((directory / "index.json").read_bytes())["documents"]
    files = [document for document in documents if document.map == EXAMPLE.stem and not document.whole]
    assert {document.path for document in files} == {directory / entry["path"] for entry in index}
    assert {document.name.partition("/")[0] for document in files} == {"shared", "training", "production"}


def test_maps_cover_partitions_targets_and_boundaries(documents: list[Document]) -> None:
    """What the example map does not have."""
    text = "".join(document.path.read_text() for document in documents if document.map not in (EXAMPLE.stem, PLANTED))
    assert "arn:aws-cn:" in text
    assert "iam:PermissionsBoundary" in text
    assert "444444444444" in text


def test_every_linter_reads_each_map(documents: list[Document]) -> None:
    """And something planted, without which it could be blind."""
    maps = {document.map for document in documents}
    assert len(maps) >= 4
    for tool in TOOLS:
        assert {document.map for document in documents if tool.reads(document)} == maps
        assert tool.adapter.exists()


def test_a_principals_policies_in_one_hold_every_statement(documents: list[Document]) -> None:
    """With Sids that stay unique."""
    whole = next(each for each in documents if each.whole and each.name == "training/roles/train-action")
    files = [each for each in documents if each.map == whole.map and each.name.startswith(f"{whole.name}/")]
    statements = json.loads(whole.path.read_bytes())["Statement"]
    expected = [
        statement
        for each in files
        if each.kind == "role policy"
        for statement in json.loads(each.path.read_bytes())["Statement"]
    ]
    assert [{**each, "Sid": ""} for each in statements] == [{**each, "Sid": ""} for each in expected]
    assert len({each["Sid"] for each in statements}) == len(statements) > 1
