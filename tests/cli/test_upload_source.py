"""``upload-source`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices
from tests.configs import SHARED, example
from xacct_ml.cli.main import main
from xacct_ml.operations.upload.source import package
from xacct_ml.resources.tags import tag_list
from xacct_ml.system.names import Names
from xacct_ml.system.repository import first_commit

STORED = example(pipeline={"source_object": {}})


@pytest.fixture
def directory(tmp_path: Path) -> str:
    for name, content in first_commit(STORED).items():
        (tmp_path / name).write_bytes(content)
    return str(tmp_path)


def services(newest: dict[str, object]) -> FakeServices:
    tags = {"TagSet": tag_list(Names(STORED).tags)}
    newest = {"ETag": "1", **newest}
    s3 = FakeClient(get_bucket_tagging=tags, head_object=newest, put_object={"VersionId": "v2"})
    kms = FakeClient(describe_key={"KeyMetadata": {"KeyState": "Enabled", "Arn": "arn:key"}})
    return FakeServices(FakeAccounts({(SHARED, "s3"): s3, (SHARED, "kms"): kms}), STORED)


def test_a_new_version_and_the_same_again(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what comes next, or that nothing does."""
    assert main(["upload-source", directory], services({"VersionId": "v1"})) == 0
    assert "churn-111111111111-us-east-1/source/source.zip uploaded, version v2\nnext:" in capsys.readouterr().out
    there = {"VersionId": "v1", "Metadata": {"sha256": package(Path(directory)).sha256}}
    assert main(["upload-source", directory, "-o", "json"], services(there)) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert (result["version"], result["sent"]) == ("v1", False)
    assert result["files"] == ["configuration.json", "template.yaml"]


def test_what_is_sent_is_listed_and_what_is_not(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before it goes; what was left out by its name, and how to send it all the same."""
    for name in (".env", ".netrc"):
        (Path(directory) / name).write_text("secret")
    assert main(["upload-source", directory, "--include", ".netrc"], services({"VersionId": "v1"})) == 0
    assert capsys.readouterr().out.splitlines()[1:5] == [
        "  .netrc",
        "  configuration.json",
        "  template.yaml",
        "left out: .env; --include FILE adds one",
    ]


def test_a_map_with_a_repository_and_a_bad_directory_are_input(
    directory: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Told before any account is entered."""
    nobody = FakeAccounts({})
    assert main(["upload-source", directory], FakeServices(nobody)) == 2
    (Path(directory) / "template.yaml").unlink()
    assert main(["upload-source", directory], FakeServices(nobody, STORED)) == 2
    assert f"error: {directory}: has no template.yaml at its top" in capsys.readouterr().err
