"""Which files of a directory are sent: none by accident, and none from elsewhere."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from xacct_ml.operations.upload.source_files import SourceFault
from xacct_ml.operations.upload.source_tree import read

SECRETS = (".env", ".aws/credentials", ".ssh/id_rsa", ".netrc", "lib/.venv/pyvenv.cfg")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """Two files, and what lies beside them."""
    for name in ("template.yaml", "lib/a.py", *SECRETS):
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "source"


def git(top: Path, *words: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    asked = ("git", "-C", str(top), *words)
    return subprocess.run(asked, check=True, capture_output=True, env=environment, text=True).stdout


@pytest.fixture
def repository(top: Path) -> Path:
    """git tracks the two files and one that is hidden."""
    git(top, "init", "--quiet")
    git(top, "add", "template.yaml", "lib/a.py", ".netrc")
    return top


def test_outside_git_nothing_hidden_is_sent(top: Path) -> None:
    """What was left out is told; a folder by its name alone."""
    tree = read(top)
    assert sorted(tree.files) == ["lib/a.py", "template.yaml"]
    assert sorted(tree.left_out) == [".aws/", ".env", ".netrc", ".ssh/", "lib/.venv/"]


def test_what_is_named_is_sent(top: Path) -> None:
    """And nothing beside it."""
    assert sorted(read(top, ["./.env", ".aws/credentials"]).files) == [
        ".aws/credentials",
        ".env",
        "lib/a.py",
        "template.yaml",
    ]


@pytest.mark.parametrize("name", ["nothing", "lib", "../outside"])
def test_only_files_of_the_directory_can_be_named(top: Path, name: str) -> None:
    """Not its folders, nor what lies elsewhere."""
    (top.parent / "outside").write_text("x")
    with pytest.raises(SourceFault, match=r"which --include names|leads out of the directory"):
        read(top, [name])


def test_git_says_what_is_sent(repository: Path) -> None:
    """With the content of now; the rest is named as left out, unless git ignores it."""
    (repository / ".gitignore").write_text("*.log\n")
    for name in ("data.csv", "terraform.tfstate", "x.log"):
        (repository / name).write_text(name)
    (repository / "template.yaml").write_text("new")
    tree = read(repository)
    assert sorted(tree.files) == [".netrc", "lib/a.py", "template.yaml"]
    assert tree.files["template.yaml"] == b"new"
    assert set(tree.left_out) >= {".env", ".gitignore", "data.csv", "terraform.tfstate"}
    assert "x.log" not in tree.left_out


def test_a_folder_of_a_repository(repository: Path) -> None:
    """Its files by their paths in it; with none tracked it says what to do."""
    assert sorted(read(repository / "lib").files) == ["a.py"]
    with pytest.raises(SourceFault, match="git tracks none of its files: git add"):
        read(repository / ".aws")


def test_a_deleted_file_is_not_missed(repository: Path) -> None:
    """git tracks it until the deletion is committed."""
    (repository / "lib" / "a.py").unlink()
    assert "lib/a.py" not in read(repository).files


def test_a_repository_that_git_cannot_read_is_not_taken_for_a_folder(top: Path) -> None:
    """Or everything in it would go."""
    (top / ".git").mkdir()
    with pytest.raises(SourceFault, match="git cannot list its files: fatal"):
        read(top)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What leaves a file ``ran`` beside it when it runs."""
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    path.chmod(0o755)
    return path


def test_a_repositorys_configuration_runs_nothing(repository: Path, program: Path) -> None:
    """A checkout of somebody else's must not act for its reader."""
    git(repository, "config", "core.fsmonitor", str(program))
    read(repository)
    assert not (program.parent / "ran").exists()


@pytest.mark.parametrize(
    ("url", "setting"),
    [
        ("ssh://example.invalid/x", "core.sshCommand"),
        ("/nowhere", "remote.origin.uploadpack"),
        ("ext::{program}", "protocol.ext.allow"),
    ],
)
def test_a_folder_that_is_missing_is_not_fetched(repository: Path, program: Path, url: str, setting: str) -> None:
    """A sparse index names a folder alone; in a partial clone without it, git asks the remote for what is in it."""
    git(repository, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "a")
    git(repository, "sparse-checkout", "set", "--cone", "--sparse-index", "nothing")
    tree = git(repository, "rev-parse", "HEAD:lib").strip()
    (repository / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": url.format(program=program),
        setting: "always" if setting.endswith("allow") else str(program),
    }.items():
        git(repository, "config", name, value)
    assert sorted(read(repository).files) == [".netrc", "template.yaml"]
    assert not (program.parent / "ran").exists()


def test_no_environment_leads_to_another_repository(
    repository: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a hook of git, or in a shell where somebody set it."""
    other = repository.parent / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_INDEX_FILE": other / "index",
        "GIT_WORK_TREE": other,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": program,
        "GIT_TRACE": program.parent / "ran",
    }.items():
        monkeypatch.setenv(name, str(value))
    assert sorted(read(repository).files) == [".netrc", "lib/a.py", "template.yaml"]
    assert not (program.parent / "ran").exists()


@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/etc/passwd", "leads out of the directory, to '/etc/passwd'"),
        ("../outside", "leads out of the directory"),
        ("nothing", "is a link to 'nothing', which is not sent itself"),
        (".env", "is a link to '.env', which is not sent itself"),
        (".aws", "is a link to '.aws', which is not sent itself"),
        ("lib", "is a link to 'lib', which is not sent itself"),
    ],
)
def test_links_lead_nowhere_else(top: Path, *, tracked: bool, target: str, reason: str) -> None:
    """Whether git tracks the link or there is no git."""
    (top.parent / "outside").write_text("x")
    (top / "notes.txt").symlink_to(target)
    if tracked:
        git(top, "init", "--quiet")
        git(top, "add", "template.yaml", "lib/a.py", "notes.txt")
    with pytest.raises(SourceFault) as caught:
        read(top)
    assert reason in str(caught.value)


def test_a_folder_that_became_a_link_leads_nowhere(repository: Path) -> None:
    """git still tracks the file below it."""
    (repository / "lib").rename(repository.parent / "lib")
    (repository / "lib").symlink_to("../lib")
    with pytest.raises(SourceFault, match="leads out of the directory"):
        read(repository)


def test_a_link_to_a_file_that_is_sent_is_that_file(top: Path) -> None:
    """A copy of it in the zip."""
    (top / "b.py").symlink_to("lib/a.py")
    assert read(top).files["b.py"] == b"lib/a.py"


def test_what_is_no_file_is_refused(top: Path) -> None:
    """A pipe would be waited for without end."""
    os.mkfifo(top / "pipe")
    with pytest.raises(SourceFault, match="'pipe' is not a regular file"):
        read(top)


def test_a_submodule_is_another_repositorys(repository: Path) -> None:
    """Its files are not tracked here."""
    git(repository, "init", "--quiet", "inner")
    git(repository, "-C", "inner", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--allow-empty", "-qm", "a")
    git(repository, "-c", "advice.addEmbeddedRepo=false", "add", "inner")
    with pytest.raises(SourceFault, match="'inner' is a git submodule"):
        read(repository)
