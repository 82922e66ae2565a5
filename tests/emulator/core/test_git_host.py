"""Repositories behind connections, read with the git that is installed."""

from __future__ import annotations

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
