"""``upload-source``: checked first, sent encrypted, and only if it is something new."""

from __future__ import annotations

from pathlib import Path

import pytest
from moto import mock_aws

from tests.configs import example
from tests.resources.cloud import Cloud
from xacct_ml.documents.package import packed
from xacct_ml.documents.repository import first_commit
from xacct_ml.errors import InputError, NotReady
from xacct_ml.source.upload import package, source_key, upload_source


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A good source, with a git directory that is no part of it."""
    for name, content in {**first_commit(example()), ".git/HEAD": b"ref", "training/notes.md": b"x"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_directory_and_its_zip_are_the_same_package(directory: Path, tmp_path: Path) -> None:
    """Without what git keeps for itself."""
    made = package(directory)
    assert made.paths == ("configuration.json", "template.yaml", "training/notes.md")
    path = tmp_path / "source.zip"
    path.write_bytes(made.content)
    assert package(path) == made


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_what_cannot_be_a_source_is_the_users_input(tmp_path: Path, name: str) -> None:
    """Named with its path, and nothing was called."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        package(tmp_path / name)
    assert str(tmp_path / name) in caught.value.message


def test_a_map_with_a_repository_has_nothing_to_upload_to() -> None:
    """It says where to push instead."""
    with pytest.raises(InputError, match="no pipeline.source_object") as caught:
        source_key(example())
    assert caught.value.next_step == "push to churn, branch main"


def test_uploads(directory: Path) -> None:
    """Before bootstrap not; then once; then not again until a file changes."""
    with mock_aws():
        cloud = Cloud()
        cloud.map(pipeline={"source_object": {}})
        with pytest.raises(NotReady):
            upload_source(cloud.config, cloud, package(directory))
        cloud.apply(*cloud.resources("shared/key", "shared/alias", "shared/bucket"))
        first = upload_source(cloud.config, cloud, package(directory))
        again = upload_source(cloud.config, cloud, package(directory))
        (directory / "training" / "notes.md").write_bytes(b"y")
        changed = upload_source(cloud.config, cloud, package(directory))
        assert [first.sent, again.sent, changed.sent] == [True, False, True]
        assert first.version == again.version != changed.version
        stored = cloud.client(cloud.names.shared, "s3").get_object(Bucket=cloud.names.bucket, Key="source/source.zip")
        assert stored["ServerSideEncryption"] == "aws:kms"
        assert stored["Body"].read() == package(directory).content != packed({})
