"""A small git object store: blobs, trees and commits under their real SHA-1 object ids.

Pure. Only what CodeCommit's file-based API needs: no deltas, no merges, no signatures. Object ids follow git's own
format (``<type> <length>\\0<content>``; gitformat documentation), so ``git hash-object`` agrees with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

NORMAL, EXECUTABLE, SYMLINK = "NORMAL", "EXECUTABLE", "SYMLINK"
"""File modes as CodeCommit names them."""

GIT_MODES = {NORMAL: "100644", EXECUTABLE: "100755", SYMLINK: "120000"}
_TREE_MODE = "40000"


@dataclass(frozen=True, slots=True)
class File:
    blob_id: str
    mode: str = NORMAL


Files = Mapping[str, File]
"""Path without a leading slash → file."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who and when; ``time`` is in seconds since the epoch, UTC."""

    name: str
    email: str
    time: int

    @property
    def date(self) -> str:
        """As CodeCommit's GetCommit prints it: seconds and offset."""
        return f"{self.time} +0000"

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.date}"


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    tree_id: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What happened to one path between two trees: ``A`` added, ``M`` modified, ``D`` deleted."""

    kind: str
    path: str
    before: File | None
    after: File | None


def object_id(kind: str, content: bytes) -> str:
    """Git's id of an object: ``kind`` is ``blob``, ``tree`` or ``commit``."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class ObjectStore:
    """The objects of one repository."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, Files] = field(default_factory=dict)
    """Tree id → all files below that tree, by path relative to it."""
    commits: dict[str, Commit] = field(default_factory=dict)

    def add_blob(self, content: bytes) -> str:
        blob_id = object_id("blob", content)
        self.blobs[blob_id] = content
        return blob_id

    def add_tree(self, files: Files) -> str:
        """Store a whole tree with its subtrees; the id of the root."""
        entries: dict[str, tuple[str, str]] = {}
        folders: dict[str, dict[str, File]] = {}
        for path, file in files.items():
            head, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(head, {})[rest] = file
            else:
                entries[head] = (GIT_MODES[file.mode], file.blob_id)
        for name, below in folders.items():
            entries[name] = (_TREE_MODE, self.add_tree(below))
        # git sorts a folder as if its name ended in a slash
        order = sorted(entries, key=lambda name: f"{name}/" if name in folders else name)
        content = b"".join(f"{entries[n][0]} {n}\0".encode() + bytes.fromhex(entries[n][1]) for n in order)
        tree_id = object_id("tree", content)
        self.trees[tree_id] = dict(files)
        return tree_id

    def add_commit(
        self, files: Files, parents: tuple[str, ...], author: Signature, committer: Signature, message: str
    ) -> Commit:
        tree_id = self.add_tree(files)
        lines = [f"tree {tree_id}", *(f"parent {p}" for p in parents), f"author {author}", f"committer {committer}"]
        content = "\n".join([*lines, "", message]).encode()
        commit = Commit(object_id("commit", content), tree_id, parents, author, committer, message)
        self.commits[commit.id] = commit
        return commit

    def files(self, commit_id: str) -> Files:
        """Every file of a commit. KeyError for an unknown commit."""
        return self.trees[self.commits[commit_id].tree_id]

    def contents(self, commit_id: str) -> Iterator[tuple[str, File, bytes]]:
        """Every file of a commit with its content, by path."""
        for path, file in sorted(self.files(commit_id).items()):
            yield path, file, self.blobs[file.blob_id]


def differences(before: Files, after: Files) -> list[Difference]:
    """What changed between two trees, ordered by path."""
    changes = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old != new:
            kind = "A" if old is None else "D" if new is None else "M"
            changes.append(Difference(kind, path, old, new))
    return changes


def path_conflict(files: Files) -> str | None:
    """A path that is a file and at the same time a folder of another file; None where there is none."""
    for path in files:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if "/".join(parts[:depth]) in files:
                return path
    return None
