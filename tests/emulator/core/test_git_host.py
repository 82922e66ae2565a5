"""Repositories behind connections, read with the git that is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from xacct_ml.emulator.core.git_host import GitError, HostedRepository, create
from xacct_ml.emulator.services.codepipeline.git_watch import pushes
from xacct_ml.emulator.services.codepipeline.triggers import Push


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> HostedRepository:
    return create(tmp_path_factory.mktemp("git") / "acme" / "churn.git", "main")


def test_commits_and_what_changed_between_them(hosted: HostedRepository) -> None:
    """As anybody's git sees them."""
    assert hosted.heads() == {}
    first = hosted.push("main", {"a b.txt": b"1\n", "dir/b": b"\x00"}, "first ü")
    second = hosted.push("main", {"dir/b": b"2"}, "second")
    hosted.push("dev", {"x": b""}, "elsewhere")
    assert hosted.heads()["main"] == second
    assert hosted.files(second) == {"a b.txt": (b"1\n", False), "dir/b": (b"2", False)}
    assert hosted.changed(first, second) == ("dir/b",)
    assert hosted.changed(None, first) == ("a b.txt", "dir/b")
    commit = hosted.commit(first)
    assert (commit.id, commit.message, commit.author) == (first, "first ü", "developer")
    assert list(pushes("acme/churn", hosted, {"main": first, "gone": first}, {"main": second})) == [
        Push("acme/churn", "main", second, ("dir/b",))
    ]


def test_what_is_not_there(hosted: HostedRepository, tmp_path: Path) -> None:
    """In git's words."""
    with pytest.raises(GitError, match=r"bad object|unknown revision"):
        hosted.commit("0" * 40)
    with pytest.raises(GitError, match="not a git repository"):
        HostedRepository(tmp_path).heads()


SIGNED = """tree {tree}
author mallory <m@example.com> 1700000000 +0000
committer mallory <m@example.com> 1700000000 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 x
 -----END PGP SIGNATURE-----

signed
"""


def test_a_repositorys_own_configuration_runs_nothing(tmp_path: Path) -> None:
    """Neither for a commit's signature, asked for by the configuration or by a file of the commit, nor as a hook."""
    hosted = create(tmp_path / "theirs.git", "main")
    program, ran = tmp_path / "program", tmp_path / "ran"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)

    def git(*words: str, given: str = "") -> str:
        command = ["git", "-C", str(hosted.path), *words]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout.strip()

    attributes = {".gitattributes": b"a.txt export-subst\n", "a.txt": b"$Format:%G?$\n"}
    first = hosted.push("main", attributes, "first")
    signed = SIGNED.format(tree=git("rev-parse", f"{first}^{{tree}}"))
    commit = git("hash-object", "-t", "commit", "-w", "--stdin", given=signed)
    (hosted.path / "hooks" / "reference-transaction").symlink_to(program)
    git("config", "log.showSignature", "true")
    git("config", "gpg.program", str(program))
    assert hosted.commit(commit).message == "signed"
    assert set(hosted.files(commit)) == set(attributes)
    hosted.push("dev", {"b": b""}, "by the embedded AWS")
    assert not ran.exists()
