"""Blobs, trees and commits of a repository under git's own ids, which dulwich computes.

No signatures, no tags."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dulwich import objects
from dulwich.index import commit_tree
from dulwich.object_store import MemoryObjectStore
from dulwich.objects import ObjectID

NORMAL, EXECUTABLE, SYMLINK = "NORMAL", "EXECUTABLE", "SYMLINK"
"""File modes as CodeCommit names them."""

GIT_MODES = {NORMAL: "100644", EXECUTABLE: "100755", SYMLINK: "120000"}
_MODES = {mode: int(digits, 8) for mode, digits in GIT_MODES.items()}


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

    @property
    def identity(self) -> bytes:
        """As git writes it."""
        return f"{self.name} <{self.email}>".encode()


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


class ObjectStore:
    """The objects of one repository, in memory."""

    def __init__(self) -> None:
        self.commits: dict[str, Commit] = {}
        self._files: dict[str, Files] = {}
        self.store = MemoryObjectStore()

    def add_blob(self, content: bytes) -> str:
        blob = objects.Blob.from_string(content)
        self.store.add_object(blob)
        return blob.id.decode()

    def blob(self, blob_id: str) -> bytes | None:
        """A blob's content."""
        found = ObjectID(blob_id.encode())
        return self.store[found].as_raw_string() if found in self.store else None

    def add_tree(self, files: Files) -> str:
        """Store a whole tree with its subtrees; the id of the root."""
        entries = [(path.encode(), ObjectID(file.blob_id.encode()), _MODES[file.mode]) for path, file in files.items()]
        return commit_tree(self.store, entries).decode()

    def add_commit(
        self, files: Files, parents: tuple[str, ...], author: Signature, committer: Signature, message: str
    ) -> Commit:
        tree_id = self.add_tree(files)
        made = objects.Commit()
        made.tree = ObjectID(tree_id.encode())
        made.parents = [ObjectID(parent.encode()) for parent in parents]
        made.author, made.author_time, made.author_timezone = author.identity, author.time, 0
        made.committer, made.commit_time, made.commit_timezone = committer.identity, committer.time, 0
        made.message = message.encode()
        self.store.add_object(made)
        commit = Commit(made.id.decode(), tree_id, parents, author, committer, message)
        self.commits[commit.id] = commit
        self._files[commit.id] = dict(files)
        return commit

    def take(self, commit: Commit, files: Files) -> None:
        """A commit whose objects came by a push."""
        self.commits[commit.id] = commit
        self._files[commit.id] = dict(files)

    def files(self, commit_id: str) -> Files:
        """Every file of a commit. KeyError for an unknown commit."""
        return self._files[commit_id]

    def contents(self, commit_id: str) -> Iterator[tuple[str, File, bytes]]:
        """Every file of a commit with its content, by path."""
        for path, file in sorted(self.files(commit_id).items()):
            yield path, file, self.blob(file.blob_id) or b""


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
