"""Object ids are git's own."""

import shutil
import subprocess

import pytest

from xacct_ml.emulator.services.codecommit.git import (
    EXECUTABLE,
    File,
    ObjectStore,
    Signature,
    differences,
    path_conflict,
)

AUTHOR = Signature("Ada", "ada@example.com", 1700000000)


def test_blob_id_is_gits() -> None:
    """The id of "hello\\n" that every git prints."""
    assert ObjectStore().add_blob(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_empty_tree_has_the_well_known_id() -> None:
    """The empty tree's id is a constant of git."""
    assert ObjectStore().add_tree({}) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_commit_id_agrees_with_git(tmp_path) -> None:
    """A commit with nested folders, an executable and a tricky sort order has the id that git computes."""
    contents = {"a.txt": b"1", "a/b/c.txt": b"2", "a-b": b"3", "run.sh": b"4"}
    store = ObjectStore()
    files = {
        path: File(store.add_blob(data), EXECUTABLE if path == "run.sh" else "NORMAL")
        for path, data in contents.items()
    }
    ours = store.add_commit(files, (), AUTHOR, AUTHOR, "first")

    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", AUTHOR.name), ("EMAIL", AUTHOR.email), ("DATE", f"{AUTHOR.time} +0000"))
    }
    for path, data in contents.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    (tmp_path / "run.sh").chmod(0o755)

    def git(*words: str, given: bytes = b"") -> str:
        isolated = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(tmp_path), **identity}
        return (
            subprocess.run(["git", *words], cwd=tmp_path, env=isolated, input=given, capture_output=True, check=True)
            .stdout.decode()
            .strip()
        )

    git("init", "-q")
    git("add", *contents)
    tree = git("write-tree")
    assert ours.tree_id == tree
    assert ours.id == git("commit-tree", tree, given=b"first")


def test_differences_name_what_was_added_changed_and_deleted() -> None:
    """One difference per path, ordered by path."""
    before = {"gone": File("1"), "kept": File("2"), "changed": File("3")}
    after = {"kept": File("2"), "changed": File("4"), "new": File("5")}
    assert [(d.kind, d.path) for d in differences(before, after)] == [("M", "changed"), ("D", "gone"), ("A", "new")]


def test_a_file_cannot_also_be_a_folder() -> None:
    """The conflicting path is named."""
    assert path_conflict({"a": File("1"), "a/b": File("2")}) == "a/b"
    assert path_conflict({"a": File("1"), "ab/c": File("2")}) is None
