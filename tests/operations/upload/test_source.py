"""``upload-source``: checked first, sent encrypted, and only if it is something new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeClient, refused
from tests.configs import example
from xacct_ml.errors import InputError, NotReady, XacctError
from xacct_ml.operations.upload.source import package, source_key, upload_source
from xacct_ml.resources.tags import tag_list
from xacct_ml.system.names import PROJECT_TAG, Names
from xacct_ml.system.repository import first_commit


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A good source, with a hidden file that is no part of it."""
    for name, content in {**first_commit(example()), ".env": b"secret", "training/notes.md": b"x"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_directory_and_its_zip_are_the_same_package(directory: Path, tmp_path: Path) -> None:
    """Without what is left out."""
    made = package(directory)
    assert made.left_out == (".env",)
    assert made.paths == ("configuration.json", "template.yaml", "training/notes.md")
    path = tmp_path / "source.zip"
    path.write_bytes(made.content)
    assert package(path) == replace(made, left_out=())
    with pytest.raises(InputError, match="a zip is sent whole"):
        package(path, [".env"])


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_what_cannot_be_a_source_is_the_users_input(tmp_path: Path, name: str) -> None:
    """Named with its path, and nothing was called."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        package(tmp_path / name)
    assert str(tmp_path / name) in caught.value.message


def test_a_map_with_a_repository_has_nothing_to_upload_to() -> None:
    """It says where to push instead."""
    with pytest.raises(InputError, match="the map has no pipeline") as caught:
        source_key(example())
    assert caught.value.next_step == "push to churn, branch main"


class Versions:
    """A versioned object, as far as an upload sees it; ``answer_lost`` writes twice, as botocore sends a request again
    whose answer was lost."""

    def __init__(self, project: str = "churn", *, answer_lost: bool = False) -> None:
        self.project = project
        self.kept: list[dict[str, Any]] = []
        self.times = 2 if answer_lost else 1

    def head_object(self, **_: str) -> dict[str, Any]:
        if not self.kept:
            raise refused("HeadObject", "404")
        return {**self.kept[-1], "VersionId": self._version, "ETag": self._version}

    @property
    def _version(self) -> str:
        return f"v{len(self.kept)}"

    def get_bucket_tagging(self, **_: str) -> dict[str, Any]:
        return {"TagSet": tag_list({**Names(CONFIG).tags, PROJECT_TAG: self.project})}

    def put_object(self, **request: Any) -> dict[str, str]:
        for _ in range(self.times):
            if self.kept if "IfNoneMatch" in request else request["IfMatch"] != self._version:
                raise refused("PutObject", "PreconditionFailed")
            self.kept.append(request)
        return {"VersionId": self._version}


@dataclass
class Clients:
    """Of the shared account."""

    s3: Versions
    key_state: str = "Enabled"

    def client(self, _: str, service: str, region: str | None = None) -> Any:  # noqa: ARG002
        if service == "s3":
            return self.s3
        return FakeClient(describe_key={"KeyMetadata": {"KeyState": self.key_state, "Arn": "arn:key"}})


CONFIG = example(pipeline={"source_object": {}})


def test_a_version_is_sent_once(directory: Path) -> None:
    """Encrypted with the project's key; not again until a file changes."""
    clients = Clients(Versions())
    first = upload_source(CONFIG, clients, package(directory))
    again = upload_source(CONFIG, clients, package(directory))
    (directory / "training" / "notes.md").write_bytes(b"y")
    changed = upload_source(CONFIG, clients, package(directory))
    assert [first.sent, again.sent, changed.sent] == [True, False, True]
    assert [first.version, again.version, changed.version] == ["v1", "v1", "v2"]
    sent = clients.s3.kept[-1]
    assert (sent["Key"], sent["SSEKMSKeyId"], sent["ServerSideEncryption"]) == (
        "source/source.zip",
        "arn:key",
        "aws:kms",
    )
    assert sent["Body"] == package(directory).content


def test_an_answer_that_is_lost_makes_no_second_version(directory: Path) -> None:
    """Each version starts a run: what is sent again is refused, and what is there is ours."""
    clients = Clients(Versions(answer_lost=True))
    for number, content in enumerate((b"y", b"z"), 1):
        (directory / "training" / "notes.md").write_bytes(content)
        done = upload_source(CONFIG, clients, package(directory))
        assert (done.sent, done.version, len(clients.s3.kept)) == (True, f"v{number}", number)


def test_over_another_version_than_was_seen_nothing_is_written(directory: Path) -> None:
    """Somebody else's stays."""
    clients = Clients(Versions())
    upload_source(CONFIG, clients, package(directory))
    (directory / "training" / "notes.md").write_bytes(b"y")
    with pytest.raises(XacctError, match="has changed meanwhile; nothing was written"):
        upload_source(CONFIG, clients, package(directory), only_if="v0")
    assert len(clients.s3.kept) == 1


def test_a_key_that_cannot_be_used_stops_before_anything_is_sent(directory: Path) -> None:
    """With the command that makes it usable."""
    clients = Clients(Versions(), key_state="PendingDeletion")
    with pytest.raises(NotReady) as caught:
        upload_source(CONFIG, clients, package(directory))
    assert caught.value.next_step == "xacct-ml bootstrap"
    assert clients.s3.kept == []


def test_nothing_is_sent_into_somebody_elses_bucket(directory: Path) -> None:
    """Whatever the rights would allow."""
    clients = Clients(Versions(project="other"))
    with pytest.raises(NotReady, match="belongs to project other"):
        upload_source(CONFIG, clients, package(directory))
    assert clients.s3.kept == []
